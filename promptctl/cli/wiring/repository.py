"""The repository one is in, its settings in force, its prompts."""

import os
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptctl.cli.shell import say
from promptctl.cli.wiring.chosen import from_root
from promptctl.errors import FileError, Problem
from promptctl.settings import Settings
from promptctl.snapshot import Snapshot, read_as, settings_at
from promptctl.versions.git import Repository
from promptctl.versions.source import WORKTREE, Place, Revisions, Source

if TYPE_CHECKING:
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
    with Repository.open(Path.cwd()) as repo:
        yield Snapshot(repo, WORKTREE, settings_at(repo, WORKTREE, os.environ))


def discovered() -> "tuple[tuple[Listed, ...], tuple[str, ...], tuple[Problem, ...]]":
    """All prompts of the working tree, those that nobody declared after the others; what to declare; what is wrong."""
    from promptctl.workflows.discover import discover
    from promptctl.workflows.inventory import listed

    with Repository.open(Path.cwd()) as repo:
        snapshot = Snapshot(repo, WORKTREE, settings_at(repo, WORKTREE, os.environ))
        found = discover(repo, snapshot)
        fresh = (replace(row, declared=False) for row in listed(found.snapshot, found.names))
        return (*listed(snapshot), *fresh), found.entries, (*snapshot.problems, *found.problems)


def refuse_what_is_read(files: Sequence[Path]) -> None:
    """UserError where a report would be written over a prompt or its inputs, or be read as one from then on."""
    if not files:
        return
    problems: list[Problem] = []
    with Repository.open(Path.cwd()) as repo:
        settings = settings_at(repo, WORKTREE, os.environ)
        root = Path(os.path.realpath(repo.root))
        for file in files:
            target = Path(os.path.realpath(file))  # Path.resolve raises where a link leads to itself
            if not target.is_relative_to(root):
                continue
            found = read_as(target.relative_to(root).as_posix(), settings, partial(_content, target))
            if found is not None:
                hint = "Write it elsewhere, or under a name that begins with _."
                problems.append(Problem(str(file), f"would be read as {found}: it lies under `prompts:`.", hint=hint))
    if problems:
        raise FileError(problems)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def patterns_in(repo: Repository, patterns: Sequence[str]) -> list[str]:
    """Selections as seen from the root: a path that is there from where one stands is turned round."""
    return [from_root(repo.root, pattern) for pattern in patterns]


def say_problems(
    *snapshots: Snapshot,
    problems: "Iterable[Problem]" = (),
    known: AbstractSet[str] = frozenset(),
) -> frozenset[str]:
    """What is wrong with the files of these sides, and `problems`, once each; what was said. `known` was before."""
    found = chain(*(snapshot.problems for snapshot in snapshots), problems)
    said = dict.fromkeys(line for line in map(str, found) if line not in known)
    for problem in said:
        say(problem)
    return frozenset(said)


def say_where_none(*snapshots: Snapshot) -> None:
    """That no side has a prompt: a folder that is misspelt in the settings looks like one where nothing changed."""
    if not any(snapshot.files or snapshot.problems for snapshot in snapshots):
        where = ", ".join(dict.fromkeys(entry for snapshot in snapshots for entry in snapshot.settings.prompts))
        say(f"no prompts under {where}. Run `promptctl init`, or name your folder under `prompts:` in the settings.")
