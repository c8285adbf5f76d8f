"""Template languages: a module each, imported when a template is written in it.

Each is strict (a variable that the values lack is an error), escapes nothing, and never reads a value as a template.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, cast

from promptctl.prompts.prompt import RenderedMessage

Values = Mapping[str, Any]
Text = Callable[[Values], str]
Script = Callable[[Values], tuple[RenderedMessage, ...]]

# A language's name -> the module that satisfies `Language`.
_HERE = "promptctl.prompts.languages."
MODULES: Mapping[str, str] = {
    "jinja": _HERE + "jinja",
    "literal": _HERE + "literal",
    "mustache": _HERE + "mustache",
    "handlebars": _HERE + "handlebars",
    "format": _HERE + "braces",  # str.format and f-strings
    "dollar": _HERE + "dollar",  # ${name}
    "langfuse": _HERE + "langfuse",
    "fabric": _HERE + "fabric",
    "semantic-kernel": _HERE + "semantic_kernel",
    "dotprompt": _HERE + "dotprompt",
    "prompty": _HERE + "prompty",
    "prompty-mustache": _HERE + "prompty_mustache",
}


# Those that a prompt's `template:` may name; the others come with a format of their own.
CHOSEN = ("jinja", "mustache", "handlebars", "format", "dollar", "langfuse", "fabric", "semantic-kernel", "literal")


class TemplateProblem(Exception):
    """A template that does not parse, or cannot be rendered. `line` counts from the template's first line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(frozen=True, slots=True)
class Reference:
    """An include, import, extends or partial. `path` is its name as written, None where that is computed.

    `given` are the names that the tag itself gives to the partial; None where the partial looks its names up in
    something else than the values. `loose` where it may find them elsewhere first, as inside a section.
    """

    path: str | None
    line: int
    optional: bool = False
    given: frozenset[str] | None = frozenset()
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Analysis:
    """One template's names.

    `variables` are looked up in the values; `optional` are those of them that the template tests or gives a default;
    `bound` the names that it sets itself, which the templates it includes see too. `refusals` are what it asks for that
    no rendering can do here (a filter of the application's own, say): it can be read and compared all the same.
    """

    variables: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()
    references: tuple[Reference, ...] = ()
    refusals: tuple[str, ...] = ()


class Language(Protocol):
    """What a module of this package has."""

    def analyse(self, text: str) -> Analysis:
        """The names and references of a template; TemplateProblem where it does not parse."""
        ...

    def compiled(self, text: str, partials: Mapping[str, str]) -> Text:
        """The template as a function of its values.

        The function raises UndefinedName (substitution.py) for a variable that is absent, Refused (budget.py) where it
        would cost too much, TemplateProblem for whatever else goes wrong.
        """
        ...


class ScriptLanguage(Language, Protocol):
    """A language whose templates make messages, not one text: `Prompt.script` is written in one."""

    def messages(self, text: str, partials: Mapping[str, str]) -> Script:
        """The whole template as a function from its values to messages; it raises as that of `compiled` does."""
        ...


def candidates(language: str, name: str) -> tuple[str, ...]:
    """Where a partial of that name may lie, relative to the prompts folder: the first that exists is the one.

    A language whose partials are named without their extension says so by a function `candidates` of its module.
    """
    own = getattr(module_of(language), "candidates", None)
    return (name,) if own is None else tuple(own(name))


@cache
def module_of(language: str) -> Language:
    """The module of a language."""
    return cast("Language", importlib.import_module(MODULES[language]))
