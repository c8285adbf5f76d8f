"""Variables, trust and assertions against what is known of the inputs."""

import pytest
from prompts.lint_prompts import codes, found

from promptctl.prompts.lint import CaseFailure, InputFacts, ModelFacts
from promptctl.prompts.prompt import RenderedMessage

TEXT = "Hello {{ name }}.\n"
MD = "prompts/p.md"


def inputs(*names: str, **facts) -> InputFacts:
    return InputFacts("prompts/p.inputs.jsonl", 2, dict.fromkeys(names, 1), common=frozenset(names), **facts)


def test_an_undefined_variable_and_the_one_that_was_meant():
    first, second = found(TEXT, MD, inputs=inputs("nmae"))

    assert ("PL102", "Did you mean 'name'?") == (first.code, first.hint)
    assert ("PL101", 1, 10, "Did you mean 'nmae'?") == (
        second.code,
        second.place.line,
        second.place.column,
        second.hint,
    )


@pytest.mark.parametrize(
    "text",
    ["{{ name | default('x') }}", "{% if name is defined %}{{ name }}{% endif %}", "{% set name = 1 %}{{ name }}"],
)
def test_what_needs_no_input(text):
    assert [] == codes(found(text + "\n", MD, inputs=inputs()))


def test_without_inputs_only_declarations_tell():
    declared = "messages: [{role: user, content: '{{ a }} {{ b }}'}]\nvariables: {a: string, c: string}\n"

    assert [] == found(TEXT, MD)
    assert [("PL101", "b"), ("PL102", "c")] == [(one.code, one.message.split("'")[1]) for one in found(declared)]


def test_a_stored_variable_that_nothing_uses_unless_assertions_do():
    known = inputs("name", "label")

    assert ["PL102"] == codes(found(TEXT, MD, inputs=known))
    assert [] == found(TEXT, MD, inputs=known, asserted=frozenset({"label"}))
    assert [] == found(TEXT, MD, inputs=known, code=True)
    assert [] == found(TEXT, MD, inputs=inputs("name", "label", asserted=frozenset({"label"})))


def test_a_shadowed_variable():
    (one,) = found("{% set name = 'x' %}{{ name }}\n", MD, inputs=inputs("name"))

    assert "PL103" == one.code
    assert [] == found("{% set name = name | trim %}{{ name }}\n", MD, inputs=inputs("name"))
    assert ["PL103"] == codes(
        found("{% for name in names %}{{ name }}{% endfor %}\n", MD, inputs=inputs("name", "names"))
    )


def test_an_input_that_cannot_be_rendered_unless_no_input_gives_its_variable():
    failures = (CaseFailure("t-1", 3, "undefined variable 'name'", "name"),)

    (one,) = found(TEXT, MD, inputs=inputs("name", failures=failures, failed=1))
    undefined = found(TEXT, MD, inputs=inputs(failures=failures, failed=1))

    assert ("PL104", 3, "prompts/p.inputs.jsonl") == (one.code, one.place.line, one.place.path)
    assert "'t-1'" in one.message
    assert ["PL101"] == codes(undefined)


def test_a_filter_of_an_application():
    assert ["PL106"] == codes(found("{{ name | frobnicate }}\n", MD, inputs=inputs("name")))


@pytest.mark.parametrize(
    ("name", "role", "said"), [("ticket", "system", 1), ("ticket", "user", 0), ("tone", "system", 0)]
)
def test_strangers_in_the_system_message(name, role, said):
    text = f"messages: [{{role: {role}, content: 'Use {{{{ {name} }}}}.'}}]\n"

    assert said == codes(found(text)).count("PL303")


def test_free_text_in_the_system_message():
    text = "messages: [{role: system, content: 'Use {{ notes }}.'}]\n"

    (one,) = found(text, inputs=inputs("notes", prose=frozenset({"notes"})))

    assert ("PL303", 1) == (one.code, one.place.line)


def test_a_variable_that_one_message_hides_and_another_takes():
    text = """messages:
  - {role: system, content: "{% set note = 1 %}{{ note }}"}
  - {role: user, content: "{{ note }}"}
"""

    assert ["PL103"] == codes(found(text, inputs=inputs("note")))


def test_an_assertion_without_expected():
    text = "messages: [{role: user, content: hi}]\nassert: [{type: equals, value: '{{ expected }}'}]\n"

    (one,) = found(text, inputs=inputs(), needs_expected=("equals",))

    assert ("PL501", 2) == (one.code, one.place.line)
    assert [] == found(text, inputs=inputs(expected=True), needs_expected=("equals",))


MODEL = "model: openai/m\nparams:\n  max_tokens: 50\nmessages: [{role: user, content: hi}]\n"


@pytest.mark.parametrize(
    ("facts", "code", "line", "words"),
    [
        ({"unknown": "nobody knows it", "suggestion": "Did you mean 'n'?"}, "PL201", 1, "nobody knows it"),
        ({"refused": {"max_tokens": "no"}}, "PL202", 3, "'max_tokens': no"),
        ({"deprecated": "2026-11-26", "successor": "openai/n"}, "PL203", 1, "was deprecated on 2026-11-26"),
        ({"deprecated": "2026-11-27"}, "PL204", 1, "will be deprecated on 2026-11-27"),
        ({"dated": "openai/m-2026-01-01"}, "PL205", 1, "an alias"),
        ({"max_output": 49}, "PL207", 3, "gives 49 tokens"),
    ],
)
def test_what_is_known_of_a_model(facts, code, line, words):
    (one,) = found(MODEL, models=(ModelFacts("openai/m", **facts),))

    assert (code, line) == (one.code, one.place.line)
    assert words in one.message


def test_a_default_model_is_placed_in_the_settings():
    prompt = "messages: [{role: user, content: hi}]\n"
    settings = "prompts: [prompts]\nmodel: openai/m\n"

    (one,) = found(
        prompt, models=(ModelFacts("openai/m", unknown="x"),), settings=settings, settings_path=".promptctl.yaml"
    )

    assert (".promptctl.yaml", 2, 8) == (one.place.path, one.place.line, one.place.column)


def test_the_longest_input_against_the_context_window():
    longest = (RenderedMessage("user", "word " * 400),)
    known = inputs(longest=longest, longest_id="t-9")

    (one,) = found(MODEL, inputs=known, models=(ModelFacts("openai/m", max_input=300),))

    assert "PL206" == one.code
    assert "'t-9'" in one.message
    assert found(MODEL, inputs=known, models=(ModelFacts("openai/m", max_input=3000),)) == []
