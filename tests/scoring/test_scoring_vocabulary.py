"""The types beyond text and JSON; promptfoo's own numbers where it has any."""

import json
import subprocess
import sys
import time

import pytest

from promptctl.models.call import Call, Usage
from promptctl.scoring.registry import KINDS, assertion_problems
from promptctl.scoring.tokens import treebank

SCHEMA = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}
TOOLS = ({"type": "function", "function": {"name": "a", "parameters": SCHEMA}},)


def call(arguments, name="a"):
    return {"id": "1", "type": "function", "function": {"name": name, "arguments": arguments}}


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ('he said "yes" twice.', ["he", "said", "``", "yes", "''", "twice", "."]),
        ("i can't, won't and cannot", ["i", "ca", "n't", ",", "wo", "n't", "and", "can", "not"]),
        ("it costs $3,000 (50%)", ["it", "costs", "$", "3,000", "(", "50", "%", ")"]),
        ("  ", []),
    ],
)
def test_sentences_are_cut_after_the_penn_treebank(text, tokens):
    assert tokens == treebank(text)


@pytest.mark.parametrize(
    ("candidate", "reference", "score"),
    [
        ("the cat sat on the mat", "the cat sat on the mat", 1 - 0.5 * (1 / 6) ** 3),
        # Of the two ways to pair the words "the", the one with 8 crossings and not that with 11, as the paper has it.
        ("on the mat sat the cat", "the cat sat on the mat", 1 - 0.5 * (6 / 6) ** 3),
        ("cats sitting", "cat sits", 1 - 0.5 * (1 / 2) ** 3),
        ("dog", "cat", 0),
        ("", "cat", 0),
        # Banerjee and Lavie 2005: P = 3/5, R = 3/4, Fmean = 10PR / (R + 9P), two chunks of three matches.
        ("the cat was here now", "the cat sat here", 10 * 0.6 * 0.75 / (0.75 + 5.4) * (1 - 0.5 * (2 / 3) ** 3)),
    ],
)
def test_meteor_follows_the_paper(judged, candidate, reference, score):
    assert score == pytest.approx(judged({"type": "meteor", "value": reference}, candidate).score)


def test_of_equal_words_meteor_takes_those_that_cross_least(judged):
    # The second "the" of the answer belongs to the second of the reference: one chunk.
    found = judged({"type": "meteor", "value": "the dog and the cat"}, "the cat")

    assert 10 * 1 * 0.4 / (0.4 + 9) * (1 - 0.5 * (1 / 2) ** 3) == pytest.approx(found.score)


@pytest.mark.parametrize("name", ["bleu", "gleu", "rouge-n", "meteor", "is-sql", "is-html"])
def test_an_answer_that_is_too_long_is_an_error_soon(judged, name):
    spec = {"type": name, "value": "a b"} if KINDS[name].value.value == "required" else {"type": name}
    started = time.monotonic()

    found = judged(spec, "a b " * 2_800_000)

    assert "too long for" in found.error
    assert time.monotonic() - started < 5


HOSTILE = {
    "control": "".join(map(chr, range(32))) * 100,
    "nested": "[" * 10_000 + "]" * 10_000,
    "nested objects": '{"a":' * 10_000 + "1" + "}" * 10_000,
    "braces": "{" * 50_000,
    "tags": "<a " * 50_000,
    "elements": "<a>" * 50_000,
    "nested elements": "<a>" * 10_000 + "</a>" * 10_000,
    "bomb": '<!DOCTYPE a [<!ENTITY x "xx"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>',
    "parentheses": "SELECT " + "(" * 5_000 + "1" + ")" * 5_000,
    "quotes": "\"'`" * 20_000,
    "surrogate": "\ud800",
    "long line": "x" * 1_000_000,
    "nul": "\0",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_answer_breaks_or_hangs_a_scorer(scored, text):
    specs = [
        {"type": name, "value": {"is-valid": 1}.get(name, "a")} if kind.value.value == "required" else {"type": name}
        for name, kind in KINDS.items()
        if kind.judge is not None and kind.threshold.value != "required" and not kind.file
    ]
    specs = [spec for spec in specs if not assertion_problems([spec], "p")]
    started = time.monotonic()

    found = scored(specs, text)

    assert len(specs) == len(found.assertions)
    assert time.monotonic() - started < 40


@pytest.mark.parametrize(
    ("value", "text", "passed"),
    [
        ("$.team", '{"team": 1}', True),
        ({"path": "$.team", "equals": "billing"}, '{"team": "billing"}', True),
        ({"path": "$.items[*].id", "equals": 2}, '{"items": [{"id": 1}, {"id": 2}]}', True),
        ({"path": "$.n", "min": 1, "max": 3}, '{"n": 4}', False),
        ({"path": "$.n", "min": 1}, '{"n": true}', False),
        ({"path": "$.tags", "contains": "a"}, '{"tags": ["a", "b"]}', True),
        ({"path": "$.name", "contains": "ob"}, '{"name": "Bob"}', True),
        ({"path": "$.name", "regex": "^B"}, '{"name": "Bob"}', True),
        ("$.absent", "{}", False),
        ("$.team", "no JSON", False),
    ],
)
def test_a_value_of_the_answers_json_is_compared(judged, value, text, passed):
    found = judged({"type": "json-path", "value": value}, text)

    assert (passed, None) == (found.passed, found.error)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("$.a[", "is no JSONPath"),
        ({"path": "$.a", "eqals": 1}, "unknown key 'eqals'. Did you mean 'equals'?"),
        ({"equals": 1}, "must be a path"),
        ({"path": "$.a", "min": "1"}, "min must be a number"),
    ],
)
def test_what_is_no_path_is_refused(value, says):
    (problem,) = assertion_problems([{"type": "json-path", "value": value}], "p")

    assert says in str(problem)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("key: AKIAIOSFODNN7EXAMPLE", "an AWS Access Key"),
        ("ok\nghp_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx", "GitHub Token in line 2"),
        ("-----BEGIN RSA PRIVATE KEY-----", "Private Key"),
    ],
)
def test_a_secret_is_named_by_its_kind_and_never_shown(judged, text, kind):
    found = judged({"type": "no-secrets"}, text)

    assert not found.passed
    assert kind in found.reason
    assert text.split()[-1] not in found.reason
    assert judged({"type": "no-secrets"}, "An ordinary answer of 2026-11-26, build 3f2c9a.").passed


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("write to jo@example.org", "an e-mail address"),
        ("card 4111 1111 1111 1111", "a card number"),
        ("DE89 3704 0044 0532 0130 00", "an IBAN"),
        ("call +49 30 2345678", "a phone number"),
        ("from 8.8.8.8", "an IP address"),
        ("SSN 536-90-4399", "a US social security number"),
    ],
)
def test_personal_data_is_named_by_its_kind(judged, text, kind):
    found = judged({"type": "no-pii"}, text)

    assert not found.passed
    assert kind in found.reason
    assert judged({"type": "no-pii"}, "Order 1234567 of 2024-01-02 costs 99.50, version 1.2.3").passed


