"""Two texts -> what stayed, went and came, word by word."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from promptctl.prompts.diff.matching import Steps, matches

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_WORD = re.compile(r"\w+|\s|[^\w\s]")
# Below this share of common words a stretch reads better as replaced than as confetti.
_ALIKE = 0.2


class Op(Enum):
    """What happened to a piece of text."""

    EQUAL = "equal"
    INSERT = "insert"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text that stayed, came or went."""

    op: Op
    text: str


def word_diff(old: str, new: str) -> tuple[Segment, ...]:
    """Lines first, words within changed lines. Equal and deleted text joined is `old`, equal and inserted is `new`."""
    if old == new:
        return (Segment(Op.EQUAL, old),) if old else ()
    steps = Steps()
    lines = _hunks(_LINE.findall(old), _LINE.findall(new), steps)
    return tuple(_tidy(segment for hunk in lines for segment in _within(hunk, steps)))


@dataclass(frozen=True, slots=True)
class _Hunk:
    """A stretch of both texts: shared, or not."""

    old: Sequence[str]
    new: Sequence[str]
    equal: bool


def _hunks(old: Sequence[str], new: Sequence[str], steps: Steps) -> Iterator[_Hunk]:
    i = j = 0
    for match in matches(old, new, steps):
        if (i, j) != (match.i, match.j):
            yield _Hunk(old[i : match.i], new[j : match.j], equal=False)
        i, j = match.i + match.size, match.j + match.size
        yield _Hunk(old[match.i : i], new[match.j : j], equal=True)
    if i < len(old) or j < len(new):
        yield _Hunk(old[i:], new[j:], equal=False)


def _within(hunk: _Hunk, steps: Steps) -> Iterable[Segment]:
    old, new = "".join(hunk.old), "".join(hunk.new)
    if hunk.equal:
        return [Segment(Op.EQUAL, old)]
    if not old or not new:
        return _replaced(old, new)
    words = list(_hunks(_WORD.findall(old), _WORD.findall(new), steps))
    same = sum(_substance(word) for part in words if part.equal for word in part.old)
    if same < _ALIKE * min(sum(map(_substance, hunk.old)), sum(map(_substance, hunk.new))):
        return _replaced(old, new)
    return _without_crumbs(words)


def _substance(text: str) -> int:
    return sum(map(len, text.split()))


def _replaced(old: str, new: str) -> list[Segment]:
    return [Segment(op, text) for op, text in ((Op.DELETE, old), (Op.INSERT, new)) if text]


def _without_crumbs(parts: Sequence[_Hunk]) -> Iterator[Segment]:
    """The segments; a blank between two replaced words is replaced with them."""
    old = new = ""
    for index, part in enumerate(parts):
        before, after = "".join(part.old), "".join(part.new)
        if not part.equal or _is_crumb(parts, index):
            old, new = old + before, new + after
            continue
        yield from _replaced(old, new)
        old = new = ""
        yield Segment(Op.EQUAL, before)
    yield from _replaced(old, new)


def _is_crumb(parts: Sequence[_Hunk], index: int) -> bool:
    part = parts[index]
    if not 0 < index < len(parts) - 1 or "\n" in part.old or any(word.strip() for word in part.old):
        return False
    return all(neighbour.old and neighbour.new for neighbour in (parts[index - 1], parts[index + 1]))


def _tidy(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Neighbours of one kind joined; where text was replaced, what went before what came."""
    texts = {Op.DELETE: "", Op.INSERT: "", Op.EQUAL: ""}
    for segment in segments:
        if segment.op is not Op.EQUAL and texts[Op.EQUAL]:
            yield Segment(Op.EQUAL, texts[Op.EQUAL])
            texts[Op.EQUAL] = ""
        if segment.op is Op.EQUAL:
            yield from _replaced(texts[Op.DELETE], texts[Op.INSERT])
            texts[Op.DELETE] = texts[Op.INSERT] = ""
        texts[segment.op] += segment.text
    yield from _replaced(texts[Op.DELETE], texts[Op.INSERT])
    if texts[Op.EQUAL]:
        yield Segment(Op.EQUAL, texts[Op.EQUAL])


def to_json(segments: Iterable[Segment]) -> list[dict[str, str]]:
    """The segments as JSON."""
    return [{"op": segment.op.value, "text": segment.text} for segment in segments]
