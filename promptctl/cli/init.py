"""`promptctl init`: a repository -> one that is set up."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from promptctl.workflows.init import Initialised

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EXAMPLES = """Examples:

  promptctl init                                a sample, or what is there

  promptctl init --from promptfooconfig.yaml    prompts, tests of promptfoo

What is there is never touched: run it again at any time.
"""

SHOWN = 20  # problems listed one by one


@app.command("init", epilog=EXAMPLES)
def init(
    source: Annotated[Path | None, typer.Option("--from", metavar="FILE", help="A promptfoo config.")] = None,
) -> int:
    """Set this repository up: settings, schemas for editors, a sample prompt; prompts that are there are adopted."""
    from promptctl.cli.shell import say
    from promptctl.versions.git import Repository
    from promptctl.workflows.init import initialise

    with Repository.open(Path.cwd()) as repo:
        done = initialise(repo, source)
    for step in done.steps:
        typer.echo(str(step))
    typer.echo()
    for line in (*_found(done), "", *_next(done)):
        typer.echo(line)
    for line in _listed(done.problems):
        say(line)
    for line in done.left:
        say(f"promptfoo: {line}")
    return 0


def _found(done: "Initialised") -> tuple[str, ...]:
    """What there is now."""
    prompts = f"{done.found} prompt{'' if done.found == 1 else 's'}"
    if done.carried:
        return (f"Carried over from promptfoo: {', '.join(done.carried)}",)
    if done.adopted:
        return (f"Adopted {prompts} in {', '.join(done.adopted)}; no file of yours was touched.",)
    return (f"{prompts} can be read: promptctl list",) if done.found else ("No prompt yet.",)


def _listed(problems: tuple[str, ...]) -> tuple[str, ...]:
    more = len(problems) - SHOWN
    return problems if more <= 0 else (*problems[:SHOWN], f"and {more} more: promptctl list names them all")


def _next(done: "Initialised") -> tuple[str, ...]:
    example = done.example or "prompts/NAME.yaml"
    inputs = f"{example.rpartition('.')[0]}.inputs.jsonl"
    store = (
        () if done.inputs else (f"  write {inputs}, a line each:", '    {"vars": {"NAME": "..."}, "expected": "..."}')
    )
    return (
        "Next:",
        *store,
        "  git add -A && git commit -m 'Set promptctl up'",
        f"  edit {example}",
        "  promptctl diff       what your edit changed",
        "  promptctl replay     whether the behaviour got worse",
    )
