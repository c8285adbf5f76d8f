"""Format name -> what writes a replay's report in it."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import PurePath
from typing import Protocol

from promptctl.errors import UserError
from promptctl.reports.view import ReplayReport

PARQUET = "parquet"  # the one format that is no text: `parquet.write_parquet`


class Format(Protocol):
    """A report as pieces of text, in order. What only a terminal needs is given to every format; others pass it by."""

    def __call__(
        self, report: ReplayReport, *, width: int = 80, color: bool = False, encoding: str = "utf-8"
    ) -> Iterator[str]: ...


def _terminal(report: ReplayReport, *, width: int = 80, color: bool = False, encoding: str = "utf-8") -> Iterator[str]:
    from promptctl.reports.terminal import render_replay  # 60 ms: rich

    yield render_replay(report, width=width, color=color, encoding=encoding)


def _json(report: ReplayReport, **_terminal_only: object) -> Iterator[str]:
    from promptctl.reports.json import json_pieces

    return json_pieces(report)


def _markdown(report: ReplayReport, **_terminal_only: object) -> Iterator[str]:
    from promptctl.reports.markdown import render_markdown

    yield render_markdown(report)


def _html(report: ReplayReport, **_terminal_only: object) -> Iterator[str]:
    from promptctl.reports.html import html_page

    return html_page(report)


def _junit(report: ReplayReport, **_terminal_only: object) -> Iterator[str]:
    from promptctl.reports.junit import junit_xml

    return junit_xml(report)


def _github(report: ReplayReport, **_terminal_only: object) -> Iterator[str]:
    from promptctl.reports.github import annotations

    return annotations(report)


def _sarif(report: ReplayReport, **_terminal_only: object) -> Iterator[str]:
    from promptctl.reports.sarif import render_sarif

    yield render_sarif(report)


def _csv(report: ReplayReport, **_terminal_only: object) -> Iterator[str]:
    from promptctl.reports.case_csv import csv_lines

    return csv_lines(report)


FORMATS: Mapping[str, Format] = {
    "terminal": _terminal,
    "json": _json,
    "markdown": _markdown,
    "html": _html,
    "junit": _junit,
    "github": _github,
    "sarif": _sarif,
    "csv": _csv,
}
NAMES: tuple[str, ...] = (*FORMATS, PARQUET)
EXTENSIONS: Mapping[str, str] = {
    ".txt": "terminal",
    ".json": "json",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xml": "junit",
    ".sarif": "sarif",
    ".csv": "csv",
    ".parquet": PARQUET,
}


def format_of(path: str | PurePath) -> str:
    """The format that a file's extension stands for. Raises UserError for one that stands for none."""
    name = PurePath(path).name.lower()
    suffix = PurePath(name).suffix
    if name.endswith(".sarif.json"):  # what code scanning calls its files
        return "sarif"
    if suffix in EXTENSIONS:
        return EXTENSIONS[suffix]
    known = ", ".join(EXTENSIONS)
    said = f"the extension {suffix!r} stands for no format" if suffix else "no extension says which format to write"
    raise UserError(f"-o {path}: {said}.", hint=f"Known are {known}.{_meant(suffix)}")


def check_installed(name: str) -> None:
    """Raises UserError where the format needs a package that is not there: said before anything is asked."""
    if name == PARQUET and find_spec("pyarrow") is None:
        raise UserError(
            "parquet is written by pyarrow, which is not installed.",
            hint="Install it with: pip install 'promptctl-cli[parquet]'",
        )


def _meant(suffix: str) -> str:
    near = get_close_matches(suffix, EXTENSIONS, n=1) if suffix else []
    return f" Did you mean {near[0]}?" if near else ""
