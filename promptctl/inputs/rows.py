"""A file of stored inputs (JSONL, JSON, YAML) -> its rows, one after the other, each with its line."""

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

from promptctl.documents import Document, Fields, decode, parse_json, parse_yaml
from promptctl.errors import FileError, Problem
from promptctl.inputs.csv_rows import csv_rows
from promptctl.inputs.lines import decoded, end_of, spans
from promptctl.inputs.spool import Data

Rows = Iterator[Fields | Problem]

_SHAPE = 'One JSON object a line: {"vars": {"name": "value"}}.'


class LineRow(Fields):
    """A row that is a line by itself: it begins at `start`, in bytes."""

    start = 0


def rows(path: str, data: Data) -> Rows:
    """The rows of a file, whose kind follows from its extension. Mistakes of the file itself come as Problems."""
    kind = _KINDS.get(PurePosixPath(path).suffix.lower())
    if kind is None:
        yield Problem(path, "is no kind of inputs file that promptctl reads.", hint="Use .jsonl, .csv, .yaml or .json.")
        return
    try:
        yield from kind(path, data)
    except FileError as error:
        yield from error.problems


def _jsonl_rows(path: str, data: Data) -> Rows:
    if data[:1_000].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        yield Problem(path, "is a JSON array.", hint=f"Rename it to .json, or write it line by line. {_SHAPE}")
        return
    for number, start, stop in spans(data):
        row = _jsonl_row(path, number, data[start:stop])
        if isinstance(row, LineRow):
            row.start = start
        if row is not None:
            yield row


def row_at(path: str, data: Data, start: int) -> Fields | Problem | None:
    """The row of a `LineRow.start`; its line's number is not known."""
    return _jsonl_row(path, 0, data[start : end_of(data, start)])


def _jsonl_row(path: str, number: int, line: bytes) -> Fields | Problem | None:
    text = decoded(path, number, line)
    if isinstance(text, Problem):
        return text
    if not text.strip():
        return None
    try:
        return LineRow(parse_json(text.rstrip(), path, first_line=number), path, line=number)
    except FileError as error:
        return error.problems[0]


def _json_rows(path: str, data: Data) -> Rows:
    text = decode(bytes(data), path)
    return _entries(Document(parse_json(text, path) if text.strip() else None), path)


def _yaml_rows(path: str, data: Data) -> Rows:
    return _entries(parse_yaml(decode(bytes(data), path), path), path)


def _entries(document: Document, path: str) -> Rows:
    """The items of a list, or of the list under `cases:` or `inputs:`."""
    value: Any = document.value
    below: tuple[str | int, ...] = ()
    if isinstance(value, dict):
        whole = Fields(document, path)
        below = ("inputs",) if "inputs" in value else ("cases",)
        whole.refuse_unknown(str(below[0]))
        value = whole.items(str(below[0]))
        yield from whole.problems
    elif value is not None and not isinstance(value, list):
        yield Problem(path, "must be a list of inputs.", hint="Each is a mapping with 'vars'.")
        return
    for index, item in enumerate(value or []):
        where = (*below, index)
        problems: list[Problem] = []
        if item is None:
            problems.append(Problem(path, f"input {index + 1} is empty.", document.lines.get(where)))
        yield Fields(Document(item, document.lines), path, path=where, problems=problems)


_KINDS: dict[str, Callable[[str, Data], Rows]] = {
    ".jsonl": _jsonl_rows,
    ".ndjson": _jsonl_rows,
    ".json": _json_rows,
    ".yaml": _yaml_rows,
    ".yml": _yaml_rows,
    ".csv": csv_rows,
}
