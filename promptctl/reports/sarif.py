"""ReplayReport -> SARIF 2.1.0: what broke, on the lines of the prompt file, for code scanning."""

import hashlib
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote

from promptctl import __version__
from promptctl.reports.findings import broken_count, count_of
from promptctl.reports.json import dumps
from promptctl.reports.numbers import place
from promptctl.reports.phrases import by_severity, standing
from promptctl.reports.places import case_said, region, told, verdict_said
from promptctl.reports.safe import one_line, shortened
from promptctl.reports.view import CaseView, PromptView, ReplayReport

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST = 5_000  # results: code scanning shows no more of a run
_RULES: Mapping[str, tuple[str, str, str]] = {
    "regressed-case": ("error", "A stored input that passed before fails now", "Confirmed by fresh samples."),
    "case-without-result": ("error", "A stored input could not be asked or scored", "The message says why."),
    "failed-prompt": ("error", "A gate of the replay failed", "The message names the gates and the evidence."),
    "prompt-without-verdict": ("error", "Too many cases have no result", "The message says how many."),
    "inconclusive-prompt": ("warning", "The replay can tell neither way", "More inputs or samples would."),
}
_VERDICTS: Mapping[str, str] = {
    "regressed": "failed-prompt",
    "error": "prompt-without-verdict",
    "inconclusive": "inconclusive-prompt",
}


def render_sarif(report: ReplayReport) -> str:
    """The log as text, with its last line ended."""
    return dumps(sarif(report)) + "\n"


def sarif(report: ReplayReport) -> dict[str, Any]:
    """The log: one run, a result for each prompt that did not pass, and for each broken case."""
    results = list(islice(_results(report), MOST))
    failed = sum(broken_count(prompt) + count_of(prompt, "error") for prompt in report.prompts)
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver()},
                "automationDetails": {"id": f"promptctl/{_id(report.run)}"},
                "invocations": [
                    {
                        "executionSuccessful": report.verdict != "error",
                        "exitCode": report.exit_code,
                        "endTimeUtc": f"{report.created[:19]}Z",
                    }
                ],
                "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
                "columnKind": "unicodeCodePoints",
                "results": results,
                "properties": {
                    "verdict": report.verdict,
                    "old": one_line(place(report.old)),
                    "new": one_line(place(report.new)),
                    "brokenCases": failed,
                },
            }
        ],
    }


def _driver() -> dict[str, Any]:
    return {
        "name": "promptctl",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": "https://github.com/promptctl/promptctl",
        "rules": [
            {
                "id": rule,
                "shortDescription": {"text": f"{what}."},
                "fullDescription": {"text": f"{what}. {more}"},
                "defaultConfiguration": {"level": level},
                "helpUri": "https://github.com/promptctl/promptctl/blob/main/docs/replay.md",
            }
            for rule, (level, what, more) in _RULES.items()
        ],
    }


def _results(report: ReplayReport) -> Iterator[dict[str, Any]]:
    prompts = by_severity(report.prompts)
    for prompt in prompts:
        if prompt.verdict in _VERDICTS:
            said = f"{prompt.prompt}: {prompt.verdict}. {verdict_said(prompt)}"
            yield _result(_VERDICTS[prompt.verdict], prompt, "", said, {})
    for prompt in prompts:
        for case in told(prompt, MOST):
            yield _case(prompt, case)


def _case(prompt: PromptView, case: CaseView) -> dict[str, Any]:
    rule = "case-without-result" if case.status == "error" else "regressed-case"
    said = f"{prompt.prompt}: case {case.id} ({standing(case)}). {case_said(case)}"
    tags = list(dict.fromkeys(one_line(tag) for tag in case.tags[:20]))  # SARIF wants them distinct
    more = {"case": one_line(case.id), "confirmed": case.confirmed, "tags": tags}
    found = _result(rule, prompt, case.id, said, more)
    return found if case.excuse is None else {**found, "level": "note"}


def _result(rule: str, prompt: PromptView, case: str, said: str, more: Mapping[str, Any]) -> dict[str, Any]:
    where = region(prompt)
    location: dict[str, Any] = {"logicalLocations": [{"name": one_line(prompt.prompt), "kind": "resource"}]}
    if where is not None:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": quote(where.path, errors="replace"), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": where.first, "endLine": where.last},
        }
    return {
        "ruleId": rule,
        "ruleIndex": list(_RULES).index(rule),
        "level": _RULES[rule][0],
        "message": {"text": _message(said)},
        "locations": [location],
        "partialFingerprints": {"promptctl/v1": _digest(rule, prompt.prompt, case)},
        "properties": {"prompt": one_line(prompt.prompt), **more},
    }


def _message(text: str) -> str:
    """One line; SARIF reads `[text](target)` as a link and `{0}` as a place to fill: neither is left."""
    line = shortened(one_line(text), 4_000).replace("\\", "\\\\")
    return line.replace("[", "\\[").replace("]", "\\]").replace("{", "{{").replace("}", "}}")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _id(run: str) -> str:
    return quote(run or "none", safe="", errors="replace")
