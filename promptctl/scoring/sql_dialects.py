"""SQL of one dialect -> its statements, or why it is none: sqlglot reads leniently, these rules make it strict."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

# promptfoo's names of dialects, and sqlglot's.
DIALECTS: Mapping[str, str] = {
    "Athena": "athena",
    "BigQuery": "bigquery",
    "DB2": "",
    "FlinkSQL": "",
    "Hive": "hive",
    "MariaDB": "mysql",
    "MySQL": "mysql",
    "Noql": "postgres",
    "PostgreSQL": "postgres",
    "Redshift": "redshift",
    "Snowflake": "snowflake",
    "Sqlite": "sqlite",
    "TransactSQL": "tsql",
    "Trino": "trino",
}
_MYSQL = frozenset({"MySQL", "MariaDB"})
_POSTGRES = frozenset({"PostgreSQL", "Redshift", "Noql"})
_BARE_DELETE = frozenset({"TransactSQL", "BigQuery"})
_BACKTICKS = _MYSQL | {"BigQuery", "Sqlite", "Hive"}
_STAR_EXCEPT = frozenset({"BigQuery", "Snowflake"})
_OTHERS = frozenset(DIALECTS)
# Commands that some dialects do not have.
_FOREIGN_LEADS = {
    "describe": frozenset({"PostgreSQL", "Noql", "Sqlite", "TransactSQL", "Redshift"}),
    "show": frozenset({"Sqlite", "TransactSQL"}),
}

# What sqlglot reads in every dialect, and the dialects that have it.
_ONLY: tuple[tuple[str, frozenset[str]], ...] = (
    ("ILike", _POSTGRES | {"Snowflake", "Trino"}),
    ("SimilarTo", _POSTGRES | {"Snowflake", "Trino", "FlinkSQL"}),
    ("Returning", _POSTGRES | {"MariaDB", "Sqlite", "Trino", "FlinkSQL"}),
    ("Qualify", frozenset({"BigQuery", "Snowflake", "Redshift"})),
    ("Merge", _OTHERS - _MYSQL - {"Sqlite"}),
    ("Fetch", _OTHERS - {"MySQL", "Sqlite"}),
    ("Lock", _OTHERS - {"Sqlite", "BigQuery"}),
    ("Array", _OTHERS - _MYSQL - {"Sqlite"}),
)
_STATEMENTS = (
    "Alter Analyze Attach Command Commit Copy Create Delete Describe Detach Drop Execute Grant Insert Kill Merge "
    "Pragma Query Refresh Revoke Rollback Select Set Show Subquery Summarize Transaction TruncateTable "
    "Update Use Union Values"
)
_LEADS = (
    "alter analyze begin call comment commit copy create deallocate declare delete desc describe drop exec execute "
    "explain fetch grant if insert kill load lock merge optimize pragma prepare reindex release rename replace reset "
    "revoke rollback savepoint select set show start table truncate unlock update use vacuum values with ("
)
_MODIFIERS = "all|distinct"
_MYSQL_MODIFIERS = (
    "all|distinct(?:row)?|high_priority|straight_join|"
    "sql_(?:big_result|buffer_result|cache|calc_found_rows|no_cache|small_result)"
)
# Phrases that sqlglot takes for something else, or reads in every dialect, and the dialects that have them.
_PHRASES: tuple[tuple[str, frozenset[str]], ...] = (
    (r"lock\s+in\s+share\s+mode", _MYSQL),
    (r"regexp", _OTHERS - _POSTGRES - {"TransactSQL"}),
    (r"with\s+rollup", _MYSQL | {"TransactSQL", "Hive"}),
    (r"nulls\s+(?:first|last)", _OTHERS - _MYSQL - {"TransactSQL"}),
    (r"limit\s+\d+\s*,", _OTHERS - _POSTGRES),
)
# What no dialect has.
_NOWHERE = (
    (r"(?<!\.)\border\b(?!\s+(?:siblings\s+)?by\b)", "ORDER stands without BY"),
    (r"(?<!\.)\bgroup\b(?!\s+by\b)", "GROUP stands without BY"),
    (r"\bin\s*\(\s*\)", "IN has no values"),
    (r"(?:\A|;)\s*update\b[^;]*\bset\s*(?:\bwhere\b|;|\Z)", "UPDATE sets nothing"),
)
_WORD = r"[A-Za-z_][A-Za-z0-9_]*+"


def mistake(text: str, dialect: str) -> "Sequence[Expr] | str":
    """The statements, or what is wrong with the first that is no SQL of the dialect."""
    import sqlglot  # 110 ms: only is-sql and contains-sql pay it
    from sqlglot.errors import SqlglotError

    source = text.strip()
    lead = re.match(r"(?:\s+|--[^\n]*|#[^\n]*|/\*.*?\*/)*+(\(|[A-Za-z]+)", source, re.DOTALL)
    if lead is None or lead[1].lower() not in _LEADS.split():
        return "it begins with no statement"
    if dialect in _FOREIGN_LEADS.get(lead[1].lower(), ()):
        return f"{lead[1].upper()} does not exist there"
    wrong = _by_eye(source, dialect)
    if wrong is not None:
        return wrong
    if "`" in source and dialect not in _BACKTICKS:
        source = source.replace("`", '"')
    if dialect in _MYSQL | {"Sqlite"} and lead[1].lower() == "replace":
        source = source[: lead.start(1)] + "INSERT" + source[lead.end(1) :]
    with _silent():
        try:
            found = [one for one in sqlglot.parse(source, dialect=DIALECTS[dialect]) if one is not None]
        except SqlglotError as error:
            return _said(error)
    return next(filter(None, (_strict(one, dialect) for one in found)), None) or found or "it holds no statement"


def _said(error: Any) -> str:
    first: dict[str, Any] = next(iter(getattr(error, "errors", ())), {})
    what = (
        str(first.get("description") or str(error).splitlines()[0])
        .split(". Line")[0]
        .split(" but got <")[0]
        .rstrip(".")
    )
    place = f" at line {first['line']}, column {first['col']}" if "line" in first else ""
    return f"{what}{place}"


def _silent() -> Any:
    """sqlglot warns on stderr where it does not know a command."""
    import logging
    from contextlib import contextmanager

    @contextmanager
    def silent() -> Any:
        logger = logging.getLogger("sqlglot")
        before, logger.disabled = logger.disabled, True
        try:
            yield
        finally:
            logger.disabled = before

    return silent()


def _by_eye(source: str, dialect: str) -> str | None:
    """What promptfoo sees without a parser."""
    if source.count("`") % 2:
        return "a backtick is not closed"
    modifiers = _MYSQL_MODIFIERS if dialect in _MYSQL else _MODIFIERS
    plain = _without_texts(source, brackets=dialect in {"TransactSQL", "Sqlite"})
    gap = rf"\bselect\s+(?:(?:{modifiers})\s+)*+(?!(?:{modifiers})\b){_WORD}\s+{_WORD}\s+from\b"
    if re.search(gap, plain, re.IGNORECASE):
        return "a comma is missing between two columns"
    if dialect == "MySQL" and re.search(r"\bgenerate_series\s*\(", plain, re.IGNORECASE):
        return "generate_series does not exist there"
    if dialect not in _BARE_DELETE and re.search(
        r"(?:\A|;)\s*delete\s+(?!.*\bfrom\b)", plain, re.IGNORECASE | re.DOTALL
    ):
        return "DELETE has no FROM"
    for phrase, dialects in _PHRASES:
        if dialect not in dialects and (found := re.search(rf"\b{phrase}", plain, re.IGNORECASE)):
            return f"{' '.join(found[0].upper().split())} does not exist there"
    wrong = next((said for phrase, said in _NOWHERE if re.search(phrase, plain, re.IGNORECASE)), None)
    if wrong is not None:
        return wrong
    if re.search(r",\s*,", plain):
        return "a comma has nothing behind it"
    if dialect != "BigQuery" and re.search(r",\s*(?:from\b|where\b|\)|;|\Z)", plain, re.IGNORECASE):
        return "a comma has nothing behind it"
    return None


def _without_texts(source: str, *, brackets: bool) -> str:
    quotes = [r"'(?:[^'\\]|\\.|'')*+'?", r'"(?:[^"\\]|\\.|"")*+"?', r"`(?:[^`\\]|\\.|``)*+`?"]
    if brackets:
        quotes.append(r"\[(?:[^\]]|\]\])*+\]?")
    ignored = (r"--[^\r\n]*+", r"#[^\r\n]*+", r"/\*.*?(?:\*/|\Z)")
    dollars = r"(\$(?:[A-Za-z_][A-Za-z0-9_]*+)?\$).*?(?:\1|\Z)"
    texts = re.compile("|".join((*quotes, dollars)) + "|(?P<ignored>" + "|".join(ignored) + ")", re.DOTALL)
    return texts.sub(lambda match: " " if match["ignored"] is not None else " ? ", source)


def _strict(statement: "Expr", dialect: str) -> str | None:
    from sqlglot import expressions

    known = tuple(getattr(expressions, name) for name in _STATEMENTS.split() if hasattr(expressions, name))
    if not isinstance(statement, known):
        return "it is no statement"
    for name, dialects in _ONLY:
        if dialect not in dialects and statement.find(getattr(expressions, name)) is not None:
            return f"{name.upper()} does not exist there"
    checks: Sequence[Callable[[Expr, str], str | None]] = (_select, _insert)
    return next(filter(None, (check(statement, dialect) for check in checks)), None)


def _select(statement: "Expr", dialect: str) -> str | None:
    from sqlglot import expressions

    if dialect not in _STAR_EXCEPT and any(star.args.get("except_") for star in statement.find_all(expressions.Star)):
        return "* EXCEPT does not exist there"

    if any(isinstance(one.this, expressions.Star) for one in statement.find_all(expressions.Alias)):
        return "* has no name"
    if dialect in _MYSQL | {"Sqlite"} and any(
        one.args.get("offset") and not one.args.get("limit") for one in statement.find_all(expressions.Select)
    ):
        return "OFFSET stands without LIMIT"
    empty = any(not one.expressions for one in statement.find_all(expressions.Select) if not one.args.get("kind"))
    return "a SELECT has no columns" if empty else None


def _insert(statement: "Expr", dialect: str) -> str | None:
    from sqlglot import expressions

    if not isinstance(statement, expressions.Insert):
        return None
    if statement.args.get("expression") is None and not statement.args.get("default"):
        return "INSERT has nothing to insert"
    conflict = statement.args.get("conflict")
    if conflict is None:
        return None
    duplicate = bool(conflict.args.get("duplicate"))
    if duplicate != (dialect in _MYSQL) or dialect in {"TransactSQL", "BigQuery", "Hive"}:
        return f"ON {'DUPLICATE KEY' if duplicate else 'CONFLICT'} does not exist there"
    return None
