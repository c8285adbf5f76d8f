"""Assertions on the answer as SQL: is-sql and contains-sql, in a dialect, with the tables and columns it may touch."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from promptctl.documents import suggestion
from promptctl.scoring.result import Context, Outcome
from promptctl.scoring.sql_access import accessed, unknowable
from promptctl.scoring.sql_dialects import DIALECTS, mistake
from promptctl.scoring.text import PATTERN_SECONDS, pattern, quoted

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

LIMIT = 100_000  # Characters of a statement: a second or two of parsing.
DEFAULT = "MySQL"  # As in promptfoo.

_FENCE = re.compile(r"[ \t]{0,3}(`{3,}|~{3,})(.*)")
_KEYS = ("databaseType", "allowedTables", "allowedColumns")


@dataclass(frozen=True, slots=True)
class Rules:
    """The dialect, and patterns of the tables (`select::null::users`) and columns that are allowed; None: any."""

    dialect: str = DEFAULT
    tables: tuple[Any, ...] | None = None
    columns: tuple[Any, ...] | None = None


def rules(value: Any) -> Rules:
    """`value:` of is-sql as rules."""
    if value is None:
        return Rules()
    if not isinstance(value, dict):
        raise ValueError("'value' must be a mapping such as {databaseType: PostgreSQL}.")  # noqa: TRY004 - said to the user
    for key in value:
        if key not in _KEYS:
            raise ValueError(f"unknown key {quoted(key)}. {suggestion(str(key), _KEYS)}")
    given = str(value.get("databaseType") or DEFAULT)
    known = {name.lower(): name for name in DIALECTS}
    if given.lower() not in known:
        raise ValueError(f"unknown databaseType {quoted(given)}. {suggestion(given, DIALECTS)}")
    return Rules(known[given.lower()], _allowed(value, "allowedTables"), _columns(value))


def _columns(value: Mapping[str, Any]) -> tuple[Any, ...] | None:
    listed = value.get("allowedColumns")
    if isinstance(listed, list):
        # A column that is written without its table is allowed where one of any table with that name is.
        parts = [item.split("::") for item in listed if isinstance(item, str)]
        bare = [
            f"{first}::null::{last}"
            for first, middle, last in (part for part in parts if len(part) == 3)
            if middle != "null"
        ]
        value = {**value, "allowedColumns": [*listed, *bare]}
    return _allowed(value, "allowedColumns")


def _allowed(value: Mapping[str, Any], key: str) -> tuple[Any, ...] | None:
    listed = value.get(key)
    if not listed:
        return None
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise ValueError(f"{key} must be a list of texts such as 'select::null::users'.")
    return tuple(pattern(f"(?i)^{item}$") for item in listed)


def is_sql(context: Context, value: Rules, _threshold: float | None) -> Outcome:
    """The whole answer is SQL of the dialect that touches allowed tables and columns alone."""
    wrong = _wrong(context.output, value)
    if wrong is None:
        return Outcome(True, 1.0, f"is {value.dialect} SQL")
    return Outcome(False, 0.0, wrong)


def contains_sql(context: Context, value: Rules, _threshold: float | None) -> Outcome:
    """A code block of SQL, or the whole answer where there is none, is SQL as `is-sql` wants it."""
    wrong: str | None = "contains no SQL"
    for block in list(_blocks(context.output)) or [context.output]:
        if block.strip():
            wrong = _wrong(block, value)
        if wrong is None:
            return Outcome(True, 1.0, f"contains {value.dialect} SQL")
    return Outcome(False, 0.0, wrong or "contains no SQL")


def _blocks(text: str) -> Iterator[str]:
    """The code blocks that are marked as SQL, or as nothing."""
    body: list[str] = []
    fence, wanted = "", False
    for line in re.split(r"\r\n?|\n", text):
        marker = _FENCE.fullmatch(line)
        if marker and not fence:
            fence, body, wanted = marker[1], [], marker[2].strip().lower() in {"", "sql"}
        elif marker and marker[1].startswith(fence) and not marker[2].strip(" \t"):
            if wanted:
                yield "\n".join(body)
            fence = ""
        elif fence:
            body.append(line)


def _wrong(text: str, value: Rules) -> str | None:
    if len(text) > LIMIT:
        raise ValueError(f"the answer is too long for SQL: {len(text):,} characters.")
    found = mistake(text, value.dialect)
    if isinstance(found, str):
        return f"is no {value.dialect} SQL: {found}: {quoted(text)}"
    return _denied(found, value)


def _denied(statements: "Sequence[Expr]", value: Rules) -> str | None:
    if value.tables is None and value.columns is None:
        return None
    if (command := unknowable(statements)) is not None:
        return f"what {command} touches cannot be told, and only some tables or columns are allowed"
    tables, columns = accessed(statements)
    for kind, names, allowed in (("table", tables, value.tables), ("column", columns, value.columns)):
        denied = next((name for name in names if allowed is not None and not _fits(name, allowed)), None)
        if denied is not None:
            return f"touches the {kind} {denied}, which is not allowed"
    return None


def _fits(name: str, allowed: Sequence[Any]) -> bool:
    try:
        return any(one.search(name, timeout=PATTERN_SECONDS) for one in allowed)
    except TimeoutError:
        raise ValueError(f"a pattern of allowed names took longer than {PATTERN_SECONDS:g} s.") from None
