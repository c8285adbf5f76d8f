"""Bytes -> numbered lines, without a list of them."""

from collections.abc import Iterator

from promptctl.errors import Problem
from promptctl.inputs.spool import Data

LINE_LIMIT = 5 * 1024 * 1024  # Bytes.

_MARK = b"\xef\xbb\xbf"


def lines(data: Data) -> Iterator[tuple[int, bytes]]:
    """The lines with their ends, counted from 1, without a byte order mark."""
    for number, start, stop in spans(data):
        yield number, data[start:stop]


def spans(data: Data) -> Iterator[tuple[int, int, int]]:
    """Each line's number, and where it begins and ends."""
    start = len(_MARK) if data[: len(_MARK)] == _MARK else 0
    number = 0
    while start < len(data):
        stop = end_of(data, start)
        number += 1
        yield number, start, stop
        start = stop


def end_of(data: Data, start: int) -> int:
    """Where the line ends that begins at `start`."""
    end = data.find(b"\n", start)
    return len(data) if end < 0 else end + 1


def decoded(path: str, number: int, line: bytes) -> str | Problem:
    """A line's text, or why it is none."""
    if len(line) > LINE_LIMIT:
        return Problem(path, f"is longer than {LINE_LIMIT // 1024 // 1024} MiB.", number)
    if b"\0" in line:
        return Problem(path, "is not text: it holds NUL bytes.", number, "Save it as UTF-8.")
    try:
        return line.decode()
    except UnicodeDecodeError:
        return Problem(path, "is not valid UTF-8.", number, "Save it as UTF-8.")
