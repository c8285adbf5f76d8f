"""`promptctl demo`: an edit that breaks a prompt, replayed in a repository of its own."""

import textwrap
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EXAMPLES = """Examples:

  promptctl demo

  promptctl demo try-it --recorded    no model: the answers that it gave

The real model needs the extra [local] (pip install 'promptctl-cli[local]') and fetches 93 MB of weights once; no key.
Exit code: the replay's. 1 is what you should see: the edit made a prompt worse.
"""

DEFAULT = Path("promptctl-demo")
INSTALL = "With pip install 'promptctl-cli[local]' the demo asks it itself."
AS_ASKED = "as --recorded asks"


@app.command("demo", epilog=EXAMPLES)
def demo(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="A new or empty folder.")] = DEFAULT,
    recorded: Annotated[bool, typer.Option("--recorded", help="Replay recorded answers; ask no model.")] = False,
) -> int:
    """Make a small git repository with two versions of two prompts, and replay the edit on a real local model."""
    from promptctl.cli import wiring
    from promptctl.cli.output import Outputs
    from promptctl.cli.shell import say
    from promptctl.errors import CouldNotFindOut
    from promptctl.workflows.demo import has_recordings, make_repository
    from promptctl.workflows.request import Mode, ReplayRequest

    missing = AS_ASKED if recorded else wiring.local_model_missing()
    if missing is not None and not has_recordings():
        raise CouldNotFindOut(f"no recorded answers came with promptctl, and no model is asked: {missing}.")
    make_repository(folder)
    say(f"made {folder}: a git repository with two versions of two prompts")
    if missing is None:
        say("asking the local model, SmolLM2 135M, what each version answers: a few minutes, all on this machine")
    else:
        say(f"replaying answers that this model gave before ({missing})")
    # The recordings lie beside the prompts; a model that is at hand is asked all the same.
    request = ReplayRequest(
        revisions=("HEAD~1..HEAD",),
        fresh=missing is None,
        mode=Mode.NORMAL if missing is None else Mode.FROZEN,
    )
    code = wiring.run_replay(request, Outputs.of("terminal", ()), root=folder)
    typer.echo(f"\n{closing(code, folder, missing=missing)}")
    return code


def closing(code: int, folder: Path, *, missing: str | None) -> str:
    """What the exit code means, who answered, and what to try next."""
    return "\n".join([*_meaning(code), *_answered_by(missing), "", *_next(folder)])


def _meaning(code: int) -> tuple[str, ...]:
    match code:
        case 0:
            return ("Exit code 0: on this machine the edit made no prompt worse.",)
        case 1:
            return (
                "Exit code 1: the edit made a prompt worse, and fresh answers confirmed it.",
                "A hook or a build that runs `promptctl replay` stops here.",
            )
        case 3:
            return ("Exit code 3: it could not be found out; the report names what is missing.",)
    return (f"Exit code {code}: see the message above.",)


def _answered_by(missing: str | None) -> tuple[str, ...]:
    if missing is None:
        return ("The answers came from SmolLM2 135M, just now, on this machine.",)
    said = f"The answers are recorded ones of SmolLM2 135M ({missing})."
    more = "Without --recorded the model itself is asked." if missing == AS_ASKED else INSTALL
    return (*textwrap.wrap(said, 80, break_long_words=False, break_on_hyphens=False), more)


def _next(folder: Path) -> tuple[str, ...]:
    return (
        "What to try next:",
        f"  cd {folder}",
        "  promptctl diff HEAD~1 HEAD             what the edit changed",
        "  edit prompts/orders.yaml",
        "  promptctl replay                       what your own edit does",
        "  promptctl report --format markdown     this report for a pull request",
    )
