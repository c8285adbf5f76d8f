"""Prompty's lines that name a role (`system:`, `# user[name=Ann]:`), found in a template before it is rendered.

A value that holds such a line stays text: the roles are marked first, and the rendered text is cut at the marks.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from promptctl.prompts.languages import Script, TemplateProblem, Text, Values
from promptctl.prompts.languages.mark import mark_for
from promptctl.prompts.prompt import ROLES, RenderedMessage

_NAMES = "|".join((*ROLES, "function"))
_ATTRIBUTES = r"(?:\[((?:[^\]\"\n]|\"[^\"\n]*\")*)\])?"
ROLE_LINE = re.compile(rf"^[ \t]*#?[ \t]*({_NAMES})[ \t]*{_ATTRIBUTES}[ \t]*:[ \t]*$", re.MULTILINE | re.IGNORECASE)
# `{{ item.role }}:`, as loops over a conversation write it.
_COMPUTED = re.compile(r"^[ \t]*#?[ \t]*(\{\{-?\s*[A-Za-z_][\w.]*\s*-?\}\})[ \t]*:[ \t]*$", re.MULTILINE)
_ATTRIBUTE = re.compile(r"\s*(\w+)\s*=\s*(?:\"([^\"]*)\"|([^,\"]*))\s*(?:,|$)")
_OPEN, _CLOSE = "\ue0d2", "\ue0d3"

Compile = Callable[[str, Mapping[str, str]], Text]


@dataclass(frozen=True, slots=True)
class Turn:
    """A message's role, its text, and the attributes that stood in brackets; `start` is where its text begins."""

    role: str
    text: str
    attributes: Mapping[str, Any]
    start: int


def turns(text: str) -> Iterator[Turn]:
    """A text cut at its role lines; what stands before the first is the system's. Line breaks at the ends go."""
    role, attributes, start = "system", "", 0
    for mark in [*ROLE_LINE.finditer(text), None]:
        content = text[start : len(text) if mark is None else mark.start()]
        if start or content.strip():
            ahead = len(content) - len(content.lstrip("\n"))
            yield Turn(role, content.strip("\n"), attributes_of(attributes), start + ahead)
        if mark is not None:
            role, attributes, start = _role(mark[1]), mark[2] or "", mark.end() + 1


def _role(name: str) -> str:
    found = name.lower()
    return "tool" if found == "function" else found


def attributes_of(text: str) -> dict[str, Any]:
    """`name="Ann", id=7` -> its values; what looks like a number is one."""
    return {
        found[1]: found[2] if found[2] is not None else _plain(found[3].strip()) for found in _ATTRIBUTE.finditer(text)
    }


def _plain(text: str) -> Any:
    if re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    if re.fullmatch(r"-?\d{1,15}\.\d{1,15}", text):
        return float(text)
    return {"true": True, "false": False}.get(text.lower(), text)


def has_computed_roles(text: str) -> bool:
    """Whether a role comes out of a value."""
    return _COMPUTED.search(text) is not None


def script(text: str, partials: Mapping[str, str], compile_text: Compile) -> Script:
    """The whole template as a function from its values to messages, rendered by `compile_text`."""

    @lru_cache(maxsize=4)
    def compiled(mark: str) -> Text:
        return compile_text(_marked(text, mark), partials)

    compiled(mark_for({}, _OPEN))  # what does not parse is said now

    def messages(values: Values) -> tuple[RenderedMessage, ...]:
        mark = mark_for(values, _OPEN)
        return tuple(_cut(compiled(mark)(values), mark))

    return messages


def _marked(text: str, mark: str) -> str:
    named = ROLE_LINE.sub(lambda found: f"{mark}{_role(found[1])}{_CLOSE}", text)
    return _COMPUTED.sub(lambda found: f"{mark}{found[1]}{_CLOSE}", named)


def _cut(text: str, mark: str) -> Iterator[RenderedMessage]:
    first, *rest = text.split(mark)
    if first.strip():
        yield RenderedMessage("system", first.strip("\n"))
    for piece in rest:
        name, closed, content = piece.partition(_CLOSE)
        role = _role(name.strip())
        if not closed or role not in ROLES:
            raise TemplateProblem(f"unknown role {name[:40]!r}; one of {', '.join(ROLES)}", 1)
        yield RenderedMessage(role, content.strip("\n"))
