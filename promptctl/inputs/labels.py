"""A file of labels (JSONL, JSON, YAML, CSV) -> what people said of answers: pass or fail."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from promptctl.documents import Fields, shown
from promptctl.errors import InvalidInputs, Problem
from promptctl.inputs.case import MISSING
from promptctl.inputs.rows import rows

SCHEMA = "promptctl.label/1"
_WORDS = {
    **dict.fromkeys(("pass", "passed", "true", "yes", "y", "good", "accept", "accepted", "1"), True),
    **dict.fromkeys(("fail", "failed", "false", "no", "n", "bad", "reject", "rejected", "0"), False),
}
_OWN = ("label", "output", "prompt", "metric", "rubric", "side", "run", "by", "at", "note")
_KEYS = ("schema", "id", "vars", "expected", *_OWN)


@dataclass(frozen=True, slots=True)
class Label:
    """One answer that somebody judged. Without `output` it means the answer of the case `id` in a stored run.

    `prompt` names the prompt that was asked, `metric` the assertion that is meant, `rubric` what it was judged by where
    no prompt says so. `side` is new or old.
    """

    passed: bool
    where: str
    id: str | None = None
    vars: Mapping[str, Any] | None = None
    expected: Any = MISSING
    output: str | None = None
    prompt: str | None = None
    metric: str | None = None
    rubric: str | None = None
    side: str = "new"
    run: str | None = None
    by: str | None = None


def read_labels(path: str, data: bytes) -> tuple[Label, ...]:
    """All labels of a file; of several by one person on one answer the last counts. Raises InvalidInputs."""
    problems: list[Problem] = []
    found: dict[tuple[object, ...], Label] = {}
    for number, row in enumerate(rows(path, data), 1):
        if isinstance(row, Problem):
            problems.append(row)
            continue
        label = _label(row, path, number)
        problems += row.problems
        if label is not None and not row.problems:
            found[_identity(label, number)] = label
    if problems:
        raise InvalidInputs(problems)
    return tuple(found.values())


def _identity(label: Label, number: int) -> tuple[object, ...]:
    if label.id is None and label.output is None:
        return (number,)
    # Without an id the variables tell one case from another: they are no key, so their text is.
    case = label.id if label.id is not None else repr(label.vars)
    return (label.prompt, case, label.output, label.metric, label.side, label.run, label.by)


def _label(row: Fields, path: str, number: int) -> Label | None:
    value: Any = row.value
    if isinstance(value, dict) and path.lower().endswith(".csv"):
        value = _from_cells(value)
        row = Fields(value, path, line=row.line(), problems=row.problems)
    row.refuse_unknown(*_KEYS)
    passed = _passed(row)
    output, case = row.text("output", empty=True), row.any("id")
    if output is None and case is None and not row.problems:
        row.problem("neither 'output' nor 'id' says which answer is meant.")
    side = row.choice("side", "new", ("new", "old"))
    if passed is None:
        return None
    return Label(
        passed=passed,
        where=f"{path}: line {row.line() or number}",
        id=None if case is None else str(case),
        vars=row.mapping("vars") if row.any("vars") is not None else None,
        expected=value.get("expected", MISSING),
        output=output,
        prompt=row.text("prompt"),
        metric=row.text("metric"),
        rubric=row.text("rubric"),
        side=side,
        run=row.text("run"),
        by=row.text("by"),
    )


def _passed(row: Fields) -> bool | None:
    value = row.any("label")
    word = str(value).strip().lower() if isinstance(value, str | bool | int) else ""
    if word not in _WORDS:
        said = "'label' is missing." if value is None else f"'label' must be pass or fail, not {shown(value)}."
        row.problem(said, "label", hint="As pass, fail, true, false.")
        return None
    return _WORDS[word]


def _from_cells(value: Mapping[str, Any]) -> dict[str, Any]:
    """A CSV row: its own columns stand among the variables, an empty cell says nothing (but an empty answer)."""
    cells = dict(value.get("vars", {}))
    own = {name: cells.pop(name) for name in _OWN if name in cells}
    kept = {name: text for name, text in own.items() if text or name == "output"}
    return {**{key: item for key, item in value.items() if key != "vars"}, **kept, "vars": cells}
