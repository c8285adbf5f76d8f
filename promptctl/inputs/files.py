"""Files of stored inputs -> cases, as a stream, and what is known of all of them after a first pass."""

import hashlib
import json
from array import array
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from promptctl.documents import Fields, kind_of, printable, shown
from promptctl.errors import InvalidInputs, Problem
from promptctl.inputs.case import MISSING, Case
from promptctl.inputs.digests import DigestSet, digest_of
from promptctl.inputs.lines import end_of
from promptctl.inputs.rows import LineRow, row_at, rows
from promptctl.inputs.spool import Data

SHOWN = 20  # Mistakes listed of one file.
ID_LIMIT = 200  # Characters.
_MARK = b"\xef\xbb\xbf"
KEYS = ("id", "vars", "expected", "assert", "tags", "weight", "cluster", "threshold", "source")

CheckAssertions = Callable[[Sequence[Mapping[str, Any]], str], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class CaseIndex:
    """What the first pass over a file finds: what later steps need to know of all cases at once.

    `names` are the variables that any case has, `common` those that all of them have. `skipped` are the places, from 0,
    of rows that are no cases, and `problems` why; empty unless they may be skipped. `starts` says where each case
    begins, in bytes, in the file's order; empty where a case is not a line by itself.
    """

    path: str
    count: int
    tags: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()
    skipped: frozenset[int] = frozenset()
    problems: tuple[Problem, ...] = ()
    starts: Sequence[int] = field(default=(), compare=False, repr=False)


def read_cases(path: str, data: Data, *, skip: Container[int] = ()) -> Iterator[Case]:
    """The cases of a file, one at a time. `path` says what kind of file it is (.jsonl, .csv, .yaml, .json).

    InvalidInputs at the first mistake; `check_cases` finds them all, and duplicate ids too. The rows at the places in
    `skip` (see `CaseIndex.skipped`) are passed over.
    """
    for place, row in enumerate(rows(path, data)):
        if place not in skip:
            yield _whole(row)


def cases_at(index: CaseIndex, data: Data, places: Collection[int]) -> dict[int, Case]:
    """The cases at these places, from 0, by place: lines are found at once, other files are read through."""
    if index.starts:
        found = ((place, row_at(index.path, data, index.starts[place])) for place in places)
        return {place: _whole(row) for place, row in found if row is not None}
    cases = enumerate(read_cases(index.path, data, skip=index.skipped))
    return {place: case for place, case in cases if place in places}


def find_case(path: str, data: Data, wanted: str) -> tuple[Case, int | None, int]:
    """The case of that id, where its line begins in bytes (None where it is no line), and its place in the file.

    Raises InvalidInputs where there is none.
    """
    if isinstance(data, bytes) and path.lower().endswith((".jsonl", ".ndjson")):
        found = _line_that_names(path, data, wanted)
        if found is not None:
            return found
    entries = (row for row in rows(path, data) if isinstance(row, Fields))  # mistakes of the file itself are none
    for place, row in enumerate(entries):
        if not row.problems:
            case = _case(row)
            if case.id == wanted and not row.problems:
                return case, row.start if isinstance(row, LineRow) else None, place
    raise InvalidInputs(Problem(path, f"no input has the id '{printable(wanted)}'."))


def _line_that_names(path: str, data: bytes, wanted: str) -> tuple[Case, int, int] | None:
    """The case, where its id stands in its line as it is: nothing else is parsed. None says nothing."""
    name = b'"%b"' % wanted.encode("utf-8", "surrogatepass")
    at = data.find(name)
    while at >= 0:
        start = data.rfind(b"\n", 0, at) + 1
        start = len(_MARK) if start == 0 and data.startswith(_MARK) else start
        row = row_at(path, data, start)
        if isinstance(row, Fields) and not row.problems:
            case = _case(row)
            if case.id == wanted and not row.problems:
                return case, start, data.count(b"\n", 0, start)
        at = data.find(name, end_of(data, start))
    return None


def _whole(row: Fields | Problem) -> Case:
    if isinstance(row, Problem):
        raise InvalidInputs(row)
    case = _case(row)
    row.finish(InvalidInputs)
    return case


def check_cases(
    path: str, data: Data, *, check_assertions: CheckAssertions | None = None, skip_invalid: bool = False
) -> CaseIndex:
    """Read a whole file once. InvalidInputs with all its mistakes, the first 20 in full.

    `check_assertions` gives the mistakes of a case's own assertions (scoring's `assertion_problems`). With
    `skip_invalid` the rows with mistakes are named in the index, as long as any other is left.
    """
    found = _Found(path, data)
    for place, row in enumerate(rows(path, data)):
        before = found.count
        if isinstance(row, Problem):
            found.note(row)
        else:
            found.add(row, check_assertions)
        if found.count > before:
            found.skipped.add(place)
    if not found.ids and not found.count:
        found.note(Problem(path, "holds no inputs.", hint='One JSON object a line: {"vars": {"name": "value"}}.'))
    if found.count and not (skip_invalid and found.ids):
        raise InvalidInputs(found.listed())
    return found.index()


@dataclass(slots=True)
class _Found:
    """What a first pass has seen so far: of a case that is right some thirty bytes."""

    path: str
    data: Data
    ids: DigestSet = field(default_factory=DigestSet)
    starts: "array[int]" = field(default_factory=lambda: array("Q"))
    tags: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    common: set[str] | None = None
    problems: list[Problem] = field(default_factory=list)
    count: int = 0
    skipped: set[int] = field(default_factory=set)

    def note(self, problem: Problem) -> None:
        self.count += 1
        if len(self.problems) < SHOWN:
            self.problems.append(problem)

    def add(self, row: Fields, check_assertions: CheckAssertions | None) -> None:
        case = _case(row)
        before = self.count
        for problem in row.problems:
            self.note(problem)
        if check_assertions is not None:
            for problem in check_assertions(case.assertions, self.path):
                self.note(replace(problem, line=row.line("assert")))
        if self.count > before:
            return
        if not self.ids.add(digest_of(case.id)):
            self.note(_duplicate(row, case, self._line_of(case.id) if len(self.problems) < SHOWN else None))
            return
        if isinstance(row, LineRow):
            self.starts.append(row.start)
        self.tags.update(case.tags)
        self.names.update(case.vars)
        self.common = set(case.vars) if self.common is None else self.common & case.vars.keys()

    def _line_of(self, case_id: str) -> int | None:
        """The line of the first case with that id: read again, since it is asked for rarely."""
        cases = (_case(row) for row in rows(self.path, self.data) if isinstance(row, Fields) and not row.problems)
        return next((case.line for case in cases if case.id == case_id), None)

    def listed(self) -> list[Problem]:
        more = self.count - len(self.problems)
        rest = [Problem(self.path, f"and {more} more {'mistake' if more == 1 else 'mistakes'}.")] if more else []
        return self.problems + rest

    def index(self) -> CaseIndex:
        return CaseIndex(
            self.path,
            len(self.ids),
            frozenset(self.tags),
            frozenset(self.names),
            frozenset(self.common or ()),
            frozenset(self.skipped),
            tuple(self.listed()),
            self.starts,
        )


def _duplicate(row: Fields, case: Case, first: int | None) -> Problem:
    before = "" if first is None else f" as line {first}"
    if "id" in row:
        return Problem(
            row.where, f"the id '{printable(case.id)}' is the same{before or ' as that of another'}.", case.line
        )
    hint = "Remove one, or give each an id."
    return Problem(row.where, f"has the same variables{before or ' as another'}.", case.line, hint)


def _case(row: Fields) -> Case:
    """The case of a row; its mistakes are in `row.problems`."""
    if not isinstance(row.document.value, dict):
        return Case("", {})
    row.refuse_unknown(*KEYS)
    values = _variables(row)
    return Case(
        id=_id(row, values),
        vars=values,
        expected=row.value.get("expected", MISSING),
        assertions=_assertions(row),
        tags=row.texts("tags"),
        weight=_weight(row),
        cluster=_cluster(row),
        threshold=_threshold(row),
        source=row.mapping("source") if "source" in row else None,
        line=row.line(),
    )


def _variables(row: Fields) -> Mapping[str, Any]:
    values = row.value.get("vars")
    if values is None:
        row.problem("'vars' is missing.", hint='Variables go there: {"vars": {"name": "value"}}.')
        return {}
    if not isinstance(values, dict):
        row.problem(f"'vars' must be a mapping of names to values, not {kind_of(values)}.", "vars")
        return {}
    if "expected" in values and "expected" in row.value:
        row.problem(
            "'expected' is both a variable and the expectation beside it.",
            "vars",
            hint="Assertions could not tell them apart: rename the variable.",
        )
    return values


def _id(row: Fields, values: Mapping[str, Any]) -> str:
    value = row.any("id")
    if value is None:
        return digest(values)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value.strip():
        row.problem(f"'id' must be a text, not {shown(value)}.", "id")
    elif len(value) > ID_LIMIT or not value.isprintable():
        row.problem(f"'id' must be one line of at most {ID_LIMIT} printable characters, not {shown(value)}.", "id")
    return str(value)


def digest(values: Mapping[str, Any]) -> str:
    """The id of a case that names none: the first 12 hexadecimal digits of SHA-256 over its variables as JSON."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _assertions(row: Fields) -> tuple[Mapping[str, Any], ...]:
    if isinstance(row.value.get("assert"), dict):
        row.problem("'assert' must be a list of assertions.", "assert", hint="Put [ ] around it.")
        return ()
    return tuple(fields.value for fields in row.each("assert"))


def _weight(row: Fields) -> float:
    value = row.any("weight", 1.0)
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")
    try:
        return float(value) if good else _refused_weight(row, value)
    except OverflowError:
        return _refused_weight(row, "a number that is out of range")


def _refused_weight(row: Fields, value: Any) -> float:
    row.problem(f"'weight' must be a number greater than 0, not {shown(value)}.", "weight")
    return 1.0


def _threshold(row: Fields) -> float | None:
    value = row.any("threshold")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        row.problem(f"'threshold' must be a number from 0 to 1, not {shown(value)}.", "threshold")
        return None
    return float(value)


def _cluster(row: Fields) -> str | None:
    value = row.any("cluster")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return row.text("cluster")
