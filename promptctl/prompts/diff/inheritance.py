"""A Jinja template that extends others -> one text with its blocks in place, where that takes no rendering."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from promptctl.prompts.diff.marks import Mark, marks
from promptctl.prompts.prompt import JINJA

_EXTENDS = re.compile(r"extends\s+(['\"])([^'\"]+)\1")
_BLOCK = re.compile(r"block\s+([A-Za-z_]\w*)(?:\s+(?:scoped|required))*")
_END = re.compile(r"endblock(?:\s+\w+)?")
_SUPER = re.compile(r"\b(?:super|self)\b")
_DEEPEST = 20
_MOST = 2_000  # blocks that are filled, those inside of others included


class NotStatic(Exception):
    """What a template includes or extends depends on values, or is too much."""


@dataclass(frozen=True, slots=True)
class _Block:
    """A block at the top of a text: its name, what it holds, and where it stands with its marks."""

    name: str
    content: str
    start: int
    end: int


def flattened(text: str, partials: Mapping[str, str]) -> str:
    """The text of the template at the root with every block as the nearest heir has it. Raises NotStatic."""
    overrides: dict[str, str] = {}
    for _ in range(_DEEPEST):
        found = list(marks(text, JINJA))
        base = _extended(found)
        if base is None:
            return _filled(text, overrides, count(), 0)
        overrides = {block.name: block.content for block in _blocks(text, found)} | overrides
        if base not in partials or not partials[base]:
            raise NotStatic
        text = partials[base]
    raise NotStatic


def _extended(found: Sequence[Mark]) -> str | None:
    """The template that this one extends; what only sometimes extends is not static."""
    statements = [mark.statement or "" for mark in found]
    extends = [statement for statement in statements if re.match(r"extends\b", statement)]
    if not extends:
        return None
    first = next(statement for statement in statements if statement)
    named = _EXTENDS.fullmatch(first)
    if named is None or len(extends) > 1:
        raise NotStatic
    return named[2].removeprefix("./")


def _blocks(text: str, found: Sequence[Mark]) -> Iterator[_Block]:
    opened: list[tuple[str, Mark]] = []
    for mark in found:
        statement = mark.statement or ""
        begun = _BLOCK.fullmatch(statement)
        ended = _END.fullmatch(statement) is not None
        if (begun or ended) and "-" in (mark.text[2], mark.text[-3]):
            raise NotStatic  # what it strips can lie in another template
        if begun:
            opened.append((begun[1], mark))
        elif ended and opened:
            name, start = opened.pop()
            if not opened:
                yield _Block(name, text[start.end : mark.start], start.start, mark.end)


def _filled(text: str, overrides: Mapping[str, str], filled: Iterator[int], depth: int) -> str:
    if depth > _DEEPEST or next(filled) > _MOST:
        raise NotStatic
    place, pieces = 0, []
    for block in _blocks(text, list(marks(text, JINJA))):
        content = overrides.get(block.name, block.content)
        if block.name in overrides and _SUPER.search(content):
            raise NotStatic
        pieces += [text[place : block.start], _filled(content, overrides, filled, depth + 1)]
        place = block.end
    return "".join([*pieces, text[place:]])
