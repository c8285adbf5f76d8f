"""One PostgreSQL server that a team shares: the same tables and queries as in SQLite, in a schema of their own."""

import base64
import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from promptctl.errors import StoreError
from promptctl.store.holding import number
from promptctl.store.location import shared_name
from promptctl.store.schema import TABLES, VERSION, statements
from promptctl.store.sql import Connection, Rows

if TYPE_CHECKING:
    import psycopg

_T = TypeVar("_T")

_SCHEMA = "promptctl"
_LOCK = 0x7063_7464  # of the migrations; any number that nobody else takes
_CONNECT_S = 10
_PATIENCE = "60s"  # for another process's lock, as with SQLite
# PostgreSQL's text holds neither NUL nor half a surrogate pair: such a text is kept in base64 behind this mark.
_MARK = "\ue000b64:"


class PostgresDatabase:
    """A store's connection behind a lock; see `Database`, whose methods it has. `path` is always None."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.path: Path | None = None
        self.name = shared_name(url)
        self.warnings: list[str] = []
        self._url = url.replace("+psycopg", "", 1)
        self._read_only = read_only
        self._lock = threading.RLock()
        self._closed = False
        self._holds = False
        with self._explained():
            self._connection = self._open()

    def hold(self, run: str) -> bool:
        """Whether this session alone is at work on the run from now on, until it ends."""
        query = "SELECT pg_try_advisory_lock(?)"
        self._holds = True
        return bool(self.read(lambda connection: connection.execute(query, (number(run),)).fetchone()[0]))

    def read(self, query: Callable[[Connection], _T]) -> _T:
        """The query's result."""
        return self._used(query)

    def write(self, change: Callable[[Connection], _T]) -> _T:
        """Do the change in one transaction: all of it is durable when this returns."""
        if self._read_only:
            raise StoreError(f"{self.name} was opened for reading only.")
        return self._used(change)

    def size(self) -> int:
        """Bytes that our tables take on the server."""
        names = ", ".join(f"('{_SCHEMA}.{table}')" for table in TABLES)
        query = f"SELECT coalesce(sum(pg_total_relation_size(name::regclass)), 0) FROM (VALUES {names}) AS t (name)"  # noqa: S608 - our names
        return int(self.read(lambda connection: connection.execute(query).fetchone()[0]))

    def check(self) -> None:
        """The server does that by itself."""

    def shrink(self) -> None:
        """The server does that by itself."""

    def close(self) -> None:
        """End the connection."""
        with self._lock:
            self._closed = True
            if self._holds:
                # The server lets go of them too, but only some time after the connection is gone.
                with contextlib.suppress(Exception):
                    self._connection.execute("SELECT pg_advisory_unlock_all()")
            self._connection.close()

    def _used(self, use: Callable[[Connection], _T]) -> _T:
        with self._lock, self._explained():
            if self._closed:
                raise StoreError(f"{self.name} is closed.")
            import psycopg  # 60 ms, and paid already

            try:
                return self._within(use)
            except psycopg.OperationalError:
                # A server that was restarted, or a connection that was idle for too long.
                if not self._connection.broken:
                    raise
                self._connection = self._open()
            return self._within(use)

    def _within(self, use: Callable[[Connection], _T]) -> _T:
        with self._connection.transaction():
            return use(_Adapter(self._connection))

    def _open(self) -> "psycopg.Connection[tuple[Any, ...]]":
        try:
            import psycopg  # 60 ms: only a shared store pays it
        except ImportError:
            hint = "pip install 'promptctl-cli[postgres]'"
            raise StoreError(f"{self.name}: a shared store takes the package psycopg.", hint=hint) from None

        connection = psycopg.connect(
            self._url,
            connect_timeout=_CONNECT_S,
            application_name="promptctl",
            options=f"-c search_path={_SCHEMA} -c lock_timeout={_PATIENCE}",
            autocommit=True,  # transactions are begun by `transaction()` alone
            prepare_threshold=None,  # prepared statements do not survive a connection pooler
        )
        try:
            self._migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _migrate(self, connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}")
            connection.execute("CREATE TABLE IF NOT EXISTS version (version INTEGER NOT NULL)")
            row = connection.execute("SELECT max(version) FROM version").fetchone()
            found = int(row[0] or 0) if row else 0
            if found > VERSION:
                what = f"was written by a newer promptctl (store version {found}, this one knows {VERSION})"
                raise StoreError(f"{self.name} {what}.", hint="Upgrade promptctl, or set cache.url to another store.")
            if found == VERSION:
                return
            for statement in statements(found, VERSION):
                connection.execute(_in_postgres(statement).encode())
            connection.execute("DELETE FROM version")
            connection.execute("INSERT INTO version (version) VALUES (%s)", (VERSION,))

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except StoreError:
            raise
        except Exception as error:
            if not type(error).__module__.startswith("psycopg"):
                raise
            # A message can span lines and repeat what was typed; the address may hold the password.
            reason = " ".join(str(error).replace(self._url, self.name).split()) or type(error).__name__
            hint = "See whether the server is up and lets you in; PGPASSWORD or ~/.pgpass hold the password."
            raise StoreError(f"{self.name}: {reason[:300]}.", hint=hint) from None


class _Adapter:
    """A connection of psycopg's, spoken to as one of sqlite3's."""

    def __init__(self, connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
        self._connection = connection

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> Rows:
        found = self._connection.execute(_marked(statement), [_to_postgres(value) for value in values] or None)
        return _Rows(found)

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> object:
        with self._connection.cursor() as cursor:
            cursor.executemany(_marked(statement), [[_to_postgres(value) for value in row] for row in rows])
        return None


class _Rows:
    """Rows with their values as sqlite3 gives them."""

    def __init__(self, cursor: "psycopg.Cursor[tuple[Any, ...]]") -> None:
        self._cursor = cursor

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    def fetchone(self) -> Any:
        row = self._cursor.fetchone()
        return None if row is None else tuple(map(_from_postgres, row))

    def fetchall(self) -> list[Any]:
        return list(self)

    def __iter__(self) -> Iterator[Any]:
        return (tuple(map(_from_postgres, row)) for row in self._cursor)


@lru_cache(maxsize=64)
def _marked(statement: str) -> bytes:
    return statement.replace("%", "%%").replace("?", "%s").encode()


def _in_postgres(statement: str) -> str:
    """A statement of the schema, with PostgreSQL's names of the types."""
    identity = "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"
    kept = statement.replace("INTEGER PRIMARY KEY", "\0")
    return kept.replace("INTEGER", "BIGINT").replace("REAL", "DOUBLE PRECISION").replace("\0", identity)


def _to_postgres(value: Any) -> Any:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bytes):
        return _MARK + base64.b64encode(value).decode()
    if isinstance(value, str) and ("\0" in value or value.startswith(_MARK)):
        return _MARK + base64.b64encode(value.encode()).decode()
    return value


def _from_postgres(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_MARK):
        return base64.b64decode(value.removeprefix(_MARK))
    return value
