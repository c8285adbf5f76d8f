"""`promptctl report`: a stored run again, in any format."""

from pathlib import Path
from typing import Annotated

import typer

from promptctl.cli.help_texts import FILES_HELP, FORMATS_HELP

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EXAMPLES = """Examples:

  promptctl report

  promptctl report 20261122-101500-3fa2c1 --format markdown

  promptctl report -o report.html -o report.md

Exit code 0, whatever the run's verdict was; 3 where a report cannot be written.
"""


@app.command("report", epilog=EXAMPLES)
def report(
    run: Annotated[str | None, typer.Argument(help="A run's id or its beginning; default: the last run.")] = None,
    format_: Annotated[str, typer.Option("--format", help=FORMATS_HELP)] = "terminal",
    output: Annotated[
        list[Path] | None,
        typer.Option("-o", "--output", help="Write it here too: " + FILES_HELP),
    ] = None,
) -> int:
    """Print a stored run again. Nothing is asked."""
    from promptctl.cli import wiring
    from promptctl.cli.output import Outputs

    outputs = Outputs.of(format_, output or ())
    wiring.refuse_what_is_read(output or ())
    return wiring.print_run(run, outputs)
