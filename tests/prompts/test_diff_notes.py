"""What must be warned of, and what must not."""

from dataclasses import replace
from datetime import date

import pytest

from promptctl.prompts.diff import KnownModel, diff, with_costs, with_lost_tokens, with_model, with_tokens
from promptctl.prompts.prompt import Message, Prompt
from promptctl.settings import Price

TODAY = date(2026, 6, 1)


def prompt(text, **fields):
    return Prompt("p", "p.yaml", (Message("system", text),), **{"model": "m", **fields})


def warned(old, new, **fields):
    return diff(prompt(old, **fields), prompt(new, **fields)).warnings


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Use at most 50 words.", "Use at most 500 words.", 'a limit changed from 50 to 500: "Use at most 500 words."'),
        ("Write 3 bullet points.", "Write 5 bullet points.", 'a limit changed from 3 to 5: "Write 5 bullet points."'),
        ("Answer with one sentence.", "Answer with two sentences.", 'a limit changed from one to two: "Answer with two sentences."'),
        ("Score between 70% and 80% here.", "Score between 70% and 90% here.", 'a limit changed from 80 to 90: "Score between 70% and 90% here."'),
        ("Give a 15-word summary of it.", "Give a 30-word summary of it.", 'a limit changed from 15 to 30: "Give a 30-word summary of it."'),
        ("Give at least three reasons.", "Give at least five reasons.", 'a limit changed from three to five: "Give at least five reasons."'),
        ("Give 3 good reasons.", "Give 5 good reasons.", 'a limit changed from 3 to 5: "Give 5 good reasons."'),
        ("Rate it from 1 to 5.", "Rate it from 1 to 10.", 'a limit changed from 5 to 10: "Rate it from 1 to 10."'),
        ("Use no more than 3 bullets.", "Use more than 3 bullets.", '"no more than" became "more than": "Use more than 3 bullets."'),
        ("Use tables.", "Avoid tables.", '"avoid" appeared: "Avoid tables."'),
        ("Include the sources.", "Exclude the sources.", '"exclude" appeared: "Exclude the sources."'),
        ("Antworte nicht auf Englisch.", "Antworte auf Englisch.", '"nicht" vanished: "Antworte nicht auf Englisch."'),
        ("Return JSON with a key.", "Return YAML with a key.", "the output's format 'JSON' became 'YAML'"),
        ("Up to 5 a.\nUp to 5 b.", "Up to 9 a.\nUp to 9 b.", 'a limit changed from 5 to 9 in 2 places, first: "Up to 9 a."'),
        ("You must answer.", "You must not answer.", '"not" appeared: "You must not answer."'),
        ("You must not answer.", "You must answer.", '"not" vanished: "You must not answer."'),
        ("Always be kind to them.", "Never be kind to them.", '"never" appeared: "Never be kind to them."'),
        ("Don’t quote the ticket.", "Quote the ticket.", '"don\'t" vanished: "Don’t quote the ticket."'),
        ("Reply in English.", "Reply in English unless asked.", '"unless" appeared: "Reply in English unless asked."'),
        ("Return all rows except the last.", "Return all rows.", '"except" vanished: "Return all rows except the last."'),
        ("End with 'Answer:' and a letter.", "End with 'Result:' and a letter.", "the output's label 'Answer:' became 'Result:'"),
        ("Put it in <answer> tags.", "Put it in <result> tags.", "the output's XML tag <answer> became <result>"),
        ('Return JSON: {"team": "x"}', 'Return JSON: {"unit": "x"}', 'the output\'s JSON key "team" became "unit"'),
        ("Separate answers with '###'.", "Separate answers with '---'.", "the output's separator '###' became '---'"),
        ("Reply like this:\n```json\n{}\n```", "Reply like this:\n```yaml\n{}\n```", "the output's code fence ```json became ```yaml"),
    ],
)  # fmt: skip
def test_it_warns(old, new, expected):
    assert warned(old, new) == (f"message 1: {expected}",)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Be kind.", "Be kind. Do not lie."),  # a new instruction, not one turned round
        ("Don't repeat yourself.", "Do not repeat yourself."),
        ("Never shout at them.", "Do not shout at them."),
        ("Answer yes or no.", "Answer yes or no, please."),
        ("Not only be kind, be brief too.", "Be kind, be brief too."),
        ("Use no more than 5 words.", "Use at most 5 words."),
        ("See RFC 2119 for it.", "See RFC 8174 for it."),
        ("Return json with a key.", "Return JSON with a key."),
        ("We sold 3 boats.", "We sold 5 boats."),
        ("Use at least 5 words.", "Use no fewer than 5 words."),
        ("Since 2019 the firm sells.", "Since 2020 the firm sells."),
        ("1. Be kind.\n2. Be brief.", "1. Be kind.\n2. Be fair.\n3. Be brief."),
        ("A 20-word, one-sentence summary.", "A one-sentence, 20-word summary."),
        ("Version 1.2 of the tool.", "Version 1.3 of the tool."),
        ("The text:\n<doc>{{ x }}</doc>", "The text:\n<document>{{ x }}</document>"),
        ("Note: be kind.", "Remark: be kind."),
        ("Use <b> and <i> freely.", "Be free."),
        ("One thing.\nAnother thing.", "Something else altogether."),
    ],
)  # fmt: skip
def test_it_does_not_warn(old, new):
    assert warned(old, new) == ()


