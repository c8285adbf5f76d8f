"""What lint found, in each format; SARIF against its JSON Schema (2.1.0 as Microsoft's MIT package jest-sarif has it)."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft4Validator, FormatChecker

from promptctl.prompts.lint import RULES, Finding, Severity
from promptctl.prompts.lint.finding import Place
from promptctl.reports.lint_formats import FORMATS, format_of
from promptctl.reports.lint_view import LintReport

SCHEMA = json.loads(Path(__file__).with_name("sarif-2.1.0.schema.json").read_text("utf-8"))
HOSTILE = "a\x1b[31mred\u202e %0A::error::\n,::"
REPORT = LintReport(
    findings=(
        Finding("PL001", Place("prompts/x y.yaml", 3), "unknown key.", "Mend it.", "x y"),
        Finding("PL101", Place("prompts/p.yaml", 2, 5), "variable 'n' is not given.", "Did you mean 'm'?", "p"),
        Finding("PL205", Place("prompts/p.yaml", 1), "an alias.", "Fix it.", "p"),
        Finding("PL401", Place(f"prompts/{HOSTILE}.md", None), HOSTILE, "", "p"),
        Finding("PL401", Place(f"prompts/{HOSTILE}.md", None), HOSTILE, "", "p"),
    ),
    prompts=3,
    unreadable={"x y": ("prompts/x y.yaml: line 3: unknown key.",)},
    suppressed=2,
)


def shown(name: str, report: LintReport = REPORT) -> str:
    return FORMATS[name](report, color=False)


@pytest.mark.parametrize("report", [REPORT, LintReport(prompts=1)])
def test_sarif_is_valid(report):
    document = json.loads(shown("sarif", report))

    problems = [
        error.message for error in Draft4Validator(SCHEMA, format_checker=FormatChecker()).iter_errors(document)
    ]

    assert [] == problems
    assert "2.1.0" == document["version"]


def test_sarif_says_where_and_by_which_rule():
    (run,) = json.loads(shown("sarif"))["runs"]
    rules = run["tool"]["driver"]["rules"]
    prints = [one["partialFingerprints"]["promptctl/v1"] for one in run["results"]]

    assert [*RULES] == [rule["id"] for rule in rules]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    assert ["error", "error", "note", "warning", "warning"] == [one["level"] for one in run["results"]]
    place = run["results"][1]["locations"][0]["physicalLocation"]
    assert {"startLine": 2, "startColumn": 5} == place["region"]
    assert "prompts/x%20y.yaml" == run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert len(set(prints)) == len(prints)


def test_json_has_every_field():
    document = json.loads(shown("json"))

    assert "promptctl.lint/1" == document["schema"]
    assert {"error": 2, "warning": 2, "info": 1} == document["counts"]
    assert {
        "code": "PL101",
        "rule": "undefined-variable",
        "severity": "error",
        "prompt": "p",
        "path": "prompts/p.yaml",
        "line": 2,
        "column": 5,
        "message": "variable 'n' is not given.",
        "hint": "Did you mean 'm'?",
        "url": RULES["PL101"].page,
    } == document["findings"][1]
    assert ["prompts/x y.yaml: line 3: unknown key."] == document["problems"]


def test_text_has_a_line_a_finding():
    lines = shown("text").splitlines()

    assert "prompts/p.yaml:2:5: PL101 error: variable 'n' is not given. Did you mean 'm'?" == lines[0]
    assert "3 prompts: 2 errors, 2 warnings, 1 info; 2 suppressed; 1 prompt could not be read." == lines[-1]
    assert 5 == len(lines)
    assert "\x1b[31merror\x1b[0m" in FORMATS["text"](REPORT, color=True)


def test_github_commands_cannot_be_forged():
    lines = shown("github").splitlines()

    assert (
        "::error file=prompts/p.yaml,line=2,col=5,title=PL101::variable 'n' is not given. Did you mean 'm'?" == lines[1]
    )
    assert all(
        re.match(r"::(error|warning|notice) file=[^,:]+(,line=\d+)?(,col=\d+)?,title=PL\d{3}::", line)
        for line in lines[:-1]
    )
    assert 6 == len(lines)


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_hostile_comes_through(name):
    assert not re.search("[\x1b\u202e]", shown(name))


def test_what_fails():
    info = LintReport(findings=REPORT.findings[2:3])

    assert REPORT.failed
    assert not info.failed
    assert LintReport(findings=info.findings, failing=Severity.INFO).failed


def test_the_extension_says_the_format():
    assert ["sarif", "json", "sarif", "github"] == [
        format_of(Path("a.sarif"), "text"),
        format_of(Path("a.json"), "text"),
        format_of(Path("a.json"), "sarif"),
        format_of(Path("a.log"), "github"),
    ]


def test_every_rule_has_its_place_in_the_documentation():
    page = Path(__file__).parents[2] / "docs" / "lint.md"
    text = page.read_text("utf-8")

    for rule in RULES.values():
        assert (
            f'### <a id="{rule.code.lower()}"></a>{rule.code} {rule.name} ({rule.severity.value})\n{rule.summary}'
            in text
        )
    assert list(RULES) == re.findall(r'<a id="pl\d+"></a>(PL\d+) ', text)
