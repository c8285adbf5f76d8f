"""Format name -> what writes a diff in it."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Protocol

from promptctl.errors import UserError
from promptctl.reports.diff_view import DiffReport


class DiffFormat(Protocol):
    """A diff as text. What only a terminal needs is given to every format, and others pass it by."""

    def __call__(
        self,
        report: DiffReport,
        *,
        width: int = 100,
        color: bool = False,
        encoding: str = "utf-8",
        side_by_side: bool = False,
        stat: bool = False,
    ) -> str: ...


def _terminal(
    report: DiffReport,
    *,
    width: int = 100,
    color: bool = False,
    encoding: str = "utf-8",
    side_by_side: bool = False,
    stat: bool = False,
) -> str:
    from promptctl.reports.terminal_diff import render_diff  # 50 ms: rich

    if not report.prompts:
        return ""
    return render_diff(report, width=width, color=color, encoding=encoding, side_by_side=side_by_side, stat=stat)


def _json(report: DiffReport, **_terminal_only: object) -> str:
    from promptctl.reports.diff_view import to_json
    from promptctl.reports.json import dumps  # 15 ms

    return dumps(to_json(report))


def _markdown(report: DiffReport, **_terminal_only: object) -> str:
    from promptctl.reports.diff_view import to_markdown

    return to_markdown(report)


def _html(report: DiffReport, **_terminal_only: object) -> str:
    from promptctl.reports.diff_html import to_html

    return to_html(report)


FORMATS: Mapping[str, DiffFormat] = {"terminal": _terminal, "json": _json, "markdown": _markdown, "html": _html}
EXTENSIONS: Mapping[str, str] = {
    ".txt": "terminal",
    ".json": "json",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
}


def format_of(path: str | PurePath) -> str:
    """The format that a file's extension stands for. Raises UserError for one that stands for none."""
    suffix = PurePath(path).suffix.lower()
    if suffix in EXTENSIONS:
        return EXTENSIONS[suffix]
    said = f"the extension {suffix!r} stands for no format" if suffix else "no extension says which format to write"
    from difflib import get_close_matches  # 3 ms: only a mistake pays it

    near = get_close_matches(suffix, EXTENSIONS, n=1) if suffix else []
    meant = f" Did you mean {near[0]}?" if near else ""
    raise UserError(f"-o {path}: {said}.", hint=f"Known are {', '.join(EXTENSIONS)}.{meant}")
