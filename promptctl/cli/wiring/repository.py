"""The repository one is in, its settings in force, its prompts."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptctl.cli.shell import say
from promptctl.settings import Settings
from promptctl.snapshot import Snapshot, settings_at
from promptctl.versions.git import Repository
from promptctl.versions.source import WORKTREE, Place, Revisions, Source

if TYPE_CHECKING:
    from promptctl.errors import Problem
    from promptctl.workflows.inventory import Listed
    from promptctl.workflows.request import ReplayRequest


def settings_in_force(repo: Repository, request: "ReplayRequest", revisions: Revisions) -> Settings:
    """The working tree's settings (or --settings REV's); for A...B what is trusted comes from the merge base."""
    if request.settings_revision is None:
        settings = settings_at(repo, WORKTREE, os.environ)
    else:
        commit = repo.commit(request.settings_revision)
        settings = settings_at(repo, Source(Place.COMMIT, request.settings_revision, commit), os.environ)
    if revisions.base is not None:
        base = settings_at(repo, revisions.base, os.environ)
        settings = replace(
            settings,
            gate=base.gate,
            confirm=base.confirm,
            providers=base.providers,
            prices=base.prices,
            cache=base.cache,
            judge=base.judge,
            allow_code=base.allow_code,
        )
    return _with_flags(settings, request)


def _with_flags(settings: Settings, request: "ReplayRequest") -> Settings:
    """The command line beats the environment and the file."""
    given = {
        "repeat": request.repeat,
        "concurrency": request.concurrency,
        "timeout": request.timeout,
        "retries": request.retries,
        "max_cost_usd": request.max_cost,
        "max_calls": request.max_calls,
        "time_limit": request.time_limit,
    }
    chosen: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    return replace(settings, replay=replace(settings.replay, **chosen))


@contextmanager
def worktree() -> Iterator[Snapshot]:
    """The working tree's prompts."""
    with snapshot_at(None) as snapshot:
        yield snapshot


@contextmanager
def snapshot_at(revision: str | None) -> Iterator[Snapshot]:
    """The prompts at a revision; None: in the working tree."""
    with Repository.open(Path.cwd()) as repo:
        source = WORKTREE if revision is None else Source(Place.COMMIT, revision, repo.commit(revision))
        yield Snapshot(repo, source, settings_at(repo, WORKTREE, os.environ))


def discovered() -> "tuple[tuple[Listed, ...], tuple[str, ...], tuple[Problem, ...]]":
    """All prompts of the working tree, those that nobody declared after the others; what to declare; what is wrong."""
    from promptctl.workflows.discover import discover
    from promptctl.workflows.inventory import listed

    with Repository.open(Path.cwd()) as repo:
        snapshot = Snapshot(repo, WORKTREE, settings_at(repo, WORKTREE, os.environ))
        found = discover(repo, snapshot)
        fresh = (replace(row, declared=False) for row in listed(found.snapshot, found.names))
        return (*listed(snapshot), *fresh), found.entries, (*snapshot.problems, *found.problems)


def patterns_in(repo: Repository, patterns: Sequence[str]) -> list[str]:
    """Selections as seen from the root: a path that is there from where one stands is turned round."""
    return [_from_root(repo.root, pattern) for pattern in patterns]


def _from_root(root: Path, pattern: str) -> str:
    here = Path.cwd() / pattern
    if pattern and here.exists() and here.is_relative_to(root) and here != root:
        return here.relative_to(root).as_posix()
    return pattern


def say_problems(*snapshots: Snapshot) -> frozenset[str]:
    """What is wrong with the files of these sides, each said once; what was said."""
    said = dict.fromkeys(str(problem) for snapshot in snapshots for problem in snapshot.problems)
    for problem in said:
        say(problem)
    return frozenset(said)


def say_where_none(*snapshots: Snapshot) -> None:
    """That no side has a prompt: a folder that is misspelt in the settings looks like one where nothing changed."""
    if not any(snapshot.files or snapshot.problems for snapshot in snapshots):
        where = ", ".join(dict.fromkeys(entry for snapshot in snapshots for entry in snapshot.settings.prompts))
        say(f"no prompts under {where}. Run `promptctl init`, or name your folder under `prompts:` in the settings.")
