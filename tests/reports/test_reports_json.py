"""The public JSON is the contract's, and what the store keeps is whole."""

import json
from dataclasses import replace

import pytest
from hostile_texts import CORPUS, LIVE
from hypothesis import HealthCheck, given, settings
from report_examples import ALL_PASSED, EXAMPLES, HUGE, NOTHING, ONE_PROMPT, SEVERAL
from report_strategies import report as reports

from promptctl.errors import StoreError
from promptctl.inputs.case import MISSING
from promptctl.reports.document import case_document, case_from, from_document, to_document
from promptctl.reports.json import dumps, json_pieces, render_json
from promptctl.reports.view import CaseView, PromptView, SideView

SIDE = [
    "output", "passed", "score", "samples", "from", "model", "cost_usd", "latency_ms", "tokens", "error", "assertions",
]  # fmt: skip
KEYS = {
    "": ["schema", "run", "created", "exit_code", "verdict", "old", "new", "prompts", "totals"],
    "old": ["revision", "commit"],
    "totals": ["calls", "from_cache", "from_recordings", "unaffected", "spent_usd", "wall_s"],
}
PROMPT = {
    "": ["prompt", "old_name", "old_path", "verdict", "reasons", "counts", "old", "new", "delta", "gates", "advice", "metrics", "cases"],
    "counts": [
        "inputs", "unaffected", "pass", "fail", "improved", "regressed", "flaky", "unscored", "error",
        "scored", "confirmed", "changed",
    ],
    "new": ["pass_rate", "score", "cost_usd", "latency_ms", "tokens"],
    "delta": ["pass_rate", "ci", "p_value", "level", "method", "mde", "unseen_upper"],
}  # fmt: skip
CASE = ["id", "status", "confirmed", "suspected", "changed", "tags", "old", "new"]


def test_the_keys_are_the_contract_s_in_its_order():
    found = json.loads(render_json(SEVERAL))
    prompt = found["prompts"][1]
    case = prompt["cases"][0]
    leaf = {"type", "passed", "score", "reason", "error", "assertions"}

    assert {key: list(found[key] if key else found) for key in KEYS} == KEYS
    assert {key: list(prompt[key] if key else prompt) for key in PROMPT} == PROMPT
    assert list(prompt["new"]["latency_ms"]) == ["p50", "p95"]
    assert list(prompt["new"]["tokens"]) == ["input", "output", "reasoning", "cached"]
    assert list(prompt["gates"][0]) == ["gate", "limit", "actual", "ok"]
    assert list(case) == CASE
    assert list(case["new"]) == SIDE
    assert set(case["new"]["assertions"][1]["assertions"][0]) == leaf


def test_the_values_are_told_apart_where_the_contract_does():
    found = json.loads(render_json(ONE_PROMPT))
    case = found["prompts"][0]["cases"][0]

    assert found["schema"] == "promptctl.replay/1"
    assert case["old"]["from"] == "cache"
    assert case["old"]["latency_ms"] == 612.0
    assert case["old"]["samples"] == 8
    assert found["prompts"][0]["delta"]["ci"] == [-0.19, 0.03]


def test_nothing_to_replay_is_the_same_json():
    found = json.loads(render_json(NOTHING))

    assert list(found) == KEYS[""]
    assert (found["prompts"], found["verdict"]) == ([], "unaffected")


def test_an_added_prompt_has_no_old_side():
    prompts = json.loads(render_json(SEVERAL))["prompts"]
    added = next(prompt for prompt in prompts if prompt["prompt"] == "support/escalate")

    assert added["old"] is None
    assert added["cases"][0]["old"] is None


def kept_and_read(report):
    """A report that went through the documents of the store."""
    document = json.loads(json.dumps(to_document(report)))
    cases = iter([json.loads(json.dumps(list(map(case_document, prompt.cases)))) for prompt in report.prompts])
    return from_document(document, lambda _prompt: tuple(map(case_from, next(cases))))


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_kept_comes_back_whole(name):
    assert kept_and_read(EXAMPLES[name]) == EXAMPLES[name]


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=30)
@given(reports)
def test_any_report_comes_back_whole(report):
    assert kept_and_read(report) == report


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=30)
@given(reports)
def test_the_public_json_is_json_that_a_terminal_ignores(report):
    text = render_json(report)

    assert text.encode("utf-8")
    assert LIVE.search(text) is None
    assert list(json.loads(text)) == KEYS[""]


@pytest.mark.parametrize("text", CORPUS)
def test_hostile_answers_are_inert_and_not_changed(text):
    case = CaseView(text, "regressed", old=SideView(output=text), new=SideView(output=text))
    written = render_json(replace(ALL_PASSED, prompts=(PromptView("p", "regressed", cases=(case,)),)))

    said = json.loads(written)["prompts"][0]["cases"][0]["new"]["output"]

    assert LIVE.search(written) is None
    assert said == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_null(value):
    assert dumps({"a": [value, 1.5, 2, True, None, "ü", {}, [], object]}).startswith('{\n  "a": [\n    null,\n    1.5,')


def test_dumps_writes_what_json_writes():
    document = json.loads(render_json(SEVERAL))

    assert dumps(document) == json.dumps(document, ensure_ascii=False, indent=2)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=30)
@given(reports)
def test_pieces_are_the_whole(report):
    pieces = list(json_pieces(report))

    assert "".join(pieces) == dumps(json.loads("".join(pieces))) + "\n"


def test_of_many_cases_only_a_few_are_in_memory():
    taken = []
    cases = (taken.append(number) or CaseView(str(number), "pass") for number in range(1_000))
    pieces = json_pieces(replace(ONE_PROMPT, prompts=(PromptView("p", "passed", cases=cases),)))

    while not taken:
        next(pieces)

    assert len(taken) <= 100


def test_a_case_without_an_expectation_stays_without():
    case = CaseView("c", "pass", expected=MISSING)

    assert "expected" not in case_document(case)
    assert case_from(case_document(case)).expected is MISSING


def test_a_stored_case_that_cannot_be_read_says_why():
    with pytest.raises(StoreError, match="no key 'status'"):
        case_from({"id": "c"})


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"schema": "promptctl.run/9"}, "promptctl.run/9"),
        ({"schema": None}, "None"),
        ({"totals": {"calls": 1, "unknown": 2}}, "damaged"),
        ({"prompts": [{}]}, "no key 'prompt'"),
        ({"prompts": 3}, "damaged"),
    ],
)
def test_a_stored_run_that_cannot_be_read_says_why(damage, said):
    with pytest.raises(StoreError, match=said) as raised:
        from_document({**to_document(ONE_PROMPT), **damage})

    assert raised.value.hint


def test_thousands_of_cases_are_written_whole():
    assert len(json.loads(render_json(HUGE))["prompts"][0]["cases"]) == 2_000
