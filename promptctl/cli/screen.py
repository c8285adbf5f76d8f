"""What is printed for people: how wide, in which colours, and in which of the formats that there are.

Apart from `output`, which brings the whole view of a replay with it: 12 ms that `diff` has no use for.
"""

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from typing import Any

import typer

from promptctl.documents import suggestion
from promptctl.errors import UserError

NARROWEST, WIDEST, PIPE = 60, 200, 100  # columns


def one_of(name: str, known: Sequence[str], flag: str = "--format") -> None:
    """Raises UserError for a value of a flag that is none of these."""
    if name not in known:
        raise UserError(f"{flag} {name}: unknown.", hint=suggestion(name, known))


def terminal() -> dict[str, Any]:
    """What stdout can show: its width in cells, whether in colour, in which encoding."""
    there = sys.stdout.isatty()
    width = shutil.get_terminal_size((PIPE, 24)).columns if there or os.environ.get("COLUMNS") else PIPE
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    color = not plain and (there or bool(os.environ.get("FORCE_COLOR")))
    return {
        "width": min(max(width, NARROWEST), WIDEST),
        "color": color,
        "encoding": sys.stdout.encoding or "utf-8",
    }


def page(render: Callable[..., str]) -> None:
    """Print what a renderer of `reports` makes for this terminal."""
    typer.echo(render(**terminal()).rstrip("\n"))
