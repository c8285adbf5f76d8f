"""Two lists of messages -> which is which, and what changed in each."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from promptctl.prompts.diff.matching import Match, matches
from promptctl.prompts.diff.words import Segment, word_diff
from promptctl.prompts.diff.words import to_json as segments_json
from promptctl.prompts.prompt import Message

_ALIKE = 0.3  # share of common words from which two messages at one place are versions of each other
_MOVED = 0.6  # the same, for messages at different places
_MAX_PAIRS = 10_000
_WORD = re.compile(r"\w+|[^\w\s]")


class MessageOp(Enum):
    """What happened to a message. One that moved may have changed as well."""

    EQUAL = "equal"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class MessageDiff:
    """One message on both sides; indices count from 0, and what is absent is None.

    The texts are what the segments compare: of content parts, each part's text, or its JSON.
    """

    op: MessageOp
    old_index: int | None
    new_index: int | None
    old: Message | None
    new: Message | None
    segments: tuple[Segment, ...] = ()

    @property
    def old_role(self) -> str | None:
        """Its role before."""
        return None if self.old is None else self.old.role

    @property
    def new_role(self) -> str | None:
        """Its role after."""
        return None if self.new is None else self.new.role

    @property
    def old_text(self) -> str | None:
        """Its text before."""
        return None if self.old is None else text_of(self.old)

    @property
    def new_text(self) -> str | None:
        """Its text after."""
        return None if self.new is None else text_of(self.new)


def text_of(message: Message) -> str:
    """A message's content as one text."""
    if isinstance(message.content, str):
        return message.content
    return "\n".join(_part_text(part) for part in message.content)


def _part_text(part: Mapping[str, Any]) -> str:
    if part.keys() == {"type", "text"}:
        return str(part["text"])
    return json.dumps(dict(part), ensure_ascii=False, sort_keys=True, indent=2)


def diff_messages(old: Sequence[Message], new: Sequence[Message]) -> tuple[MessageDiff, ...]:
    """All messages, in the order of the new ones; a removed one stands where it was."""
    same = matches([_key(message) for message in old], [_key(message) for message in new])
    pairs = {match.i + step: match.j + step for match in same for step in range(match.size)}
    for gap in _gaps(same, len(old), len(new)):
        pairs |= _aligned(old, new, *gap)
    moves = _moves(old, new, pairs)
    return tuple(_ordered(old, new, pairs, moves))


def _key(message: Message) -> tuple[str, str, str]:
    extra = json.dumps(dict(message.extra), sort_keys=True) if message.extra else ""
    kind = "" if isinstance(message.content, str) else "parts"
    return message.role, text_of(message), extra + kind


def _gaps(same: Sequence[Match], old: int, new: int) -> Iterator[tuple[range, range]]:
    i = j = 0
    for match in [*same, Match(old, new, 0)]:
        if i < match.i and j < match.j:
            yield range(i, match.i), range(j, match.j)
        i, j = match.i + match.size, match.j + match.size


def _aligned(old: Sequence[Message], new: Sequence[Message], left: range, right: range) -> dict[int, int]:
    """Within a stretch that differs: versions of one message, in order."""
    if len(left) == len(right) and all(old[i].role == new[j].role for i, j in zip(left, right, strict=True)):
        return dict(zip(left, right, strict=True)) if len(left) == 1 else _likely(old, new, left, right)
    if len(left) == len(right) == 1 and _likeness(old[left[0]], new[right[0]]) >= _MOVED:
        return {left[0]: right[0]}  # another role, the same words
    return _likely(old, new, left, right)


