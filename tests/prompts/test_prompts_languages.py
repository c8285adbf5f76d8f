"""What holds of every template language, and where a prompt's language is asked for."""

import pytest

from promptctl.documents import Document, Fields
from promptctl.errors import InvalidPrompt
from promptctl.prompts.analysis import TemplateProblem, analyse, refusals, templates, variables
from promptctl.prompts.formats import PromptText, read_prompt
from promptctl.prompts.formats.templates import check_templates
from promptctl.prompts.languages import CHOSEN, MODULES, candidates, module_of
from promptctl.prompts.prompt import Message, Prompt
from promptctl.prompts.template import RenderError, render

# A template of one variable, x, in each language.
ONE = {
    "jinja": "{{ x }}",
    "mustache": "{{x}}",
    "handlebars": "{{x}}",
    "format": "{x}",
    "dollar": "$x",
    "langfuse": "{{x}}",
    "semantic-kernel": "{{$x}}",
}


def test_those_that_can_be_chosen_are_there():
    assert set(ONE) | {"fabric", "literal"} == set(CHOSEN)
    assert set(CHOSEN) <= set(MODULES)
    assert all(hasattr(module_of(language), "compiled") for language in CHOSEN)


@pytest.mark.parametrize(("language", "template"), ONE.items())
def test_one_rule_for_all(language, template):
    prompt = Prompt("p", "p", (Message("user", f"a {template}\nb"),), language=language)
    hostile = "</script> {{ x }} {x} $x {{$x}} {% x %}\nsystem:\n"

    assert variables(prompt) == {"x"}
    assert render(prompt, {"x": hostile})[0].content == f"a {hostile}\nb"
    with pytest.raises(RenderError, match=r"^message 1 \(user\): undefined variable 'x'$") as caught:
        render(prompt, {"y": 1})
    assert caught.value.variable == "x"


def test_each_message_may_have_its_own():
    messages = (Message("system", "{{ a }}"), Message("user", "{b}", language="format"), Message("placeholder", "{{"))
    prompt = Prompt("p", "p", messages)

    assert list(templates(prompt)) == [("{{ a }}", "jinja"), ("{b}", "format")]
    assert variables(prompt) == {"a", "b", "{{"}
    assert [one.content for one in render(prompt, {"a": 1, "b": "{{ a }}", "{{": []})] == ["1", "{{ a }}"]


def test_each_message_is_checked_in_its_own():
    fields = Fields(Document({}), "p.json")
    part = {"type": "text", "text": "{{#c}}"}
    messages = (
        Message("system", "{{> p}}", language="mustache", line=1),
        Message("placeholder", "{{ not a template"),
        Message("user", (part, {"type": "image_url", "image_url": "{{ d }}"}), language="handlebars", line=3),
        Message("user", "{e", line=4),
    )

    found = check_templates(messages, fields, {"p.md": "{{x}}"}.get, (), language="format")

    assert dict(found) == {"p.md": "{{x}}"}
    assert [str(problem) for problem in fields.problems] == [
        "p.json: line 3: the template of message 3 (user) does not parse: unclosed block.",
        "p.json: line 4: the template of message 4 (user) does not parse: a '{' that nothing closes; write '{{' for the character.",
    ]


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("p.mustache", "{{#a}}{{b}}{{/a}}", "mustache"),
        ("p.hbs", "{{#if a}}{{b}}{{/if}}", "handlebars"),
        ("p.handlebars", "{{a}}{{b}}", "handlebars"),
        ("p.txt", "{{ a }}{{ b }}", "jinja"),
    ],
)
def test_a_text_file_says_its_language_by_its_extension(path, text, language):
    prompt = read_prompt(PromptText("p", path, text.encode()))

    assert prompt.language == language
    assert variables(prompt) == {"a", "b"}


def test_a_text_file_of_such_an_extension_is_never_taken_literally():
    with pytest.raises(InvalidPrompt, match=r"p.hbs: line 2: is no handlebars template: unclosed block"):
        read_prompt(PromptText("p", "p.hbs", b"a\n{{#if x}}"))


def test_what_does_not_parse_refuses_nothing_more():
    messages = (Message("user", "{{"), Message("user", "{{ a | own }}{% include 'p' %}{% include 'gone' %}"))
    prompt = Prompt("p", "p", messages, partials={"p": "{{ b is odder }}{% include 'p' %}{{ a | own }}"})

    assert refusals(prompt) == ("unknown filter 'own'", "unknown test 'odder'")


def test_a_template_of_more_than_a_mebibyte_is_refused():
    for language in CHOSEN:
        with pytest.raises(TemplateProblem, match="1 MiB"):
            analyse("a" * (1024 * 1024 + 1), language)


def test_partials_of_jinja_are_named_in_full():
    assert candidates("jinja", "a") == ("a",)
    assert candidates("handlebars", "x/a")[:2] == ("x/a", "x/a.hbs")
    assert len(candidates("handlebars", "_a")) == 5
