"""Where a CSV file of inputs says what a case expects, and how another text is written there."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from promptctl.inputs.lines import LINE_LIMIT


@dataclass(frozen=True, slots=True)
class CsvSpot:
    """The cell of a case's `expected`: it stands at `text[start:stop]`."""

    text: str
    start: int
    stop: int

    def writings(self, value: Any) -> Iterator[str]:
        """The text as a cell, in quotes where the old one was, or where it must be."""
        if not isinstance(value, str) or "\0" in value:
            return
        quoted = '"' + value.replace('"', '""') + '"'
        if not self.text[self.start : self.stop].startswith('"') and not set(value) & set(',"\r\n'):
            yield value
        yield quoted

    def reads_as(self, edited: str, value: Any) -> bool:
        """Whether the edited text has this value there, and nothing else that is new. An empty cell is no value."""
        before, now = _table(self.text), _table(edited)
        differ = [
            cell
            for old, new in zip(before, now, strict=False)
            for was, cell in zip(old, new, strict=False)
            if was != cell
        ]
        alike = before and [len(row) for row in before] == [len(row) for row in now]
        return value != "" and bool(alike) and differ in ([value], [])


def csv_spot(text: str, line: int) -> CsvSpot | None:
    """Where the row that begins on this line, counted from 1, has its cell `expected`; None where it is not found."""
    header = [text[start:stop] for start, stop in _cells(text, 0)]
    names = [name.strip() for name in next(csv.reader([",".join(header)]), [])]
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    cells = list(_cells(text, start))
    if "expected" not in names or len(cells) != len(names):
        return None
    return CsvSpot(text, *cells[names.index("expected")])


def _cells(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Where each cell of the row at `at` begins and ends, its quotes included."""
    while True:
        end = _end(text, at)
        yield at, end
        if text[end : end + 1] != ",":
            return
        at = end + 1


def _end(text: str, at: int) -> int:
    quoted = text[at : at + 1] == '"'
    end = at + 1 if quoted else at
    while end < len(text):
        if quoted and text[end] == '"':
            if text[end + 1 : end + 2] != '"':
                return end + 1
            end += 1
        elif not quoted and text[end] in ",\r\n":
            return end
        end += 1
    return end


def _table(text: str) -> list[list[str]]:
    csv.field_size_limit(max(csv.field_size_limit(), LINE_LIMIT))
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return []
