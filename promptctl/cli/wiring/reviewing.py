"""`promptctl review` from its flags to its exit code."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from promptctl.cli.screen import one_of, terminal
from promptctl.cli.shell import say
from promptctl.cli.wiring.stored import NO_RUN, open_stored
from promptctl.errors import NothingSelected, UserError
from promptctl.snapshot import Snapshot, settings_at
from promptctl.versions.git import Repository
from promptctl.versions.source import WORKTREE

if TYPE_CHECKING:
    from promptctl.workflows.review import Review, Who
    from promptctl.workflows.review_files import ReviewFiles

DAYS = 30  # that a waiver holds, where nobody says


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """The flags of `promptctl review`."""

    run: str | None = None
    prompts: tuple[str, ...] = ()
    listed: bool = False
    format: str = "terminal"
    accept: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()
    waive: tuple[str, ...] = ()
    reason: str | None = None
    owner: str | None = None
    expires: str | None = None
    notes: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    undo: tuple[str, ...] = ()
    undo_last: bool = False

    @property
    def decides(self) -> bool:
        """Whether any decision stands on the command line."""
        return any((self.accept, self.reject, self.waive, self.notes, self.labels, self.undo, self.undo_last))


@dataclass(frozen=True, slots=True)
class _Opened:
    review: "Review"
    files: "ReviewFiles"
    who: "Who"


def run_review(request: ReviewRequest) -> int:
    """List, decide, or step through the cases."""
    _check(request)
    interactive = not request.listed and not request.decides
    if interactive and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError(
            "review steps through the cases in a terminal, and there is none.",
            hint="Without one: promptctl review --list, then --accept, --reject or --waive with the ids.",
        )
    with _opened(request) as opened:
        if request.decides:
            _decide(request, opened)
        if request.listed:
            _list(request, opened.review)
        if interactive:
            _step(request, opened)
    return 0


def _check(request: ReviewRequest) -> None:
    one_of(request.format, ("terminal", "json"))
    if request.format == "json" and not request.listed:
        raise UserError("--format json belongs to --list.", hint="Add --list.")
    alone = [
        name
        for name, value in (("--reason", request.reason), ("--owner", request.owner), ("--expires", request.expires))
        if value is not None
    ]
    if alone and not request.waive:
        raise UserError(f"{', '.join(alone)}: belongs to --waive.", hint="Say which case: --waive ID.")
    if request.waive and request.reason is None:
        raise UserError("a waiver says why.", hint='Add --reason "...".')
    decided = [*request.accept, *request.reject, *request.waive]
    twice = sorted({case for case in decided if decided.count(case) > 1})
    if twice:
        raise UserError(f"{', '.join(map(repr, twice))}: decided twice on one line.", hint="Decide once.")


@contextmanager
def _opened(request: ReviewRequest) -> Iterator[_Opened]:
    from promptctl.reports.document import from_document
    from promptctl.reports.safe import one_line
    from promptctl.store import RunState
    from promptctl.versions.identity import who
    from promptctl.workflows.details import RunCases
    from promptctl.workflows.review import Review, Who
    from promptctl.workflows.review_files import ReviewFiles

    with Repository.open(Path.cwd()) as repo:
        settings = settings_at(repo, WORKTREE, os.environ)
        with open_stored(repo, settings) as store:
            found = store.find_run(request.run, state=None if request.run else RunState.FINISHED)
            if found is None:
                raise NothingSelected(
                    "no run is stored yet." if request.run is None else f"no run '{request.run}'.", hint=NO_RUN
                )
            if found.document is None:
                raise UserError(
                    f"run {found.id} did not come to its end.",
                    hint=f"Go on with: promptctl replay --resume {found.id}",
                )
            name = one_line((who(repo) or "").rpartition("<")[0])[:100].strip() or "unknown"
            person = Who(name, lambda: datetime.now(UTC))
            files = ReviewFiles(repo)
            review = Review(
                from_document(found.document, partial(RunCases, store, found.id)),
                store,
                files,
                Snapshot(repo, WORKTREE, settings),
                person,
                inputs_from=found.request.get("inputs"),
            )
            yield _Opened(review, files, person)


def _decide(request: ReviewRequest, opened: _Opened) -> None:
    """All that stands on the command line. Every case is found before anything is decided."""
    review = opened.review
    every = [*request.accept, *request.reject, *request.waive, *request.undo]
    found = review.find([*every, *(case for case, _ in (*request.notes, *request.labels))], request.prompts)
    expires = _expires(request, opened.who)
    said = review.undo_last() if request.undo_last else []
    said += review.undo([found[case] for case in request.undo])
    said += review.accept([found[case] for case in request.accept])
    said += review.reject([found[case] for case in request.reject])
    if request.waive:
        waived = [found[case] for case in request.waive]
        said += review.waive(waived, request.reason or "", request.owner or opened.who.name, expires)
    for case, text in request.notes:
        said += review.note(*found[case], text)
    for case, label in request.labels:
        said += review.label(*found[case], label)
    for line in said:
        say(line)
    if any("waivers.yaml" in line for line in said) and (stood := opened.files.let_git_have_waivers()):
        say(stood)


def _expires(request: ReviewRequest, who: "Who") -> date:
    from promptctl.verdict.waiver_file import day_of

    if request.expires is None:
        return who.today + timedelta(DAYS)
    day = day_of(request.expires)
    if day is None:
        raise UserError(f"--expires {request.expires}: no date.", hint="As 2026-12-24.")
    return day


def _list(request: ReviewRequest, review: "Review") -> None:
    chosen = review.items(request.prompts)
    if request.format == "json":
        from promptctl.reports.json import dumps  # 15 ms
        from promptctl.reports.review import review_json

        typer.echo(dumps(review_json(review.run, chosen)))
    else:
        from promptctl.reports.terminal_review import review_text  # 50 ms: rich

        typer.echo(review_text(review.run, chosen, width=terminal()["width"]))


def _step(request: ReviewRequest, opened: _Opened) -> None:
    from itertools import islice

    from promptctl.cli.review_screen import MOST, step

    items = list(islice(opened.review.items(request.prompts), MOST + 1))
    if not items:
        say(f"run {opened.review.run}: no answer changed, nothing to decide.")
        return
    if len(items) > MOST:
        say(f"the first {MOST} cases; `--list` shows all of them.")
    pending = step(opened.review, items[:MOST], opened.who.today + timedelta(DAYS))
    left = "nothing is pending" if not pending else f"{pending} pending"
    say(f"run {opened.review.run}: {left}.")
    if stood := opened.files.let_git_have_waivers():
        say(stood)
