"""Runs in the store: a replay's request, and its report with every case in a row of its own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from promptctl.errors import UserError
from promptctl.store.columns import column_json, column_text, json_column, text_column
from promptctl.store.sql import Connection

_COLUMNS = "run, created, state, request, document, verdict, exit_code"


class RunState(StrEnum):
    """How far a run has come. A run that was killed stays `running`: nobody was left to say so."""

    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run. `created` is ISO 8601, UTC; `request` what was asked for; `document` its report, None before the end."""

    id: str
    created: str
    state: RunState
    request: Mapping[str, Any]
    document: Mapping[str, Any] | None = None
    verdict: str | None = None
    exit_code: int | None = None


def insert_run(connection: Connection, run: str, created: str, request: Mapping[str, Any]) -> None:
    """A run begins. One that is already known goes on: its report of before is dropped."""
    connection.execute("DELETE FROM run_cases WHERE run = ?", (run,))
    connection.execute(
        "INSERT INTO runs (run, created, state, request) VALUES (?, ?, ?, ?) ON CONFLICT (run) DO UPDATE SET"
        " state = excluded.state, request = excluded.request, document = NULL, verdict = NULL, exit_code = NULL",
        (run, created, RunState.RUNNING, json_column(request)),
    )


def update_run(connection: Connection, run: str, report: Mapping[str, Any], verdict: str, exit_code: int) -> None:
    """A run ends. It is kept also where somebody removed its beginning in the meantime."""
    connection.execute("DELETE FROM run_cases WHERE run = ?", (run,))
    connection.executemany(
        "INSERT INTO run_cases (run, position, prompt, case_id, status, document) VALUES (?, ?, ?, ?, ?, ?)",
        ((run, *row) for row in _case_rows(report)),
    )
    connection.execute(
        f"INSERT INTO runs ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run) DO UPDATE SET"  # noqa: S608 - a constant
        " state = excluded.state, document = excluded.document, verdict = excluded.verdict,"
        " exit_code = excluded.exit_code",
        (
            run,
            str(report.get("created", "")),
            RunState.FINISHED,
            "{}",
            json_column(_header(report)),
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
    return connection.execute("DELETE FROM runs WHERE run = ?", (run,)).rowcount > 0


def select_run(connection: Connection, run: str | None, state: RunState | None) -> RunRecord | None:
    """The run of that id or of that unique prefix, or the last one, with its whole report.

    Raises UserError where the prefix fits several.
    """
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
    return _record(rows[0], _cases_of(connection, rows[0][0]))


def select_runs(connection: Connection, limit: int) -> tuple[RunRecord, ...]:
    """The last runs, the newest first. Their reports come without cases: a list needs none of them."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM runs ORDER BY id DESC LIMIT ?", (limit,))  # noqa: S608 - a constant
    return tuple(_record(row, {}) for row in rows)


def _case_rows(report: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for position, prompt in enumerate(report.get("prompts", ())):
        for case in prompt.get("cases", ()):
            name, case_id, status = (
                text_column(str(value)) for value in (prompt["prompt"], case["id"], case["status"])
            )
            yield position, name, case_id, status, json_column(case)


def _header(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report without its cases."""
    prompts = [{**prompt, "cases": []} if "cases" in prompt else prompt for prompt in report.get("prompts", ())]
    return {**report, "prompts": prompts} if "prompts" in report else dict(report)


def _cases_of(connection: Connection, run: str) -> dict[int, list[Any]]:
    cases: dict[int, list[Any]] = {}
    rows = connection.execute("SELECT position, document FROM run_cases WHERE run = ? ORDER BY id", (run,))
    for position, document in rows:
        cases.setdefault(position, []).append(column_json(document))
    return cases


def _record(row: tuple[Any, ...], cases: Mapping[int, list[Any]]) -> RunRecord:
    run, created, state, request, document, verdict, exit_code = row
    report = None if document is None else column_json(document)
    for position, found in cases.items():
        if report is not None:
            report["prompts"][position]["cases"] = found
    return RunRecord(
        id=column_text(run),
        created=created,
        state=RunState(state),
        request=column_json(request),
        document=report,
        verdict=verdict,
        exit_code=exit_code,
    )
