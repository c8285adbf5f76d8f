"""Langfuse's `{{name}}`: a value in its place and nothing else.

Its SDK leaves a name that has no value as it stands, and a model then reads braces; here that is an error. What stands
between braces and is no name (a piece of JSON, say) is text, as it is there.
"""

import re
from collections.abc import Mapping

from promptctl.prompts.languages import Analysis, Text
from promptctl.prompts.languages.pieces import Name, Piece, blank_if_none, filled, pieces

_TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_NAME = re.compile(r"[^\s{}\"']+")


def analyse(text: str) -> Analysis:
    """The names between braces."""
    return Analysis(frozenset(piece.name for piece in _pieces(text) if isinstance(piece, Name)))


def compiled(text: str, partials: Mapping[str, str]) -> Text:  # noqa: ARG001 - every language has this signature
    """The template as a function of its values; None is printed as nothing."""
    found = _pieces(text)
    return lambda values: filled(found, values, blank_if_none)


def _pieces(text: str) -> tuple[Piece, ...]:
    # Behind the last pair of closing braces no tag can end; looking for one from each opening pair would take forever.
    end = text.rfind("}}") + 2 if "}}" in text else 0
    return (*pieces(text[:end], _TAG, _piece), text[end:])


def _piece(tag: re.Match[str]) -> Piece:
    name = tag[1].strip()
    return Name(name, tag[0]) if _NAME.fullmatch(name) else tag[0]
