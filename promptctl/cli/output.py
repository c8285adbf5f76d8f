"""A report -> stdout and files, in the formats that were asked for."""

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from promptctl.documents import suggestion
from promptctl.errors import CouldNotFindOut, UserError
from promptctl.reports import formats
from promptctl.reports.view import ReplayReport

NARROWEST, WIDEST, PIPE = 60, 200, 100  # columns


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where a report goes: one format to stdout, any number of files by their extension."""

    stdout: str
    files: tuple[tuple[Path, str], ...] = ()

    @classmethod
    def of(cls, stdout: str, files: Sequence[Path]) -> "Outputs":
        """Raises UserError for an unknown format or extension, or an absent folder: before anything is asked."""
        one_of(stdout, tuple(formats.FORMATS))
        absent = next((path for path in files if not path.parent.is_dir()), None)
        if absent is not None:
            raise UserError(f"{absent}: there is no folder {absent.parent}.", hint="Make it first.")
        return cls(stdout, tuple((path, formats.format_of(path)) for path in files))

    def write(self, report: ReplayReport) -> None:
        """Print and write. A file that cannot be written is named after the rest is out; the report is stored."""
        for piece in formats.pieces(formats.FORMATS[self.stdout], report, **terminal()):
            typer.echo(piece, nl=False)
        problems = [problem for path, name in self.files if (problem := _written(path, name, report))]
        if problems:
            raise CouldNotFindOut(" ".join(problems), hint="`promptctl report -o FILE` writes it again.")


def _written(path: Path, name: str, report: ReplayReport) -> str | None:
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(formats.pieces(formats.FORMATS[name], report, width=PIPE, color=False))
    except OSError as error:
        return f"{path}: cannot be written: {error.strerror or error}."
    return None


def one_of(name: str, known: Sequence[str]) -> None:
    """Raises UserError for a format that is none of these."""
    if name not in known:
        raise UserError(f"--format {name}: unknown.", hint=suggestion(name, known))


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
