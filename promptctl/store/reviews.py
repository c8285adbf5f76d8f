"""What people decided of a run's cases, in the order in which they did."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from promptctl.store.columns import column_json, column_text, json_column, text_column
from promptctl.store.sql import Connection


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One decision on one case of a run. `document` is any JSON mapping; `number` is None until it is kept."""

    run: str
    prompt: str
    case: str
    decision: str
    document: Mapping[str, Any]
    number: int | None = None


def insert_review(connection: Connection, row: ReviewRow) -> int:
    """Keep a decision, after all that were kept before -> its number."""
    found = connection.execute(
        "INSERT INTO reviews (run, prompt, case_id, decision, document) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (row.run, text_column(row.prompt), text_column(row.case), row.decision, json_column(row.document)),
    ).fetchone()
    return int(found[0])


def select_reviews(connection: Connection, run: str) -> tuple[ReviewRow, ...]:
    """The decisions on a run's cases, the first one first."""
    rows = connection.execute(
        "SELECT id, prompt, case_id, decision, document FROM reviews WHERE run = ? ORDER BY id", (run,)
    )
    return tuple(
        ReviewRow(run, column_text(prompt), column_text(case), decision, column_json(document), number)
        for number, prompt, case, decision, document in rows
    )


def select_last_reviewed(connection: Connection, case: tuple[str, str] | None) -> str | None:
    """The run of the last decision on this (prompt, case), or of the last one of all -> its id."""
    if case is None:
        rows = connection.execute("SELECT run FROM reviews ORDER BY id DESC LIMIT 1")
    else:
        texts = tuple(text_column(text) for text in case)
        rows = connection.execute(
            "SELECT run FROM reviews WHERE prompt = ? AND case_id = ? ORDER BY id DESC LIMIT 1", texts
        )
    found = rows.fetchone()
    return None if found is None else str(found[0])


def delete_review(connection: Connection, number: int) -> bool:
    """Take a decision back; whether it was there."""
    return connection.execute("DELETE FROM reviews WHERE id = ?", (number,)).rowcount > 0
