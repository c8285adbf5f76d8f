"""Lines of text that fit a terminal: wrapping, labels, columns and tables, in colour or without."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from promptctl.reports.safe import printable
from promptctl.reports.words import Piece

NARROWEST, WIDEST = 40, 200
READABLE = 110  # prose wider than this is hard to read, however wide the terminal
TWO_COLUMNS = 100

Part = str | tuple[str, str]

_IN_ASCII = {
    "→": "->",
    "✓": "+",
    "✗": "x",
    "−": "-",
    "·": "-",
    "…": "...",
    "│": "|",
    "─": "-",
    "›": ">",
    "±": "+/-",
}
STYLES = {
    "passed": "green",
    "regressed": "bold red",
    "inconclusive": "yellow",
    "error": "bold magenta",
    "unaffected": "dim",
}


@dataclass(frozen=True, slots=True)
class Canvas:
    """What the terminal can show. `width` in cells; `encoding` decides on signs. Text that enters is made inert."""

    width: int = 80
    color: bool = False
    encoding: str = "utf-8"
    _console: Console = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        width = max(NARROWEST, min(self.width, WIDEST))
        object.__setattr__(self, "width", width)
        object.__setattr__(self, "_console", _console(width, color=self.color))

    @property
    def two_columns(self) -> bool:
        return self.width >= TWO_COLUMNS

    @property
    def measure(self) -> int:
        """The width of prose."""
        return min(self.width, READABLE)

    def plain(self, text: str) -> str:
        """The text as this terminal can show it: inert, and in its encoding."""
        shown = printable(text).expandtabs(4)
        try:
            shown.encode(self.encoding)
        except UnicodeEncodeError:
            shown = "".join(_IN_ASCII.get(character, character) for character in shown)
            return shown.encode(self.encoding, "backslashreplace").decode(self.encoding)
        return shown

    def text(self, *parts: Part) -> Text:
        """A line of parts, each a text or a text with its style."""
        line = Text()
        for part in parts:
            content, style = (part, "") if isinstance(part, str) else part
            line.append(self.plain(content), style or None)
        return line

    def pieces(self, pieces: Iterable[Piece], style: str, marks: tuple[str, str], *, marked: bool) -> Text:
        """An answer, its changed words in `style`; without colour between `marks`, if `marked`."""
        before, after = marks if marked and not self.color else ("", "")
        parts = [(f"{before}{piece.text}{after}", style) if piece.changed else piece.text for piece in pieces]
        return self.text(*parts)

    def wrapped(self, text: Text, width: int, limit: int | None = None) -> list[Text]:
        """The text in lines of at most `width` cells; after `limit` lines the last one ends in an ellipsis."""
        if limit is not None:
            text = text[: (limit + 1) * max(1, width)]  # what is not shown is not wrapped: it may be megabytes
        lines = [_trimmed(line) for line in text.wrap(self._console, max(1, width), overflow="fold")] or [Text()]
        if limit is None or len(lines) <= limit:
            return lines
        dots = self.plain(" …")
        while limit > 1 and not lines[limit - 1].plain:
            limit -= 1
        last = lines[limit - 1]
        last.truncate(max(1, width - cell_len(dots)))
        if last.plain.rfind(" ") > len(last.plain) // 2:
            last.right_crop(len(last.plain) - last.plain.rfind(" "))
        return [*lines[: limit - 1], _trimmed(last).append(dots, "dim")]

    def paragraph(self, text: Text, indent: int = 0, limit: int | None = None, hang: int = 0) -> list[Text]:
        """Prose below an indentation; the lines after the first `hang` cells further in."""
        lines = self.wrapped(text, self.measure - indent - hang, limit)
        return [pad(indent + (hang if place else 0)).append_text(line) for place, line in enumerate(lines)]

    def labelled(self, label: Part, body: Text, *, indent: int, gutter: int, limit: int | None = None) -> list[Text]:
        """A label, and beside it the body with a hanging indentation."""
        lines = self.wrapped(body, self.measure - indent - gutter, limit)
        return beside_label(self.text(label), lines, indent, gutter)

    def rendered(self, lines: Iterable[Text]) -> str:
        """The lines as one string, each ended; with ANSI colours where the canvas has them."""
        if not self.color:
            return "".join(f"{line.plain.rstrip()}\n" for line in lines)
        out = io.StringIO()
        console = _console(self.width, color=self.color, file=out)
        for line in lines:
            console.print(_trimmed(line), soft_wrap=True)
        return out.getvalue()


def pad(cells: int) -> Text:
    return Text(" " * max(0, cells))


def beside_label(label: Text, lines: Sequence[Text], indent: int, gutter: int) -> list[Text]:
    """The lines with the label in front of the first. A label wider than its gutter gets a line of its own."""
    margin = pad(indent)
    if label.cell_len >= gutter:
        return [margin.copy().append_text(label), *(pad(indent + gutter).append_text(line) for line in lines)]
    first = margin.copy().append_text(label).append(" " * (gutter - label.cell_len))
    heads = [first, *(pad(indent + gutter) for _ in lines[1:])]
    return [head.append_text(line) for head, line in zip(heads, lines, strict=True)]


def juxtaposed(left: Sequence[Text], right: Sequence[Text], width: int) -> list[Text]:
    """Two columns; the left one takes `width` cells."""
    height = max(len(left), len(right))
    padded_left = [*left, *(Text() for _ in range(height - len(left)))]
    padded_right = [*right, *(Text() for _ in range(height - len(right)))]
    return [
        one.copy().append(" " * (width - one.cell_len)).append_text(other)
        for one, other in zip(padded_left, padded_right, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column. `right`: numbers; the higher `rank`, the sooner it goes where the terminal is narrow."""

    title: str
    right: bool = False
    rank: int = 0
    flexible: bool = False


