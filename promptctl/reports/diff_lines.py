"""Segments of words -> lines of old and new with what differs marked, and the context around them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from promptctl.prompts.diff.words import Op, Segment
from promptctl.reports.safe import printable
from promptctl.reports.words import Piece, near_changes

CONTEXT = 3  # lines, as in git
_LONG = 480  # characters of a line from which its unchanged stretches are left out


class Kind(Enum):
    """Which sides have the line. GAP stands for lines left out, FROM and TO for those that moved."""

    BOTH = " "
    OLD = "-"
    NEW = "+"
    FROM = "<"
    TO = ">"
    GAP = "…"


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `left_out` counts the lines that a GAP stands for."""

    kind: Kind
    pieces: tuple[Piece, ...] = ()
    left_out: int = 0

    @property
    def mixed(self) -> bool:
        """Whether a part of it changed and a part did not: then marks inside say something."""
        return len({piece.changed for piece in self.pieces if piece.text.strip()}) > 1

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


def unified(segments: Iterable[Segment], *, context: int = CONTEXT) -> list[Line]:
    """The lines as git shows them: what went before what came, unchanged ones only near a change. Inert text.

    What differs in form alone stands as it is now, as if it had not changed.
    """
    building = _Lines()
    for segment in _as_now(segments):
        building.add(segment)
    return list(_near(building.finished(), context))


def _as_now(segments: Iterable[Segment]) -> Iterator[Segment]:
    for segment in segments:
        if segment.fold is None:
            yield segment
        elif segment.op is Op.INSERT:
            yield Segment(Op.EQUAL, segment.text)


def pairs(lines: Sequence[Line]) -> Iterator[tuple[Line | None, Line | None]]:
    """Old beside new: the first line that went beside the first that came, and so on."""
    went: list[Line] = []
    came: list[Line] = []
    for line in lines:
        if line.kind in {Kind.OLD, Kind.FROM}:
            went.append(line)
        elif line.kind in {Kind.NEW, Kind.TO}:
            came.append(line)
        else:
            yield from _zipped(went, came)
            went, came = [], []
            yield line, line
    yield from _zipped(went, came)


def _zipped(went: Sequence[Line], came: Sequence[Line]) -> Iterator[tuple[Line | None, Line | None]]:
    for place in range(max(len(went), len(came))):
        yield went[place] if place < len(went) else None, came[place] if place < len(came) else None


@dataclass(slots=True)
class _Lines:
    """Both texts as they grow, line by line; a line that both have alike is shared."""

    done: list[Line] = field(default_factory=list)
    went: list[Line] = field(default_factory=list)
    came: list[Line] = field(default_factory=list)
    old: list[Piece] = field(default_factory=list)
    new: list[Piece] = field(default_factory=list)

    def add(self, segment: Segment) -> None:
        if segment.move is not None and self._moved(segment):
            return
        first, *rest = printable(segment.text).split("\n")
        self._text(segment.op, first)
        for text in rest:
            self._end_of_line(segment.op)
            self._text(segment.op, text)

    def _moved(self, segment: Segment) -> bool:
        """Whether whole lines moved; their first stands for them where they went."""
        begun = self.old if segment.op is Op.DELETE else self.new
        if begun or not segment.text.endswith("\n"):
            return False
        lines = printable(segment.text).split("\n")[:-1]
        if segment.op is Op.INSERT:
            self.came += [Line(Kind.TO, (Piece(line),) if line else ()) for line in lines]
            return True
        more = f" … and {len(lines) - 1} more" if len(lines) > 1 else ""
        self.went.append(Line(Kind.FROM, (Piece(f"{lines[0]}{more}"),)))
        return True

    def finished(self) -> list[Line]:
        old, new = tuple(self.old), tuple(self.new)
        if old == new and old:
            self._end_of_both()
        self.went += [Line(Kind.OLD, old)] if old != new and old else []
        self.came += [Line(Kind.NEW, new)] if old != new and new else []
        self._flush()
        return self.done

    def _text(self, op: Op, text: str) -> None:
        piece = Piece(text, changed=op is not Op.EQUAL)
        if text and op is not Op.INSERT:
            self.old.append(piece)
        if text and op is not Op.DELETE:
            self.new.append(piece)

    def _end_of_line(self, op: Op) -> None:
        if op is Op.EQUAL:
            self._end_of_both()
        elif op is Op.DELETE:
            self.went.append(Line(Kind.OLD, _broken(self.old)))
            self.old = []
        else:
            self.came.append(Line(Kind.NEW, _broken(self.new)))
            self.new = []

    def _end_of_both(self) -> None:
        old, new = tuple(self.old), tuple(self.new)
        self.old, self.new = [], []
        if old == new and not any(piece.changed for piece in old):
            self._flush()
            self.done.append(Line(Kind.BOTH, old))
            return
        self.went.append(Line(Kind.OLD, old))
        self.came.append(Line(Kind.NEW, new))

    def _flush(self) -> None:
        self.done += [*map(_shorter, self.went), *map(_shorter, self.came)]
        self.went, self.came = [], []


def _broken(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """A line whose end is all that changed shows its end."""
    unchanged = bool(pieces) and not any(piece.changed for piece in pieces)
    return (*pieces, Piece("⏎", changed=True)) if unchanged else tuple(pieces)


def _shorter(line: Line) -> Line:
    return Line(line.kind, near_changes(line.pieces, _LONG)) if line.mixed else line


def _near(lines: Sequence[Line], context: int) -> Iterator[Line]:
    touched = [place for place, line in enumerate(lines) if line.kind is not Kind.BOTH]
    kept = {place for at in touched for place in range(at - context, at + context + 1)}
    gap = 0
    for place, line in enumerate(lines):
        if place not in kept:
            gap += 1
            continue
        if gap:
            yield Line(Kind.GAP, left_out=gap)
        gap = 0
        yield line
    if gap and touched:
        yield Line(Kind.GAP, left_out=gap)
