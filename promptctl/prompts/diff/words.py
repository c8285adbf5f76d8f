"""Two texts -> what stayed, went and came, word by word."""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from promptctl.prompts.diff.matching import Steps, matches

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
# What is read as one: a number with its marks, and the brackets of templates.
_WHOLE = r"\d+(?:[.,]\d+)+(?!\w)|\{\{[{~]?|[}~]?\}\}|\{%-?|-?%\}|\{#|#\}|\$\{"
_WORD = re.compile(rf"{_WHOLE}|\w+|\s|[^\w\s]")
# From here on come Chinese and Japanese, which put no blanks between words.
_EAST = "\u2e80"
_APART = "\u2e80-\u2fff\u3005-\u3007\u3040-\u312f\u31a0-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
# Below this share of common words a stretch reads better as replaced than as confetti.
_ALIKE = 0.2


class Op(Enum):
    """What happened to a piece of text."""

    EQUAL = "equal"
    INSERT = "insert"
    DELETE = "delete"


class Fold(Enum):
    """A difference of form, not of words."""

    WHITESPACE = "whitespace"
    RENUMBERED = "renumbered"  # the number of a list's item
    BULLET = "bullet"
    HEADING = "heading"  # another way to write the same heading


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text that stayed, came or went.

    What went with a `move` came elsewhere with the same number: the text moved. A `fold` says that what went and came
    differ in form alone.
    """

    op: Op
    text: str
    move: int | None = None
    fold: Fold | None = None


def word_diff(old: str, new: str) -> tuple[Segment, ...]:
    """Lines first, words within changed lines. Equal and deleted text joined is `old`, equal and inserted is `new`."""
    if old == new:
        return (Segment(Op.EQUAL, old),) if old else ()
    steps = Steps()
    lines = hunks(_LINE.findall(old), _LINE.findall(new), steps)
    return tuple(tidy(segment for hunk in lines for segment in _within(hunk, steps)))


@dataclass(frozen=True, slots=True)
class Hunk:
    """A stretch of both texts: shared, or not. Elements that are shared have equal keys."""

    old: Sequence[str]
    new: Sequence[str]
    equal: bool


def hunks(
    old: Sequence[str], new: Sequence[str], steps: Steps, key: Callable[[str], Hashable] | None = None
) -> Iterator[Hunk]:
    """Two sequences as stretches, in order; elements are the same where their keys are."""
    i = j = 0
    found = matches(old, new, steps) if key is None else matches([*map(key, old)], [*map(key, new)], steps)
    for match in found:
        if (i, j) != (match.i, match.j):
            yield Hunk(old[i : match.i], new[j : match.j], equal=False)
        i, j = match.i + match.size, match.j + match.size
        yield Hunk(old[match.i : i], new[match.j : j], equal=True)
    if i < len(old) or j < len(new):
        yield Hunk(old[i:], new[j:], equal=False)


def words_of(text: str) -> list[str]:
    """Words, numbers, blanks and marks one by one; of Chinese and Japanese each character. Joined they are the text."""
    return (_apart() if max(text, default="") >= _EAST else _WORD).findall(text)


@cache
def _apart() -> re.Pattern[str]:
    return re.compile(rf"{_WHOLE}|[{_APART}]|[^\W{_APART}]+|\s|[^\w\s]")  # 4 ms


def _within(hunk: Hunk, steps: Steps) -> Iterable[Segment]:
    old, new = "".join(hunk.old), "".join(hunk.new)
    if hunk.equal:
        return [Segment(Op.EQUAL, old)]
    if not old or not new:
        return replaced(old, new)
    words = list(hunks(words_of(old), words_of(new), steps))
    return replaced(old, new) if unlike(words) else _without_crumbs(words)


def unlike(words: Sequence[Hunk]) -> bool:
    """Whether two stretches share so little that marks inside them would be confetti."""
    same = sum(_substance(word) for part in words if part.equal for word in part.old)
    before, after = (sum(_substance(word) for part in words for word in side(part)) for side in (_old, _new))
    return same < _ALIKE * min(before, after)


def _old(part: Hunk) -> Sequence[str]:
    return part.old


def _new(part: Hunk) -> Sequence[str]:
    return part.new


def _substance(text: str) -> int:
    return sum(map(len, text.split()))


def replaced(old: str, new: str, fold: Fold | None = None) -> list[Segment]:
    """What went, then what came; nothing for an empty side."""
    return [Segment(op, text, fold=fold) for op, text in ((Op.DELETE, old), (Op.INSERT, new)) if text]


def _without_crumbs(parts: Sequence[Hunk]) -> Iterator[Segment]:
    """The segments; a blank between two replaced words is replaced with them."""
    old = new = ""
    for index, part in enumerate(parts):
        before, after = "".join(part.old), "".join(part.new)
        if not part.equal or is_crumb(parts, index):
            old, new = old + before, new + after
            continue
        yield from replaced(old, new)
        old = new = ""
        yield Segment(Op.EQUAL, before)
    yield from replaced(old, new)


def is_crumb(parts: Sequence[Hunk], index: int) -> bool:
    """Whether a part is a blank, or one character of Chinese, between two stretches of words that were replaced."""
    part = parts[index]
    if not 0 < index < len(parts) - 1 or not all(map(_is_little, ("".join(part.old), "".join(part.new)))):
        return False
    return all(neighbour.old and neighbour.new for neighbour in (parts[index - 1], parts[index + 1]))


def _is_little(text: str) -> bool:
    return ("\n" not in text and not text.strip()) or (len(text) == 1 and text >= _EAST and text.isalpha())


def tidy(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Neighbours of one kind joined; where text was replaced, what went before what came."""
    equal, went, came = "", "", ""
    kind: tuple[int | None, Fold | None] = (None, None)
    for segment in segments:
        if segment.op is Op.EQUAL or (segment.move, segment.fold) != kind:
            yield from _pair(went, came, kind)
            went = came = ""
        if segment.op is Op.EQUAL:
            equal += segment.text
            continue
        if equal:
            yield Segment(Op.EQUAL, equal)
            equal = ""
        kind = segment.move, segment.fold
        if segment.op is Op.DELETE:
            went += segment.text
        else:
            came += segment.text
    yield from _pair(went, came, kind)
    if equal:
        yield Segment(Op.EQUAL, equal)


def _pair(went: str, came: str, kind: tuple[int | None, Fold | None]) -> Iterator[Segment]:
    if went:
        yield Segment(Op.DELETE, went, *kind)
    if came:
        yield Segment(Op.INSERT, came, *kind)


def to_json(segments: Iterable[Segment]) -> list[dict[str, Any]]:
    """The segments as JSON; `move` and `fold` where there is one."""
    return [
        {
            "op": segment.op.value,
            "text": segment.text,
            **({} if segment.move is None else {"move": segment.move}),
            **({} if segment.fold is None else {"fold": segment.fold.value}),
        }
        for segment in segments
    ]


def from_json(segments: Iterable[Mapping[str, Any]]) -> tuple[Segment, ...]:
    """What `to_json` wrote."""
    return tuple(
        Segment(
            Op(segment["op"]),
            segment["text"],
            segment.get("move"),
            None if segment.get("fold") is None else Fold(segment["fold"]),
        )
        for segment in segments
    )
