"""Semantic Kernel's `{{$name}}` and `{{'text'}}`; its functions are read, and refused when rendered.

`{{plugin.function $name}}` runs code of the application's. The prompt can be listed and compared, with a warning.
"""

import re
from collections.abc import Mapping

from promptctl.prompts.languages import Analysis, TemplateProblem, Text
from promptctl.prompts.languages.pieces import Name, Piece, filled, line_of, pieces

_STRING = r"'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\]|\\.)*+\""
# A quoted text may hold braces; a quote that does not end is a character like others.
_TAG = re.compile(rf"\{{\{{((?:[^{{}}'\"]|{_STRING})*+|[^{{}}]*+)\}}\}}", re.DOTALL)
_VARIABLE = re.compile(r"\$([A-Za-z0-9_]+)")
_QUOTED = re.compile(_STRING, re.DOTALL)
_CALL = re.compile(r"[A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)?(?:\s.*)?", re.DOTALL)
_ESCAPE = re.compile(r"\\(['\"\\])")


def analyse(text: str) -> Analysis:
    """The variables, those given to functions included; the functions are its refusals."""
    found = frozenset(piece.name for piece in _pieces(text) if isinstance(piece, Name))
    calls = [(name, inside) for inside, name, _ in _calls(text)]
    given = frozenset(name for _, inside in calls for name in _VARIABLE.findall(_QUOTED.sub("", inside)))
    refusals = dict.fromkeys(f"the function {name!r} of Semantic Kernel cannot be run" for name, _ in calls)
    return Analysis(found | given, refusals=tuple(refusals))


def compiled(text: str, partials: Mapping[str, str]) -> Text:  # noqa: ARG001 - every language has this signature
    """The template as a function of its values. TemplateProblem where it calls a function."""
    for _, name, position in _calls(text):
        message = f"the function {name!r} of Semantic Kernel cannot be run; give its result as a variable"
        raise TemplateProblem(message, line_of(text, position))
    found = _pieces(text)
    return lambda values: filled(found, values)


def _pieces(text: str) -> tuple[Piece, ...]:
    return pieces(text, _TAG, _piece)


def _piece(tag: re.Match[str]) -> Piece:
    inside = tag[1].strip()
    variable = _VARIABLE.fullmatch(inside)
    if variable:
        return Name(variable[1], tag[0])
    return _ESCAPE.sub(r"\1", inside[1:-1]) if _QUOTED.fullmatch(inside) else tag[0]


def _calls(text: str) -> list[tuple[str, str, int]]:
    """What stands in the tag, the function's name, and where."""
    tags = ((tag[1].strip(), tag.start()) for tag in _TAG.finditer(text))
    return [(inside, inside.split()[0], start) for inside, start in tags if _CALL.fullmatch(inside)]
