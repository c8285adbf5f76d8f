"""One SQLite file that any thread may use: opened, waited for, mended."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from promptctl.errors import StoreError
from promptctl.store.connection import (
    PATIENCE,
    check,
    is_ours,
    is_writable,
    open_copy,
    open_reading,
    open_up_to_date,
    open_writing,
    prepare_folder,
)
from promptctl.store.holding import Holds
from promptctl.store.salvage import salvage, set_aside
from promptctl.store.schema import pragma, transaction
from promptctl.store.sql import Connection

if TYPE_CHECKING:
    import sqlite3

_T = TypeVar("_T")


class Database:
    """A store's connection behind a lock. `path` is None where it lives in memory.

    What went wrong and was mended, and what cannot be kept, stands in `warnings`. There is one connection for all
    threads: a statement takes microseconds, and a store in memory has only one.
    """

    def __init__(self, path: Path | None, name: str, *, read_only: bool = False) -> None:
        self.path = path
        self.warnings: list[str] = []
        self.name = name
        self._read_only = read_only
        self._lock = threading.RLock()
        self._closed = False
        self._holds: Holds | None = None
        with self._explained():
            self._connection = self._open()

    def hold(self, run: str) -> bool:
        """Whether this process alone is at work on the run from now on, until `close`."""
        if self.path is None:
            return True
        if self._holds is None:
            self._holds = Holds(self.path.with_name(f"{self.path.name}-runs"))
        return self._holds.hold(run)

    def read(self, query: Callable[[Connection], _T]) -> _T:
        """The query's result."""
        return self._used(query)

    def write(self, change: Callable[[Connection], _T]) -> _T:
        """Do the change in one transaction: all of it is durable when this returns."""
        if self._read_only:
            raise StoreError(f"{self.name} was opened for reading only.")

        def whole(connection: "sqlite3.Connection") -> _T:
            with transaction(connection):
                return change(connection)

        return self._used(whole)

    def size(self) -> int:
        """Bytes on disk; in memory where it has no file."""
        if self.path is None:
            return self._used(lambda connection: pragma(connection, "page_count") * pragma(connection, "page_size"))
        files = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def check(self) -> None:
        """Read the whole store; what is damaged is mended, and said in `warnings`."""
        self._used(lambda connection: check(connection, thorough=True))

    def shrink(self) -> None:
        """Give the room of what was deleted back to the disk."""

        def whole(connection: "sqlite3.Connection") -> None:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # else the -wal file is as large as the store was

        self._used(whole)

    def close(self) -> None:
        """Fold the -wal file into the store. Nothing is lost without it."""
        with self._lock:
            self._closed = True
            self._connection.close()
            if self._holds is not None:
                self._holds.close()

    def _used(self, use: Callable[["sqlite3.Connection"], _T]) -> _T:
        with self._lock, self._explained():
            return self._mended(use)

    def _open(self) -> "sqlite3.Connection":
        import sqlite3  # 20 ms: a command that needs the store pays it

        if self.path is None:
            return open_copy(None, self.name)
        if self.path.is_dir():
            raise StoreError(f"{self.name} is a folder.", hint="Set cache.url to a file.")
        try:
            return self._open_reading(self.path) if self._read_only else self._open_writing(self.path)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
        return self._open_damaged(self.path)

    def _open_reading(self, path: Path) -> "sqlite3.Connection":
        if path.is_file():
            return open_up_to_date(path, self.name)
        self.path = None
        return open_copy(None, self.name)

    def _open_writing(self, path: Path) -> "sqlite3.Connection":
        import sqlite3  # 20 ms: a command that needs the store pays it

        try:
            prepare_folder(path.parent)
            if is_writable(path):
                return open_writing(path, self.name)
        except OSError as error:
            return self._open_memory(path, error.strerror or "not writable")
        except sqlite3.OperationalError as error:
            if _code(error) not in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
                raise
            return self._open_memory(path, str(error))
        return self._open_memory(path, "not writable")

    def _open_memory(self, path: Path, reason: str) -> "sqlite3.Connection":
        """What can be read, in memory, and forgotten at the end."""
        self.warnings.append(f"{self.name}: cannot be written ({reason}): what this run is answered is not kept.")
        self.path = None
        if not path.is_file():
            return open_copy(None, self.name)
        with contextlib.closing(open_reading(path)) as source:
            return open_copy(source, self.name)

    def _open_damaged(self, path: Path) -> "sqlite3.Connection":
        if not is_ours(path):
            raise StoreError(f"{self.name} is no store of promptctl's.", hint="Set cache.url to another file.")
        if self._read_only or not is_writable(path):
            return self._read_damaged(path)
        aside = set_aside(path)
        connection = open_writing(path, self.name)
        self._warn_of_damage(f"It is kept as {aside.name}; ", salvage(aside, connection))
        return connection

    def _read_damaged(self, path: Path) -> "sqlite3.Connection":
        self.path = None
        connection = open_copy(None, self.name)
        self._warn_of_damage("", salvage(path, connection))
        return connection

    def _warn_of_damage(self, kept: str, saved: int) -> None:
        answers = "1 answer" if saved == 1 else f"{saved} answers"
        self.warnings.append(f"{self.name}: was damaged. {kept}{answers} could be read of it.")

    def _mended(self, use: Callable[["sqlite3.Connection"], _T]) -> _T:
        import sqlite3  # 20 ms, and paid already

        if self._closed:
            raise StoreError(f"{self.name} is closed.")
        path = self.path
        if path is None:
            return use(self._connection)
        try:
            return use(self._connection)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
        try:
            # Another process may have mended the file already; our connection still holds the old one.
            return use(self._renewed(self._open))
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
        return use(self._renewed(lambda: self._open_damaged(path)))

    def _renewed(self, opening: Callable[[], "sqlite3.Connection"]) -> "sqlite3.Connection":
        self._connection.close()
        self._connection = opening()
        return self._connection

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        import sqlite3  # 20 ms: a command that needs the store pays it

        try:
            yield
        except sqlite3.Error as error:
            reason, hint = _explanation(error)
            raise StoreError(f"{self.name}: {reason}", hint=hint) from error
        except OSError as error:
            raise StoreError(f"{self.name}: {error.strerror}.", hint="Set cache.url to another file.") from error


def _explanation(error: "sqlite3.Error") -> tuple[str, str]:
    import sqlite3  # 20 ms, and paid already

    if _code(error) == sqlite3.SQLITE_FULL:
        return "the disk is full.", "Make room and go on: what was kept before is safe."
    if _code(error) == sqlite3.SQLITE_BUSY:
        return f"another process has kept it locked for {PATIENCE:.0f} s.", "End that process, or try again later."
    return f"{error}.", "Set cache.url to another file, or move this one away."


def _is_damage(error: "sqlite3.Error") -> bool:
    import sqlite3  # 20 ms, and paid already

    # Text that is no text any more is found by the sqlite3 module; its error has no code.
    return _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "decode" in str(error)


def _code(error: "sqlite3.Error") -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
