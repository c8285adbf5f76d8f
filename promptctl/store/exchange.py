"""Answers that leave a store or come into one, in batches; and answers that are let go."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from promptctl.models.call import Call, Reply
from promptctl.store.answers import READ, reply_of
from promptctl.store.columns import column_json, column_text, text_column
from promptctl.store.sql import Connection

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer as it is kept, with the request that it answers (see `Call`) and the scheme of its fingerprint."""

    fingerprint: str
    request: Mapping[str, Any]
    sample: int
    against: str | None
    scheme: int
    reply: Reply


def kept_after(connection: Connection, position: int) -> tuple[list[Kept], int]:
    """The next answers in the order of arrival, and where to go on; none at the end."""
    names = ", ".join(f"answers.{name}" for name in READ.split(", "))
    rows = connection.execute(
        f"SELECT answers.id, body, sample, against, scheme, {names} FROM answers"  # noqa: S608 - our names
        " JOIN requests ON requests.request = answers.request WHERE answers.id > ? ORDER BY answers.id LIMIT ?",
        (position, _BATCH),
    ).fetchall()
    return [_kept(row) for row in rows], rows[-1][0] if rows else position


def _kept(row: tuple[Any, ...]) -> Kept:
    _, body, sample, against, scheme, *answer = row
    fingerprint, reply = reply_of(tuple(answer))
    return Kept(fingerprint, column_json(body), sample, against, scheme, reply)


def is_kept(connection: Connection, call: Call, reply: Reply) -> bool:
    """Whether this very answer is there already: the same words to the same call, given at the same moment."""
    row = connection.execute(
        "SELECT count(*) FROM answers WHERE fingerprint = ? AND text = ? AND abs(created - ?) < 0.000002",
        (call.fingerprint, text_column(reply.text), reply.created),
    ).fetchone()
    return bool(row[0])


@dataclass(frozen=True, slots=True)
class Unwanted:
    """Which answers may go: all that are named must hold. `before` is in seconds since the epoch.

    `model` is the one that was asked; `superseded` means those after which the same call was answered again; `through`
    is the last answer, in the order of arrival, of the oldest ones.
    """

    before: float | None = None
    model: str | None = None
    superseded: bool = False
    through: int | None = None

    def clauses(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """The conditions, and their values."""
        if self.before is not None:
            yield "created < ?", (self.before,)
        if self.model is not None:
            yield "model = ?", (text_column(self.model),)
        if self.through is not None:
            yield "id <= ?", (self.through,)
        if self.superseded:
            yield "id NOT IN (SELECT max(id) FROM answers GROUP BY fingerprint)", ()


def beyond(connection: Connection, size: int, most: int) -> int | None:
    """The answer up to which the oldest go, so that a store of `size` bytes takes `most`; None where it fits already.

    An answer is taken to have its share in the size by the length of its text.
    """
    if size <= most:
        return None
    row = "length(text) + coalesce(length(tool_calls), 0) + 400"  # the columns beside, and its place in the index
    total = connection.execute(f"SELECT coalesce(sum({row}), 0) FROM answers").fetchone()[0]  # noqa: S608 - our names
    kept = 0
    for answer, length in connection.execute(f"SELECT id, {row} FROM answers ORDER BY id DESC"):  # noqa: S608 - our names
        kept += length
        if kept * size > most * total:
            return int(answer)
    return None


def count_unwanted(connection: Connection, unwanted: Unwanted) -> int:
    """How many answers these are."""
    where, values = condition(unwanted)
    row = connection.execute(f"SELECT count(*) FROM answers WHERE {where}", values).fetchone()  # noqa: S608 - our clauses
    return int(row[0])


def delete_unwanted(connection: Connection, unwanted: Unwanted) -> int:
    """Let them go, and the requests that nothing answers any more; how many answers these were."""
    where, values = condition(unwanted)
    gone = connection.execute(f"DELETE FROM answers WHERE {where}", values).rowcount  # noqa: S608 - our clauses
    connection.execute("DELETE FROM requests WHERE request NOT IN (SELECT request FROM answers)")
    return gone


def condition(unwanted: Unwanted) -> tuple[str, tuple[Any, ...]]:
    """The same as a condition on `answers`, with its values."""
    clauses = list(unwanted.clauses())
    if not clauses:
        raise ValueError("nothing says which answers may go")
    return " AND ".join(text for text, _ in clauses), tuple(value for _, values in clauses for value in values)


def models(connection: Connection) -> list[str]:
    """The models that were asked."""
    return [column_text(row[0]) for row in connection.execute("SELECT DISTINCT model FROM answers ORDER BY model")]
