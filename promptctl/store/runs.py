"""Runs in the store: a replay's request, and its report without its cases, which have rows of their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from promptctl.errors import UserError
from promptctl.store.columns import column_json, column_text, json_column
from promptctl.store.sql import Connection

_COLUMNS = "run, created, state, request, document, verdict, exit_code"


class RunState(StrEnum):
    """How far a run has come. A run that was killed stays `running`: nobody was left to say so."""

    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run. `created` is ISO 8601, UTC; `request` what was asked for.

    `document` is its report without the cases; None before the end.
    """

    id: str
    created: str
    state: RunState
    request: Mapping[str, Any]
    document: Mapping[str, Any] | None = None
    verdict: str | None = None
    exit_code: int | None = None


def insert_run(connection: Connection, run: str, created: str, request: Mapping[str, Any]) -> None:
    """A run begins. One that is already known goes on: its report of before is dropped, its cases too."""
    connection.execute("DELETE FROM run_cases WHERE run = ?", (run,))
    connection.execute(
        "INSERT INTO runs (run, created, state, request) VALUES (?, ?, ?, ?) ON CONFLICT (run) DO UPDATE SET"
        " state = excluded.state, request = excluded.request, document = NULL, verdict = NULL, exit_code = NULL",
        (run, created, RunState.RUNNING, json_column(request)),
    )


def update_run(connection: Connection, run: str, report: Mapping[str, Any], verdict: str, exit_code: int) -> None:
    """A run ends. It is kept also where somebody removed its beginning in the meantime."""
    connection.execute(
        f"INSERT INTO runs ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run) DO UPDATE SET"  # noqa: S608 - a constant
        " state = excluded.state, document = excluded.document, verdict = excluded.verdict,"
        " exit_code = excluded.exit_code",
        (
            run,
            str(report.get("created", "")),
            RunState.FINISHED,
            "{}",
            json_column(report),
            verdict,
            exit_code,
        ),
    )


def mark_interrupted(connection: Connection, run: str) -> None:
    """A run stops before its end."""
    connection.execute("UPDATE runs SET state = ? WHERE run = ?", (RunState.INTERRUPTED, run))


def delete_run(connection: Connection, run: str) -> bool:
    """Forget a run; whether there was one. Its answers stay."""
    connection.execute("DELETE FROM run_cases WHERE run = ?", (run,))
    connection.execute("DELETE FROM reviews WHERE run = ?", (run,))
    return connection.execute("DELETE FROM runs WHERE run = ?", (run,)).rowcount > 0


def select_run(connection: Connection, run: str | None, state: RunState | None) -> RunRecord | None:
    """The run of that id or of that unique prefix, or the last one.

    Raises UserError where the prefix fits several. An empty one fits none: a script lost it.
    """
    if run == "":
        return None
    wanted = "" if state is None else " AND state = ?"
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM runs WHERE substr(run, 1, ?) = ?{wanted} ORDER BY run = ? DESC, id DESC LIMIT ?",  # noqa: S608 - constants
        (len(run or ""), run or "", *(() if state is None else (state,)), run or "", 4 if run else 1),
    ).fetchall()
    if not rows:
        return None
    if len(rows) > 1 and rows[0][0] != run:
        names = ", ".join(row[0] for row in rows[:3])
        raise UserError(f"run {run!r} fits several: {names}{' ...' if len(rows) > 3 else ''}.", hint="Type more of it.")
    return _record(rows[0])


def select_runs(connection: Connection, limit: int) -> tuple[RunRecord, ...]:
    """The last runs, the newest first."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM runs ORDER BY id DESC LIMIT ?", (limit,))  # noqa: S608 - a constant
    return tuple(_record(row) for row in rows)


def _record(row: tuple[Any, ...]) -> RunRecord:
    run, created, state, request, document, verdict, exit_code = row
    return RunRecord(
        id=column_text(run),
        created=created,
        state=RunState(state),
        request=column_json(request),
        document=None if document is None else column_json(document),
        verdict=verdict,
        exit_code=exit_code,
    )
