"""Two lists of messages -> which is which: versions of one another, moved, split or merged."""

import json
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from promptctl.prompts.diff.matching import Match, matches, most_alike
from promptctl.prompts.diff.words import words_of
from promptctl.prompts.prompt import Message

_ALIKE = 0.3  # share of common words from which two messages of one role at one place are versions of each other
_MOVED = 0.6  # the same, for messages at other places or of other roles
_PART = 0.8  # share of a message's words that another must have for the one to be a part of the other
_WHOLE = 0.7  # share of a message's words that its parts must have together
_SHORTEST = 3  # words of a part
_MAX_PAIRS = 10_000
_MAX_PARTS = 8

Parts = tuple[tuple[int, tuple[int, int]], ...]  # the index of each part, and its span in the whole's text


@dataclass(frozen=True, slots=True)
class Alignment:
    """Old indices -> new ones. `pairs` keep their order, `moves` do not.

    `splits` maps an old message to the new ones that it became, `merges` a new one to the old ones that it was made
    of; neither side of them is in `pairs` or `moves`.
    """

    pairs: Mapping[int, int] = field(default_factory=dict)
    moves: Mapping[int, int] = field(default_factory=dict)
    splits: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    merges: Mapping[int, tuple[int, ...]] = field(default_factory=dict)


def text_of(message: Message) -> str:
    """A message's content as one text."""
    if isinstance(message.content, str):
        return message.content
    return "\n".join(_part_text(part) for part in message.content)


def _part_text(part: Mapping[str, Any]) -> str:
    if part.keys() == {"type", "text"}:
        return str(part["text"])
    return json.dumps(dict(part), ensure_ascii=False, sort_keys=True, indent=2, default=str)


def canonical(value: Any) -> Hashable:
    """A value out of JSON that is equal to another's exactly where they are the same: 500 and 500.0, not 1 and true."""
    if isinstance(value, Mapping):
        return frozenset((key, canonical(element)) for key, element in value.items())
    if isinstance(value, list | tuple):
        return tuple(map(canonical, value))
    return (type(value).__name__, value) if isinstance(value, bool) else value


def message_key(message: Message) -> Hashable:
    """Equal for messages that say the same."""
    content = message.content if isinstance(message.content, str) else canonical(message.content)
    return message.role, content, canonical(message.extra), message.language


def aligned(old: Sequence[Message], new: Sequence[Message]) -> Alignment:
    """Which is which."""
    same = matches([*map(message_key, old)], [*map(message_key, new)])
    pairs = {match.i + step: match.j + step for match in same for step in range(match.size)}
    if len(pairs) == len(old) == len(new):
        return Alignment(pairs)
    sides = _Sides(old, new, frozenset(pairs))
    for left, right in _gaps(same, len(old), len(new)):
        pairs |= sides.versions(left, right)
    splits, merges = sides.fragments(pairs)
    parts = {i for group in merges.values() for i in group}, {j for group in splits.values() for j in group}
    pairs = {i: j for i, j in pairs.items() if i not in splits and j not in merges}
    taken = set(pairs) | set(splits) | parts[0], set(pairs.values()) | set(merges) | parts[1]
    found = sides.elsewhere(*taken)
    in_order = {i: j for i, j in found.items() if not _crosses(i, j, pairs)}
    in_order = dict(_increasing(in_order))
    moves = {i: j for i, j in found.items() if i not in in_order}
    return Alignment(pairs | in_order, moves, splits, merges)


def _gaps(same: Sequence[Match], old: int, new: int) -> Iterator[tuple[range, range]]:
    i = j = 0
    for match in [*same, Match(old, new, 0)]:
        if i < match.i and j < match.j:
            yield range(i, match.i), range(j, match.j)
        i, j = match.i + match.size, match.j + match.size


def _crosses(i: int, j: int, pairs: Mapping[int, int]) -> bool:
    return any((i < other) != (j < partner) for other, partner in pairs.items())


