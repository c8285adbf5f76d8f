"""LintReport -> SARIF 2.1.0, as code scanning reads it."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from promptctl import __version__
from promptctl.prompts.lint import RULES, Finding, Rule, Severity
from promptctl.reports.json import dumps
from promptctl.reports.lint_view import LintReport
from promptctl.reports.safe import one_line

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Mapping[Severity, str] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_ROOT = "SRCROOT"


def render_sarif(report: LintReport) -> str:
    """One run; every rule is described, whether it found something or not."""
    seen: Counter[str] = Counter()
    document = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "promptctl",
                        "semanticVersion": __version__,
                        "informationUri": "https://github.com/promptctl/promptctl",
                        "rules": [_rule(rule) for rule in RULES.values()],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": [
                            {"level": "error", "message": {"text": one_line(line)}}
                            for lines in report.unreadable.values()
                            for line in lines
                        ],
                    }
                ],
                "results": [_result(one, seen) for one in report.findings],
            }
        ],
    }
    return dumps(document) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "helpUri": rule.page,
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": ["prompt"]},
    }


def _result(finding: Finding, seen: "Counter[str]") -> dict[str, Any]:
    place = finding.place
    region = {"startLine": place.line or 1, **({"startColumn": place.column} if place.line and place.column else {})}
    return {
        "ruleId": finding.code,
        "ruleIndex": list(RULES).index(finding.code),
        "level": _LEVELS[finding.severity],
        "message": {"text": one_line(f"{finding.message} {finding.hint}")},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(place.path), "uriBaseId": _ROOT},
                    "region": region,
                }
            }
        ],
        "partialFingerprints": {"promptctl/v1": _fingerprint(finding, seen)},
    }


def _fingerprint(finding: Finding, seen: "Counter[str]") -> str:
    """The same finding after lines moved has the same fingerprint; the second of two alike has its own."""
    words = "".join(character for character in finding.message if not character.isdigit())
    key = f"{finding.code}\0{finding.place.path}\0{finding.prompt}\0{words}"
    seen[key] += 1
    return hashlib.sha256(f"{key}\0{seen[key]}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
