"""`promptctl list`: the prompts of this repository."""

import re
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from promptctl.cli.shell import say

if TYPE_CHECKING:
    from promptctl.workflows.inventory import Listed

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EXAMPLES = """Examples:

  promptctl list

  promptctl list --format json

  promptctl list --discover     those that the settings do not name yet, too; in Python code as well

Exit code 0; 2 where no prompt could be read.
"""


@app.command("list", epilog=EXAMPLES)
def list_(
    discover: Annotated[
        bool,
        typer.Option("--discover", help="Look through the whole repository, and say what to add to the settings."),
    ] = False,
    format_: Annotated[str, typer.Option("--format", help="terminal or json.")] = "terminal",
) -> int:
    """The prompts of the working tree, with their model, variables and stored inputs."""
    from promptctl.cli import wiring
    from promptctl.cli.screen import one_of
    from promptctl.workflows.inventory import listed

    one_of(format_, ("terminal", "json"))
    if discover:
        rows, entries, problems = wiring.discovered()
    else:
        entries = ()
        with wiring.worktree() as snapshot:
            rows, problems = listed(snapshot), snapshot.problems
    if format_ == "json":
        from promptctl.reports.json import dumps  # 15 ms

        document = {
            "schema": "promptctl.list/1",
            "prompts": [row.to_json() for row in rows],
            **({"entries": list(entries)} if discover else {}),
            "problems": [str(problem) for problem in problems],
        }
        typer.echo(dumps(document))
    else:
        _show(rows, entries, discover=discover)
    # A clash of names is everybody's problem.
    told = list(dict.fromkeys(map(str, (*problems, *(problem for row in rows for problem in row.problems)))))
    for problem in told:
        say(problem)
    return 2 if told and not discover and all(row.problems for row in rows) else 0


def _show(rows: "Sequence[Listed]", entries: Sequence[str], *, discover: bool) -> None:
    from promptctl.cli.screen import page
    from promptctl.reports.terminal_summary import render_prompts  # 50 ms: rich

    declared = [row for row in rows if row.declared]
    found = [row for row in rows if not row.declared]
    if declared:
        page(partial(render_prompts, [_cells(row) for row in declared]))
    elif not found:
        told = "" if discover else "`promptctl list --discover` looks everywhere. "
        say(f"no prompts here. {told}Run `promptctl init`, or name your folder under `prompts:` in .promptctl.yaml.")
    if found:
        typer.echo("\nNot declared yet:" if declared else "Not declared yet:")
        page(partial(render_prompts, [_cells(row) for row in found]))
        typer.echo("\nTo have them, add to `prompts:` in .promptctl.yaml:")
        typer.echo("\n".join(f"  - {_written(entry)}" for entry in entries))
    elif discover and declared:
        say("nothing else in this repository looks like a prompt.")


def _written(entry: str) -> str:
    """An entry as YAML takes it."""
    if re.fullmatch(r"[\w./][\w./:-]*", entry):
        return entry
    return "'" + entry.replace("'", "''") + "'"


def _cells(row: "Listed") -> tuple[str, ...]:
    unreadable = row.format is None
    inputs = "unreadable" if row.inputs_path and row.inputs is None else str(row.inputs or 0)
    model = "unreadable" if unreadable else row.model or "no model"
    return (row.name, model, "" if unreadable else str(row.messages), ", ".join(row.variables), inputs, row.path)
