"""Python's str.format, and text that came out of f-strings: `{name}`, `{user.name}`, `{rows[0]}`, `{total:.2f}`.

What stands between braces is looked up whole first, so that an f-string's expression can be given by its own source
(`{', '.join(tags)}`). Else a name is walked: keys of mappings and elements of sequences, never attributes.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from promptctl.prompts.budget import MAX_WIDTH, Refused, current, printed
from promptctl.prompts.languages import Analysis, TemplateProblem, Text, Values
from promptctl.prompts.languages.pieces import together
from promptctl.prompts.substitution import UndefinedName

_BRACE = re.compile(r"[{}]")
_STRING = r"'(?:[^'\\\n]|\\.)*+'|\"(?:[^\"\\\n]|\\.)*+\""
# What matters inside a field. A quote behind a letter is an apostrophe, as is one that does not end on its line; the
# `!` of a conversion is followed by one letter.
_MARK = re.compile(rf"(?<!\w)(?:{_STRING})|[][(){{}}:]|!(?=.[:}}])", re.DOTALL)
_ONLY_STRING = re.compile(_STRING)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_ROOT = re.compile(r"[^\W\d]\w*|\d+")
_STEP = re.compile(r"\.([^\W\d]\w*)|\[(?:'([^'\]]+)'|\"([^\"\]]+)\"|([^\[\]'\"]+))\]")
_INDEX = re.compile(r"-?[0-9]{1,9}")
_NUMBER = re.compile(r"\d+")
_CONVERSIONS: Mapping[str, Callable[[Any], str]] = {"r": repr, "a": ascii}  # and "s"


@dataclass(frozen=True, slots=True)
class _Field:
    """`{source!conversion:spec}`. `steps` lead from the variable `root` to the value."""

    source: str
    root: str
    steps: tuple[str, ...]
    conversion: str
    spec: "tuple[_Piece, ...]"
    line: int


_Piece = str | _Field


def analyse(text: str) -> Analysis:
    """The fields' variables; TemplateProblem for a brace that stands alone."""
    return Analysis(frozenset(_names(_Reader(text).pieces())))


def compiled(text: str, partials: Mapping[str, str]) -> Text:  # noqa: ARG001 - every language has this signature
    """The template as a function of its values."""
    found = tuple(_Reader(text).pieces())
    return lambda values: together(_filled(found, values))


def _names(pieces: Iterator[_Piece]) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, _Field):
            yield piece.root
            yield from _names(iter(piece.spec))


