"""The only place that knows every part: what the commands call, put together from all rooms."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from promptctl.cli.wiring.chosen import chosen_prompt
    from promptctl.cli.wiring.diffing import run_diff
    from promptctl.cli.wiring.linting import run_lint
    from promptctl.cli.wiring.local import local_model_missing
    from promptctl.cli.wiring.replaying import run_replay
    from promptctl.cli.wiring.repository import discovered, refuse_what_is_read, worktree
    from promptctl.cli.wiring.stored import cache_stats, print_run, remove_runs, run_rows

__all__ = [
    "cache_stats",
    "chosen_prompt",
    "discovered",
    "local_model_missing",
    "print_run",
    "refuse_what_is_read",
    "remove_runs",
    "run_diff",
    "run_lint",
    "run_replay",
    "run_rows",
    "worktree",
]

# Each command needs the parts of one module: those of all others would cost it 15 ms.
_MODULES = {
    "run_diff": "diffing",
    "run_lint": "linting",
    "local_model_missing": "local",
    "run_replay": "replaying",
    "discovered": "repository",
    "refuse_what_is_read": "repository",
    "chosen_prompt": "chosen",
    "worktree": "repository",
    "cache_stats": "stored",
    "print_run": "stored",
    "remove_runs": "stored",
    "run_rows": "stored",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
