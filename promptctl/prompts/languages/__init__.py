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
MODULES: Mapping[str, str] = {
    "jinja": "promptctl.prompts.languages.jinja",
    "literal": "promptctl.prompts.languages.literal",
}


class TemplateProblem(Exception):
    """A template that does not parse, or cannot be rendered. `line` counts from the template's first line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(frozen=True, slots=True)
class Reference:
    """An include, import or extends. `path` is None where the name is computed."""

    path: str | None
    line: int
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Analysis:
    """One template's names.

    `variables` are looked up in the values; `optional` are those of them that the template tests or gives a default;
    `bound` the names that it sets itself, which the templates it includes see too.
    """

    variables: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()
    references: tuple[Reference, ...] = ()


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


@cache
def module_of(language: str) -> Language:
    """The module of a language."""
    return cast("Language", importlib.import_module(MODULES[language]))
