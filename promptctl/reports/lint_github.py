"""LintReport -> workflow commands of GitHub Actions, shown as annotations in a pull request."""

from promptctl.prompts.lint import Finding, Severity
from promptctl.reports.lint_text import summary
from promptctl.reports.lint_view import LintReport
from promptctl.reports.safe import one_line, printable

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render_github(report: LintReport) -> str:
    """A command a finding, and a last line that counts."""
    return "\n".join([*map(_command, report.findings), summary(report)]) + "\n"


def _command(finding: Finding) -> str:
    place = finding.place
    properties = [("file", printable(place.path)), ("line", place.line), ("col", place.column), ("title", finding.code)]
    given = ",".join(f"{name}={_property(str(value))}" for name, value in properties if value is not None)
    said = _data(one_line(f"{finding.message} {finding.hint}"))
    return f"::{_COMMANDS[finding.severity]} {given}::{said}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
