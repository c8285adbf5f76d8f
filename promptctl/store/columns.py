"""Values of ours -> what a column can hold, and back."""

import json
from typing import Any

_LARGEST = 2**63 - 1


def text_column(value: str) -> str | bytes:
    """Text as SQLite takes it. A model's JSON can hold half a surrogate pair, which is no UTF-8: kept as bytes."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")
    return value


def optional_text(value: str | None) -> str | bytes | None:
    """The same, where there may be none."""
    return None if value is None else text_column(value)


def column_text(value: str | bytes) -> str:
    """The text that `text_column` wrote."""
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value


def column_optional_text(value: str | bytes | None) -> str | None:
    """The text that `optional_text` wrote."""
    return None if value is None else column_text(value)


def json_column(value: Any) -> str | bytes:
    """JSON, as short as it gets."""
    return text_column(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def column_json(value: str | bytes) -> Any:
    """The value that `json_column` wrote."""
    return json.loads(column_text(value))


def count_column(value: int | None) -> int | None:
    """A count; None where it is unknown, or too absurd for SQLite: one bad row must not lose a batch."""
    return value if value is not None and abs(value) <= _LARGEST else None
