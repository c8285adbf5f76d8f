"""`promptctl blame`: where each line of a prompt comes from."""

from functools import partial
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EXAMPLES = """Examples:

  promptctl blame support/triage

  promptctl blame support/triage@v1.2 --format json
"""


@app.command("blame", epilog=EXAMPLES)
def blame(
    name: Annotated[str, typer.Argument(help="A prompt, as NAME, NAME@REV or its path.")],
    format_: Annotated[str, typer.Option("--format", help="terminal or json.")] = "terminal",
) -> int:
    """Each line of a prompt with the commit that gave it its present words.

    A line that was indented, renumbered, moved or brought into another format keeps its commit. Partials are shown too.
    """
    from promptctl.cli.screen import one_of, page
    from promptctl.cli.wiring.history import blame_of

    one_of(format_, ("terminal", "json"))
    view = blame_of(name)
    if format_ == "json":
        from promptctl.reports.history import blame_json
        from promptctl.reports.json import dumps  # 15 ms

        typer.echo(dumps(blame_json(view)))
        return 0
    from promptctl.reports.terminal_history import render_blame  # 50 ms: rich

    page(partial(render_blame, view))
    return 0
