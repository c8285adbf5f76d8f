"""fabric's `{{name}}`, and `{{input}}`, the text that the user gives.

Its patterns hold braces of other tools (`{{Hostname}}` of nuclei), so a name without a value is text. So are plugins
and extensions (`{{plugin:..}}`, `{{ext:..}}`): they run programs, which no prompt does here.
"""

import re
from collections.abc import Mapping

from promptctl.prompts.languages import Analysis, Text
from promptctl.prompts.languages.pieces import Name, Piece, filled, pieces

INPUT = "input"

_TAG = re.compile(r"\{\{([^{}]+)\}\}")
_NAME = re.compile(r"[\w.-]+")


def analyse(text: str) -> Analysis:
    """The names between braces; all but `input` are optional."""
    found = frozenset(piece.name for piece in _pieces(text) if isinstance(piece, Name))
    return Analysis(found, found - {INPUT})


def compiled(text: str, partials: Mapping[str, str]) -> Text:  # noqa: ARG001 - every language has this signature
    """The template as a function of its values."""
    found = _pieces(text)
    return lambda values: filled(found, values)


def _pieces(text: str) -> tuple[Piece, ...]:
    return pieces(text, _TAG, _piece)


def _piece(tag: re.Match[str]) -> Piece:
    name = tag[1].strip()
    return Name(name, tag[0], needed=name == INPUT) if _NAME.fullmatch(name) else tag[0]
