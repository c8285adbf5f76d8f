"""Two answers -> the pieces of each, with what differs marked and long agreement left out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from promptctl.prompts.diff.words import Op, Segment, word_diff
from promptctl.reports.safe import printable

_COMPARED = 10_000  # characters of an answer: a report shows a few hundred, and a comparison must not take seconds
_CONTEXT = 80
_ALIKE = 0.25  # below this shared part of the longer text two answers are simply different, and marks would be noise


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; `changed` where the other side does not have it."""

    text: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """Both answers in pieces. `alike`: they share enough for the marks to say something."""

    old: tuple[Piece, ...]
    new: tuple[Piece, ...]
    alike: bool


def beside(old: str, new: str, limit: int) -> Beside:
    """The answers word by word, each within about `limit` characters, the differences first. Inert text."""
    before, after = printable(old[:_COMPARED]), printable(new[:_COMPARED])
    segments = word_diff(before, after)
    shared = sum(len(segment.text) for segment in segments if segment.op is Op.EQUAL)
    alike = shared >= _ALIKE * max(len(before), len(after), 1)
    if not alike:
        return Beside(
            cut((Piece(before, changed=True),), limit, len(old)),
            cut((Piece(after, changed=True),), limit, len(new)),
            alike=False,
        )
    return Beside(
        cut(near_changes(_side(segments, Op.DELETE), limit), limit, len(old)),
        cut(near_changes(_side(segments, Op.INSERT), limit), limit, len(new)),
        alike=True,
    )


def alone(text: str, limit: int) -> tuple[Piece, ...]:
    """One answer without another to compare it with. Inert text."""
    return cut((Piece(printable(text[:_COMPARED])),), limit, len(text))


def cut(pieces: Sequence[Piece], limit: int, whole: int) -> tuple[Piece, ...]:
    """The first `limit` characters; `whole` is the length of the answer that they come from, said where much is cut."""
    kept: list[Piece] = []
    room = limit
    for piece in pieces:
        if len(piece.text) > room:
            kept.append(Piece(piece.text[:room].rstrip(), changed=piece.changed))
            return (*kept, Piece(f" … ({whole:,} characters in all)"))
        kept.append(piece)
        room -= len(piece.text)
    return tuple(kept)


def _side(segments: Sequence[Segment], own: Op) -> tuple[Piece, ...]:
    return tuple(
        Piece(segment.text, changed=segment.op is own)
        for segment in segments
        if segment.op in {Op.EQUAL, own} and segment.text
    )


def near_changes(pieces: tuple[Piece, ...], limit: int) -> tuple[Piece, ...]:
    """The pieces; where they are longer than `limit`, long unchanged ones keep only what is next to a change."""
    if sum(len(piece.text) for piece in pieces) <= limit:
        return pieces
    return tuple(_elided(pieces))


def _elided(pieces: tuple[Piece, ...]) -> Iterator[Piece]:
    last = len(pieces) - 1
    for position, piece in enumerate(pieces):
        head = "" if position == 0 else _beginning(piece.text)
        tail = "" if position == last else _ending(piece.text)
        shorter = f"{head} … {tail}" if head else f"… {tail}"
        keeps = piece.changed or len(shorter) + _CONTEXT // 2 >= len(piece.text)  # a cut must save something
        yield piece if keeps else Piece(shorter if tail else shorter.rstrip())


def _beginning(text: str) -> str:
    """The context after a change, cut between words where there are any."""
    kept = text[:_CONTEXT]
    return kept.rstrip() if " " not in kept.strip() else kept[: kept.rstrip().rfind(" ")].rstrip()


def _ending(text: str) -> str:
    """The context before a change."""
    kept = text[-_CONTEXT:]
    return (
        kept.lstrip() if " " not in kept.strip() else kept[kept.index(" ", len(kept) - len(kept.lstrip())) :].lstrip()
    )
