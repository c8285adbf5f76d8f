"""`promptctl install`: what promptctl does inside git, in this clone."""

from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EXAMPLES = """Examples:

  promptctl install                     the hooks pre-commit and pre-push

  promptctl install --hook pre-commit   this one alone

  promptctl install --diff-driver       git diff tells what an edit of a prompt means

A hook that is there already runs first. Run install again after a change of `prompts:` in the settings.
`promptctl uninstall` takes everything back.
"""


@app.command("install", epilog=EXAMPLES)
def install(
    hook: Annotated[
        list[str] | None, typer.Option("--hook", metavar="NAME", help="pre-commit or pre-push; repeatable.")
    ] = None,
    diff_driver: Annotated[
        bool, typer.Option("--diff-driver", help="git diff, git log -p and git show print the semantic diff.")
    ] = False,
) -> int:
    """Put promptctl into git's hooks, or into git's own diff, in this clone. Nothing is checked in."""
    from promptctl.cli.screen import one_of
    from promptctl.cli.shell import say
    from promptctl.cli.wiring.driver import install_driver
    from promptctl.cli.wiring.hooks import install_hooks
    from promptctl.versions.hooks import HOOKS

    for name in hook or ():
        one_of(name, HOOKS, "--hook")
    if diff_driver:
        fresh = install_driver()
        say(
            "git diff, git log -p and git show print the semantic diff of prompt files in this clone."
            if fresh
            else "the diff driver is installed already."
        )
    if hook or not diff_driver:
        names = tuple(hook or HOOKS)
        fresh = install_hooks(names)
        are = "are" if len(names) > 1 else "is"
        say(
            f"{' and '.join(names)} {are} installed: what touches prompts is replayed, within the limits of `hook:`."
            if fresh
            else f"{' and '.join(names)} {are} installed already."
        )
    return 0
