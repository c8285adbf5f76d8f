"""Runs: begun, ended, found by id, by prefix, as the last."""

import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promptctl.errors import UserError
from promptctl.store import RunRecord, RunState

CREATED = "2026-11-22T10:00:00Z"


def a_case(name: str, status: str = "pass", **fields) -> dict:
    return {"id": name, "status": status, "old": {"output": "billing"}, "new": None, **fields}


def a_report(*prompts: dict, **fields) -> dict:
    return {"schema": "promptctl.replay/1", "created": CREATED, "prompts": list(prompts), "notes": ["n"], **fields}


def test_a_run_that_has_begun_is_running_and_has_no_report(store):
    store.start_run("r1", CREATED, {"prompts": ["triage"]})

    assert RunRecord("r1", CREATED, RunState.RUNNING, {"prompts": ["triage"]}) == store.find_run("r1")


def test_a_report_comes_back_as_it_was(store):
    report = a_report(
        {"prompt": "a", "verdict": "regressed", "cases": [a_case("x", "regressed"), a_case("y")]},
        {"prompt": "b", "verdict": "unaffected", "cases": []},
        {"prompt": "a copy without cases"},
        {"prompt": "c", "cases": [a_case("x", extra={"ü": "\ud800"})]},
    )
    store.start_run("r1", CREATED, {"staged": True})

    store.finish_run("r1", report, "regressed", 1)

    assert RunRecord("r1", CREATED, RunState.FINISHED, {"staged": True}, report, "regressed", 1) == store.find_run("r1")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
CASES = st.lists(st.builds(lambda n, extra: {**extra, "id": n, "status": "pass"}, st.text(), st.dictionaries(st.text(), JSON, max_size=2)), max_size=3)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prompts=st.lists(st.builds(lambda n, cases: {"prompt": n, "cases": cases}, st.text(), CASES), max_size=3))
def test_splitting_and_joining_a_report_changes_nothing(store, prompts):
    report = a_report(*prompts)

    store.finish_run("r", report, "passed", 0)

    assert report == store.find_run("r").document


def test_every_case_has_a_row_of_its_own(file_store):
    file_store.finish_run("r1", a_report({"prompt": "p", "cases": [a_case("x"), a_case("y", "flaky")]}), "passed", 0)

    connection = sqlite3.connect(file_store.path)
    rows = connection.execute("SELECT run, prompt, case_id, status FROM run_cases ORDER BY id").fetchall()
    (header,) = connection.execute("SELECT document FROM runs").fetchone()
    connection.close()
    assert [("r1", "p", "x", "pass"), ("r1", "p", "y", "flaky")] == rows
    assert "billing" not in header


def test_ten_thousand_cases_are_no_burden(store):
    report = a_report({"prompt": "p", "cases": [a_case(f"t-{n}") for n in range(10_000)]})

    store.finish_run("r1", report, "passed", 0)

    assert report == store.find_run("r1").document


def test_a_report_without_prompts_is_kept_too(store):
    store.finish_run("r1", {"created": CREATED}, "unaffected", 0)

    assert {"created": CREATED} == store.find_run("r1").document


def test_ending_twice_keeps_the_last_report(store):
    store.finish_run("r1", a_report({"prompt": "p", "cases": [a_case("x"), a_case("y")]}), "passed", 0)
    store.finish_run("r1", a_report({"prompt": "p", "cases": [a_case("z")]}), "regressed", 1)

    found = store.find_run("r1")
    assert (["z"], "regressed", 1) == (
        [case["id"] for case in found.document["prompts"][0]["cases"]],
        found.verdict,
        found.exit_code,
    )


def test_the_end_is_kept_where_the_beginning_was_removed(store):
    store.start_run("r1", CREATED, {"staged": True})
    store.remove_run("r1")

    store.finish_run("r1", a_report(), "passed", 0)

    assert (CREATED, {}) == (store.find_run("r1").created, store.find_run("r1").request)


def test_an_interrupted_run_goes_on_under_its_id(store):
    store.start_run("r1", CREATED, {"n": 1})
    store.interrupt_run("r1")
    interrupted = store.find_run("r1")

    store.start_run("r1", "2027-01-01T00:00:00Z", {"n": 2})

    assert RunState.INTERRUPTED is interrupted.state
    assert RunRecord("r1", CREATED, RunState.RUNNING, {"n": 2}) == store.find_run("r1")


def test_the_last_run_is_the_one_that_began_last(store):
    for name in ("b", "a"):
        store.start_run(name, CREATED, {})
    store.finish_run("b", a_report(), "passed", 0)

    assert "a" == store.find_run().id
    assert "b" == store.find_run(state=RunState.FINISHED).id
    assert store.find_run(state=RunState.INTERRUPTED) is None


def test_a_prefix_is_enough_where_it_fits_one(store):
    for name in ("abc", "abd", "x_y", "x%y"):
        store.start_run(name, CREATED, {})

    assert "abd" == store.find_run("abd").id
    assert "x%y" == store.find_run("x%").id
    assert store.find_run("bc") is None
    assert store.find_run("zz") is None


def test_a_prefix_that_fits_several_is_the_users_to_resolve(store):
    for name in ("a1", "a2", "a3", "a4"):
        store.start_run(name, CREATED, {})

    with pytest.raises(UserError, match=r"run 'a' fits several: a4, a3, a2 \.\.\.\. Type more of it\."):
        store.find_run("a")


def test_a_whole_id_is_found_though_it_begins_another(store):
    for name in ("a", "ab"):
        store.start_run(name, CREATED, {})

    assert "a" == store.find_run("a").id


def test_the_list_is_newest_first_bounded_and_without_cases(store):
    for name in ("r1", "r2", "r3"):
        store.start_run(name, CREATED, {})
    store.finish_run("r3", a_report({"prompt": "p", "cases": [a_case("x")]}), "passed", 0)

    listed = store.list_runs(2)
    assert ["r3", "r2"] == [record.id for record in listed]
    assert [] == listed[0].document["prompts"][0]["cases"]


def test_a_removed_run_is_gone_with_its_cases(store):
    store.finish_run("r1", a_report({"prompt": "p", "cases": [a_case("x")]}), "passed", 0)

    assert store.remove_run("r1") is True
    assert store.remove_run("r1") is False
    assert store.find_run("r1") is None
    store.start_run("r1", CREATED, {})
    assert store.find_run("r1").document is None
