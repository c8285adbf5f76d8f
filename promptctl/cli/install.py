"""`promptctl install` and `promptctl uninstall`: what promptctl does inside git, in this repository."""

from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EXAMPLES = """Examples:

  promptctl install --diff-driver

  git diff                              now tells what an edit of a prompt means

  git diff --no-ext-diff --no-textconv  the plain lines, once

Run it again after a change of `prompts:` in the settings. `promptctl uninstall` takes everything back.
"""


@app.command("install", epilog=EXAMPLES)
def install(
    diff_driver: Annotated[
        bool, typer.Option("--diff-driver", help="git diff, git log -p and git show print the semantic diff.")
    ] = False,
) -> int:
    """Let git print the semantic diff of prompt files, in this clone. Nothing is checked in."""
    from promptctl.cli.shell import say
    from promptctl.cli.wiring.driver import install_driver
    from promptctl.errors import UserError

    if not diff_driver:
        raise UserError("say what to install.", hint="promptctl install --diff-driver")
    fresh = install_driver()
    say(
        "git diff, git log -p and git show print the semantic diff of prompt files in this clone."
        if fresh
        else "the diff driver is installed already."
    )
    return 0