def _increasing(pairs: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    last = -1
    for i in sorted(pairs):
        if pairs[i] > last:
            last = pairs[i]
            yield i, last


class _Sides:
    """Both lists, with the words of those messages that differ. `equal` are the old ones that do not."""

    def __init__(self, old: Sequence[Message], new: Sequence[Message], equal: frozenset[int]) -> None:
        self.old = old
        self.new = new
        self.equal = equal
        self._bags: dict[tuple[str, int], Counter[str]] = {}

    def _bag(self, side: str, index: int) -> Counter[str]:
        if (side, index) not in self._bags:
            message = (self.old if side == "old" else self.new)[index]
            self._bags[side, index] = Counter(word for word in words_of(text_of(message)) if not word.isspace())
        return self._bags[side, index]

    def likeness(self, i: int, j: int) -> float:
        """Dice's coefficient over the words."""
        old, new = self._bag("old", i), self._bag("new", j)
        total = old.total() + new.total()
        return 2 * (old & new).total() / total if total else 1.0

    def versions(self, left: range, right: range) -> dict[int, int]:
        """Within a stretch that differs: versions of one message, in order."""
        if len(left) == len(right) == 1:
            i, j = left[0], right[0]
            same_role = self.old[i].role == self.new[j].role
            return {i: j} if same_role or self.likeness(i, j) >= _MOVED else {}
        return self._likely(left, right)

    def _likely(self, left: range, right: range) -> dict[int, int]:
        """The pairs of one role that are most alike, in order: the best sum of likenesses."""
        if len(left) * len(right) > _MAX_PAIRS:
            alike = [(i, j) for i, j in zip(left, right, strict=False) if self.old[i].role == self.new[j].role]
            return dict(alike)
        return dict(most_alike(left, right, self._as_versions, _ALIKE))

    def _as_versions(self, i: int, j: int) -> float:
        return self.likeness(i, j) if self.old[i].role == self.new[j].role else 0.0

    def elsewhere(self, old_taken: set[int], new_taken: set[int]) -> dict[int, int]:
        """Among the messages without a partner, those that are alike all the same; the most alike first."""
        left = [i for i in range(len(self.old)) if i not in old_taken]
        right = [j for j in range(len(self.new)) if j not in new_taken]
        if not left or not right or len(left) * len(right) > _MAX_PAIRS:
            return {}
        scored = sorted(
            ((self.likeness(i, j), self.old[i].role == self.new[j].role, -i, -j) for i in left for j in right),
            reverse=True,
        )
        found: dict[int, int] = {}
        for likeness, _, i, j in scored:
            if likeness >= _MOVED and -i not in found and -j not in found.values() and self._has_words(-i, -j):
                found[-i] = -j
        return found

    def _has_words(self, i: int, j: int) -> bool:
        return self.old[i].role == self.new[j].role or self._bag("old", i).total() >= _SHORTEST

    def fragments(self, pairs: Mapping[int, int]) -> tuple[dict[int, tuple[int, ...]], dict[int, tuple[int, ...]]]:
        """Old messages that became several new ones, and new ones that were made of several old ones."""
        changed = {i: j for i, j in pairs.items() if i not in self.equal}
        free_old = {i for i in range(len(self.old)) if i not in pairs} | set(changed)
        free_new = {j for j in range(len(self.new)) if j not in set(pairs.values())} | set(changed.values())
        if len(free_old) * len(free_new) > _MAX_PAIRS:
            return {}, {}
        back = {j: i for i, j in changed.items()}
        splits = dict(self._fragments("old", sorted(free_old), "new", free_new, changed, back))
        used_old, used_new = set(splits), {j for group in splits.values() for j in group}
        merges = dict(self._fragments("new", sorted(free_new - used_new), "old", free_old - used_old, back, changed))
        return splits, merges

    def _fragments(
        self,
        whole_side: str,
        wholes: Sequence[int],
        part_side: str,
        free: set[int],
        partner: Mapping[int, int],
        back: Mapping[int, int],
    ) -> Iterator[tuple[int, tuple[int, ...]]]:
        left = set(free)
        for whole in wholes:
            mine = {part for part in left if part not in back or back[part] == whole}
            fitting = [part for part in sorted(mine) if self._is_part(whole_side, whole, part_side, part)]
            for run in _runs(fitting):
                if self._is_whole(whole_side, whole, part_side, run, partner.get(whole)):
                    left -= set(run)
                    yield whole, run
                    break

    def _is_part(self, whole_side: str, whole: int, part_side: str, part: int) -> bool:
        bag, words = self._bag(part_side, part), self._bag(whole_side, whole)
        return bag.total() >= _SHORTEST and (bag & words).total() >= _PART * bag.total() and bag.total() < words.total()

    def _is_whole(self, whole_side: str, whole: int, part_side: str, run: tuple[int, ...], partner: int | None) -> bool:
        if not 1 < len(run) <= _MAX_PARTS or (partner is not None and partner not in run):
            return False
        words = self._bag(whole_side, whole)
        together = sum((self._bag(part_side, part) for part in run), Counter[str]())
        shared = (together & words).total()
        return shared >= _WHOLE * words.total() and shared >= _PART * together.total()


def _runs(places: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Places that stand next to each other."""
    run: list[int] = []
    for before, place in pairwise([None, *places]):
        if before is not None and place is not None and place != before + 1:
            yield tuple(run)
            run = []
        if place is not None:
            run.append(place)
    if run:
        yield tuple(run)
