"""Messages that a variable brings, and templates that make messages."""

import sys
from types import ModuleType

import pytest

from promptctl.prompts import languages
from promptctl.prompts.analysis import required_variables, templates, variables
from promptctl.prompts.languages import TemplateProblem
from promptctl.prompts.placeholder import placed
from promptctl.prompts.prompt import Message, Prompt, RenderedMessage, Variable
from promptctl.prompts.substitution import UndefinedName
from promptctl.prompts.template import Renderer, RenderError, render

HISTORY = [{"role": "user", "content": "{{ q }}"}, {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}]


def chat(**extra):
    messages = (
        Message("system", "Hi {{ name }}"),
        Message("placeholder", "history", extra),
        Message("user", "{{ q }}"),
    )
    return Prompt("p", "p", messages)


def test_they_come_as_they_are_in_its_place():
    rendered = render(chat(), {"name": "Ann", "q": "?", "history": HISTORY})

    assert rendered == (
        RenderedMessage("system", "Hi Ann"),
        RenderedMessage("user", "{{ q }}"),
        RenderedMessage("assistant", None, {"tool_calls": [{"id": "1"}]}),
        RenderedMessage("user", "?"),
    )


def test_their_variable_is_required_unless_it_is_optional():
    assert required_variables(chat()) == {"name", "q", "history"}
    assert required_variables(chat(optional=True)) == {"name", "q"}
    assert variables(chat(optional=True)) == {"name", "q", "history"}


def test_an_optional_one_may_be_absent_or_null():
    for values in ({}, {"history": None}, {"history": []}):
        assert [message.role for message in render(chat(optional=True), {"name": "", "q": "", **values})] == [
            "system",
            "user",
        ]


def test_a_required_one_may_not():
    with pytest.raises(RenderError, match="undefined variable 'history'") as caught:
        render(chat(), {"name": "", "q": ""})
    assert caught.value.variable == "history"


@pytest.mark.parametrize(
    "given",
    [
        None, "user: hi", {"role": "user", "content": "x"}, ["hi"], [{"role": "user"}], [{"role": "boss", "content": "x"}],
        [{"role": "user", "content": None}], [{"role": "user", "content": 3}], [{"role": "user", "content": ["x"]}],
        [{"role": "user", "content": [{"text": "x"}]}],
    ],
)  # fmt: skip
def test_what_is_no_list_of_messages(given):
    with pytest.raises(RenderError, match="variable 'history' must be a list of messages") as caught:
        placed(Message("placeholder", "history"), {"history": given})
    assert caught.value.variable == "history"


def test_content_parts_pass():
    parts = [{"type": "text", "text": "{{ x }}"}]

    (found,) = placed(Message("placeholder", "h"), {"h": ({"role": "user", "content": parts, "name": "n"},)})

    assert found == RenderedMessage("user", parts, {"name": "n"})


def test_their_size_is_bounded():
    with pytest.raises(Exception, match="5 MiB"):
        render(chat(), {"name": "", "q": "", "history": [{"role": "user", "content": "x" * 6_000_000}]})


class TestScripts:
    @pytest.fixture(autouse=True)
    def language(self, monkeypatch):
        """Each line of the script is a message; `!` asks for trouble."""
        module = ModuleType("lines")

        def messages(text, partials):
            if text == "broken":
                raise TemplateProblem("no script", 3)

            def rendered(values):
                if "q" not in values:
                    raise UndefinedName("q")
                return tuple(RenderedMessage("user", line + values["q"]) for line in text.split())

            return rendered

        module.messages = messages
        module.analyse = lambda text: languages.Analysis(frozenset({"q"}))
        monkeypatch.setitem(sys.modules, "lines", module)
        monkeypatch.setattr(languages, "MODULES", {**languages.MODULES, "lines": "lines"})
        yield
        languages.module_of.cache_clear()

    def prompt(self, script, **fields):
        return Prompt("p", "p", (Message("user", "shown, not rendered {{"),), language="lines", script=script, **fields)

    def test_are_what_is_rendered(self):
        assert [one.content for one in render(self.prompt("a b"), {"q": "?"})] == ["a?", "b?"]

    def test_are_what_has_variables(self):
        assert list(templates(self.prompt("a"))) == [("a", "lines")]
        assert variables(self.prompt("a")) == {"q"}

    def test_see_defaults_and_types(self):
        declared = {"q": Variable("q", type="string", default="!", has_default=True)}
        renderer = Renderer(self.prompt("a", variables=declared))

        assert renderer.render({})[0].content == "a!"
        with pytest.raises(RenderError, match="declared as string"):
            renderer.render({"q": 1})

    def test_name_what_is_wrong(self):
        with pytest.raises(RenderError, match=r"^undefined variable 'q'$"):
            render(self.prompt("a"), {})
        with pytest.raises(RenderError, match=r"^line 3: no script$"):
            Renderer(self.prompt("broken"))

    def test_are_bounded_in_what_they_say(self):
        with pytest.raises(Exception, match="5 MiB"):
            render(self.prompt("a"), {"q": "x" * 6_000_000})
