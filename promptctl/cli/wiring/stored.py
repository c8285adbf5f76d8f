"""Stored runs and answers: printed, listed, removed, counted."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptctl.cli.shell import say
from promptctl.errors import CouldNotFindOut, NothingSelected, UserError
from promptctl.settings import Settings
from promptctl.snapshot import settings_at
from promptctl.versions.git import Repository
from promptctl.versions.source import WORKTREE
from promptctl.workflows.origin import check_origin

if TYPE_CHECKING:
    from promptctl.cli.output import Outputs
    from promptctl.store import RunRecord, Store

NO_RUN = "`promptctl runs list` shows the stored runs; `promptctl replay` makes one."


@contextmanager
def open_stored(repo: Repository, settings: Settings, *, say_so: bool = True) -> Iterator["Store"]:
    """The store of the settings. Raises UserError where git brought it along: its answers may be forged.

    What is wrong with the store is said at the end, unless whoever opened it says so; in any case where an error ends
    it, which may follow from just that.
    """
    from promptctl.store import open_store

    check_origin(repo, settings.cache.url)
    with open_store(settings.cache.url, repo.root) as store:
        try:
            yield store
        except BaseException:
            _say_warnings(store)
            raise
    if say_so:
        _say_warnings(store)


def _say_warnings(store: "Store") -> None:
    for warning in store.warnings:
        say(warning)


@contextmanager
def stored() -> Iterator["Store"]:
    """The store of the repository one is in."""
    with Repository.open(Path.cwd()) as repo, open_stored(repo, settings_at(repo, WORKTREE, os.environ)) as store:
        yield store


def print_run(run: str | None, outputs: "Outputs") -> int:
    """A stored run again."""
    from promptctl.reports.document import from_document
    from promptctl.store import RunState
    from promptctl.workflows.details import RunCases

    with stored() as store:
        last = store.find_run(run)
        if last is None:
            raise NothingSelected("no run is stored yet." if run is None else f"no run '{run}'.", hint=NO_RUN)
        found = last
        if run is None and last.document is None:
            found = store.find_run(None, state=RunState.FINISHED) or last
        if found.document is None:
            raise UserError(
                f"run {found.id} did not come to its end.",
                hint=f"Go on with: promptctl replay --resume {found.id}",
            )
        if found is not last:
            go_on = f"promptctl replay --resume {last.id}"
            say(f"the last run, {last.id}, did not come to its end ({go_on} goes on with it): this is run {found.id}.")
        written = outputs.write(from_document(found.document, partial(RunCases, store, found.id)))
    return 0 if written else CouldNotFindOut.exit_code


def run_rows(limit: int) -> list[dict[str, Any]]:
    """The stored runs, newest first, as plain rows."""
    with stored() as store:
        return [_run_row(record) for record in store.list_runs(limit)]


def _run_row(record: "RunRecord") -> dict[str, Any]:
    document: Mapping[str, Any] = record.document or {}
    prompts = document.get("prompts")
    return {
        "run": record.id,
        "created": record.created,
        "state": record.state.value,
        "verdict": record.verdict,
        "exit_code": record.exit_code,
        "old": document.get("old", {}).get("revision"),
        "new": document.get("new", {}).get("revision"),
        "prompts": None if prompts is None else len(prompts),
        "cases": None if prompts is None else sum(prompt["counts"].get("inputs", 0) for prompt in prompts),
        "spent_usd": document.get("totals", {}).get("spent_usd"),
    }


def remove_runs(runs: Sequence[str]) -> list[str]:
    """Forget these runs -> their ids. Raises NothingSelected where one is not there; then none is removed."""
    with stored() as store:
        found = [(wanted, store.find_run(wanted)) for wanted in runs]
        absent = [wanted for wanted, record in found if record is None]
        if absent:
            raise NothingSelected(f"no run {', '.join(repr(wanted) for wanted in absent)}.", hint=NO_RUN)
        return [record.id for _, record in found if record is not None and store.remove_run(record.id)]


def cache_stats() -> dict[str, Any]:
    """What the store holds, as plain data."""
    with stored() as store:
        stats = store.answer_stats()
        name = store.name

    def date(seconds: float | None) -> str | None:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    return {
        "path": name,
        "bytes": stats.bytes,
        "answers": stats.answers,
        "distinct": stats.calls,
        "oldest": date(stats.oldest),
        "newest": date(stats.newest),
        "models": [
            {
                "model": model.model,
                "answers": model.answers,
                "cost_usd": None if model.unpriced else model.cost_usd,
                "unpriced": model.unpriced,
            }
            for model in stats.models
        ],
    }