class _Reader:
    """A walk over a template, from its first character to its last; it knows at which line it is."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line = 1
        self._counted = 0  # up to this position
        self._automatic = 0  # fields without a name, so far
        self._numbered: bool | None = None

    def pieces(self, start: int = 0, end: int | None = None, *, inside: bool = False) -> Iterator[_Piece]:
        """The texts and fields from a position to another. `inside` a field's own format there are no formats."""
        end = len(self._text) if end is None else end
        while brace := _BRACE.search(self._text, start, end):
            yield self._text[start : brace.start()]
            start = brace.end()
            self._line += self._text.count("\n", self._counted, start)
            self._counted = start
            if self._text.startswith(brace[0], start) and start < end:
                yield brace[0]
                start += 1
            elif brace[0] == "}":
                raise TemplateProblem("a '}' that closes nothing; write '}}' for the character", self._line)
            else:
                field, start = self._field(start, end, inside=inside)
                yield field
        yield self._text[start:end]

    def _field(self, start: int, end: int, *, inside: bool) -> tuple[_Field, int]:
        line = self._line
        mark, stop = self._next_mark(start, end)
        source, conversion = self._text[start:stop].strip(), ""
        if mark == "!":
            conversion, stop = self._text[stop + 1], stop + 2
            mark = self._text[stop]
        _check_field(source, mark, conversion, line)
        spec: tuple[_Piece, ...] = ()
        if mark == ":":
            start, stop = stop + 1, self._end_of_format(stop + 1, end)
            if inside:
                raise TemplateProblem("a format inside a format", line)
            spec = tuple(self.pieces(start, stop, inside=True))
        name = self._name(source, line)
        return _Field(name, *_walk(name), conversion, spec, line), stop + 1

    def _next_mark(self, start: int, end: int) -> tuple[str, int]:
        """What ends the expression of a field, `}`, `:` or `!`, and where."""
        waiting: list[str] = []
        for found in _MARK.finditer(self._text, start, end):
            mark = found[0]
            if mark in _CLOSING:
                waiting.append(_CLOSING[mark])
            elif waiting and mark == waiting[-1]:
                waiting.pop()
            elif not waiting and mark in {"}", ":", "!"}:
                return mark, found.start()
        raise TemplateProblem("a '{' that nothing closes; write '{{' for the character", self._line)

    def _end_of_format(self, start: int, end: int) -> int:
        depth = 0
        for brace in _BRACE.finditer(self._text, start, end):
            depth += 1 if brace[0] == "{" else -1
            if depth < 0:
                return brace.start()
        raise TemplateProblem("a '{' that nothing closes; write '{{' for the character", self._line)

    def _name(self, source: str, line: int) -> str:
        if source and not source.isdecimal():
            return source
        if self._numbered not in {None, bool(source)}:
            raise TemplateProblem("fields with a number beside fields without one", line)
        self._numbered = bool(source)
        self._automatic += 1
        return source or str(self._automatic - 1)


def _check_field(source: str, mark: str, conversion: str, line: int) -> None:
    if _ONLY_STRING.fullmatch(source) and mark == ":":
        message = f"'{{{source[:40]}:' is no field; write the braces of JSON twice, '{{{{' and '}}}}'"
        raise TemplateProblem(message, line)
    if conversion and conversion not in "rsa":
        raise TemplateProblem(f"no conversion is called {conversion!r}; there are !r, !s and !a", line)


def _walk(source: str) -> tuple[str, tuple[str, ...]]:
    """The variable, and the steps from it to the value; the whole source is the variable where it is no such path."""
    root = _ROOT.match(source)
    position = root.end() if root else 0
    steps: list[str] = []
    while position and (step := _STEP.match(source, position)):
        steps.append(next(filter(None, step.groups())).strip())
        position = step.end()
    if root is None or position < len(source):
        return source, ()
    return root[0], tuple(steps)


def _filled(pieces: Sequence[_Piece], values: Values) -> Iterator[str]:
    for piece in pieces:
        yield piece if isinstance(piece, str) else _text_of(piece, values)


def _text_of(field: _Field, values: Values) -> str:
    value = _value_of(field, values)
    if field.conversion:
        shown = printed(value)
        value = _CONVERSIONS[field.conversion](value) if field.conversion in _CONVERSIONS else shown
    spec = together(_filled(field.spec, values))
    if not spec:
        return printed(value)
    if any(len(number) > len(str(MAX_WIDTH)) or int(number) > MAX_WIDTH for number in _NUMBER.findall(spec)):
        raise Refused(f"a format wider than {MAX_WIDTH:,} characters")
    try:
        return format(current().admit(value), spec)
    except (ValueError, TypeError, OverflowError) as error:
        raise TemplateProblem(f"the field '{field.source}': {error}", field.line) from None


def _value_of(field: _Field, values: Values) -> Any:
    if field.source in values:
        return values[field.source]
    if field.root not in values:
        raise UndefinedName(field.root)
    value = values[field.root]
    for step in field.steps:
        value = _element(value, step, field)
    return value


def _element(value: Any, step: str, field: _Field) -> Any:
    if isinstance(value, Mapping) and step in value:
        return value[step]
    if isinstance(value, list | tuple) and _INDEX.fullmatch(step) and -len(value) <= int(step) < len(value):
        return value[int(step)]
    raise TemplateProblem(f"'{field.source}' has no element {step!r}", field.line)
