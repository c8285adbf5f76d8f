"""The tables, and how a store of an older version becomes one of this version."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from promptctl.errors import StoreError

if TYPE_CHECKING:
    import sqlite3

APPLICATION = 0x7063_7464  # SQLite's application_id: "pctd"; it keeps us from adopting somebody else's file.

# Migration N makes version N of version N - 1. A released one never changes.
_MIGRATIONS = (
    """
    CREATE TABLE requests (
        id INTEGER PRIMARY KEY,
        request TEXT NOT NULL UNIQUE, -- the base fingerprint: samples of one request share one row
        body TEXT NOT NULL            -- JSON: model, messages, params, tools, response_format, endpoint
    );
    CREATE TABLE answers (
        id INTEGER PRIMARY KEY,       -- the order of arrival; an answer never replaces an earlier one
        fingerprint TEXT NOT NULL,
        request TEXT NOT NULL,
        scheme INTEGER NOT NULL,
        model TEXT NOT NULL,          -- as asked
        sample INTEGER NOT NULL,
        against TEXT,
        text TEXT NOT NULL,
        tool_calls TEXT,              -- JSON; NULL where there are none
        finish_reason TEXT,
        input_tokens INTEGER,
        output_tokens INTEGER,
        reasoning_tokens INTEGER,
        cached_tokens INTEGER,
        cost_usd REAL,                -- NULL where the price is unknown
        latency_ms REAL,
        answered_by TEXT,             -- the model as the provider names it
        system_fingerprint TEXT,
        created REAL NOT NULL,        -- seconds since the epoch, UTC
        attempts INTEGER NOT NULL
    );
    CREATE INDEX answers_by_fingerprint ON answers (fingerprint, created);
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,       -- the order of the runs' starts
        run TEXT NOT NULL UNIQUE,
        created TEXT NOT NULL,        -- ISO 8601, UTC
        state TEXT NOT NULL,
        request TEXT NOT NULL,        -- JSON: what was asked for
        document TEXT,                -- JSON: the report without its cases
        verdict TEXT,
        exit_code INTEGER
    );
    CREATE TABLE run_cases (
        id INTEGER PRIMARY KEY,       -- the order of the cases in the report
        run TEXT NOT NULL,
        prompt TEXT NOT NULL,
        position INTEGER NOT NULL,    -- of the prompt in the report
        case_id TEXT NOT NULL,
        status TEXT NOT NULL,
        document TEXT NOT NULL        -- JSON
    );
    CREATE INDEX run_cases_by_run ON run_cases (run);
    """,
    # A case's row names its answers, where the store holds them, by fingerprint and date: no text is kept twice.
    # `position` is now the case's place among its prompt's inputs.
    """
    ALTER TABLE run_cases ADD COLUMN old_answer TEXT;
    ALTER TABLE run_cases ADD COLUMN old_created REAL;
    ALTER TABLE run_cases ADD COLUMN new_answer TEXT;
    ALTER TABLE run_cases ADD COLUMN new_created REAL;
    DROP INDEX run_cases_by_run;
    CREATE INDEX run_cases_in_order ON run_cases (run, prompt, position);
    """,
    """
    ALTER TABLE answers ADD COLUMN audio_input_tokens INTEGER;
    ALTER TABLE answers ADD COLUMN audio_output_tokens INTEGER;
    """,
    """
    ALTER TABLE answers ADD COLUMN details TEXT; -- JSON: logprobs, metadata; NULL where there are none
    """,
    """
    CREATE TABLE reviews (
        id INTEGER PRIMARY KEY,       -- the order of the decisions
        run TEXT NOT NULL,
        prompt TEXT NOT NULL,
        case_id TEXT NOT NULL,
        decision TEXT NOT NULL,
        document TEXT NOT NULL        -- JSON: by whom, when, and what takes it back
    );
    CREATE INDEX reviews_by_run ON reviews (run);
    """,
)
VERSION = len(_MIGRATIONS)
TABLES = ("requests", "answers", "runs", "run_cases", "reviews")


def migrate(connection: "sqlite3.Connection", name: str, *, version: int = VERSION) -> None:
    """Bring the store up to `version`. StoreError where it is newer, or somebody else's; `name` is how to call it."""
    if _version_of(connection, name, version) == version:
        return
    with transaction(connection):
        # Read again under the lock: another process may have come first.
        found = _version_of(connection, name, version)
        for statement in statements(found, version):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {version}")


def statements(found: int, version: int = VERSION) -> Iterator[str]:
    """What makes a store of `version` out of one of version `found`, a statement each."""
    for script in _MIGRATIONS[found:version]:
        yield from _statements(script)


@contextlib.contextmanager
def transaction(connection: "sqlite3.Connection") -> Iterator[None]:
    """All or nothing, and committed on leaving. IMMEDIATE: a lock that is asked for late can fail without waiting."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk has rolled back by itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def pragma(connection: "sqlite3.Connection", name: str) -> int:
    """The value of a numeric PRAGMA."""
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return int(value)


def _version_of(connection: "sqlite3.Connection", name: str, version: int) -> int:
    found = pragma(connection, "user_version")
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and pragma(connection, "application_id") != APPLICATION:
        raise StoreError(f"{name} is a database of another program.", hint="Set cache.url to another file.")
    if found > version:
        raise StoreError(
            f"{name} was written by a newer promptctl (store version {found}, this one knows {version}).",
            hint="Upgrade promptctl, or set cache.url to another file.",
        )
    return found


def _statements(script: str) -> Iterator[str]:
    # Not executescript: it commits, and a migration must be all or nothing.
    bare = "\n".join(line.partition("--")[0] for line in script.splitlines())
    return (statement for statement in bare.split(";") if statement.strip())
