"""The store of answers and runs: open it, ask it, add to it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from promptctl.errors import UserError
from promptctl.models.call import Call, Reply
from promptctl.store import cases, exchange, reviews, runs
from promptctl.store.answers import AnswerStats, answer_stats, insert_answers, latest_answers, stored_request
from promptctl.store.database import Database
from promptctl.store.location import is_shared, store_path
from promptctl.store.sql import Connection

if TYPE_CHECKING:
    from promptctl.store.postgres import PostgresDatabase


def open_store(url: str, root: Path, *, read_only: bool = False) -> "Store":
    """The store that `cache.url` names; a relative one is found from the repository's `root`.

    It is made where there is none (`read_only`: an empty one in memory). Damaged, it is put aside and what can be read
    is saved; on a disk that cannot be written it works in memory: `warnings` say so. Raises UserError for a URL that
    names no store, StoreError where it cannot be used.
    """
    if is_shared(url):
        from promptctl.store.postgres import PostgresDatabase  # what a shared store alone needs

        return Store(PostgresDatabase(url, read_only=read_only))
    path = store_path(url, root)
    return Store(Database(path, _name(path, root), read_only=read_only))


class Store:
    """Answers and runs. Any thread may use it, and several processes at once may use one file."""

    def __init__(self, database: "Database | PostgresDatabase") -> None:
        self._database = database

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user must know of the store, one line each. Damage may be met in the middle of a run."""
        return tuple(self._database.warnings)

    @property
    def name(self) -> str:
        """What to call it in messages: its path, or the server; never a password."""
        return self._database.name

    @property
    def path(self) -> Path | None:
        """The store's file; None where it lives in memory, or on a server."""
        return self._database.path

    def find(self, fingerprints: Collection[str], *, since: float | None = None) -> dict[str, Reply]:
        """The last answer to each call that has one, of those given at `since` (seconds since the epoch) or later."""
        return self._database.read(lambda connection: latest_answers(connection, fingerprints, since))

    def add(self, answers: Iterable[tuple[Call, Reply]]) -> None:
        """Keep answers beside those that were given before. They are durable when this returns."""
        if batch := tuple(answers):
            self._database.write(lambda connection: insert_answers(connection, batch))

    def request(self, fingerprint: str) -> Mapping[str, Any] | None:
        """The request of that base fingerprint (`Call.request`), as it was asked; None where nobody asked it."""
        return self._database.read(lambda connection: stored_request(connection, fingerprint))

    def kept(self) -> Iterator[exchange.Kept]:
        """Every answer with its request, in the order of arrival; those that come in the meantime too."""
        position = 0
        while True:
            batch, position = self._database.read(partial(exchange.kept_after, position=position))
            if not batch:
                return
            yield from batch

    def add_missing(self, answers: Iterable[tuple[Call, Reply]]) -> int:
        """Keep those answers of a batch that are not there yet, in one transaction; how many these were."""
        batch = tuple(answers)

        def adding(connection: Connection) -> int:
            fresh = [(call, reply) for call, reply in batch if not exchange.is_kept(connection, call, reply)]
            insert_answers(connection, fresh)
            return len(fresh)

        return self._database.write(adding)

    def count_unwanted(self, unwanted: exchange.Unwanted) -> int:
        """How many answers these are."""
        return self._database.read(lambda connection: exchange.count_unwanted(connection, unwanted))

    def remove_unwanted(self, unwanted: exchange.Unwanted) -> int:
        """Let these answers go; how many these were. Runs stay as they are: their reports hold what they showed."""

        def removing(connection: Connection) -> int:
            cases.keep_outputs(connection, *exchange.condition(unwanted))
            return exchange.delete_unwanted(connection, unwanted)

        gone = self._database.write(removing)
        self._database.shrink()
        return gone

    def beyond(self, most: int) -> int | None:
        """The newest of the oldest answers that make the store larger than `most` bytes; None where it is not."""
        size = self._database.size()
        return self._database.read(lambda connection: exchange.beyond(connection, size, most))

    def check(self) -> None:
        """Read the whole store; what is damaged is mended as far as it can be, and said in `warnings`."""
        self._database.check()

    def models(self) -> list[str]:
        """The models that were asked."""
        return self._database.read(exchange.models)

    def answer_stats(self) -> AnswerStats:
        """How much is kept, of which models, and what it cost."""
        size = self._database.size()
        return self._database.read(lambda connection: answer_stats(connection, size))

    def start_run(self, run: str, created: str, request: Mapping[str, Any]) -> None:
        """A run begins (`created`: ISO 8601, UTC), or one that was interrupted goes on.

        Raises UserError where another process is at work on it.
        """
        self._hold(run)
        self._database.write(lambda connection: runs.insert_run(connection, run, created, request))

    def finish_run(self, run: str, report: Mapping[str, Any], verdict: str, exit_code: int) -> None:
        """A run ends with its report, a JSON document; its cases were kept before (`add_cases`)."""
        self._database.write(lambda connection: runs.update_run(connection, run, report, verdict, exit_code))

    def add_cases(self, run: str, rows: Iterable[cases.CaseRow]) -> None:
        """Keep cases of a run."""
        if batch := tuple(rows):
            self._database.write(lambda connection: cases.insert_cases(connection, run, batch))

    def replace_cases(self, run: str, rows: Iterable[cases.CaseRow]) -> None:
        """Write cases of a run anew, by prompt and place."""
        if batch := tuple(rows):
            self._database.write(lambda connection: cases.replace_cases(connection, run, batch))

    def cases(self, run: str, prompt: str, *, status: str | None = None) -> Iterator[cases.CaseRow]:
        """A prompt's cases in a run, in the order of the inputs."""
        return cases.pages(
            lambda after: self._database.read(
                lambda connection: cases.select_cases(connection, run, prompt, status, after)
            )
        )

    def interrupt_run(self, run: str) -> None:
        """A run stops before its end, and may go on later."""
        self._database.write(lambda connection: runs.mark_interrupted(connection, run))

    def find_run(self, run: str | None = None, *, state: runs.RunState | None = None) -> runs.RunRecord | None:
        """The run of that id or unique prefix, or else the last one; of those in `state`, where it is given.

        Raises UserError where the prefix fits several.
        """
        return self._database.read(lambda connection: runs.select_run(connection, run, state))

    def list_runs(self, limit: int = 20) -> tuple[runs.RunRecord, ...]:
        """The last runs, the newest first."""
        return self._database.read(lambda connection: runs.select_runs(connection, limit))

    def remove_run(self, run: str) -> bool:
        """Forget the run of exactly that id; whether there was one. Its answers stay. Raises as `start_run` does."""
        self._hold(run)
        return self._database.write(lambda connection: runs.delete_run(connection, run))

    def _hold(self, run: str) -> None:
        if not self._database.hold(run):
            raise UserError(f"run {run} is at work in another process.", hint="Wait for its end, or stop it first.")

    def add_review(self, row: reviews.ReviewRow) -> int:
        """Keep a decision on a case of a run -> its number."""
        return self._database.write(lambda connection: reviews.insert_review(connection, row))

    def reviews(self, run: str) -> tuple[reviews.ReviewRow, ...]:
        """The decisions on a run's cases, the first one first."""
        return self._database.read(lambda connection: reviews.select_reviews(connection, run))

    def last_reviewed(self, case: tuple[str, str] | None = None) -> str | None:
        """The run whose cases (or whose (prompt, case)) were decided on last."""
        return self._database.read(lambda connection: reviews.select_last_reviewed(connection, case))

    def remove_review(self, number: int) -> bool:
        """Take a decision back; whether it was there."""
        return self._database.write(lambda connection: reviews.delete_review(connection, number))

    def close(self) -> None:
        """Fold the -wal file into the store. Nothing is lost without it."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _name(path: Path | None, root: Path) -> str:
    if path is None:
        return "the store"
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