def _likely(old: Sequence[Message], new: Sequence[Message], left: range, right: range) -> dict[int, int]:
    """The pairs of one role that are most alike, in order: the best sum of likenesses."""
    if len(left) * len(right) > _MAX_PAIRS:
        alike = [(i, j) for i, j in zip(left, right, strict=False) if old[i].role == new[j].role]
        return dict(alike)
    bags = [_bag(new[j]) for j in right]
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    gains: dict[tuple[int, int], float] = {}
    for a in range(len(left) - 1, -1, -1):
        bag = _bag(old[left[a]])
        for b in range(len(right) - 1, -1, -1):
            likeness = _dice(bag, bags[b]) if old[left[a]].role == new[right[b]].role else 0.0
            gains[a, b] = likeness if likeness >= _ALIKE else 0.0
            best[a][b] = max(best[a + 1][b], best[a][b + 1], best[a + 1][b + 1] + gains[a, b])
    pairs, a, b = {}, 0, 0
    while a < len(left) and b < len(right):
        if gains[a, b] and best[a][b] == best[a + 1][b + 1] + gains[a, b]:
            pairs[left[a]] = right[b]
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            a += 1
        else:
            b += 1
    return pairs


def _bag(message: Message) -> Counter[str]:
    return Counter(_WORD.findall(text_of(message)))


def _dice(old: Counter[str], new: Counter[str]) -> float:
    total = old.total() + new.total()
    return 2 * (old & new).total() / total if total else 1.0


def _likeness(old: Message, new: Message) -> float:
    return _dice(_bag(old), _bag(new))


def _moves(old: Sequence[Message], new: Sequence[Message], pairs: Mapping[int, int]) -> dict[int, int]:
    """Among the messages without a partner, those that stand elsewhere now; the most alike first."""
    left = [i for i in range(len(old)) if i not in pairs]
    taken = set(pairs.values())
    right = [j for j in range(len(new)) if j not in taken]
    if not left or not right or len(left) * len(right) > _MAX_PAIRS:
        return {}
    scored = sorted(
        ((_likeness(old[i], new[j]), -i, -j) for i in left for j in right if old[i].role == new[j].role),
        reverse=True,
    )
    moves: dict[int, int] = {}
    for likeness, i, j in scored:
        if likeness >= _MOVED and -i not in moves and -j not in moves.values():
            moves[-i] = -j
    return moves


def _ordered(
    old: Sequence[Message], new: Sequence[Message], pairs: Mapping[int, int], moves: Mapping[int, int]
) -> Iterator[MessageDiff]:
    partners = {j: i for i, j in {**pairs, **moves}.items()}
    in_place = {j: i for i, j in pairs.items()}
    shown = 0
    for j, message in enumerate(new):
        if j in in_place:
            yield from _removed(old, range(shown, in_place[j]), {**pairs, **moves})
            shown = in_place[j] + 1
        i = partners.get(j)
        if i is None:
            yield MessageDiff(MessageOp.ADDED, None, j, None, message, word_diff("", text_of(message)))
            continue
        segments = word_diff(text_of(old[i]), text_of(message))
        yield MessageDiff(_op(old[i], message, moved=i in moves), i, j, old[i], message, segments)
    yield from _removed(old, range(shown, len(old)), {**pairs, **moves})


def _op(old: Message, new: Message, *, moved: bool) -> MessageOp:
    if moved:
        return MessageOp.MOVED
    return MessageOp.EQUAL if _key(old) == _key(new) else MessageOp.CHANGED


def _removed(old: Sequence[Message], indices: range, partners: Mapping[int, int]) -> Iterator[MessageDiff]:
    for i in indices:
        if i not in partners:
            yield MessageDiff(MessageOp.REMOVED, i, None, old[i], None, word_diff(text_of(old[i]), ""))


def to_json(diffs: Sequence[MessageDiff]) -> list[dict[str, Any]]:
    """The diffs as JSON."""
    return [
        {
            "op": diff.op.value,
            "old_index": diff.old_index,
            "new_index": diff.new_index,
            "old_role": diff.old_role,
            "new_role": diff.new_role,
            "old_text": diff.old_text,
            "new_text": diff.new_text,
            "segments": segments_json(diff.segments),
            "old": _message_json(diff.old),
            "new": _message_json(diff.new),
        }
        for diff in diffs
    ]


def _message_json(message: Message | None) -> dict[str, Any] | None:
    if message is None:
        return None
    content = message.content if isinstance(message.content, str) else [dict(part) for part in message.content]
    return {"role": message.role, "content": content, **message.extra}
