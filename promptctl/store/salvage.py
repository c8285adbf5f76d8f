"""A damaged store -> what can still be read of it."""

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptctl.store.connection import open_reading
from promptctl.store.location import SIDE_FILES
from promptctl.store.schema import TABLES, transaction

if TYPE_CHECKING:
    import sqlite3

_CHUNK = 100


def set_aside(path: Path) -> Path:
    """Rename a store to the first free `.corrupt-N` beside it: never deleted, somebody may know more about it."""
    aside = next(name for n in itertools.count(1) if not (name := path.with_name(f"{path.name}.corrupt-{n}")).exists())
    for suffix in ("", *SIDE_FILES):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).replace(aside.with_name(aside.name + suffix))
    return aside


def salvage(damaged: Path, connection: "sqlite3.Connection") -> int:
    """Copy all rows that can be read into the new store behind `connection`; the number of answers among them."""
    import sqlite3  # 20 ms, and paid already

    saved = dict.fromkeys(TABLES, 0)
    with contextlib.suppress(sqlite3.Error), contextlib.closing(open_reading(damaged)) as source:
        for table in TABLES:
            with contextlib.suppress(sqlite3.Error):
                saved[table] = _copy_table(source, connection, table)
    return saved["answers"]


def _copy_table(source: "sqlite3.Connection", target: "sqlite3.Connection", table: str) -> int:
    columns = [name for name in _columns(target, table) if name in set(_columns(source, table))]
    names = ", ".join(columns)
    insert = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - our names
    with transaction(target):
        before = target.total_changes
        for rows in _readable_rows(source, table, names):
            target.executemany(insert, rows)
        return target.total_changes - before


def _columns(connection: "sqlite3.Connection", table: str) -> list[str]:
    return [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]


def _readable_rows(source: "sqlite3.Connection", table: str, names: str) -> Iterator[list[Any]]:
    """Rows in the order of their ids; over a damaged place it leaps further and further, until it can read again."""
    import sqlite3  # 20 ms, and paid already

    query = f"SELECT {names} FROM {table} WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608 - our names
    position, chunk, leap = 0, _CHUNK, 1
    end = _last_id(source, table)
    while position < end:
        try:
            rows = source.execute(query, (position, chunk)).fetchall()
        except sqlite3.DatabaseError:
            if chunk > 1:
                chunk = 1
                continue
            position, leap = position + leap, leap * 2
            continue
        if not rows:
            return
        yield rows
        position, chunk, leap = rows[-1][0], _CHUNK, 1


def _last_id(source: "sqlite3.Connection", table: str) -> int:
    import sqlite3  # 20 ms, and paid already

    try:
        (last,) = source.execute(f"SELECT max(id) FROM {table}").fetchone()  # noqa: S608 - our names
    except sqlite3.DatabaseError:
        return 2**32  # Unknown, and reached in a few dozen leaps.
    return int(last or 0)
