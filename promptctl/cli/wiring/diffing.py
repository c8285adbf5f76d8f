"""`promptctl diff` from revisions to its report."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from promptctl.cli.wiring.repository import patterns_in, say_problems, say_where_none
from promptctl.snapshot import compare, open_snapshots, settings_at
from promptctl.snapshot import select as selected
from promptctl.versions.git import Repository
from promptctl.versions.revisions import resolve
from promptctl.versions.source import WORKTREE

if TYPE_CHECKING:
    from promptctl.reports.diff_view import DiffReport


def run_diff(
    revisions: Sequence[str],
    *,
    staged: bool,
    select: Sequence[str],
    tokens: bool,
    rendered: str | None,
) -> "tuple[DiffReport, frozenset[str]]":
    """What changed between these revisions, in the prompts of `select` (all, where it is empty).

    And the problems of files that were said on the way.
    """
    from promptctl.workflows.diff import Wanted, diff_report, shown

    with Repository.open(Path.cwd()) as repo:
        resolved = resolve(repo, revisions, staged=staged)
        old, new = open_snapshots(repo, resolved, settings_at(repo, WORKTREE, os.environ), os.environ)
        pairs = compare(repo, old, new)
        said = say_problems(old, new)
        say_where_none(old, new)
        chosen = selected(pairs, patterns_in(repo, select)) if select else pairs
        today = datetime.now(UTC).date()
        wanted = Wanted(tokens=tokens, rendered=rendered, prices=new.settings.prices, today=today)
        return diff_report(resolved, old, new, shown(chosen), wanted), said
