"""JSON text -> value, strictly."""

import json
from typing import Any, NoReturn

from promptctl.documents.text import MAX_DEPTH, printable
from promptctl.errors import FileError, Problem


def parse_json(text: str, where: str, *, first_line: int | None = 1) -> Any:
    """Strict JSON -> value. NaN, Infinity, duplicate keys, deep nesting and lone surrogates are refused.

    `first_line` is the text's first line in its file (the number of a JSONL line); None where lines mean nothing.
    """

    def refuse(message: str, line: int = 1) -> NoReturn:
        raise FileError(Problem(where, message, None if first_line is None else first_line + line - 1)) from None

    try:
        value = json.loads(text, parse_constant=_no_constant, parse_float=finite, object_pairs_hook=_without_duplicates)
    except json.JSONDecodeError as error:
        refuse(f"is not valid JSON: {error.msg} at column {error.colno}.", error.lineno)
    except RecursionError:
        refuse(f"is nested more than {MAX_DEPTH} levels deep.")
    except ValueError as error:
        # int() refuses more than 4,300 digits in words of its own.
        refuse(f"is not valid JSON: {'a number is out of range' if 'digits' in str(error) else error}.")
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        refuse(f"is nested more than {MAX_DEPTH} levels deep.")
    if "\\ud" in text or "\\uD" in text:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            refuse("is not valid JSON: it holds half of a surrogate pair.")
    return value


def finite(text: str) -> float:
    """The number, unless it is too large for one."""
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        message = f"the number {printable(text, limit=20)} is out of range"
        raise ValueError(message)
    return number


def _no_constant(text: str) -> NoReturn:
    message = f"{text} is no JSON number"
    raise ValueError(message)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        again = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value] # add returns None
        message = f"the key '{printable(again)}' stands there twice"
        raise ValueError(message)
    return value


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [child for item in level for child in (item.values() if isinstance(item, dict) else item)]
    return depth
