"""Format name -> what writes a lint report in it."""

from collections.abc import Callable, Mapping
from pathlib import PurePath

from promptctl.reports.lint_view import LintReport


def _text(report: LintReport, *, color: bool) -> str:
    from promptctl.reports.lint_text import render_text

    return render_text(report, color=color)


def _json(report: LintReport, *, color: bool) -> str:  # noqa: ARG001 - every format is called alike
    from promptctl.reports.lint_json import render_json

    return render_json(report)


def _sarif(report: LintReport, *, color: bool) -> str:  # noqa: ARG001 - every format is called alike
    from promptctl.reports.lint_sarif import render_sarif

    return render_sarif(report)


def _github(report: LintReport, *, color: bool) -> str:  # noqa: ARG001 - every format is called alike
    from promptctl.reports.lint_github import render_github

    return render_github(report)


FORMATS: Mapping[str, Callable[..., str]] = {"text": _text, "json": _json, "sarif": _sarif, "github": _github}
_EXTENSIONS: Mapping[str, str] = {".json": "json", ".sarif": "sarif", ".txt": "text"}


def format_of(path: PurePath, default: str) -> str:
    """The format that a file's extension says; the one that was asked for where it says none, or the same family."""
    found = _EXTENSIONS.get(path.suffix.lower(), default)
    return "sarif" if found == "json" and default == "sarif" else found
