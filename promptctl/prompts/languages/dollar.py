"""`$name` and `${name}`, by the rules of Python's string.Template; `${input:name}` of editors' prompt files.

`$$` is a dollar, and a dollar that begins no name (`$5`) is text. `${env:NAME}` is never looked up, as it may hold a
key: it stays as it stands. So does whatever else stands between `${` and `}`.
"""

import re
from collections.abc import Mapping
from string import Template

from promptctl.prompts.languages import Analysis, Text
from promptctl.prompts.languages.pieces import Name, Piece, filled, pieces

_NAME = rf"(?i:{Template.idpattern})"
_TAG = re.compile(rf"\$(?:(\$)|({_NAME})|\{{({_NAME})\}}|\{{input:({_NAME})(?::[^{{}}]*)?\}})")


def analyse(text: str) -> Analysis:
    """The names behind a dollar."""
    return Analysis(frozenset(piece.name for piece in _pieces(text) if isinstance(piece, Name)))


def compiled(text: str, partials: Mapping[str, str]) -> Text:  # noqa: ARG001 - every language has this signature
    """The template as a function of its values."""
    found = _pieces(text)
    return lambda values: filled(found, values)


def _pieces(text: str) -> tuple[Piece, ...]:
    return pieces(text, _TAG, _piece)


def _piece(tag: re.Match[str]) -> Piece:
    return "$" if tag[1] else Name(tag[2] or tag[3] or tag[4], tag[0])
