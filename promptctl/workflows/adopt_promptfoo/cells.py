"""promptfoo CSV cells -> vars and assertions."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from promptctl.inputs.cells import assertion

_LIMIT = re.compile(r"__config:__expected(\d*):threshold")


def rows(text: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV text, every cell a text."""
    reader = csv.DictReader(io.StringIO(text), restkey="", restval="")
    for row in reader:
        yield {key.strip(): value for key, value in row.items() if key and isinstance(value, str)}


def _limit(assertions: list[dict[str, Any]], number: int, value: str) -> None:
    """The threshold of the assertion of that number; what is no number is left for its reader to refuse."""
    if 0 < number <= len(assertions):
        try:
            limit: Any = float(value)
        except ValueError:
            limit = value
        assertions[number - 1] = {**assertions[number - 1], "threshold": limit}


def case_of(row: Mapping[str, str]) -> dict[str, Any]:
    """A row as a promptfoo test: vars, assert, description and whatever else its columns say."""
    special = {key: value for key, value in row.items() if key.startswith("__")}
    assertions = [assertion(cell) for key, cell in special.items() if key.startswith("__expected") and cell.strip()]
    for key, value in special.items():
        if (found := _LIMIT.fullmatch(key)) and value.strip():
            _limit(assertions, int(found[1] or 1), value)
    metric = special.get("__metric", "").strip()
    test: dict[str, Any] = {
        "vars": {key: value for key, value in row.items() if not key.startswith("__")},
        "assert": [{**one, "metric": metric} for one in assertions] if metric else assertions,
    }
    for key, value in special.items():
        if not value.strip() or key.startswith("__expected") or key == "__metric" or _LIMIT.fullmatch(key):
            continue
        if key.startswith("__metadata:"):
            name = key.removeprefix("__metadata:")
            listed = [item.strip().replace("\\,", ",") for item in re.split(r"(?<!\\),", value)]
            test.setdefault("metadata", {})[name.removesuffix("[]")] = listed if name.endswith("[]") else value
        else:
            test[key.removeprefix("__")] = value
    return test
