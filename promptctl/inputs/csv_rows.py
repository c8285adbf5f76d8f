"""A CSV file of stored inputs -> its rows."""

import csv
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from promptctl.documents import Fields, parse_json, printable
from promptctl.errors import FileError, Problem
from promptctl.inputs.cells import assertion
from promptctl.inputs.lines import LINE_LIMIT, decoded, lines
from promptctl.inputs.spool import Data

OWN = ("id", "expected", "tags", "weight", "cluster", "assert", "source")
PREFIX = "vars."


@dataclass(slots=True)
class _Text:
    """The file's lines as csv wants them; what cannot be read is noted and left out."""

    path: str
    data: Data
    problems: list[Problem] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    def __iter__(self) -> Iterator[str]:
        for number, line in lines(self.data):
            text = decoded(self.path, number, line)
            if isinstance(text, Problem):
                self.problems.append(text)
            else:
                self.numbers.append(number)
                yield text

    def first_line(self) -> int:
        """The first of the lines that were read since the last time; of an empty file 1."""
        first, self.numbers = next(iter(self.numbers), 1), []
        return first

    def noted(self) -> list[Problem]:
        """The mistakes since the last time."""
        found, self.problems = self.problems, []
        return found


def csv_rows(path: str, data: Data) -> Iterator[Fields | Problem]:
    """The rows below the header. Its columns are variables, except those in OWN; `vars.id` is a variable named id."""
    # csv's own limit of 128 KiB a cell is global and too small for a long text.
    csv.field_size_limit(max(csv.field_size_limit(), LINE_LIMIT))
    text = _Text(path, data)
    reader = csv.reader(text, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        problems = _header_problems(path, header)
        yield from (*text.noted(), *problems)
        if not problems:
            yield from _body(path, text, reader, header)
    except csv.Error as error:
        yield from text.noted()
        yield Problem(path, f"is not valid CSV: {error}.", reader.line_num, "Is a quote left open?")


def _header_problems(path: str, header: Sequence[str]) -> list[Problem]:
    variables = Counter(name.removeprefix(PREFIX) for name in header if name not in OWN and not _is_promptfoos(name))
    own = Counter(name for name in header if name in OWN or _is_promptfoos(name))
    twice = [name for name, count in (*own.items(), *variables.items()) if count > 1 and name]
    problems = [Problem(path, f"the column '{printable(name)}' stands there twice.", 1) for name in twice]
    if header and "" in variables:
        problems.append(Problem(path, "a column has no name.", 1, "The first line names the columns."))
    if len(header) == 1 and ";" in header[0]:
        problems.append(Problem(path, "its columns are parted by ';'.", 1, "Save it with commas."))
    hint = "Write '__expected', 'expected', or assertions as JSON under 'assert'."
    foreign = [name for name in header if name.startswith("__") and not _is_promptfoos(name)]
    problems.extend(Problem(path, f"unknown column '{printable(name)}'.", 1, hint) for name in foreign)
    return problems


def _is_promptfoos(name: str) -> bool:
    """`__expected`, `__expected1` ..., `__metric`, `__threshold`, as promptfoo's CSV files have them."""
    return name in {"__metric", "__threshold"} or re.fullmatch(r"__expected\d*", name) is not None


def _add_promptfoos(value: dict[str, Any], named: dict[str, str]) -> None:
    cells = [text for name, text in named.items() if name.startswith("__expected") and text.strip()]
    metric = named.get("__metric", "").strip()
    found = [{**assertion(cell), **({"metric": metric} if metric else {})} for cell in cells]
    if found and isinstance(value.get("assert", []), list):
        value["assert"] = [*value.get("assert", []), *found]
    if threshold := named.get("__threshold", "").strip():
        value["threshold"] = _number(threshold)


def _body(path: str, text: _Text, reader: Any, header: Sequence[str]) -> Iterator[Fields | Problem]:
    text.first_line()  # the header's
    for cells in reader:
        line = text.first_line()
        yield from text.noted()
        if any(cells):
            yield _row(path, line, header, cells)
    yield from text.noted()


def _row(path: str, line: int, header: Sequence[str], cells: Sequence[str]) -> Fields | Problem:
    if len(cells) != len(header):
        return Problem(path, f"has {len(cells)} cells, and the header {len(header)} columns.", line)
    named = dict(zip(header, cells, strict=True))
    problems: list[Problem] = []
    names = [name for name in header if name not in OWN and not name.startswith("__")]
    value: dict[str, Any] = {"vars": {name.removeprefix(PREFIX): named[name] for name in names}}
    for name in OWN:
        # CSV cannot tell an empty cell from none.
        if text := named.get(name, ""):
            value[name] = _cell(path, line, name, text, problems)
    _add_promptfoos(value, named)
    return Fields(value, path, line=line, problems=problems)


def _cell(path: str, line: int, name: str, text: str, problems: list[Problem]) -> Any:
    if name == "weight":
        return _number(text)
    if name == "tags" and not text.lstrip().startswith("["):
        return [tag.strip() for tag in text.split(",") if tag.strip()]
    if name not in {"tags", "assert", "source"}:
        return text
    try:
        return parse_json(text, path, first_line=line)
    except FileError as error:
        problems.append(Problem(path, f"the cell '{name}' {error.problems[0].message}", line))
        return None


def _number(text: str) -> Any:
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text
