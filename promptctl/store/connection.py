"""A file -> a connection to the store in it."""

import contextlib
import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from promptctl.store.location import IGNORE
from promptctl.store.schema import APPLICATION, VERSION, migrate, pragma

if TYPE_CHECKING:
    import sqlite3

PATIENCE = 60.0  # Seconds to wait for another process's write; ours take milliseconds.
_CHECKED_BYTES = 64 * 1024 * 1024  # 0.15 s
_STATE_FOLDER = ".promptctl"
_MAGIC = b"SQLite format 3\0"


def prepare_folder(folder: Path) -> None:
    """Make the store's folder; the repository's own state is kept out of git. OSError where that cannot be."""
    if folder.is_file():
        raise NotADirectoryError(errno.ENOTDIR, "the folder is a file")
    folder.mkdir(parents=True, exist_ok=True)
    ignored = folder / ".gitignore"
    if folder.name == _STATE_FOLDER and not ignored.exists():
        ignored.write_text(IGNORE, encoding="utf-8")


def is_writable(path: Path) -> bool:
    """Whether SQLite can write the file, and its side files beside it."""
    return os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))


def is_ours(path: Path) -> bool:
    """Whether a file is a store of ours, however damaged. Nothing else is ever moved out of the way."""
    if path.parent.name == _STATE_FOLDER:
        return True
    with path.open("rb") as file:
        header = file.read(72)
    # https://sqlite.org/fileformat2.html: the application id lies at offset 68.
    return header.startswith(_MAGIC) and header[68:] == APPLICATION.to_bytes(4, "big")


def open_writing(path: Path, name: str) -> "sqlite3.Connection":
    """A store to read and write, created or brought up to date where need be. Raises sqlite3.Error and StoreError."""
    import sqlite3  # 20 ms: a command that needs the store pays it

    left_over = _is_left_over(path)
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    with _closed_on_error(connection):
        if left_over:
            check(connection)
        connection.execute("PRAGMA trusted_schema = OFF")  # The file may come from a stranger, with triggers in it.
        migrate(connection, name)
        _write_ahead(connection)
        # In WAL mode NORMAL loses nothing when a process dies; only a power cut can take the last commits.
        connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def check(connection: "sqlite3.Connection", *, thorough: bool = False) -> None:
    """Read the whole file; raise sqlite3.DatabaseError for what is damaged. `thorough` compares the indexes too."""
    import sqlite3  # 20 ms, and paid already

    (found,) = connection.execute(f"PRAGMA {'integrity' if thorough else 'quick'}_check(1)").fetchone()
    if found != "ok":
        error = sqlite3.DatabaseError(f"damaged: {found}")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def _is_left_over(path: Path) -> bool:
    """Whether somebody died with the store open (or works on it right now), and it is small enough to be read whole."""
    wal = path.with_name(f"{path.name}-wal")
    try:
        return wal.stat().st_size > 0 and path.stat().st_size <= _CHECKED_BYTES
    except OSError:
        return False


def open_reading(path: Path) -> "sqlite3.Connection":
    """A store as it stands, on which nothing is changed. Raises sqlite3.Error."""
    import sqlite3  # 20 ms: a command that needs the store pays it

    try:
        return _reading(path, "mode=ro")
    except sqlite3.OperationalError:
        # Where the folder cannot be written SQLite cannot share the file with a writer. There is none then.
        return _reading(path, "mode=ro&immutable=1")


def open_up_to_date(path: Path, name: str) -> "sqlite3.Connection":
    """A store to read, of this version: an older one is brought up to date in a copy."""
    connection = open_reading(path)
    with _closed_on_error(connection):
        if pragma(connection, "user_version") == VERSION and pragma(connection, "application_id") == APPLICATION:
            return connection
    with contextlib.closing(connection):
        return open_copy(connection, name)


def open_copy(source: "sqlite3.Connection | None", name: str) -> "sqlite3.Connection":
    """A store that vanishes with the process, beginning as a copy of `source`."""
    import sqlite3  # 20 ms: a command that needs the store pays it

    # An empty name is SQLite's private database: in memory, and in a temporary file where it grows.
    connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    with _closed_on_error(connection):
        if source is not None:
            source.backup(connection)
        migrate(connection, name)
    return connection


def _reading(path: Path, options: str) -> "sqlite3.Connection":
    import sqlite3  # 20 ms: a command that needs the store pays it

    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{options}",
        uri=True,
        timeout=PATIENCE,
        isolation_level=None,
        check_same_thread=False,
    )
    with _closed_on_error(connection):
        connection.execute("PRAGMA trusted_schema = OFF")
        pragma(connection, "schema_version")  # SQLite opens a file when it first reads it.
    return connection


def _write_ahead(connection: "sqlite3.Connection") -> None:
    import sqlite3  # 20 ms: a command that needs the store pays it

    until = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # The one lock that SQLite does not wait for: two processes that create a store at once.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


@contextlib.contextmanager
def _closed_on_error(connection: "sqlite3.Connection") -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise
