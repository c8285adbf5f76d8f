"""`promptctl lint` from names to its report."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from promptctl.cli.wiring.chosen import among
from promptctl.cli.wiring.repository import patterns_in, say_problems
from promptctl.settings import Settings
from promptctl.snapshot import Change, PromptPair, Snapshot, settings_at, settings_text
from promptctl.snapshot import select as selected
from promptctl.versions.git import Repository
from promptctl.versions.source import INDEX, WORKTREE

if TYPE_CHECKING:
    from promptctl.reports.lint_view import LintReport
    from promptctl.workflows.lint import Choice


def run_lint(names: Sequence[str], choice: "Choice", *, staged: bool) -> tuple["LintReport", frozenset[str]]:
    """What is wrong with these prompts (all without `names`) in the working tree or the index, and what was said."""
    from promptctl.workflows.lint import lint_report

    with Repository.open(Path.cwd()) as repo:
        snapshot = _snapshot(repo, staged=staged)
        words = patterns_in(repo, names)
        said: set[str] = set()

        def found(settings: Settings) -> tuple[Snapshot, list[str]]:
            there = Snapshot(repo, snapshot.source, settings)
            pairs = [PromptPair(name, Change.UNCHANGED, None, file) for name, file in there.files.items()]
            said.update(say_problems(there, known=said))
            return there, [pair.name for pair in (selected(pairs, words) if words else pairs)]

        snapshot, chosen = among(repo, snapshot.settings, [snapshot.source], words, found)
        return lint_report(snapshot, chosen, choice, datetime.now(UTC).date(), os.environ), frozenset(said)


def _snapshot(repo: Repository, *, staged: bool) -> Snapshot:
    """The settings are the working tree's; the default model and params are those of the side that is looked at."""
    settings = settings_at(repo, WORKTREE, os.environ)
    if not staged:
        return Snapshot(repo, WORKTREE, settings)
    if settings_text(repo, INDEX) is not None:
        own = settings_at(repo, INDEX, os.environ)
        settings = replace(settings, model=own.model, params=own.params)
    return Snapshot(repo, INDEX, settings)
