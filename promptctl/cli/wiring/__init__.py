"""The only place that knows every part: what the commands call, put together from all rooms."""

from promptctl.cli.wiring.diffing import run_diff
from promptctl.cli.wiring.linting import run_lint
from promptctl.cli.wiring.local import local_model_missing
from promptctl.cli.wiring.replaying import run_replay
from promptctl.cli.wiring.repository import snapshot_at, worktree
from promptctl.cli.wiring.stored import cache_stats, print_run, remove_runs, run_rows

__all__ = [
    "cache_stats",
    "local_model_missing",
    "print_run",
    "remove_runs",
    "run_diff",
    "run_lint",
    "run_replay",
    "run_rows",
    "snapshot_at",
    "worktree",
]
