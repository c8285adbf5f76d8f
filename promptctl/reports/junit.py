"""ReplayReport -> JUnit XML: a suite a prompt, a test a case, and the reason wherever one fails."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from xml.sax.saxutils import escape, quoteattr  # writes alone: nothing is parsed

from promptctl.reports.findings import failed_assertions, fresh_line, side_error
from promptctl.reports.numbers import place
from promptctl.reports.phrases import excuse_words, gate_line, standing
from promptctl.reports.safe import one_line, printable, shortened
from promptctl.reports.view import CaseView, PromptView, ReplayReport, SideView

_TEXT = 4_000  # characters of an answer
_LINE = 1_000


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of a test: `kind` is failure, error or skipped; empty where it passed."""

    kind: str = ""
    type: str = ""
    message: str = ""
    text: str = ""


def junit_xml(report: ReplayReport) -> Iterator[str]:
    """Regressed cases fail, those without a result err; a test `verdict` says what the gates say of each prompt.

    What fails on both sides is skipped, with its reason: this edit did not break it. The file holds to Ant's schema and
    to Jenkins's, whose common part is narrow: a test that passes says nothing, so that what is known of it stands in
    its suite's output.
    """
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
    for number, prompt in enumerate(report.prompts):
        yield from _suite(report, prompt, number)
    yield "</testsuites>\n"


def _suite(report: ReplayReport, prompt: PromptView, number: int) -> Iterator[str]:
    verdict = _verdict(report, prompt)
    numbers = {"": 0, "failure": 0, "error": 0, "skipped": 0}
    seconds = 0.0
    results = ((_result(prompt, case), _seconds(case)) for case in prompt.cases)
    for result, took in chain([(verdict, 0.0)], results):
        numbers[result.kind] += 1
        seconds += took
    said = {
        "name": prompt.prompt if one_line(prompt.prompt) else "unnamed",
        "package": "promptctl",
        "id": str(number),
        "hostname": "localhost",  # a report names no machine
        "tests": str(sum(numbers.values())),
        "failures": str(numbers["failure"]),
        "errors": str(numbers["error"]),
        "skipped": str(numbers["skipped"]),
        "time": f"{seconds:.3f}",
        "timestamp": report.created[:19],
    }
    yield f"<testsuite {_attributes(said)}>\n{_properties(report, prompt)}"
    yield _test(prompt, "verdict", verdict, 0.0)
    said_of_passed = [] if verdict.kind else [verdict.text]
    for case in prompt.cases:
        result = _result(prompt, case)
        said_of_passed += [f"{case.id}: {result.text}"] if result.text and not result.kind else []
        yield _test(prompt, case.id, result, _seconds(case))
    out = "\n".join(_content(text) for text in said_of_passed if text)
    yield f"<system-out>{out}</system-out>\n<system-err/>\n</testsuite>\n"


def _properties(report: ReplayReport, prompt: PromptView) -> str:
    rows = (
        ("run", report.run),
        ("old", place(report.old)),
        ("new", place(report.new)),
        ("verdict", prompt.verdict),
        *(("reason", reason) for reason in prompt.reasons[:20]),
        *(("warning", warning) for warning in prompt.warnings[:20]),
        *(("advice", advice) for advice in prompt.advice[:20]),
    )
    said = "".join(f"<property {_attributes({'name': name, 'value': value})}/>\n" for name, value in rows)
    return f"<properties>\n{said}</properties>\n"


def _test(prompt: PromptView, name: str, result: _Result, seconds: float) -> str:
    head = _attributes({"classname": prompt.prompt, "name": name, "time": f"{seconds:.3f}"})
    if not result.kind:
        return f"<testcase {head}/>\n"
    said = _attributes({"message": result.message, **({"type": result.type} if result.type else {})})
    return f"<testcase {head}><{result.kind} {said}>{_content(result.text)}</{result.kind}></testcase>\n"


def _verdict(report: ReplayReport, prompt: PromptView) -> _Result:
    gates = [gate_line(gate) for gate in prompt.gates if not gate.ok]
    reasons = "\n".join((*prompt.reasons, *gates))
    message = "; ".join((*gates, *prompt.reasons[:1])) or prompt.verdict
    if prompt.verdict == "regressed":
        return _Result("failure", "regressed", message, reasons)
    if prompt.verdict == "error":
        return _Result("error", "error", message, reasons)
    if prompt.verdict == "inconclusive" and report.exit_code == 4:
        return _Result("failure", "inconclusive", message, reasons)
    return _Result(text=reasons)


def _result(prompt: PromptView, case: CaseView) -> _Result:
    why = _why(case)
    if case.status == "regressed" and case.excuse is not None:
        return _Result("skipped", "", f"{standing(case)} {excuse_words(case.excuse)}: {why}", "")
    if case.status == "regressed":
        return _Result("failure", "regressed", f"{standing(case)}: {why}", _story(case))
    if case.status == "error":
        return _Result("error", "error", side_error(case.new) or side_error(case.old) or "no result", _story(case))
    if case.status == "fail" and prompt.old is None and prompt.verdict == "regressed":
        return _Result("failure", "fail", why, _story(case))
    if case.status == "fail":
        return _Result("skipped", "", f"fails{'' if prompt.old is None else ' on both sides'}: {why}", "")
    if case.status == "unscored":
        return _Result("skipped", "", f"nothing asserts on it{'; the answer changed' if case.changed else ''}", "")
    if case.status == "flaky":
        return _Result(text=f"flaky: {fresh_line(case) or 'its samples do not agree'}")
    return _Result()


def _why(case: CaseView) -> str:
    failed = failed_assertions(case.new)
    said = "; ".join(f"{one.type}: {one.reason}" for one in failed[:5])
    more = f"; and {len(failed) - 5} more" if len(failed) > 5 else ""
    return f"{said}{more}" or side_error(case.new) or "its samples fail more often than they pass"


def _story(case: CaseView) -> str:
    lines = [f"{failed.type}: {failed.reason}" for failed in failed_assertions(case.new)]
    asked = fresh_line(case)
    sides = (f"{name}: {_answer(side)}" for name, side in (("old", case.old), ("new", case.new)) if side is not None)
    return "\n".join((*lines, *((f"asked again: {asked}",) if asked else ()), *sides))


def _answer(side: SideView) -> str:
    return side_error(side) or "no answer" if side.output is None else shortened(side.output[: 2 * _TEXT], _TEXT)


def _seconds(case: CaseView) -> float:
    return sum(max(0.0, side.latency_ms or 0.0) / 1000 for side in (case.old, case.new) if side is not None)


def _attributes(values: dict[str, str]) -> str:
    return " ".join(f"{name}={quoteattr(shortened(one_line(value), _LINE))}" for name, value in values.items())


def _content(text: str) -> str:
    return escape(printable(text))
