"""LintReport -> a line a finding, as compilers print them, and a line that counts."""

from promptctl.prompts.lint import Finding, Severity
from promptctl.reports.lint_view import LintReport
from promptctl.reports.safe import one_line

_COLORS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}


def render_text(report: LintReport, *, color: bool = False) -> str:
    """`path:line:column: CODE severity: what. What next.`; prompts that cannot be read are told elsewhere."""
    lines = [_line(one, color=color) for one in report.findings if one.code != "PL001"]
    return "\n".join([*lines, summary(report)]) + "\n"


def summary(report: LintReport) -> str:
    """How many findings, in how many prompts."""
    counted = [(report.count(severity), severity) for severity in Severity]
    found = [
        f"{number:,} info" if severity is Severity.INFO else _number(number, severity.value)
        for number, severity in counted
        if number
    ]
    said = ", ".join(found) if found else "nothing found"
    more = f"; {report.suppressed} suppressed" if report.suppressed else ""
    bad = f"; {_number(len(report.unreadable), 'prompt')} could not be read" if report.unreadable else ""
    return f"{_number(report.prompts, 'prompt')}: {said}{more}{bad}."


def _line(finding: Finding, *, color: bool) -> str:
    place = ":".join(
        str(part)
        for part in (one_line(finding.place.path), finding.place.line, finding.place.column)
        if part is not None
    )
    severity = finding.severity.value
    label = f"\x1b[{_COLORS[finding.severity]}m{severity}\x1b[0m" if color else severity
    said = f"{finding.message} {finding.hint}".rstrip()
    return f"{place}: {finding.code} {label}: {one_line(said)}"


def _number(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"
