"""Cases of runs: a row each, which names its answers rather than hold them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from promptctl.store.columns import column_json, column_text, json_column, text_column
from promptctl.store.sql import Connection

_PAGE = 200  # cases that are read together
_SIDES = ("old", "new")
_NAMES = "old_answer, old_created, new_answer, new_created"

AnswerName = tuple[str, float]  # a fingerprint, and when that answer was given
Place = tuple[int, int]  # a case's place and its row


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case of a run. `place` is its place among its prompt's inputs; `document` is any JSON mapping.

    Where `old` or `new` names an answer that the store holds, the `output` of that side of the document is the answer's
    text: it is not written, and there again when the case is read.
    """

    prompt: str
    place: int
    id: str
    status: str
    document: Mapping[str, Any]
    old: AnswerName | None = None
    new: AnswerName | None = None


Page = tuple[list[CaseRow], Place]


def insert_cases(connection: Connection, run: str, rows: Iterable[CaseRow]) -> None:
    """Keep cases of a run."""
    connection.executemany(
        f"INSERT INTO run_cases (run, prompt, position, case_id, status, document, {_NAMES})"  # noqa: S608 - our names
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((run, *_values(row)) for row in rows),
    )


def replace_cases(connection: Connection, run: str, rows: Iterable[CaseRow]) -> None:
    """Write cases anew that are there already, by prompt and place."""
    for row in rows:
        prompt, place, *values = _values(row)
        connection.execute(
            "UPDATE run_cases SET case_id = ?, status = ?, document = ?, old_answer = ?, old_created = ?,"
            " new_answer = ?, new_created = ? WHERE run = ? AND prompt = ? AND position = ?",
            (*values, run, prompt, place),
        )


def select_cases(connection: Connection, run: str, prompt: str, status: str | None, after: Place) -> Page:
    """The next cases of a prompt in their order, and where to go on; none at the end."""
    wanted = "" if status is None else " AND status = ?"
    texts = ", ".join(
        f"(SELECT text FROM answers WHERE fingerprint = {side}_answer AND created = {side}_created LIMIT 1)"  # noqa: S608 - our names
        for side in _SIDES
    )
    rows = connection.execute(
        f"SELECT id, position, case_id, status, document, {_NAMES}, {texts} FROM run_cases"  # noqa: S608 - our names
        f" WHERE run = ? AND prompt = ? AND (position > ? OR (position = ? AND id > ?)){wanted}"
        " ORDER BY position, id LIMIT ?",
        (run, text_column(prompt), after[0], *after, *(() if status is None else (status,)), _PAGE),
    ).fetchall()
    return [_row(prompt, row) for row in rows], (rows[-1][1], rows[-1][0]) if rows else after


def _row(prompt: str, row: tuple[Any, ...]) -> CaseRow:
    _, place, case_id, status, document, old, old_created, new, new_created, *texts = row
    return CaseRow(
        prompt,
        place,
        column_text(case_id),
        status,
        _with_outputs(column_json(document), texts),
        old=None if old is None else (old, old_created),
        new=None if new is None else (new, new_created),
    )


def keep_outputs(connection: Connection, where: str, values: tuple[Any, ...]) -> None:
    """Answers are about to go: cases that name them get their texts. `where` says which answers."""
    for side in _SIDES:
        query = (
            f"SELECT run_cases.id, run_cases.document, answers.text FROM run_cases JOIN answers"  # noqa: S608 - our names
            f" ON answers.fingerprint = run_cases.{side}_answer AND answers.created = run_cases.{side}_created"
            f" WHERE answers.id IN (SELECT id FROM answers WHERE {where}) LIMIT {_PAGE}"
        )
        while rows := connection.execute(query, values).fetchall():
            for row, document, text in rows:
                found = _with_outputs(column_json(document), [text if name == side else None for name in _SIDES])
                connection.execute(
                    f"UPDATE run_cases SET document = ?, {side}_answer = NULL, {side}_created = NULL WHERE id = ?",  # noqa: S608 - our names
                    (json_column(found), row),
                )


def _values(row: CaseRow) -> tuple[Any, ...]:
    document = dict(row.document)
    for side, name in (("old", row.old), ("new", row.new)):
        if name is not None:
            document[side] = {**document[side], "output": None}
    texts = (text_column(row.id), row.status, json_column(document))
    return (text_column(row.prompt), row.place, *texts, *(row.old or (None, None)), *(row.new or (None, None)))


def _with_outputs(document: dict[str, Any], texts: Iterable[str | bytes | None]) -> dict[str, Any]:
    for side, text in zip(_SIDES, texts, strict=True):
        if text is not None:
            document[side]["output"] = column_text(text)
    return document


def pages(read: Callable[[Place], Page]) -> Iterator[CaseRow]:
    """All cases, page by page: nothing is held between two pages."""
    after = (-1, -1)
    while True:
        page, after = read(after)
        if not page:
            return
        yield from page
