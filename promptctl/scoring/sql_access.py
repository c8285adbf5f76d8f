"""SQL statements -> the tables and columns that they touch, in node-sql-parser's words: `select::null::users`."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot.expressions import Column, Expr, Table

_DEFINING = frozenset({"create", "drop", "alter", "truncate"})


def unknowable(statements: "Sequence[Expr]") -> str | None:
    """The first statement that nobody can say of what it touches, by its first word."""
    from sqlglot import expressions

    commands = (one for one in statements if isinstance(one, expressions.Command))
    return next((str(one.this).split(maxsplit=1)[0].upper() for one in commands), None)


def accessed(statements: "Sequence[Expr]") -> tuple[list[str], list[str]]:
    """All tables and all columns."""
    tables = dict.fromkeys(name for statement in statements for name in _tables(statement))
    columns = dict.fromkeys(name for statement in statements for name in _columns(statement))
    return list(tables), list(columns)


def _verb(statement: "Expr") -> str:
    name = type(statement).__name__.lower()
    found = {"truncatetable": "truncate", "merge": "update"}.get(name, name)
    return found if found in {"insert", "update", "delete", *_DEFINING} else "select"


def _targets(statement: "Expr") -> list["Expr"]:
    """The tables that a statement changes; the others are read."""
    from sqlglot import expressions

    verb = _verb(statement)
    if verb == "select":
        return []
    if verb == "delete" and statement.args.get("tables"):
        named = {table.name.lower() for table in statement.args["tables"]}
        found = (table for table in statement.find_all(expressions.Table) if table.name.lower() in named)
        return list(found)
    if verb in {"drop", "truncate"}:
        return list(statement.find_all(expressions.Table))
    target = statement.args.get("this")
    if target is None:
        return list(statement.expressions)
    found_table = target if isinstance(target, expressions.Table) else target.find(expressions.Table)
    return [*([] if found_table is None else [found_table]), *statement.args.get("expressions", ())]


def _tables(statement: "Expr") -> Iterator[str]:
    from sqlglot import expressions

    verb, targets = _verb(statement), {id(one) for one in _targets(statement)}
    for table in statement.find_all(expressions.Table):
        if table.name:
            yield f"{verb if id(table) in targets else 'select'}::{_database(table)}::{table.name}"


def _database(table: "Table") -> str:
    return table.db or "null"


def _columns(statement: "Expr") -> Iterator[str]:
    from sqlglot import expressions

    names = _aliases(statement)
    changed = _changed(statement)
    verb, targets = _verb(statement), [one for one in _targets(statement) if isinstance(one, expressions.Table)]
    for column in statement.find_all(expressions.Column):
        what = "update" if id(column) in changed else "select"
        name = "(.*)" if isinstance(column.this, expressions.Star) else column.name
        yield f"{what}::{_qualifier(column, names)}::{name}"
    for star in statement.find_all(expressions.Star):
        # Not the star of COUNT(*), nor that of t.*, which came with its column.
        if isinstance(star.parent, expressions.Select):
            yield "select::null::(.*)"
    for made in statement.find_all(expressions.ColumnDef):
        yield from (f"{what}::null::{made.name}" for what in ("select", "create"))
    if verb == "insert":
        yield from _inserted(statement, targets)
    if verb == "delete":
        yield from (f"delete::{table.name}::(.*)" for table in targets)


def _inserted(statement: "Expr", targets: "Sequence[Table]") -> Iterator[str]:
    from sqlglot import expressions

    name = targets[0].name if targets else "null"
    target = statement.args.get("this")
    if isinstance(target, expressions.Schema):
        yield from (f"insert::{name}::{column.name}" for column in target.expressions)
    else:
        yield f"insert::{name}::(.*)"


def _changed(statement: "Expr") -> set[int]:
    from sqlglot import expressions

    if not isinstance(statement, expressions.Update):
        return set()
    return {id(one.this) for one in statement.expressions if isinstance(one, expressions.EQ)}


def _aliases(statement: "Expr") -> dict[str, str]:
    from sqlglot import expressions

    return {table.alias: table.name for table in statement.find_all(expressions.Table) if table.alias}


def _qualifier(column: "Column", names: dict[str, str]) -> str:
    table = names.get(column.table, column.table) or "null"
    return f"{column.db}::{table}" if column.db else table
