"""ReplayReport -> CSV, one case a line, in which no spreadsheet finds a formula."""

import csv
import io
import math
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from promptctl.reports.case_rows import COLUMNS, case_rows
from promptctl.reports.safe import printable
from promptctl.reports.view import ReplayReport

_ROWS = 500  # written at a time
# What begins a formula (full-width forms too), where a cell begins: also after a line's end, a semicolon, a tab or a
# bar, where a spreadsheet that splits there would begin one.
_FORMULA = re.compile("(^|[\n;\t|])([ \"'\u00a0\u3000]*)([=+\\-@\uff1d\uff0b\uff0d\uff20])")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def csv_lines(report: ReplayReport) -> Iterator[str]:
    """The header, then the cases; UTF-8, RFC 4180 but for bare line feeds, empty where there is no value."""
    yield _written([list(COLUMNS)])
    rows = ([_cell(row[name]) for name in COLUMNS] for row in case_rows(report))
    while part := list(islice(rows, _ROWS)):
        yield _written(part)


def harmless(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would take for a formula; nothing a terminal acts on."""
    shown = printable(text)
    return shown if _PLAIN_NUMBER.fullmatch(shown) else _FORMULA.sub(r"\1\2'\3", shown)


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    if isinstance(value, float):
        return value if math.isfinite(value) else ""
    if isinstance(value, int):
        return value
    return harmless(" ".join(value) if isinstance(value, list) else value)


def _written(rows: list[list[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
