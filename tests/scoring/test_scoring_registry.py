import math
import subprocess
import sys

import pytest

from promptctl.errors import InvalidInputs, InvalidPrompt
from promptctl.scoring.assertion import Need
from promptctl.scoring.registry import KINDS, assertion_problems, parse, parse_all


def mistakes(*specs) -> list[str]:
    return [str(problem) for problem in assertion_problems(specs, "p.yaml")]


def test_an_assertion_is_read_with_all_its_keys():
    found = parse({"type": "not-levenshtein", "value": "a", "threshold": 2, "weight": 3, "metric": "m"}, "p.yaml")

    assert (
        found.type,
        found.negated,
        found.value,
        found.threshold,
        found.weight,
        found.metric,
    ) == ("not-levenshtein", True, "a", 2.0, 3.0, "m")


def test_all_mistakes_are_reported_at_once():
    specs = [
        {"type": "contians", "value": "a"},
        {"type": "equals", "vlaue": "a"},
        {"type": "cost"},
        {"type": "equals", "value": "a", "weight": -1, "metric": 3},
    ]

    with pytest.raises(InvalidPrompt) as caught:
        parse_all(specs, "p.yaml")

    assert caught.value.lines() == (
        "p.yaml: assertion 1 (contians): unknown type 'contians'. Did you mean 'contains'?",
        "p.yaml: assertion 2 (equals): unknown key 'vlaue'. Did you mean 'value'?",
        "p.yaml: assertion 2 (equals): 'value' is missing.",
        "p.yaml: assertion 3 (cost): 'threshold' is missing: the limit in US dollars.",
        "p.yaml: assertion 4 (equals): 'metric' must be a text, not 3.",
        "p.yaml: assertion 4 (equals): 'weight' must be a number of at least 0, not -1.",
    )
    with pytest.raises(InvalidInputs):
        parse_all(specs, "p.inputs.jsonl", error=InvalidInputs)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("contains: a", "assertion 1: must be a mapping such as {type: equals, value: yes}, not a text."),
        ({"value": "a"}, "assertion 1: 'type' is missing."),
        ({"type": ["equals"]}, "assertion 1: 'type' must be a text, not a list."),
        (
            {"type": "javascript", "value": "x"},
            "assertion 1 (javascript): is not supported. Write it as 'python', or with contains, regex or is-json.",
        ),
        (
            {"type": "not-ruby", "value": "x"},
            "assertion 1 (not-ruby): is not supported. Write it as 'python', or with contains, regex or is-json.",
        ),
        (
            {"type": "latency"},
            "assertion 1 (latency): 'threshold' is missing: the limit in milliseconds.",
        ),
        (
            {"type": "cost", "threshold": math.nan},
            "assertion 1 (cost): 'threshold' must be a number of at least 0, not nan.",
        ),
        (
            {"type": "cost", "threshold": "0.1"},
            "assertion 1 (cost): 'threshold' must be a number of at least 0, not '0.1'.",
        ),
        (
            {"type": "cost", "threshold": 10**400},
            "assertion 1 (cost): 'threshold' must be a number of at least 0, not 1" + "0" * 59 + "....",
        ),
        (
            {"type": "g-eval", "value": "a", "threshold": 7},
            "assertion 1 (g-eval): 'threshold' must be a number from 0 to 1, not 7. No score is above 1.",
        ),
        (
            {"type": "not-bleu", "value": "a", "threshold": 1.5},
            "assertion 1 (not-bleu): 'threshold' must be a number from 0 to 1, not 1.5. No score is above 1.",
        ),
        ({"type": "cost", "threshold": 1, "value": 1}, "assertion 1 (cost): 'value' has no effect on cost. Remove it."),
        (
            {"type": "contains", "value": "a", "threshold": 1},
            "assertion 1 (contains): 'threshold' has no effect on contains. Remove it.",
        ),
        (
            {"type": "equals", "value": "a", "assert": []},
            "assertion 1 (equals): 'assert' has no effect on equals. Remove it.",
        ),
        (
            {"type": "equals", "value": "a", "transform": "output.trim()"},
            (
                "assertion 1 (equals): 'transform' is a template here, not code. "
                "Write a template such as {{ output | trim }} or {{ json.answer }}."
            ),
        ),
        (
            {"type": "cost", "threshold": 1, "transform": "{{ output }}"},
            "assertion 1 (cost): 'transform' has no effect on cost. Remove it.",
        ),
        (
            {"type": "equals", "value": "a", "provider": "x"},
            "assertion 1 (equals): unknown key 'provider'. Known: metric, transform, type, value, weight.",
        ),
        (
            {"type": "equals", "value": "a", "weight": True},
            "assertion 1 (equals): 'weight' must be a number of at least 0, not true.",
        ),
        (
            {"type": "regex", "value": "("},
            "assertion 1 (regex): '(' is no regular expression: missing ) at position 1.",
        ),
        (
            {"type": "contains", "value": ""},
            "assertion 1 (contains): 'value' must be a text that is not empty, or a number.",
        ),
        (
            {"type": "is-json", "value": {"type": "strnig"}},
            "assertion 1 (is-json): the JSON schema is invalid: $.type: 'strnig' is not valid under any of the given schemas.",
        ),
        (
            {"type": "equals", "value": "{{ expected"},
            (
                "assertion 1 (equals): '{{ expected' is no template: "
                "unexpected end of template, expected 'end of print statement'. Write a literal '{{' as {{ '{{' }}."
            ),
        ),
        (
            {"type": "webhook", "value": "file://schema.json"},
            (
                "assertion 1 (webhook): 'file://schema.json' must be an address such as https://example.com/check, "
                "without credentials."
            ),
        ),
        (
            {"type": "python", "value": "output =="},
            "assertion 1 (python): the code is no Python: invalid syntax (line 1).",
        ),
        ({"type": "assert-set"}, "assertion 1 (assert-set): 'assert' must be a list of assertions, with one at least."),
        (
            {"type": "assert-set", "assert": []},
            "assertion 1 (assert-set): 'assert' must be a list of assertions, with one at least.",
        ),
        (
            {"type": "assert-set", "assert": [{"type": "equals", "value": "a"}, {"type": "cost"}]},
            "assertion 1.2 (cost): 'threshold' is missing: the limit in US dollars.",
        ),
    ],
)
def test_each_mistake_says_what_and_what_next(spec, message):
    assert [f"p.yaml: {message}"] == mistakes(spec)


