"""`promptctl lint`: what is wrong with the prompts, before anybody asks a model."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from promptctl.errors import UserError

if TYPE_CHECKING:
    from promptctl.workflows.lint import Choice

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EXAMPLES = """Examples:

  promptctl lint

  promptctl lint support/* --ignore PL205

  promptctl lint --staged --severity error      in a pre-commit hook

  promptctl lint --select PL1,PL301             by rule, or by family

  promptctl lint --format sarif -o lint.sarif

A comment `promptctl: ignore[PL401]` in a prompt file suppresses a rule. The rules: docs/lint.md.

Exit code 0 without errors and warnings (--severity info: without any finding; --severity error: without errors);
1 with; 2 for a usage error, for a named prompt that cannot be read, and where nothing could be read.
"""


@app.command("lint", epilog=EXAMPLES)
def lint(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAMES]...", help="Names, globs or paths of prompts. Default: all of the working tree."
        ),
    ] = None,
    format_: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text, json, sarif or github.")] = "text",
    staged: Annotated[bool, typer.Option("--staged", "--cached", help="Look at the index.")] = False,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", metavar="RULES", help="Only these rules, or families (PL4); commas, or repeated."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="RULES", help="Not these rules, or families.")
    ] = None,
    severity: Annotated[
        str | None,
        typer.Option("--severity", metavar="LEVEL", help="error, warning or info: show and count from here on."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write it to this file instead.")
    ] = None,
) -> int:
    """Static findings: variables, models, secrets, instructions that contradict each other."""
    from promptctl.cli import wiring
    from promptctl.cli.screen import one_of, terminal
    from promptctl.cli.shell import say
    from promptctl.reports.lint_formats import FORMATS, format_of

    one_of(format_, tuple(FORMATS))
    if output is not None and not output.parent.is_dir():
        raise UserError(f"{output}: there is no folder {output.parent}.", hint="Make it first.")
    wiring.refuse_what_is_read([output] if output else ())
    report, said = wiring.run_lint(tuple(names or ()), _choice(select, ignore, severity), staged=staged)
    for line in dict.fromkeys(line for lines in report.unreadable.values() for line in lines if line not in said):
        say(line)
    if not report.prompts:
        say("no prompts found. Run `promptctl init`, or name your folder under `prompts:` in the settings.")
    if output is None:
        sys.stdout.write(FORMATS[format_](report, color=terminal()["color"]))
    else:
        _write(output, FORMATS[format_of(output, format_)](report, color=False))
    if report.unreadable and (names or len(report.unreadable) == report.prompts):
        return 2
    return 1 if report.failed else 0


def _choice(select: list[str] | None, ignore: list[str] | None, severity: str | None) -> "Choice":
    from promptctl.documents import suggestion
    from promptctl.prompts.lint import Severity
    from promptctl.workflows.lint import Choice

    known = [one.value for one in Severity]
    if severity is not None and severity not in known:
        raise UserError(f"--severity {severity}: unknown.", hint=suggestion(severity, known))
    return Choice(
        _codes("--select", select), _codes("--ignore", ignore), None if severity is None else Severity(severity)
    )


def _codes(flag: str, given: list[str] | None) -> tuple[str, ...]:
    """Codes, names of rules, or beginnings of codes. Raises UserError for one that means no rule."""
    from promptctl.prompts.lint import codes_of

    codes, unknown = codes_of(given or ())
    for word, hint in unknown.items():
        raise UserError(f"{flag} {word}: no rule is called that.", hint=hint)
    return codes


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror or error}.", hint="Name another file.") from None
