"""One case's `expected` replaced in its file; every other byte stays as it was."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from promptctl.documents import printable, shown
from promptctl.documents.json import parse_json
from promptctl.errors import FileError, UserError
from promptctl.inputs.case import MISSING, Case
from promptctl.inputs.csv_editing import csv_spot
from promptctl.inputs.files import find_case
from promptctl.inputs.lines import end_of
from promptctl.inputs.yaml_editing import yaml_spot

_JSON = (".jsonl", ".ndjson", ".json")
_BLANK = re.compile(r"[ \t\r\n]*")
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Edited:
    """A file's new content, and how it writes the value that was replaced, and the one that stands there now."""

    data: bytes
    before: str
    after: str


def expectation(case: Case, answer: str) -> Any:
    """An answer as the value that a case expects: a text for a text, the value that it says where one is expected.

    Raises UserError where another value than a text is expected, and the answer is no JSON.
    """
    if isinstance(case.expected, str) or case.expected is MISSING:
        return answer
    try:
        return parse_json(answer.strip(), "the answer", first_line=None)
    except FileError:
        if case.expected is None:
            return answer
        where = printable(case.id)
        raise UserError(
            f"{where}: expected is {shown(case.expected)}, and the new answer is no JSON: '{printable(answer)}'.",
            hint="Edit the input by hand, or waive the case.",
        ) from None


def with_expected(path: str, data: bytes, case_id: str, value: Any, *, text: str | None = None) -> Edited:
    """Set `expected` of a case that has one, to a value or to its text in the file.

    Raises UserError where that would change other bytes too.
    """
    case, start, place = find_case(path, data, case_id)
    if case.expected is MISSING:
        raise UserError(f"{path}: the input '{printable(case_id)}' has no expected.")
    if not _is_utf8(value):
        raise UserError(
            f"{path}: the answer of '{printable(case_id)}' holds half of a surrogate pair, which no inputs can.",
            hint="Waive the case.",
        )
    if PurePosixPath(path).suffix.lower() not in _JSON:
        return _elsewhere(path, data, case, place, value, text)
    head, end = b"", len(data)
    if start is not None:
        head, end = data[:start], end_of(data, start)
    elif data.startswith(_MARK):
        head = _MARK
    whole = data[len(head) : end].decode()
    at = 0 if start is not None else next(islice(_items(whole), place, None))
    begin, stop = _span(whole, at)
    escaped = whole.isascii() and "\\u" in whole  # whoever wrote the file escapes what is not ASCII
    after = _json(value, ascii_only=escaped) if text is None else text
    edited = whole[:begin] + after + whole[stop:]
    return Edited(head + edited.encode() + data[end:], whole[begin:stop], after)


def _elsewhere(path: str, data: bytes, case: Case, place: int, value: Any, text: str | None) -> Edited:
    """The same in a CSV or a YAML file: what is written is read again, since a value may stand there in many forms."""
    head = _MARK if data.startswith(_MARK) else b""
    whole = data[len(head) :].decode("utf-8", "surrogateescape")  # a line that is no text is no case, and stays
    spot = csv_spot(whole, case.line or 1) if path.lower().endswith(".csv") else yaml_spot(whole, place)
    if spot is not None:
        for after in spot.writings(value) if text is None else (text,):
            edited = whole[: spot.start] + after + whole[spot.stop :]
            if text is not None or spot.reads_as(edited, value):
                new = head + edited.encode("utf-8", "surrogateescape")
                if text is not None or find_case(path, new, case.id)[0].expected == value:
                    return Edited(new, whole[spot.start : spot.stop], after)
    line = "" if case.line is None else f" line {case.line}:"
    wanted = printable(json.dumps(value, ensure_ascii=False), limit=200)
    raise UserError(
        f"{path}:{line} cannot take this answer as expected of '{printable(case.id)}' without other changes.",
        hint=f"Set it to {wanted} by hand.",
    )


def _is_utf8(value: Any) -> bool:
    try:
        return bool(json.dumps(value, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        return False


def replaced(path: str, data: bytes, case_id: str, now: str, before: str) -> bytes | None:
    """The file with the text `before` as the case's `expected`, where `now` stands there; else None."""
    try:
        found = with_expected(path, data, case_id, None, text=before)
    except UserError:
        return None
    return found.data if found.before == now else None


def _span(text: str, at: int) -> tuple[int, int]:
    """Where the value of `expected` stands in the object that begins at or after `at`."""
    return next((start, end) for key, start, end in _members(text, _after_blank(text, at)) if key == "expected")


def _json(value: Any, *, ascii_only: bool) -> str:
    text = json.dumps(value, ensure_ascii=ascii_only)
    # Line separators would end the line for readers that split at more than LF.
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\x85", "\\u0085")


def _items(text: str) -> Iterator[int]:
    """Where each item of the list of inputs begins: of the whole, or of the one under `inputs` or `cases`."""
    at = _after_blank(text, 0)
    if text[at] == "{":
        at = next(start for key, start, _ in _members(text, at) if key in {"inputs", "cases"})
    at = _after_blank(text, at + 1)
    while text[at] != "]":
        yield at
        at = _after_blank(text, _value_end(text, at))
        at = _after_blank(text, at + 1) if text[at] == "," else at


def _members(text: str, at: int) -> Iterator[tuple[str, int, int]]:
    """The keys of the object at `at`, each with where its value begins and ends. The text has been parsed before."""
    at = _after_blank(text, at + 1)
    while text[at] != "}":
        key, at = json.JSONDecoder().raw_decode(text, at)
        start = _after_blank(text, _after_blank(text, at) + 1)
        end = _value_end(text, start)
        yield str(key), start, end
        at = _after_blank(text, end)
        at = _after_blank(text, at + 1) if text[at] == "," else at


def _value_end(text: str, at: int) -> int:
    return json.JSONDecoder().raw_decode(text, at)[1]


def _after_blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return at if found is None else found.end()
