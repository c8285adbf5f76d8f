"""`promptctl diff`: what changed in the prompts."""

from pathlib import Path
from typing import Annotated

import typer

from promptctl.cli.shell import RevisionsCommand, names_after_dashes
from promptctl.errors import UserError

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EXAMPLES = """Examples:

  promptctl diff                        the working tree against HEAD

  promptctl diff --staged --stat

  promptctl diff main...HEAD -- support/*

  promptctl diff v1.0 v1.1 --side-by-side

  promptctl diff --input t-001          with this stored input filled in

  promptctl diff main...HEAD -o diff.html   a page for those who review

Exit code 0; with --exit-code 1 where anything differs; 2 where nothing could be read.
"""


@app.command("diff", cls=RevisionsCommand, epilog=EXAMPLES)
def diff(
    ctx: typer.Context,
    revisions: Annotated[
        list[str] | None,
        typer.Argument(help="As in git: REV, A B, A..B, A...B; then -- NAMES. Default: HEAD and the working tree."),
    ] = None,
    staged: Annotated[bool, typer.Option("--staged", "--cached", help="Compare HEAD with the index.")] = False,
    prompt: Annotated[list[str] | None, typer.Option("-p", "--prompt", help="A name or glob; repeatable.")] = None,
    side_by_side: Annotated[bool, typer.Option("--side-by-side", "-y", help="Old beside new.")] = False,
    stat: Annotated[bool, typer.Option("--stat", help="A line a prompt: words, parameters, tokens, cost.")] = False,
    rendered: Annotated[
        bool, typer.Option("--rendered", help="Fill in a stored input (the first, or --input) and compare that.")
    ] = False,
    input_id: Annotated[str | None, typer.Option("--input", metavar="ID", help="The input for --rendered.")] = None,
    format_: Annotated[str, typer.Option("--format", help="terminal, json, markdown or html.")] = "terminal",
    output: Annotated[
        list[Path] | None,
        typer.Option("-o", "--output", help="Write it here too: .html, .json, .md or .txt; repeatable."),
    ] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 where anything differs.")] = False,
) -> int:
    """What changed in the prompts: messages word by word, parameters, variables, tools, assertions, tokens."""
    from promptctl.cli import wiring
    from promptctl.cli.screen import one_of, terminal
    from promptctl.cli.shell import say
    from promptctl.reports.diff_formats import FORMATS, format_of

    one_of(format_, tuple(FORMATS))
    files = [(path, format_of(path)) for path in output or ()]
    wiring.refuse_what_is_read(output or ())
    report, said = wiring.run_diff(
        tuple(revisions or ()),
        staged=staged,
        select=(*(prompt or ()), *names_after_dashes(ctx)),
        tokens=stat or format_ != "terminal" or any(name != "terminal" for _, name in files),
        rendered=input_id or "" if rendered or input_id else None,
    )
    shown = FORMATS[format_](report, **terminal(), side_by_side=side_by_side, stat=stat)
    if shown:
        typer.echo(shown.rstrip("\n"))
    for path, name in files:
        _write(path, FORMATS[name](report, width=100, side_by_side=side_by_side, stat=stat))
    unreadable = [item for item in report.prompts if item.problems]
    problems = (problem for item in unreadable for problem in item.problems if problem not in said)
    for problem in dict.fromkeys(problems):
        say(problem)
    if unreadable and len(unreadable) == len(report.prompts):
        return 2
    return 1 if exit_code and report.prompts else 0


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror or error}.", hint="Name another file.") from None
