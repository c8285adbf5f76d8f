"""Assertions on one value of the answer's JSON (json-path) and on its shape (schema)."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from promptctl.documents import suggestion
from promptctl.scoring.result import Context, Outcome
from promptctl.scoring.schema import Schema, schema
from promptctl.scoring.structured import is_json, parsed, same
from promptctl.scoring.text import PATTERN_SECONDS, as_text, pattern, quoted

SECONDS = 2.0  # Processor time. Following a path stops here.

_KEYS = ("path", "equals", "contains", "regex", "min", "max")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A compiled path and what the value there must be; no rule at all: that there is one."""

    path: str
    query: Any
    rules: Mapping[str, Any]


def wanted(value: Any) -> Wanted:
    """`value:` of json-path: a path, or {path: $.team, equals: billing}."""
    import jsonpath  # 60 ms: only json-path pays it

    if isinstance(value, str):
        value = {"path": value}
    if not isinstance(value, dict) or not isinstance(value.get("path"), str):
        raise ValueError("'value' must be a path such as $.team, or {path: $.team, equals: billing}.")  # noqa: TRY004 - said to the user
    for key in value:
        if key not in _KEYS:
            raise ValueError(f"unknown key {quoted(key)}. {suggestion(str(key), _KEYS)}")
    try:
        query = jsonpath.JSONPathEnvironment(well_typed=True).compile(value["path"])
    except (jsonpath.JSONPathError, RecursionError) as error:
        what = " ".join(str(error).split())
        raise ValueError(f"{quoted(value['path'])} is no JSONPath: {what}.") from None
    rules = {key: rule for key, rule in value.items() if key != "path"}
    return Wanted(value["path"], query, {key: _rule(key, rule) for key, rule in rules.items()})


def _rule(key: str, rule: Any) -> Any:
    if key == "regex":
        return pattern(rule)
    if key in {"min", "max"} and (isinstance(rule, bool) or not isinstance(rule, int | float)):
        raise ValueError(f"{key} must be a number, not {quoted(rule)}.")
    return rule


def json_path(context: Context, value: Wanted, _threshold: float | None) -> Outcome:
    """One value that the path finds in the answer's JSON fits all the rules."""
    try:
        document = parsed(context.output)
    except ValueError:
        return Outcome(False, 0.0, f"is no JSON: {quoted(context.output)}")
    deadline, seen, last = time.thread_time() + SECONDS, 0, None
    for match in value.query.finditer(document):
        seen, last = seen + 1, match.obj
        if all(_fits(key, rule, match.obj) for key, rule in value.rules.items()):
            return Outcome(True, 1.0, f"{value.path} is {quoted(match.obj)}")
        if time.thread_time() > deadline:
            raise ValueError(f"following {value.path} took longer than {SECONDS:g} s.")
    if not seen:
        return Outcome(False, 0.0, f"{value.path} finds nothing in {quoted(context.output)}")
    said = ", ".join(f"{key} {quoted(getattr(rule, 'pattern', rule))}" for key, rule in value.rules.items())
    more = f" (and {seen - 1} more)" if seen > 1 else ""
    return Outcome(False, 0.0, f"{value.path} is {quoted(last)}{more}, expected {said}")


def _fits(key: str, rule: Any, found: Any) -> bool:
    if key == "equals":
        return same(found, rule)
    if key == "contains":
        return any(same(item, rule) for item in found) if isinstance(found, list) else as_text(rule) in as_text(found)
    if key == "regex":
        return bool(rule.search(as_text(found), timeout=PATTERN_SECONDS))
    if isinstance(found, bool) or not isinstance(found, int | float):
        return False
    return bool(found >= rule) if key == "min" else bool(found <= rule)


def schema_file(value: Any) -> Schema:
    """A JSON Schema as its file holds it."""
    if not isinstance(value, dict | bool):
        raise ValueError("the file must hold a JSON Schema.")  # noqa: TRY004 - said to the user
    return schema(value)


def fits_schema(context: Context, value: Schema, threshold: float | None) -> Outcome:
    """The whole answer is JSON that conforms to the schema of the file."""
    return is_json(context, value, threshold)
