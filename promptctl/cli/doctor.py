"""`promptctl doctor`: what is set up and what is missing."""

import json
import os
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from promptctl.workflows.doctor import Check

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EXAMPLES = """Examples:

  promptctl doctor

  promptctl doctor --format json

Exit code 0 where nothing that is needed is missing, else 1.
"""


COLORS = {"ok": "green", "warning": "yellow", "missing": "red"}
_WRAP: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}


@app.command("doctor", epilog=EXAMPLES)
def doctor(
    format_: Annotated[str, typer.Option("--format", help="terminal or json.")] = "terminal",
) -> int:
    """What is set up here and what is missing, and what to do about it. Asks nobody, shows no key."""
    from promptctl.cli.screen import one_of, terminal
    from promptctl.workflows.doctor import diagnose, healthy

    one_of(format_, ("terminal", "json"))
    checks = diagnose(Path.cwd(), os.environ)
    good = healthy(checks)
    if format_ == "json":
        document = {"schema": "promptctl.doctor/1", "ok": good, "checks": [check.to_json() for check in checks]}
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        how = terminal()
        for check in checks:
            typer.echo(_line(check, width=how["width"], color=how["color"]), color=how["color"])
    return 0 if good else 1


def _line(check: "Check", *, width: int, color: bool) -> str:
    """The state, the name, what was found; on lines of its own what to do."""
    from promptctl.reports.safe import one_line

    state = check.state.value.ljust(7)
    lead = f"{state}  {check.name.ljust(11)}  "
    pad = " " * len(lead)
    text = textwrap.fill(one_line(check.message), width, initial_indent=lead, subsequent_indent=pad, **_WRAP)
    if color:
        text = typer.style(state, fg=COLORS[state.strip()]) + text[len(state) :]
    if not check.hint:
        return text
    return (
        text
        + "\n"
        + textwrap.fill(one_line(check.hint), width, initial_indent=f"{pad}-> ", subsequent_indent=pad + "   ", **_WRAP)
    )
