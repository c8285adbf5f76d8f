"""Assertions on the answer as JSON: equals, is-json, contains-json."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any, NoReturn

from promptctl.scoring.result import Context, Outcome
from promptctl.scoring.schema import Schema, schema
from promptctl.scoring.text import as_text, quoted

SEARCH_SECONDS = 2.0  # Processor time. Looking for JSON in an answer that is full of brackets stops here.
MAX_DEPTH = 300  # Levels of an answer's JSON.

LENIENT = 100_000  # Characters of an object that is not strict JSON.

_BRACE = re.compile(r"[{}]")
_SLASHES = re.compile(r"((?:^|[\s{},])\s*)//", re.MULTILINE)
_OBJECT = re.compile(r"\{")
_OBJECT_OR_ARRAY = re.compile(r"[{\[]")


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


_decoder = json.JSONDecoder(parse_constant=_refused)
# Python refuses to read integers of more than 4,300 digits; JSON has no such limit, and nobody compares them.
_lenient = json.JSONDecoder(parse_constant=_refused, parse_int=float)


def parsed(text: str) -> Any:
    """Strict JSON -> value; ValueError says why it is none, RecursionError that it is nested too deep."""
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError:
        raise
    except ValueError:
        value = _lenient.decode(text)
    if text.count("[") + text.count("{") > MAX_DEPTH:
        _check_depth(value)
    return value


def _check_depth(value: Any) -> None:
    # What Python's own parser still reads differs from version to version; a verdict must not.
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [item for item in level if isinstance(item, list | dict)]
        if not level:
            return
        level = [child for item in level for child in (item.values() if isinstance(item, dict) else item)]
    raise RecursionError


def expectation(value: Any) -> Any:
    """What `equals` compares with: a text, a scalar as its text, or a list, object or null, compared as JSON."""
    return value if value is None or isinstance(value, list | dict) else as_text(value)


def equals(context: Context, value: Any, _threshold: float | None) -> Outcome:
    """The answer is the text, or is JSON equal to the value."""
    if context.output == value if isinstance(value, str) else _equals_json(context.output, value):
        return Outcome(True, 1.0, f"equals {_shown(value)}")
    return Outcome(False, 0.0, f"expected {_shown(value)}, got {quoted(context.output)}{_near(context.output, value)}")


def _equals_json(output: str, value: Any) -> bool:
    try:
        found = parsed(output)
    except ValueError:
        return False
    return same(found, value)


def _shown(value: Any) -> str:
    return quoted(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _near(output: str, value: Any) -> str:
    if not isinstance(value, str):
        return ""
    if output.strip() == value.strip():
        return " (only white space differs)"
    return " (only case differs)" if output.lower() == value.lower() else ""


def same(left: Any, right: Any) -> bool:
    """Equal as JSON: 1 and 1.0 are, true and 1 are not."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def optional_schema(value: Any) -> Schema | None:
    """A JSON Schema as a mapping, or as YAML or JSON text; None where there is none."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = _from_text(value)
    if not isinstance(value, dict | bool):
        raise ValueError("'value' must be a JSON schema: a mapping, or its text.")  # noqa: TRY004 - said to the user
    return schema(value)


def _from_text(text: str) -> Any:
    from promptctl.documents import parse_yaml
    from promptctl.errors import FileError

    try:
        return parse_yaml(text, "").value
    except FileError as error:
        raise ValueError(f"the JSON schema {error.problems[0].message}") from None


def is_json(context: Context, value: Schema | None, _threshold: float | None) -> Outcome:
    """The whole answer is JSON and conforms to the schema."""
    try:
        found = parsed(context.output)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        return Outcome(
            False, 0.0, f"is no JSON: {error.msg} at {where}: {quoted(context.output)}{_fenced(context.output)}"
        )
    except ValueError as error:
        return Outcome(False, 0.0, f"is no JSON: {error}")
    return _judged(found, value, "is JSON")


def _fenced(output: str) -> str:
    return " (it stands in a code fence: contains-json looks inside)" if output.lstrip().startswith("```") else ""


def _judged(found: Any, value: Schema | None, good: str) -> Outcome:
    if value is None:
        return Outcome(True, 1.0, good)
    breach = value.breach(found)
    if breach is None:
        return Outcome(True, 1.0, f"{good} that conforms to the schema")
    return Outcome(False, 0.0, f"breaks the schema at {breach}")


def contains_json(context: Context, value: Schema | None, _threshold: float | None) -> Outcome:
    """Somewhere in the answer stands a JSON object (or, with a schema, also an array) that conforms to the schema."""
    last = Outcome(False, 0.0, f"contains no JSON: {quoted(context.output)}")
    deadline = time.thread_time() + SEARCH_SECONDS
    for found in _found(context.output, _OBJECT if value is None else _OBJECT_OR_ARRAY, deadline):
        outcome = _judged(found, value, "contains JSON")
        if outcome.passed:
            return outcome
        last = outcome
    return last


def _found(text: str, openings: re.Pattern[str], deadline: float) -> Iterator[Any]:
    start, patience = 0, LENIENT * 10
    while opening := openings.search(text, start):
        if time.thread_time() > deadline:
            raise ValueError(f"looking for JSON in {len(text):,} characters took longer than {SEARCH_SECONDS:g} s.")
        try:
            found, start = _decoder.raw_decode(text, opening.start())
        except RecursionError:
            start = opening.end()
            continue
        except ValueError:
            begin, start = opening.start(), opening.end()
            piece = _object_at(text, begin) if patience > 0 else None
            if piece is None:
                continue
            patience -= len(piece)
            found = _read_leniently(piece)
            if found is None:
                continue
            start = min(len(text), begin + len(piece))
        yield found
        if isinstance(found, list):
            start = opening.end()  # it was not the one: what it holds may be


def _object_at(text: str, start: int) -> str | None:
    """From a brace to the one that closes it, or to the end."""
    if text[start] != "{":
        return None
    depth, end = 0, min(len(text), start + LENIENT)
    for brace in _BRACE.finditer(text, start, end):
        depth += 1 if brace.group() == "{" else -1
        if not depth:
            return text[start : brace.end()]
    return f"{text[start:end]} {'}' * min(depth, MAX_DEPTH)}" if end > start + 1 else None


def _read_leniently(text: str) -> dict[str, Any] | None:
    """What models write for JSON, as promptfoo reads it: keys without quotes, comments, a last comma, an open end."""
    from promptctl.documents import parse_yaml
    from promptctl.errors import FileError

    try:
        value = parse_yaml(_SLASHES.sub(r"\1#", text), "").value
    except (FileError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
