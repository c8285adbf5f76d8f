"""LintReport -> `promptctl.lint/1`."""

from typing import Any

from promptctl.prompts.lint import Finding, Severity
from promptctl.reports.json import dumps
from promptctl.reports.lint_view import LintReport

SCHEMA = "promptctl.lint/1"


def render_json(report: LintReport) -> str:
    """Findings, counts, and the prompts that could not be read."""
    document = {
        "schema": SCHEMA,
        "prompts": report.prompts,
        "counts": {severity.value: report.count(severity) for severity in Severity},
        "suppressed": report.suppressed,
        "failed": report.failed,
        "findings": [_finding(one) for one in report.findings],
        "problems": [line for lines in report.unreadable.values() for line in lines],
    }
    return dumps(document) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "rule": finding.rule.name,
        "severity": finding.severity.value,
        "prompt": finding.prompt or None,
        "path": finding.place.path,
        "line": finding.place.line,
        "column": finding.place.column,
        "message": finding.message,
        "hint": finding.hint or None,
        "url": finding.rule.page,
    }
