"""Runs: begun, ended, found by id, by prefix, as the last."""

import sqlite3
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promptctl.errors import UserError
from promptctl.models.call import Call, Reply
from promptctl.store import CaseRow, RunRecord, RunState, Unwanted

CREATED = "2026-11-22T10:00:00Z"


def a_row(place: int, status: str = "pass", prompt: str = "p", **fields) -> CaseRow:
    document = {"id": f"t-{place}", "status": status, "old": {"output": "billing"}, "new": None}
    return CaseRow(prompt, place, f"t-{place}", status, document, **fields)


def a_report(*prompts: dict, **fields) -> dict:
    return {"schema": "promptctl.replay/1", "created": CREATED, "prompts": list(prompts), "notes": ["n"], **fields}


def test_a_run_that_has_begun_is_running_and_has_no_report(store):
    store.start_run("r1", CREATED, {"prompts": ["triage"]})

    assert RunRecord("r1", CREATED, RunState.RUNNING, {"prompts": ["triage"]}) == store.find_run("r1")


def test_a_report_comes_back_as_it_was(store):
    report = a_report({"prompt": "a", "verdict": "regressed"}, {"prompt": "c", "extra": {"ü": "\ud800"}})
    store.start_run("r1", CREATED, {"staged": True})

    store.finish_run("r1", report, "regressed", 1)

    assert RunRecord("r1", CREATED, RunState.FINISHED, {"staged": True}, report, "regressed", 1) == store.find_run("r1")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
CASES = st.lists(
    st.builds(
        lambda name, extra: CaseRow("p", 0, name, "pass", {**extra, "old": None, "new": {"output": "x"}}),
        st.text(),
        st.dictionaries(st.text(), JSON, max_size=2),
    ),
    max_size=3,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cases=CASES)
def test_cases_come_back_as_they_were(store, cases):
    rows = [replace(row, place=place) for place, row in enumerate(cases)]
    store.start_run("r", CREATED, {})

    store.add_cases("r", rows)

    assert rows == list(store.cases("r", "p"))


def test_cases_come_in_the_order_of_the_inputs_by_prompt_and_by_status(store):
    store.start_run("r", CREATED, {})
    store.add_cases("r", [a_row(2), a_row(0, "flaky"), a_row(0, prompt="q")])
    store.add_cases("r", [a_row(1)])
    store.add_cases("another", [a_row(7)])

    assert [0, 1, 2] == [row.place for row in store.cases("r", "p")]
    assert ["t-0"] == [row.id for row in store.cases("r", "p", status="flaky")]
    assert [] == list(store.cases("r", "absent"))


def test_thousands_of_cases_are_read_page_by_page_while_they_are_written_anew(store):
    store.add_cases("r", [a_row(number, "suspect") for number in range(1_000)])

    for row in store.cases("r", "p", status="suspect"):
        store.replace_cases("r", [replace(row, status="flaky", document={**row.document, "status": "flaky"})])

    assert [*range(1_000)] == [row.place for row in store.cases("r", "p", status="flaky")]
    assert "flaky" == next(store.cases("r", "p")).document["status"]


def test_an_answer_that_the_store_holds_is_named_and_not_kept_twice(file_store):
    call, reply = Call("m", ({"role": "user", "content": "x"},)), Reply("a long answer", created=1.25)
    file_store.add([(call, reply), (call, replace(reply, text="a later one", created=2.0))])
    document = {"id": "c", "status": "pass", "old": {"output": "recorded"}, "new": {"output": reply.text}}
    row = CaseRow("p", 0, "c", "pass", document, new=(call.fingerprint, reply.created))

    file_store.add_cases("r", [row])

    assert [row] == list(file_store.cases("r", "p"))
    connection = sqlite3.connect(file_store.path)
    (kept,) = connection.execute("SELECT document FROM run_cases").fetchone()
    connection.close()
    assert "recorded" in kept
    assert "a long answer" not in kept


def test_a_case_keeps_what_it_showed_when_its_answer_goes(store):
    call, reply = Call("m", ({"role": "user", "content": "x"},)), Reply("an answer", created=1.25)
    store.add([(call, reply)])
    document = {"id": "c", "status": "pass", "old": None, "new": {"output": reply.text}}
    store.add_cases("r", [CaseRow("p", 0, "c", "pass", document, new=(call.fingerprint, reply.created))])

    assert 1 == store.remove_unwanted(Unwanted(before=2.0))

    assert [CaseRow("p", 0, "c", "pass", document)] == list(store.cases("r", "p"))


def test_a_report_without_prompts_is_kept_too(store):
    store.finish_run("r1", {"created": CREATED}, "unaffected", 0)

    assert {"created": CREATED} == store.find_run("r1").document


def test_a_run_that_goes_on_begins_its_cases_anew(store):
    store.start_run("r1", CREATED, {})
    store.add_cases("r1", [a_row(0), a_row(1)])

    store.start_run("r1", CREATED, {})
    store.add_cases("r1", [a_row(0)])
    store.finish_run("r1", a_report(), "passed", 0)

    assert [0] == [row.place for row in store.cases("r1", "p")]


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


def test_an_empty_prefix_fits_no_run(store):
    store.start_run("r-1", "2026-11-26T00:00:00Z", {})

    assert store.find_run("") is None
    assert "r-1" == store.find_run(None).id


def test_a_prefix_that_fits_several_is_the_users_to_resolve(store):
    for name in ("a1", "a2", "a3", "a4"):
        store.start_run(name, CREATED, {})

    with pytest.raises(UserError, match=r"run 'a' fits several: a4, a3, a2 \.\.\.\. Type more of it\."):
        store.find_run("a")


def test_a_whole_id_is_found_though_it_begins_another(store):
    for name in ("a", "ab"):
        store.start_run(name, CREATED, {})

    assert "a" == store.find_run("a").id


def test_the_list_is_newest_first_and_bounded(store):
    for name in ("r1", "r2", "r3"):
        store.start_run(name, CREATED, {})
    store.finish_run("r3", a_report({"prompt": "p"}), "passed", 0)

    listed = store.list_runs(2)
    assert ["r3", "r2"] == [record.id for record in listed]


def test_a_removed_run_is_gone_with_its_cases(store):
    store.add_cases("r1", [a_row(0)])
    store.finish_run("r1", a_report({"prompt": "p"}), "passed", 0)

    assert store.remove_run("r1") is True
    assert [] == list(store.cases("r1", "p"))
    assert store.remove_run("r1") is False
    assert store.find_run("r1") is None
    store.start_run("r1", CREATED, {})
    assert store.find_run("r1").document is None
