"""Prompt + values -> messages, strictly: an undefined variable is an error, a value is never parsed again."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple, cast

from promptctl.prompts.analysis import (
    MAX_TEMPLATE,
    TemplateProblem,
    analyse,
    image_url,
    required_variables,
    variables,
)
from promptctl.prompts.budget import Budget, Refused, purse
from promptctl.prompts.languages import Script, ScriptLanguage, Text, Values, module_of
from promptctl.prompts.placeholder import placed
from promptctl.prompts.prompt import JINJA, LITERAL, PLACEHOLDER, Message, Prompt, RenderedMessage, Variable
from promptctl.prompts.render_error import RenderError
from promptctl.prompts.substitution import UndefinedName, is_static, substitution, with_unix_newlines

__all__ = [
    "RenderError",
    "Renderer",
    "evaluate",
    "evaluate_tree",
    "render",
    "required_variables",
    "type_name",
    "variables",
]

TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "array": (list, tuple),
    "object": Mapping,
}


class _Part(NamedTuple):
    """One content part: its own value, and the places in it that are rendered."""

    value: Mapping[str, Any]
    text: Text | None
    url: Text | None


class Renderer:
    """A prompt compiled once, for many cases."""

    def __init__(self, prompt: Prompt) -> None:
        self._prompt = prompt
        self._script = None if prompt.script is None else self._scripted(prompt.script)
        self._messages = [] if self._script else [(message, self._content(message)) for message in prompt.messages]
        self._defaults = {name: found.default for name, found in prompt.variables.items() if found.has_default}

    def render(self, values: Values) -> tuple[RenderedMessage, ...]:
        """The messages with these values; RenderError where they do not fit."""
        known = {**self._defaults, **values}
        for name, value in values.items():
            declared = self._prompt.variables.get(name)
            if declared is not None:
                _check_type(declared, value)
        with purse() as budget:
            if self._script is not None:
                with _reasons(""):
                    return _paid(self._script(known), budget)
            return tuple(
                rendered
                for number, compiled in enumerate(self._messages, 1)
                for rendered in self._rendered(number, *compiled, known, budget)
            )

    def _scripted(self, script: str) -> Script:
        language = cast("ScriptLanguage", module_of(self._prompt.language))
        with _reasons("", template=script):
            return language.messages(script, self._prompt.partials)

    def _rendered(
        self, number: int, message: Message, content: Text | list[_Part], values: Values, budget: Budget
    ) -> tuple[RenderedMessage, ...]:
        if message.role == PLACEHOLDER:
            found = placed(message, values)
            return _paid(found, budget)
        return (self._message(number, message, content, values, budget),)

    def _message(
        self, number: int, message: Message, content: Text | list[_Part], values: Values, budget: Budget
    ) -> RenderedMessage:
        def rendered(text: Text) -> str:
            found = text(values)
            budget.output(len(found))
            return found

        with _reasons(f"message {number} ({message.role}): "):
            if isinstance(content, list):
                return RenderedMessage(message.role, tuple(_filled(part, rendered) for part in content), message.extra)
            return RenderedMessage(message.role, rendered(content), message.extra)

    def _content(self, message: Message) -> Text | list[_Part]:
        language = LITERAL if message.role == PLACEHOLDER else self._prompt.language_of(message)
        if isinstance(message.content, str):
            return self._text(message.content, language)
        return [
            _Part(
                part,
                self._text(part["text"], language) if isinstance(part.get("text"), str) else None,
                None if (url := image_url(part)) is None else self._text(url, language),
            )
            for part in message.content
        ]

    def _text(self, text: str, language: str) -> Text:
        if language == JINJA and is_static(text):
            static = with_unix_newlines(text)
            return lambda _values: static
        plain = substitution(text) if language == JINJA else None
        if plain is not None:
            return plain.render
        with _reasons("", template=text):
            return module_of(language).compiled(text, self._prompt.partials)


def _paid(found: tuple[RenderedMessage, ...], budget: Budget) -> tuple[RenderedMessage, ...]:
    budget.output(sum(budget.weight(one.content) for one in found))
    return found


def render(prompt: Prompt, values: Values) -> tuple[RenderedMessage, ...]:
    """The messages of a prompt with these values; RenderError where they do not fit."""
    return Renderer(prompt).render(values)


def _filled(part: _Part, rendered: Callable[[Text], str]) -> dict[str, Any]:
    found = dict(part.value)
    if part.text is not None:
        found["text"] = rendered(part.text)
    if part.url is not None:
        image, url = found["image_url"], rendered(part.url)
        found["image_url"] = url if isinstance(image, str) else {**image, "url": url}
    return found


def _check_type(declared: Variable, value: Any) -> None:
    if not has_type(value, declared.type):
        found = type_name(value)
        raise RenderError(f"variable {declared.name!r} is {found}, declared as {declared.type}", declared.name)


def has_type(value: Any, declared: str | None) -> bool:
    """Whether a value is of a declared type; true is no number."""
    if declared is None:
        return True
    if declared == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, TYPES[declared]) and (declared == "boolean" or not isinstance(value, bool))


def type_name(value: Any) -> str:
    """A value's type, by the name that a declaration would give it."""
    if value is None:
        return "null"
    names = ("boolean", "string", "integer", "number", "array", "object")
    return next((name for name in names if isinstance(value, TYPES[name])), type(value).__name__)