WIDE, SLIM = 12, 5  # how narrow a flexible column gets; slim where there is no other way, the last column first


def table(canvas: Canvas, columns: Sequence[Column], rows: Sequence[Sequence[Text]], *, indent: int = 0) -> list[Text]:
    """A table without boxes. Where it does not fit, the highest ranks are left out, then flexible columns cut."""
    gap = 2
    kept = list(range(len(columns)))
    widths = [_natural(canvas, column, [row[at] for row in rows]) for at, column in enumerate(columns)]
    while _total(kept, widths, gap) + indent > canvas.width and any(columns[at].rank for at in kept):
        kept.remove(max(kept, key=lambda at: (columns[at].rank, at)))
    excess = _total(kept, widths, gap) + indent - canvas.width
    for floor, at in [*((WIDE, at) for at in kept), *((SLIM, at) for at in reversed(kept))]:
        if excess > 0 and columns[at].flexible:
            spared = min(excess, max(0, widths[at] - floor))
            widths[at] -= spared
            excess -= spared
    titles = [canvas.text((columns[at].title, "dim")) for at in range(len(columns))]
    has_titles = any(columns[at].title for at in kept)
    shown = [titles, *rows] if has_titles else list(rows)
    return [_row(canvas, columns, row, kept, widths, indent) for row in shown]


def _natural(canvas: Canvas, column: Column, cells: Sequence[Text]) -> int:
    return max([canvas.text(column.title).cell_len, *(cell.cell_len for cell in cells)])


def _total(kept: Sequence[int], widths: Sequence[int], gap: int) -> int:
    return sum(widths[at] for at in kept) + gap * (len(kept) - 1)


def _row(
    canvas: Canvas,
    columns: Sequence[Column],
    row: Sequence[Text],
    kept: Sequence[int],
    widths: Sequence[int],
    indent: int,
) -> Text:
    line = pad(indent)
    for position, at in enumerate(kept):
        cell = _fitted(canvas, row[at], widths[at])
        blank = " " * (widths[at] - cell.cell_len)
        line.append("  " if position else "")
        line = line.append(blank).append_text(cell) if columns[at].right else line.append_text(cell).append(blank)
    line.truncate(canvas.width)
    return _trimmed(line)


def _fitted(canvas: Canvas, cell: Text, width: int) -> Text:
    if cell.cell_len <= width:
        return cell
    dots = canvas.plain("…")
    shorter = cell.copy()
    shorter.truncate(max(0, width - cell_len(dots)))
    return shorter.append(dots)


def _trimmed(line: Text) -> Text:
    trimmed = line.copy()
    trimmed.rstrip()
    return trimmed


def _console(width: int, *, color: bool, file: io.StringIO | None = None) -> Console:
    return Console(
        file=file or io.StringIO(),
        width=width,
        color_system="standard" if color else None,
        force_terminal=color,
        no_color=not color,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
