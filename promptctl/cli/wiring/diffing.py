"""`promptctl diff` from revisions to its report."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from promptctl.cli.wiring.chosen import among
from promptctl.cli.wiring.repository import patterns_in, say_problems, say_where_none
from promptctl.errors import InvalidPrompt
from promptctl.settings import Settings
from promptctl.snapshot import PromptPair, Snapshot, compare, open_snapshots, settings_at
from promptctl.snapshot import select as selected
from promptctl.versions.git import Repository
from promptctl.versions.revisions import resolve
from promptctl.versions.source import WORKTREE

if TYPE_CHECKING:
    from promptctl.reports.diff_view import DiffReport

# What is the same on both sides is not read to be compared; so many prompts take 25 ms to find the broken ones.
_READ_TOO = 64


def run_diff(
    revisions: Sequence[str],
    *,
    staged: bool,
    select: Sequence[str],
    tokens: bool,
    rendered: str | None,
) -> "tuple[DiffReport, frozenset[str]]":
    """What changed between these revisions, in the prompts of `select` (all, where it is empty).

    And the problems of files that were said on the way. Raises InvalidPrompt where nothing that was chosen can be read.
    """
    from promptctl.workflows.diff import Wanted, diff_report, shown, unreadable

    with Repository.open(Path.cwd()) as repo:
        resolved = resolve(repo, revisions, staged=staged)
        words = patterns_in(repo, select)
        said: set[str] = set()

        def found(settings: Settings) -> tuple[Snapshot, Snapshot, tuple[PromptPair, ...]]:
            old, new = open_snapshots(repo, resolved, settings, os.environ)
            pairs = compare(repo, old, new)
            said.update(say_problems(old, new, known=said))
            return old, new, selected(pairs, words) if words else pairs

        settings = settings_at(repo, WORKTREE, os.environ)
        old, new, chosen = among(repo, settings, [resolved.new, resolved.old], words, found)
        say_where_none(old, new)
        broken = unreadable(chosen, new) if select or len(chosen) <= _READ_TOO else ()
        differ = shown(chosen)
        if select and broken and not differ:
            raise InvalidPrompt(broken)
        said.update(say_problems(problems=broken, known=said))
        today = datetime.now(UTC).date()
        wanted = Wanted(tokens=tokens, rendered=rendered, prices=new.settings.prices, today=today)
        return diff_report(resolved, old, new, differ, wanted), frozenset(said)
