"""A template of texts and names -> its text: what the languages without sections share."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from promptctl.prompts.budget import MAX_OUTPUT, Refused, current, printed
from promptctl.prompts.languages import Values
from promptctl.prompts.substitution import UndefinedName


@dataclass(frozen=True, slots=True)
class Name:
    """A variable's place. `text` is what stood there, `needed` whether its absence is an error; else the text stays."""

    name: str
    text: str
    needed: bool = True


Piece = str | Name


def pieces(text: str, pattern: re.Pattern[str], read: Callable[[re.Match[str]], Piece]) -> tuple[Piece, ...]:
    """The text cut at a pattern; `read` says what each match is."""
    found: list[Piece] = []
    end = 0
    for match in pattern.finditer(text):
        found += [text[end : match.start()], read(match)]
        end = match.end()
    return (*found, text[end:])


def filled(found: Iterable[Piece], values: Values, shown: Callable[[Any], str] = printed) -> str:
    """The text with its values; UndefinedName for the first that is absent."""
    return together(_filled(piece, values, shown) for piece in found)


def _filled(piece: Piece, values: Values, shown: Callable[[Any], str]) -> str:
    if isinstance(piece, str):
        return piece
    if piece.name in values:
        return shown(values[piece.name])
    if piece.needed:
        raise UndefinedName(piece.name)
    return piece.text


def together(texts: Iterable[str]) -> str:
    """The texts as one, refused before it is too long."""
    kept: list[str] = []
    length = 0
    for text in texts:
        length += len(text)
        if length > MAX_OUTPUT:
            raise Refused("a text of more than 5 MiB")
        kept.append(text)
    current().work(length)
    return "".join(kept)


def blank_if_none(value: Any) -> str:
    """A value as Python's str prints it, None as nothing."""
    return "" if value is None else printed(value)


def line_of(text: str, position: int) -> int:
    """The line, from 1, of a place in a text."""
    return text.count("\n", 0, position) + 1
