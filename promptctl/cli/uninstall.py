"""`promptctl uninstall`: take back what `install` did."""

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EXAMPLES = """Example:

  promptctl uninstall
"""


@app.command("uninstall", epilog=EXAMPLES)
def uninstall() -> int:
    """Remove the diff driver from this clone: its configuration, its attributes, its cache. Your own lines stay."""
    from promptctl.cli.shell import say
    from promptctl.cli.wiring.driver import uninstall_driver

    say("the diff driver is removed." if uninstall_driver() else "nothing was installed here.")
    return 0