def test_an_answer_has_a_language_or_is_too_short_to_tell(judged):
    assert judged({"type": "language", "value": "de"}, "Das ist ein kurzer Satz über das Wetter.").passed
    assert not judged({"type": "language", "value": "de"}, "This is a longer sentence about your invoice.").passed
    assert "cannot tell" in judged({"type": "language", "value": "de"}, "ok").error


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ('{"x": 1}', "as defined"),
        ('{"x": "1"}', "break their schema at $.x"),
        ("nope", "are no JSON"),
    ],
)
def test_calls_are_held_against_the_prompts_tools(scored, arguments, says):
    specs = [{"type": "is-valid-openai-tools-call"}, {"type": "is-valid-function-call"}]

    found = scored(specs, "", tool_calls=(call(arguments),), request=Call("m", (), tools=TOOLS))

    assert all(says in result.reason for result in found.assertions)


def test_what_came_with_an_answer_is_limited(scored):
    specs = [{"type": "output-tokens", "threshold": 10}, {"type": "reasoning-tokens", "threshold": 0}]

    known = scored(specs, "a", usage=Usage(output=11, reasoning=0))
    unknown = scored(specs, "a")

    assert [False, True] == [result.passed for result in known.assertions]
    assert ["the provider did not count output tokens."] * 1 == [unknown.assertions[0].error]


def test_a_perplexity_without_log_probabilities_says_what_to_set(judged):
    assert "params: {logprobs: true}" in judged({"type": "perplexity", "threshold": 2}, "a").error


PRICES = {
    "is-xml": ("<a/>", set()),
    "is-html": ("<p>a</p>", {"selectolax"}),
    "is-sql": ("SELECT 1", {"sqlglot"}),
    "meteor": ("cats", {"snowballstemmer"}),
    "json-path": ("{}", {"jsonpath"}),
    "no-secrets": ("a", set()),
    "language": ("This is a sentence in English.", {"gcld3"}),
    "rouge-n": ("a", set()),
    "is-refusal": ("a", set()),
    "levenshtein": ("a", {"rapidfuzz"}),
    "equals": ("a", set()),
}


@pytest.mark.parametrize("name", PRICES)
def test_a_type_imports_its_own_library_alone(name):
    text, wanted = PRICES[name]
    value = {"json-path": "$.a", "language": "en"}.get(name, "a")
    spec = {"type": name, "value": value} if KINDS[name].value.value == "required" else {"type": name}
    script = f"""
import sys
from promptctl.models.call import Reply
from promptctl.scoring.combine import score
from promptctl.scoring.registry import parse_all
from promptctl.scoring.result import Context
found = parse_all([{spec!r}], "p")
assert score(found, Context(Reply({text!r}), {{}})).error is None
libraries = {{"sqlglot", "selectolax", "snowballstemmer", "jsonpath", "detect_secrets", "gcld3", "rapidfuzz", "jsonschema",
    "phonenumbers", "stdnum", "numpy", "litellm", "requests"}}
print(" ".join(sorted(libraries & set(sys.modules))))
"""

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert wanted == set(done.stdout.split())


def test_the_schema_may_stand_in_a_file(judged):
    files = {"answer.json": json.dumps(SCHEMA), "words.txt": "a, b\n"}

    assert judged({"type": "schema", "value": "answer.json"}, '{"x": 1}', files=files.get).passed
    assert not judged({"type": "is-json", "value": "file://answer.json"}, "{}", files=files.get).passed
    assert judged({"type": "contains-any", "value": "file://words.txt"}, "b", files=files.get).passed
