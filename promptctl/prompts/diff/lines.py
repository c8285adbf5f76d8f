"""A text -> its lines, each with a key that is the same however the line is written."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from promptctl.prompts.diff.matching import most_alike
from promptctl.prompts.diff.words import Fold, Op, Segment, replaced, words_of

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_UNDERLINE = re.compile(r"[ ]{0,3}(=+|-{2,})\s*")
_MARKER = re.compile(r"(\s*)(#{1,6}(?=\s)|[-*+•](?=\s)|\d{1,4}[.)](?=\s)|)(\s*)(.*)", re.DOTALL)
_ALIKE = 0.5  # share of common words from which two items are versions of each other
_MAX_PAIRS = 2_500
_BLANK = re.compile(r"(\s+)")


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its end, or a heading with the line below it. Lines with equal keys differ in form alone."""

    raw: str
    key: str


@dataclass(frozen=True, slots=True)
class _Parts:
    """A line taken apart: their sum is the line."""

    indent: str
    marker: str
    gap: str
    rest: str
    underline: str = ""


def lines(text: str) -> list[Line]:
    """The lines; joined they are the text."""
    units = list(_units(_LINE.findall(text)))
    parts = [_parts(unit) for unit in units]
    listed = _listed(parts)
    return [
        Line(unit, _key(part, numbered=place in listed))
        for place, (unit, part) in enumerate(zip(units, parts, strict=True))
    ]


def _units(raw: Sequence[str]) -> Iterator[str]:
    """Lines, an underlined heading as one."""
    taken = False
    for place, line in enumerate(raw):
        if taken:
            taken = False
            continue
        below = raw[place + 1] if place + 1 < len(raw) else ""
        taken = bool(_UNDERLINE.fullmatch(below)) and _can_be_heading(line)
        yield line + below if taken else line


def _can_be_heading(line: str) -> bool:
    text = line.strip()
    return bool(text) and _UNDERLINE.fullmatch(line) is None and _MARKER.fullmatch(line)[2] == ""  # type: ignore[index]  # it matches every text


def _parts(unit: str) -> _Parts:
    first, end, underline = unit.partition("\n")
    indent, marker, gap, rest = _MARKER.fullmatch(first + end).groups()  # type: ignore[union-attr]  # it matches every text
    return _Parts(indent, marker, gap, rest, underline)


def _listed(parts: Sequence[_Parts]) -> frozenset[int]:
    """The places of numbers that count the items of a list, as those of a year or a limit do not."""
    numbered = [(place, part.indent, _number(part)) for place, part in enumerate(parts) if part.marker[:1].isdigit()]
    found = {place for place, _, number in numbered if number <= 1}
    last: dict[str, tuple[int, int]] = {}  # indentation -> the place and number of the last item there
    for place, indent, number in numbered:
        before, count = last.get(indent, (-1, -2))
        if number == count + 1 or number == count:
            found |= {before, place}
        last[indent] = (place, number)
    return frozenset(found - {-1})


def _number(part: _Parts) -> int:
    return int(part.marker[:-1])


def _key(part: _Parts, *, numbered: bool) -> str:
    marker = part.marker
    if part.underline:
        marker = "#" if part.underline.strip().startswith("=") else "##"
    elif marker[:1].isdigit():
        marker = "1." if numbered else marker
    elif marker and not marker.startswith("#"):
        marker = "-"
    words = " ".join(part.rest.split())
    return f"{marker}\0{words}" if marker or words else ""


def item_pairs(old: Sequence[Line], new: Sequence[Line]) -> list[tuple[int, int]]:
    """Among lines that differ: the items of lists, and the headings, that are versions of each other; in order."""
    left = [i for i, line in enumerate(old) if _is_item(line)]
    right = [j for j, line in enumerate(new) if _is_item(line)]
    if not left or not right or len(left) * len(right) > _MAX_PAIRS:
        return []
    bags_old, bags_new = ({i: Counter(_words(side[i])) for i in some} for side, some in ((old, left), (new, right)))

    def likeness(i: int, j: int) -> float:
        return _dice(bags_old[i], bags_new[j]) if _marker(old[i]) == _marker(new[j]) else 0.0

    return most_alike(left, right, likeness, _ALIKE)


def _is_item(line: Line) -> bool:
    return bool(line.key) and not line.key.startswith("\0")


def _marker(line: Line) -> str:
    return line.key.partition("\0")[0]


def _words(line: Line) -> list[str]:
    text = line.key.partition("\0")[2].lower()
    return text.split() if text.isascii() else [word for word in words_of(text) if not word.isspace()]


def _dice(old: Counter[str], new: Counter[str]) -> float:
    total = old.total() + new.total()
    return 2 * (old & new).total() / total if total else 0.0


def item_versions(old: str, new: str) -> tuple[list[Segment], str, str]:
    """Two items -> what differs in their beginnings, and the words that follow on each side."""
    before, after = _parts(old), _parts(new)
    begins = [
        *_form(before.indent, after.indent, Fold.WHITESPACE),
        *_form(before.marker, after.marker, _marker_fold(before, after)),
        *_form(before.gap, after.gap, Fold.WHITESPACE if before.marker and after.marker else Fold.HEADING),
    ]
    return begins, before.rest + before.underline, after.rest + after.underline


def reformatted(old: str, new: str) -> Iterator[Segment]:
    """Two lines with equal keys -> what differs in their form."""
    before, after = _parts(old), _parts(new)
    yield from _form(before.indent, after.indent, Fold.WHITESPACE)
    yield from _form(before.marker, after.marker, _marker_fold(before, after))
    yield from _form(before.gap, after.gap, Fold.WHITESPACE if before.marker and after.marker else Fold.HEADING)
    yield from _blanks(before.rest, after.rest)
    yield from _form(before.underline, after.underline, Fold.HEADING)


def _marker_fold(old: _Parts, new: _Parts) -> Fold:
    if old.marker[:1].isdigit() and new.marker[:1].isdigit() and _number(old) != _number(new):
        return Fold.RENUMBERED
    return Fold.HEADING if old.marker.startswith("#") or new.marker.startswith("#") else Fold.BULLET


def _blanks(old: str, new: str) -> Iterator[Segment]:
    """Two texts of the same words, and the blanks between them."""
    before, after = _BLANK.split(old), _BLANK.split(new)
    # At their ends one may have a blank and the other none: split then gives a blank and an empty word more.
    size = max(len(before), len(after))
    before += [""] * (size - len(before))
    after += [""] * (size - len(after))
    for one, other in zip(before, after, strict=True):
        yield from _form(one, other, Fold.WHITESPACE)


def _form(old: str, new: str, fold: Fold) -> Iterator[Segment]:
    if old == new:
        yield from [Segment(Op.EQUAL, old)] if old else []
        return
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1]) if fold is Fold.WHITESPACE else 0
    if head and fold is Fold.WHITESPACE:
        yield Segment(Op.EQUAL, old[:head])
    else:
        head = 0
    yield from replaced(old[head : len(old) - tail], new[head : len(new) - tail], fold)
    if tail:
        yield Segment(Op.EQUAL, old[len(old) - tail :])


def _shared(old: str, new: str) -> int:
    length = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        length += 1
    return length
