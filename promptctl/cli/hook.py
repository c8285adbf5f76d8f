"""`promptctl hook`: what git's hooks and the pre-commit framework run."""

from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)

EXAMPLES = """Examples:

  promptctl install             puts pre-commit and pre-push into this clone

  promptctl hook replay         what the framework's hook promptctl-replay runs

Where no prompt is staged each ends at once. `hook:` in the settings holds the limits (max_calls, max_cost_usd,
time_limit), and `on_incomplete: pass` or `fail` for what could not be found out within them.
"""
_MORE = {"ignore_unknown_options": True, "allow_extra_args": True}
Flags = Annotated[list[str] | None, typer.Argument(metavar="[FLAGS]...", help="Further flags of the command.")]


@app.callback(epilog=EXAMPLES)
def hook() -> None:
    """What the hooks run: what is staged, or what is pushed, within a budget."""


@app.command("lint", context_settings=_MORE)
def lint(flags: Flags = None) -> int:
    """Static findings in what is staged. Example: promptctl hook lint."""
    from promptctl.cli.wiring import hooks

    return hooks.run("lint", flags or ())


@app.command("diff", context_settings=_MORE)
def diff(flags: Flags = None) -> int:
    """What is staged, semantically; it fails only where nothing can be read. Example: promptctl hook diff --stat."""
    from promptctl.cli.wiring import hooks

    return hooks.run("diff", flags or ())


@app.command("replay", context_settings=_MORE)
def replay(flags: Flags = None) -> int:
    """Replay what is staged, within the limits of `hook:`. Example: promptctl hook replay --offline."""
    from promptctl.cli.wiring import hooks

    return hooks.replay(["--staged", *(flags or ())])


@app.command("pre-commit")
def pre_commit() -> int:
    """Lint and replay what is staged. Example: promptctl hook pre-commit."""
    from promptctl.cli.wiring import hooks

    return hooks.run("lint", ()) or hooks.replay(["--staged"])


@app.command("pre-push")
def pre_push(
    remote: Annotated[str, typer.Argument(help="As git gives it.")] = "origin",
    url: Annotated[str, typer.Argument(help="As git gives it.", hidden=True)] = "",  # noqa: ARG001 - git gives it
) -> int:
    """Replay what is pushed against what the remote has; git gives the refs on stdin. Example: git push."""
    import sys

    from promptctl.cli.wiring import hooks

    return hooks.pushed(remote, sys.stdin)
