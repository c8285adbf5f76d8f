"""`promptctl log`: the versions of a prompt."""

from functools import partial
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EXAMPLES = """Examples:

  promptctl log support/triage

  promptctl log support/triage@v1.2 -n 5 --patch

  promptctl log prompts/support/triage.yaml --all --format json
"""


@app.command("log", epilog=EXAMPLES)
def log(
    name: Annotated[str, typer.Argument(help="A prompt, as NAME, NAME@REV or its path.")],
    most: Annotated[int | None, typer.Option("-n", "--max-count", min=1, help="At most so many versions.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Commits that changed no meaning too.")] = False,
    patch: Annotated[bool, typer.Option("-p", "--patch", help="With what each version changed, word by word.")] = False,
    format_: Annotated[str, typer.Option("--format", help="terminal or json.")] = "terminal",
) -> int:
    """The versions of a prompt: who changed what in which commit, and what its replay said.

    Follows renames and changes of format. Commits that changed nothing that a model or an assertion sees are left out.
    """
    from promptctl.cli.screen import one_of, page
    from promptctl.cli.wiring.history import log_of

    one_of(format_, ("terminal", "json"))
    view = log_of(name, every=every, most=most)
    if format_ == "json":
        from promptctl.reports.history import log_json
        from promptctl.reports.json import dumps  # 15 ms

        typer.echo(dumps(log_json(view)))
        return 0
    from promptctl.reports.terminal_history import render_log  # 50 ms: rich

    page(partial(render_log, view, patch=patch))
    return 0