@pytest.mark.parametrize("name", ["agent-rubric", "not-search-rubric", "not-pi", "trajectory:tool-used"])
def test_what_promptfoo_has_and_promptctl_not_yet_is_named(name):
    (found,) = mistakes({"type": name, "value": "polite"})

    assert f"p.yaml: assertion 1 ({name}): is not supported by this version of promptctl. There are equals" in found


def test_sets_in_sets_have_a_bottom():
    spec = {"type": "equals", "value": "a"}
    for _ in range(7):
        spec = {"type": "assert-set", "assert": [spec]}

    assert mistakes(spec) == []
    assert [text.partition("(assert-set): ")[2] for text in mistakes({"type": "assert-set", "assert": [spec]})] == [
        "sets are nested more than 8 deep."
    ]


@pytest.mark.parametrize("name", KINDS)
def test_every_type_has_its_opposite(name):
    kind = KINDS[name]
    spec = {"value": "1"} if kind.value is Need.REQUIRED else {}
    spec |= {"value": {"webhook": "http://a/b", "json-path": "$.a", "language": "en"}.get(name, "1")} if spec else {}
    spec |= {"threshold": 1} if kind.threshold is Need.REQUIRED else {}
    spec |= {"assert": [{"type": "is-json"}]} if kind.members else {}

    assert mistakes({"type": name, **spec}, {"type": f"not-{name}", **spec}) == []


def test_an_equality_imports_nothing_heavy():
    script = """
import sys
from promptctl.models.call import Reply
from promptctl.scoring.combine import score
from promptctl.scoring.registry import parse_all
from promptctl.scoring.result import Context
found = parse_all([{"type": "equals", "value": "{{ expected }}"}, {"type": "contains", "value": "a"}], "p")
assert score(found, Context(Reply("a"), {}, "a")).passed
heavy = {"jinja2", "jsonschema", "regex", "rapidfuzz", "subprocess", "litellm", "yaml", "asyncio"}
print(sorted(heavy & set(sys.modules)))
"""

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