@contextmanager
def _reasons(where: str, template: str | None = None) -> Iterator[None]:
    """Whatever goes wrong in a template, as a RenderError of one line."""
    try:
        yield
    except RenderError:
        raise
    except UndefinedName as error:
        raise RenderError(f"{where}undefined variable {error.name!r}", error.name) from None
    except TemplateProblem as error:
        raise RenderError(f"{where}line {error.line}: {_line(error.message)}") from None
    except (Refused, RecursionError, MemoryError) as error:
        reason = str(error) if isinstance(error, Refused) else "nested too deeply"
        raise RenderError(f"{where}the sandbox refused it: {_line(reason)}", refused=True) from None
    except Exception as error:  # noqa: BLE001 - a template can raise whatever its operators and filters raise
        raise _of_jinja(error, where, template) from None


def _of_jinja(error: Exception, where: str, template: str | None) -> RenderError:
    from jinja2 import TemplateNotFound, TemplateSyntaxError

    from promptctl.prompts.sandbox import UndefinedVariable

    if isinstance(error, UndefinedVariable):
        name = error.name
        return RenderError(f"{where}undefined variable {name!r}" if name else f"{where}{_line(str(error))}", name)
    if isinstance(error, TemplateNotFound):
        return RenderError(f"{where}no such partial: {_line(str(error.name))!r}")
    if isinstance(error, TemplateSyntaxError):
        return RenderError(f"{where}line {error.lineno}: {_line(error.message or '')}")
    if template is not None and isinstance(error, SyntaxError | ValueError | OverflowError):
        return RenderError(f"{where}a template that is nested too deeply, or has a number that is too long")
    return RenderError(f"{where}{type(error).__name__}: {_line(str(error))}")


def _line(text: str) -> str:
    return re.sub(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+", " ", text).strip()[:300]


def evaluate(template: str, values: Values) -> Any:
    """A template of an assertion: the value itself where it is one expression, else the rendered text."""
    if is_static(template):
        return template
    plain = substitution(template.removesuffix("\n"))
    if plain is not None and plain.single is not None:
        if plain.single in values:
            return values[plain.single]
        raise RenderError(f"undefined variable {plain.single!r}", plain.single)
    with purse() as budget, _reasons(""):
        found = _evaluator(template)(values)
        return budget.admit(found)


def evaluate_tree(value: Any, values: Values) -> Any:
    """`evaluate` for every string in nested lists and mappings; keys stay as they are."""
    if isinstance(value, str):
        return evaluate(value, values)
    if isinstance(value, Mapping):
        return {key: evaluate_tree(element, values) for key, element in value.items()}
    if isinstance(value, list | tuple):
        return [evaluate_tree(element, values) for element in value]
    return value


@lru_cache(maxsize=4096)
def _evaluator(template: str) -> Callable[[Values], Any]:
    plain = substitution(template)
    if plain is not None:
        return plain.render
    if len(template) > MAX_TEMPLATE:
        raise RenderError("a template of more than 1 MiB")
    try:
        analyse(template)
    except TemplateProblem as error:
        raise RenderError(f"line {error.line}: {_line(error.message)}") from None
    from promptctl.prompts.sandbox import expression_or_text

    return expression_or_text(template)
