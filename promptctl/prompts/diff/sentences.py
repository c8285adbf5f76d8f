"""The text of a message on both sides -> the sentences that differ, each beside its other version."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from promptctl.prompts.diff.messages import MessageDiff, MessageOp
from promptctl.prompts.diff.words import Op, Segment

_END = re.compile(r"(?<=[.!?])[\"')\]]?\s+|\n+")
_MARKER = re.compile(r"^\s*(?:#{1,6}\s|[-*+•]\s|\d{1,4}[.)]\s)?\s*")
_WORD = re.compile(r"[\w']+")
_MOST = 200  # sentences of a side that are looked at; an edit of more is a rewrite
_LONGEST = 2_000  # characters of a sentence: what has no end for longer is data
_ALIKE = 0.6

COMPARED = frozenset({MessageOp.CHANGED, MessageOp.MOVED, MessageOp.SPLIT, MessageOp.MERGED})


@dataclass(frozen=True, slots=True)
class Versions:
    """One sentence on both sides. `message` counts from 1, on the new side."""

    message: int
    old: str
    new: str


def both_texts(found: MessageDiff) -> tuple[str, str]:
    """The texts of a message on both sides, what differs in form alone written as in the new one."""
    old = "".join(
        one.text for one, after in pairwise([*found.segments, None]) if one is not None and _is_old(one, after)
    )
    new = "".join(one.text for one in found.segments if one.op is not Op.DELETE)
    return old, new


def _is_old(one: Segment, after: Segment | None) -> bool:
    if one.op is Op.EQUAL or one.fold is None:
        return one.op is not Op.INSERT
    if one.op is Op.INSERT:
        return True
    # A line end that went for nothing else still ends its line.
    return after is None or after.op is not Op.INSERT or after.fold is not one.fold


def sentence_versions(messages: Iterable[MessageDiff], ignored: frozenset[str]) -> list[Versions]:
    """The sentences that differ and have another version. `ignored` words do not count for which is which."""
    return [
        Versions((found.new_index or 0) + 1, old, new)
        for found in messages
        if found.op in COMPARED
        for old, new in _versions(*both_texts(found), ignored)
    ]


def sentences(text: str) -> list[str]:
    """The sentences and lines of a text, without the marks of a list or heading."""
    return [stripped for part in _END.split(text) if (stripped := _MARKER.sub("", part or "").strip())]


def _versions(old: str, new: str, ignored: frozenset[str]) -> list[tuple[str, str]]:
    before, after = sentences(old), sentences(new)
    went, came = _without(before, after), _without(after, before)
    if not went or not came or max(len(went), len(came)) > _MOST:
        return []
    bags = [_bag(sentence, ignored) for sentence in went]
    scored = sorted(
        (
            (likeness, -i, -j)
            for j, sentence in enumerate(came)
            for bag in [_bag(sentence, ignored)]
            for i, other in enumerate(bags)
            if (likeness := _likeness(other, bag)) >= _ALIKE
        ),
        reverse=True,
    )
    pairs: dict[int, int] = {}
    for _, i, j in scored:
        if -j not in pairs and -i not in pairs.values():
            pairs[-j] = -i
    return [(went[i], came[j]) for j, i in sorted(pairs.items())]


def _without(some: Sequence[str], others: Sequence[str]) -> list[str]:
    known = Counter(others)
    left = []
    for sentence in some:
        known[sentence] -= 1
        if known[sentence] < 0 and len(sentence) <= _LONGEST:
            left.append(sentence)
    return left


def _bag(sentence: str, ignored: frozenset[str]) -> Counter[str]:
    words = (word.lower() for word in _WORD.findall(sentence))
    # The end of a plural goes with the number before it: one sentence, two sentences.
    return Counter(word.removesuffix("s") for word in words if word not in ignored and not word.isdigit())


def _likeness(old: Counter[str], new: Counter[str]) -> float:
    """The share of common words, of the longer sentence; one that only grew counts as alike."""
    shared = (old & new).total()
    shorter, longer = sorted((old.total(), new.total()))
    if not shorter:
        return 1.0 if not longer else 0.0
    grown = shared == shorter and shorter >= 2 and longer <= 4 * shorter
    short = shared == shorter == 1 and longer <= 2  # `Use tables.` and `Avoid tables.`
    return max(shared / longer, _ALIKE if grown or short else 0.0)
