"""A template's text -> the places where it acts, found without parsing it and in one pass."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from promptctl.prompts.prompt import JINJA, LITERAL

_OPEN = re.compile(r"\{\{|\{%|\{#")
_CLOSE: Mapping[str, str] = {"{{": "}}", "{%": "%}", "{#": "#}"}
_END_RAW = re.compile(r"\{%[-+]?\s*endraw\s*[-+]?%\}")
# Languages with marks of their own; the others have double braces.
_SINGLE: Mapping[str, re.Pattern[str]] = {
    "format": re.compile(r"\{\{|\}\}|\{[^{}\n]*\}"),
    "dollar": re.compile(r"\$\$|\$\{[^{}\n]*\}|\$[A-Za-z_]\w*"),
}
_ESCAPES = frozenset({"{{", "}}", "$$"})


@dataclass(frozen=True, slots=True)
class Mark:
    """A place where a template acts, from character `start` to `end`."""

    start: int
    end: int
    text: str

    @property
    def statement(self) -> str | None:
        """What stands inside of `{% %}`, without white space control; None for another mark."""
        return self.text[2:-2].strip("-+").strip() if self.text.startswith("{%") else None


def marks(text: str, language: str) -> Iterator[Mark]:
    """The marks in order. What stands between `raw` and `endraw` is text."""
    if language == LITERAL:
        return iter(())
    if language in _SINGLE:
        found = _SINGLE[language].finditer(text)
        return (Mark(*one.span(), one[0]) for one in found if one[0] not in _ESCAPES)
    return _braces(text, jinja=language == JINJA)


def _braces(text: str, *, jinja: bool) -> Iterator[Mark]:
    place = 0
    missing: set[str] = set()  # closings that do not come any more: nobody looks for them again
    while (found := _OPEN.search(text, place)) is not None:
        place = found.end()
        if found[0] != "{{" and not jinja:
            continue
        close = _CLOSE[found[0]]
        end = -1 if close in missing else text.find(close, place)
        if end < 0:
            missing.add(close)
            continue
        place = end + 2 + (close == "}}" and text.startswith("}}}", end))
        mark = Mark(found.start(), place, text[found.start() : place])
        yield mark
        if mark.statement == "raw":
            over = _END_RAW.search(text, place)
            if over is None:
                return
            yield Mark(*over.span(), over[0])
            place = over.end()


def static(text: str, language: str, gap: str) -> str:
    """The text with `gap` for each place where it acts."""
    place, pieces = 0, []
    for mark in marks(text, language):
        pieces.append(text[place : mark.start])
        place = mark.end
    return gap.join([*pieces, text[place:]])
