"""JUnit, SARIF and GitHub's annotations: each names the reason, on the lines of the prompt's file."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from hostile_reports import poisoned
from hostile_texts import CORPUS, LIVE
from hypothesis import given
from report_examples import ADDED, ALL_PASSED, EXAMPLES, NOTHING, ONE_PROMPT, SEVERAL, TRIAGE, UNSCORED
from report_strategies import report as reports

from promptctl.reports.edit import EditView
from promptctl.reports.github import annotations
from promptctl.reports.junit import junit_xml
from promptctl.reports.sarif import render_sarif, sarif

EDIT = EditView("prompts/support/triage.yaml", "modified", added=2, ranges=((4, 6), (9, 9)))
EDITED = replace(ONE_PROMPT, prompts=(replace(TRIAGE, edit=EDIT),))
COMMAND = re.compile(r"::(error|warning|notice) (?:file=[^:,]*,line=\d+,endLine=\d+,)?title=[^:,]*::[^\n]*\n")


def junit(report):
    return ET.fromstring("".join(junit_xml(report)))


def test_junit_names_the_reason_of_every_failure():
    root = junit(ONE_PROMPT)
    failures = {
        test.get("name"): test.find("failure") for test in root.iter("testcase") if test.find("failure") is not None
    }

    assert set(failures) == {"verdict", "t-001", "t-014", "t-022", "t-031"}
    assert failures["t-001"].get("message") == "confirmed: equals: expected 'billing', got 'technical'"
    assert "old: billing\nnew: technical" in failures["t-001"].text
    assert "asked again: new passed 0 of 7, old 7 of 7" in failures["t-001"].text
    assert failures["verdict"].get("message").startswith("max_regressions: 3, limit 0")


def test_junit_counts_add_up():
    for report in EXAMPLES.values():
        for suite in junit(report):
            tests = list(suite.iter("testcase"))
            for counted, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                assert int(suite.get(counted)) == sum(test.find(tag) is not None for test in tests)
            assert int(suite.get("tests")) == len(tests)


def test_what_fails_on_both_sides_or_is_unscored_is_no_failure():
    tests = {test.get("name"): test for test in junit(SEVERAL).iter("testcase")}

    assert tests["t-040"].find("skipped").get("message").startswith("fails on both sides: equals:")
    assert "the answer changed" in tests["b-1"].find("skipped").get("message")
    assert "t-019: flaky: new passed 5 of 7" in junit(SEVERAL)[0].find("system-out").text.splitlines()[-1]
    assert tests["e-1"].find("skipped").get("message").startswith("fails: equals")


def test_an_added_prompt_that_misses_its_bar_fails_by_its_cases():
    (suite,) = junit(replace(ONE_PROMPT, prompts=(replace(ADDED, verdict="regressed"),)))

    assert int(suite.get("failures")) == 6


def test_inconclusive_fails_only_where_the_gate_says_so():
    passes = replace(ALL_PASSED, verdict="inconclusive", prompts=(UNSCORED,))

    assert junit(passes)[0].get("failures") == "0"
    assert junit(replace(passes, exit_code=4))[0].get("failures") == "1"


def test_passed_and_nothing_are_valid():
    assert [suite.get("failures") for suite in junit(ALL_PASSED)] == ["0"]
    assert len(junit(NOTHING)) == 0


@pytest.mark.parametrize("name", EXAMPLES)
def test_junit_holds_to_the_schemas_of_those_who_read_it(name):
    assert junit_mistakes(EXAMPLES[name]) == []


def junit_mistakes(report):
    """What the schema finds; called last, since it skips a test where lxml is not installed."""
    etree = pytest.importorskip("lxml.etree", reason="lxml, which reads XML Schemas, is not installed")
    schema = etree.XMLSchema(file=Path(__file__).with_name("junit.xsd"))
    schema.validate(etree.fromstring("".join(junit_xml(report)).encode()))
    return [f"line {mistake.line}: {mistake.message}" for mistake in schema.error_log]


def test_annotations_stand_on_the_lines_that_changed():
    lines = list(annotations(EDITED))

    assert lines[0].startswith(
        "::error file=prompts/support/triage.yaml,line=4,endLine=6,title=support/triage%3A regressed::4 cases regressed"
    )
    assert (
        "title=support/triage%3A t-001 regressed%2C confirmed::equals: expected 'billing', got 'technical'" in lines[1]
    )
    assert lines[-1] == "promptctl report 20261122T214730-3f9c2d --format markdown shows the whole report.\n"


def test_no_more_errors_than_github_shows():
    lines = list(annotations(SEVERAL)) + list(annotations(EXAMPLES["huge"]))

    assert sum(line.startswith("::error") for line in lines) == 20
    assert list(annotations(NOTHING)) == []
    assert [line[:8] for line in annotations(ALL_PASSED)] == ["::notice", "promptct"]


@pytest.mark.parametrize("text", [*CORPUS, "%0A::error::x", "a::b,c=d", "::set-output name=a::b", "##[add-mask]x"])
def test_nothing_in_an_annotation_is_a_command(text):
    *lines, last = annotations(poisoned(text))

    assert all(COMMAND.fullmatch(line) for line in lines)
    assert not last.startswith(":")
    assert not LIVE.search("".join(lines))


def test_sarif_points_at_the_lines_with_the_reason():
    log = sarif(EDITED)
    (run,) = log["runs"]
    first, second = run["results"][:2]

    assert log["version"] == "2.1.0"
    assert first["ruleId"] == "failed-prompt"
    assert second["ruleId"] == "regressed-case"
    assert "expected 'billing', got 'technical'" in second["message"]["text"]
    (where,) = second["locations"]
    assert where["physicalLocation"]["artifactLocation"]["uri"] == "prompts/support/triage.yaml"
    assert where["physicalLocation"]["region"] == {"startLine": 4, "endLine": 6}
    assert len({json.dumps(result["partialFingerprints"]) for result in run["results"]}) == len(run["results"])
    assert [run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] for result in run["results"]] == [
        result["ruleId"] for result in run["results"]
    ]


def test_sarif_of_a_pass_has_no_result():
    assert sarif(ALL_PASSED)["runs"][0]["results"] == []
    assert sarif(NOTHING)["runs"][0]["results"] == []


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_hostile_text_is_inert_for_machines_too(text):
    report = poisoned(text)
    xml, log = "".join(junit_xml(report)), render_sarif(report)

    assert not LIVE.search(xml + log)
    assert len(ET.fromstring(xml)) == 3
    for result in json.loads(log)["runs"][0]["results"]:
        message = result["message"]["text"]
        assert len(set(result["properties"].get("tags", []))) == len(result["properties"].get("tags", []))
        assert not re.search(r"(?<!\\)[\[\]]", message)
        assert not re.search(r"(?<!\{)\{(?:\{\{)*(?!\{)", message)
        assert not LIVE.search(message)
    assert junit_mistakes(report) == []


@given(reports)
def test_any_report_can_be_written(report):
    ET.fromstring("".join(junit_xml(report)))
    json.loads(render_sarif(report))
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in annotations(report))
    assert junit_mistakes(replace(report, created=ONE_PROMPT.created)) == []
