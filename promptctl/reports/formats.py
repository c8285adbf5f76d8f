"""Format name -> what writes a replay's report in it."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import PurePath
from typing import Any, Protocol

from promptctl.errors import UserError
from promptctl.reports.view import ReplayReport


class Format(Protocol):
    """A report as text, or in pieces where it grows with the cases.

    What only a terminal needs is given to every format, and others pass it by.
    """

    def __call__(
        self, report: ReplayReport, *, width: int = 80, color: bool = False, encoding: str = "utf-8"
    ) -> str | Iterator[str]: ...


def _terminal(report: ReplayReport, *, width: int = 80, color: bool = False, encoding: str = "utf-8") -> str:
    from promptctl.reports.terminal import render_replay  # 60 ms: rich

    return render_replay(report, width=width, color=color, encoding=encoding)


def _json(report: ReplayReport, **_terminal_only: object) -> Iterator[str]:
    from promptctl.reports.json import json_pieces

    return json_pieces(report)


def _markdown(report: ReplayReport, **_terminal_only: object) -> str:
    from promptctl.reports.markdown import render_markdown

    return render_markdown(report)


FORMATS: Mapping[str, Format] = {"terminal": _terminal, "json": _json, "markdown": _markdown}
EXTENSIONS: Mapping[str, str] = {".txt": "terminal", ".json": "json", ".md": "markdown", ".markdown": "markdown"}


def pieces(format_: Format, report: ReplayReport, **terminal: Any) -> Iterator[str]:
    """The report as that format writes it, piece by piece; its last line is ended."""
    written = format_(report, **terminal)
    yield from (written.rstrip("\n"), "\n") if isinstance(written, str) else written


def format_of(path: str | PurePath) -> str:
    """The format that a file's extension stands for. Raises UserError for one that stands for none."""
    suffix = PurePath(path).suffix.lower()
    if suffix in EXTENSIONS:
        return EXTENSIONS[suffix]
    known = ", ".join(EXTENSIONS)
    said = f"the extension {suffix!r} stands for no format" if suffix else "no extension says which format to write"
    raise UserError(f"-o {path}: {said}.", hint=f"Known are {known}.{_meant(suffix)}")


def _meant(suffix: str) -> str:
    near = get_close_matches(suffix, EXTENSIONS, n=1) if suffix else []
    return f" Did you mean {near[0]}?" if near else ""