def test_what_an_assertion_looks_for():
    looks = ({"type": "all", "of": [{"type": "regex", "value": "Answer: (.*)"}]},)

    assert warned("Think first.\nAnswer: x", "Think first.", assertions=looks) == (
        "message 1: the output's label 'Answer:' went; an assertion looks for it",
    )
    assert warned("Think first.\nAnswer: x", "Think first.") == ()


def test_many_marks_are_counted():
    old = "Return JSON: " + ", ".join(f'"key{n}": 1' for n in range(6))
    (said,) = warned(old, 'Return JSON: "one": 1, "two": 2')

    assert said.endswith('"key0", "key1", "key2", "key3" and others went')


def test_a_mark_that_another_message_has_is_not_gone():
    old = Prompt("p", "p", (Message("system", "Put it in <answer> tags."), Message("user", "x")), model="m")
    new = Prompt("p", "p", (Message("system", "Be kind."), Message("user", "Put it in <answer> tags. x")), model="m")

    assert all("<answer>" not in said for said in diff(old, new).warnings)


STATIC = "You route support tickets to one of six teams. Answer with one word. " * 2


def test_a_lost_prefix_is_said_in_tokens_where_they_are_counted():
    old, new = prompt(f"{STATIC}{{{{ x }}}}"), prompt(f"{{{{ x }}}} {STATIC}")
    found = diff(old, new)

    assert found.warnings == ("a variable stands ahead of 138 characters that the provider's prefix cache held before",)
    (said,) = with_lost_tokens(found, old, new).warnings
    assert said.startswith("a variable stands ahead of about ")
    assert said.endswith(" tokens that the provider's prefix cache held before")


@pytest.mark.parametrize(
    ("language", "variable"), [("mustache", "{{x}}"), ("format", "{x}"), ("dollar", "${x}"), ("handlebars", "{{x}}")]
)
def test_a_lost_prefix_in_any_language(language, variable):
    old, new = f"{STATIC} {{}}", f"{variable} {STATIC}"
    found = diff(prompt(old, language="literal"), prompt(new, language="literal"))

    assert found.warnings == ()
    from promptctl.prompts.diff.prefix import lost_prefix

    lost = lost_prefix(prompt(STATIC + variable, language=language), prompt(new, language=language))
    assert (lost.text, lost.message) == (STATIC, 1)


def test_marks_that_give_the_same_text_are_no_variables():
    inert = "{# note #}{% raw %}{{ y }}{% endraw %}{% include '_a.j2' %}"
    old, new = prompt(f"{STATIC}{{{{ x }}}}"), prompt(f"{inert}{STATIC}{{{{ x }}}}", partials={"_a.j2": ""})

    assert diff(old, new).warnings == ()


def test_a_history_ahead_of_the_text():
    old = Prompt("p", "p", (Message("system", STATIC), Message("placeholder", "history")), model="m")
    new = replace(old, messages=old.messages[::-1])

    assert diff(old, new).warnings[0].startswith("a variable stands ahead of 138 characters")


@pytest.mark.parametrize(
    ("model", "known", "expected"),
    [
        ("gpt-4o", KnownModel(dated="gpt-4o-2024-11-20"), ("model gpt-4o is an alias: what it stands for may change; a fixed version is gpt-4o-2024-11-20",)),
        ("mistral-large-latest", KnownModel(), ("model mistral-large-latest is an alias: what it stands for may change",)),
        ("gpt-4o-2024-11-20", KnownModel(), ()),
        ("old", KnownModel("2026-06-01"), ("model old was retired on 2026-06-01",)),
        ("old", KnownModel("2026-07-01"), ("model old will be retired on 2026-07-01",)),
        ("old", KnownModel("2027-07-01"), ()),
    ],
)  # fmt: skip
def test_models(model, known, expected):
    new = prompt("x", model=model)

    assert with_model(diff(prompt("x"), new), new, known, TODAY).warnings == expected


def test_a_prompt_that_the_model_cannot_take():
    new = prompt("word " * 100)
    found = with_tokens(diff(prompt("x"), new), prompt("x"), new)

    assert with_model(found, new, KnownModel(max_input=1_000), TODAY).warnings == ()
    (said,) = with_model(found, new, KnownModel(max_input=50), TODAY).warnings
    assert said.endswith("tokens before any variable; m takes 50 tokens")


def test_cost():
    old, new = prompt("word " * 10, volume="2_000/day"), prompt("word " * 20, volume="2_000/day")
    counted = with_tokens(diff(old, new), old, new)
    cost = with_costs(counted, old, new, (Price(1.0, 2.0), Price(1.0, 2.0))).cost

    assert cost.old == pytest.approx(counted.tokens.old / 1e6)
    assert cost.new_month == pytest.approx(cost.new * 2_000 * 365 / 12)
    assert with_costs(diff(old, new), old, new, (None, None)).cost is None


def test_an_unknown_price_is_unknown():
    old, new = None, prompt("a b c")
    counted = with_tokens(diff(old, new), old, new)

    assert with_costs(counted, old, new, (None, Price(1.0, 1.0))).cost.old is None
    assert with_costs(counted, old, new, (None, None)).cost.new is None
    assert with_costs(counted, old, replace(new, volume="many"), (None, Price(1.0, 1.0))).cost.new_month is None
