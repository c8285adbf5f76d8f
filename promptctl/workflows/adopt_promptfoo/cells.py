"""promptfoo CSV cells -> vars and assertions."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from promptctl.inputs.cells import assertion


def rows(text: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV text, every cell a text."""
    reader = csv.DictReader(io.StringIO(text), restkey="", restval="")
    for row in reader:
        yield {key: value for key, value in row.items() if key and isinstance(value, str)}


def case_of(row: Mapping[str, str]) -> dict[str, Any]:
    """A row as a promptfoo test: vars, assert, description and whatever else its columns say."""
    special = {key: value for key, value in row.items() if key.startswith("__")}
    assertions = [assertion(cell) for key, cell in special.items() if key.startswith("__expected") and cell.strip()]
    metric = special.get("__metric", "").strip()
    test: dict[str, Any] = {
        "vars": {key: value for key, value in row.items() if key not in special},
        "assert": [{**one, "metric": metric} for one in assertions] if metric else assertions,
    }
    for key, value in special.items():
        if not value.strip() or key.startswith("__expected") or key == "__metric":
            continue
        if key.startswith("__metadata:"):
            test.setdefault("metadata", {})[key.removeprefix("__metadata:")] = value
        else:
            test[key.removeprefix("__")] = value
    return test
