"""promptfoo CSV cells -> vars and assertions."""

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

_CODE = re.compile(r"(?:javascript|fn|eval):(.*)", re.DOTALL)
_RUBRIC = re.compile(r"(?:grade|llm-rubric(?:\([\d.]+\))?):(.*)", re.DOTALL)
_PYTHON = re.compile(r"python:(.*)", re.DOTALL)
_FILE = re.compile(r"file://(.+\.(py|js|ts|cjs|mjs)(?::\w+)?)")
_TYPED = re.compile(
    r"(?P<type>(?:not-)?[a-z][a-z0-9-]*)(?:\((?P<threshold>\d+(?:\.\d+)?)\))?(?::(?P<value>.*))?", re.DOTALL
)
_LISTS = frozenset({"contains-any", "contains-all", "icontains-any", "icontains-all"})
# Types that promptfoo writes in a cell and that promptctl need not know: they are carried as what they are, and named.
_FOREIGN_NAMES = """
answer-relevance classifier context-faithfulness context-recall context-relevance contains-html contains-sql
contains-xml factuality finish-reason g-eval guardrails is-html is-refusal is-sql
is-valid-function-call is-valid-openai-function-call is-valid-openai-tools-call is-xml meteor
model-graded-closedqa model-graded-factuality moderation perplexity perplexity-score pi ruby similar tool-call-f1
trace-error-spans trace-span-count trace-span-duration trajectory webhook bleu gleu rouge-n
"""
_FOREIGN = frozenset(_FOREIGN_NAMES.split())
_FLOOR = 0.75  # What promptfoo assumes where a cell gives no threshold
_THRESHOLDS = {
    "levenshtein": _FLOOR,
    "cost": _FLOOR,
    "latency": _FLOOR,
    "rouge-n": _FLOOR,
    "perplexity": _FLOOR,
    "perplexity-score": _FLOOR,
    "context-recall": _FLOOR,
    "context-relevance": _FLOOR,
    "context-faithfulness": _FLOOR,
    "answer-relevance": _FLOOR,
    "classifier": _FLOOR,
    "similar": 0.8,
}


def rows(text: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV text, every cell a text."""
    reader = csv.DictReader(io.StringIO(text), restkey="", restval="")
    for row in reader:
        yield {key: value for key, value in row.items() if key and isinstance(value, str)}


def case_of(row: Mapping[str, str], known: Collection[str]) -> dict[str, Any]:
    """A row as a promptfoo test: vars, assert, description and whatever else its columns say."""
    special = {key: value for key, value in row.items() if key.startswith("__")}
    assertions = [
        assertion(cell, known) for key, cell in special.items() if key.startswith("__expected") and cell.strip()
    ]
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


def assertion(cell: str, known: Collection[str]) -> dict[str, Any]:
    """One `__expected` cell. `known` are the types that promptctl has; a word that is no type is an expected text."""
    text = cell.strip()
    for pattern, kind in ((_CODE, "javascript"), (_RUBRIC, "llm-rubric"), (_PYTHON, "python")):
        if match := pattern.fullmatch(text):
            return {"type": kind, "value": match[1].strip()}
    if match := _FILE.fullmatch(text):
        return {"type": "python", "value": match[1]} if match[2] == "py" else {"type": "javascript", "value": text}
    match = _TYPED.fullmatch(text)
    base = match["type"].removeprefix("not-") if match else ""
    if match is None or base not in _FOREIGN | set(known):
        return {"type": "equals", "value": text}
    return _typed(match["type"], base, match["threshold"], match["value"])


def _typed(kind: str, base: str, threshold: str | None, value: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {"type": kind}
    if value is not None:
        text = value.strip()
        found["value"] = next(csv.reader([text], skipinitialspace=True), []) if base in _LISTS else text
    if threshold is not None:
        number = float(threshold)
        found["threshold"] = int(number) if number.is_integer() else number
    elif base in _THRESHOLDS:
        found["threshold"] = _THRESHOLDS[base]
    return found
