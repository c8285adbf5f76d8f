"""Two lists of messages -> what happened to each, and what changed in its text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from promptctl.prompts.diff.alignment import Alignment, aligned, message_key, text_of
from promptctl.prompts.diff.text import text_diff
from promptctl.prompts.diff.words import Fold, Op, Segment, from_json, to_json, word_diff
from promptctl.prompts.prompt import Message

__all__ = [
    "MessageDiff",
    "MessageOp",
    "diff_messages",
    "message_diffs_json",
    "read_message_diffs",
    "text_of",
]

Span = tuple[int, int]


class MessageOp(Enum):
    """What happened to a message. One that moved may have changed as well; so may the parts of a split or a merger."""

    EQUAL = "equal"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    ROLE = "role"  # the same words in another role
    SPLIT = "split"  # the old message became several: an entry for each of them
    MERGED = "merged"  # the new message was made of several: an entry for each of them


@dataclass(frozen=True, slots=True)
class MessageDiff:
    """One message on both sides; indices count from 0, and what is absent is None.

    The texts are what the segments compare: of content parts, each part's text, or its JSON. In an entry of a split
    the segments compare the new text with that part of the old one that `old_span` bounds; of a merger, the other way
    round.
    """

    op: MessageOp
    old_index: int | None
    new_index: int | None
    old: Message | None
    new: Message | None
    segments: tuple[Segment, ...] = ()
    old_span: Span | None = None
    new_span: Span | None = None

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

    @property
    def marks(self) -> tuple[str, ...]:
        """What else can be said of its text: the kinds of its folds, and "moved" where a part of it did; sorted."""
        folds = {segment.fold.value for segment in self.segments if segment.fold is not None}
        moved = {"moved"} if any(segment.move is not None for segment in self.segments) else set[str]()
        return tuple(sorted(folds | moved))

    @property
    def form_only(self) -> bool:
        """Whether its text differs, and only in its form."""
        differing = [segment for segment in self.segments if segment.op is not Op.EQUAL]
        return bool(differing) and all(segment.fold is not None for segment in differing)

    @property
    def whitespace_only(self) -> bool:
        """Whether its text differs, and only in its white space."""
        folds = {segment.fold for segment in self.segments if segment.op is not Op.EQUAL}
        return folds == {Fold.WHITESPACE}


def diff_messages(old: Sequence[Message], new: Sequence[Message]) -> tuple[MessageDiff, ...]:
    """All messages, in the order of the new ones; a removed one stands where it was."""
    return tuple(_ordered(old, new, aligned(old, new)))


def _ordered(old: Sequence[Message], new: Sequence[Message], found: Alignment) -> Iterator[MessageDiff]:
    partners = {j: i for i, j in {**found.pairs, **found.moves}.items()}
    part_of = {j: i for i, group in found.splits.items() for j in group}
    in_place = {j: (i,) for i, j in found.pairs.items()} | {j: (i,) for j, i in part_of.items()} | dict(found.merges)
    known = {*found.pairs, *found.moves, *found.splits, *(i for group in found.merges.values() for i in group)}
    shown = 0
    for j, message in enumerate(new):
        if j in in_place:
            yield from _removed(old, range(shown, in_place[j][0]), known)
            shown = max(shown, in_place[j][-1] + 1)
        if j in found.merges:
            yield from _merger(old, found.merges[j], j, message)
        elif j in part_of:
            group = found.splits[part_of[j]]
            yield _part(old, part_of[j], new, group, group.index(j))
        elif j in partners:
            yield _version(old, partners[j], message, j, moved=partners[j] in found.moves)
        else:
            yield MessageDiff(MessageOp.ADDED, None, j, None, message, word_diff("", text_of(message)))
    yield from _removed(old, range(shown, len(old)), known)


def _version(old: Sequence[Message], i: int, message: Message, j: int, *, moved: bool) -> MessageDiff:
    segments = text_diff(text_of(old[i]), text_of(message))
    return MessageDiff(_op(old[i], message, moved=moved), i, j, old[i], message, segments)


def _op(old: Message, new: Message, *, moved: bool) -> MessageOp:
    if moved:
        return MessageOp.MOVED
    before, after = message_key(old), message_key(new)
    if before == after:
        return MessageOp.EQUAL
    same_words = isinstance(before, tuple) and isinstance(after, tuple) and before[1:] == after[1:]
    return MessageOp.ROLE if same_words else MessageOp.CHANGED


def _removed(old: Sequence[Message], indices: range, known: set[int]) -> Iterator[MessageDiff]:
    for i in indices:
        if i not in known:
            yield MessageDiff(MessageOp.REMOVED, i, None, old[i], None, word_diff(text_of(old[i]), ""))


def _part(old: Sequence[Message], i: int, new: Sequence[Message], group: Sequence[int], number: int) -> MessageDiff:
    whole = text_of(old[i])
    spans = _spans(whole, [text_of(new[j]) for j in group])
    start, end = spans[number]
    j = group[number]
    segments = text_diff(whole[start:end], text_of(new[j]))
    return MessageDiff(MessageOp.SPLIT, i, j, old[i], new[j], segments, old_span=(start, end))


def _merger(old: Sequence[Message], group: Sequence[int], j: int, message: Message) -> Iterator[MessageDiff]:
    whole = text_of(message)
    for i, (start, end) in zip(group, _spans(whole, [text_of(old[i]) for i in group]), strict=True):
        segments = text_diff(text_of(old[i]), whole[start:end])
        yield MessageDiff(MessageOp.MERGED, i, j, old[i], message, segments, new_span=(start, end))


def _spans(whole: str, parts: Sequence[str]) -> list[Span]:
    """The stretches of a text that its parts come from; together they are the text."""
    ends: list[int] = []
    length = 0
    for part in parts[:-1]:
        length += len(part)
        ends.append(length)
        length += 2
    cuts = _offsets(word_diff(whole, "\n\n".join(parts)), ends)
    return list(zip([0, *cuts], [*cuts, len(whole)], strict=True))


def _offsets(segments: Sequence[Segment], new_offsets: Sequence[int]) -> list[int]:
    """Where offsets of the new text lie in the old one."""
    found: list[int] = []
    i = j = 0
    for segment in segments:
        size = len(segment.text)
        ahead = 0 if segment.op is Op.DELETE else size
        while len(found) < len(new_offsets) and new_offsets[len(found)] <= j + ahead and ahead:
            found.append(i + (new_offsets[len(found)] - j if segment.op is Op.EQUAL else 0))
        i += 0 if segment.op is Op.INSERT else size
        j += ahead
    return [*found, *[i] * (len(new_offsets) - len(found))]


def message_diffs_json(diffs: Sequence[MessageDiff]) -> list[dict[str, Any]]:
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
            "old_language": None if diff.old is None else diff.old.language,
            "new_language": None if diff.new is None else diff.new.language,
            "old_span": None if diff.old_span is None else list(diff.old_span),
            "new_span": None if diff.new_span is None else list(diff.new_span),
            "marks": list(diff.marks),
            "segments": to_json(diff.segments),
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


def read_message_diffs(diffs: Sequence[Mapping[str, Any]]) -> tuple[MessageDiff, ...]:
    """What `message_diffs_json` wrote."""
    return tuple(
        MessageDiff(
            op=MessageOp(diff["op"]),
            old_index=diff["old_index"],
            new_index=diff["new_index"],
            old=_message(diff["old"], diff["old_language"]),
            new=_message(diff["new"], diff["new_language"]),
            segments=from_json(diff["segments"]),
            old_span=_span(diff["old_span"]),
            new_span=_span(diff["new_span"]),
        )
        for diff in diffs
    )


def _message(document: Mapping[str, Any] | None, language: str | None) -> Message | None:
    if document is None:
        return None
    content = document["content"]
    extra = {key: value for key, value in document.items() if key not in {"role", "content"}}
    return Message(document["role"], content if isinstance(content, str) else tuple(content), extra, language=language)


def _span(span: Sequence[int] | None) -> Span | None:
    return None if span is None else (span[0], span[1])
