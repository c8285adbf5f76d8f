"""Bytes -> numbered lines, without a list of them."""

from collections.abc import Iterator

from promptctl.errors import Problem

LINE_LIMIT = 5 * 1024 * 1024  # Bytes.

_MARK = b"\xef\xbb\xbf"


def lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines with their ends, counted from 1, without a byte order mark."""
    start = len(_MARK) if data.startswith(_MARK) else 0
    number = 0
    while start < len(data):
        end = data.find(b"\n", start)
        stop = len(data) if end < 0 else end + 1
        number += 1
        yield number, data[start:stop]
        start = stop


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
