"""`promptctl uninstall`: take back what `install` did."""

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)

NOTHING = "nothing was installed here."

EXAMPLES = """Example:

  promptctl uninstall
"""


@app.command("uninstall", epilog=EXAMPLES)
def uninstall() -> int:
    """Remove hooks and diff driver from this clone: configuration, attributes, cache. Your own hooks and lines stay."""
    from promptctl.cli.shell import say
    from promptctl.cli.wiring.driver import uninstall_driver
    from promptctl.cli.wiring.hooks import uninstall_hooks

    hooks = uninstall_hooks()  # first, since it may refuse
    gone = [name for name, was in (("the diff driver", uninstall_driver()), ("the hooks", hooks)) if was]
    say(f"{' and '.join(gone)} {'are' if len(gone) > 1 or 'the hooks' in gone else 'is'} removed." if gone else NOTHING)
    return 0
