"""`promptctl runs`: stored runs."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

import typer

from promptctl.cli.help_texts import FORMATS_HELP

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)

EXAMPLES = """Examples:

  promptctl runs list

  promptctl runs show 20261122-101500-3fa2c1

  promptctl runs rm 20261122-101500-3fa2c1
"""


@app.callback(epilog=EXAMPLES)
def runs() -> None:
    """Stored runs: list, show, rm. Removing a run keeps the answers that were paid for."""


@app.command("list", epilog="Example: promptctl runs list --limit 5")
def list_(
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, the newest first.")] = 20,
    format_: Annotated[str, typer.Option("--format", help="terminal or json.")] = "terminal",
) -> int:
    """The stored runs, newest first."""
    from promptctl.cli import wiring
    from promptctl.cli.screen import one_of, page
    from promptctl.cli.shell import say
    from promptctl.reports.terminal_summary import render_runs  # 50 ms: rich

    one_of(format_, ("terminal", "json"))
    rows = wiring.run_rows(limit)
    if format_ == "json":
        from promptctl.reports.json import dumps  # 15 ms

        typer.echo(dumps({"schema": "promptctl.runs/1", "runs": rows}))
    elif rows:
        page(partial(render_runs, [_cells(row) for row in rows]))
    else:
        say("no runs yet. `promptctl replay` makes the first one.")
    return 0


@app.command("show", epilog="Example: promptctl runs show 20261122-101500-3fa2c1 --format markdown")
def show(
    run: Annotated[str | None, typer.Argument(help="A run's id or its beginning; default: the last run.")] = None,
    format_: Annotated[str, typer.Option("--format", help=FORMATS_HELP)] = "terminal",
) -> int:
    """One stored run; the same as `promptctl report RUN`."""
    from promptctl.cli import wiring
    from promptctl.cli.output import Outputs

    return wiring.print_run(run, Outputs.of(format_, ()))


@app.command("rm", epilog="Example: promptctl runs rm 20261122-101500-3fa2c1")
def remove(
    run: Annotated[list[str], typer.Argument(help="The ids of the runs to remove.")],
) -> int:
    """Remove runs. Their answers stay in the cache."""
    from promptctl.cli import wiring
    from promptctl.cli.shell import say

    for removed in wiring.remove_runs(run):
        say(f"removed {removed}")
    return 0


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    spent = "" if row["verdict"] is None else "unknown" if row["spent_usd"] is None else f"${row['spent_usd']:.4f}"
    counts = ("" if row[key] is None else str(row[key]) for key in ("prompts", "cases"))
    sides = (row["old"] or "", row["new"] or "")
    return (row["run"], row["created"][:16], row["verdict"] or row["state"], *sides, *counts, spent)
