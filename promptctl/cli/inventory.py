"""`promptctl list`: the prompts of this repository."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from promptctl.workflows.inventory import Listed

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EXAMPLES = """Examples:

  promptctl list

  promptctl list --format json

Exit code 0; 2 where no prompt could be read.
"""


@app.command("list", epilog=EXAMPLES)
def list_(
    format_: Annotated[str, typer.Option("--format", help="terminal or json.")] = "terminal",
) -> int:
    """The prompts of the working tree, with their model, variables and stored inputs."""
    from promptctl.cli import wiring
    from promptctl.cli.output import one_of, page
    from promptctl.cli.shell import say
    from promptctl.reports.terminal_summary import render_prompts  # 50 ms: rich
    from promptctl.workflows.inventory import listed

    one_of(format_, ("terminal", "json"))
    with wiring.worktree() as snapshot:
        rows = listed(snapshot)
        told = (*snapshot.problems, *(problem for row in rows for problem in row.problems))
        problems = list(dict.fromkeys(map(str, told)))  # a clash of names is everybody's problem
    if format_ == "json":
        document = {
            "schema": "promptctl.list/1",
            "prompts": [row.to_json() for row in rows],
            "problems": [str(problem) for problem in snapshot.problems],
        }
        from promptctl.reports.json import dumps  # 15 ms

        typer.echo(dumps(document))
    elif rows:
        page(partial(render_prompts, [_cells(row) for row in rows]))
    else:
        folders = ", ".join(snapshot.settings.prompts)
        say(f"no prompts under {folders}. Run `promptctl init`, or name your folder under `prompts:` in the settings.")
    for problem in problems:
        say(problem)
    return 2 if problems and all(row.problems for row in rows) else 0


def _cells(row: "Listed") -> tuple[str, ...]:
    unreadable = row.format is None
    inputs = "unreadable" if row.inputs_path and row.inputs is None else str(row.inputs or 0)
    model = "unreadable" if unreadable else row.model or "no model"
    return (row.name, model, "" if unreadable else str(row.messages), ", ".join(row.variables), inputs, row.path)
