"""Decisions on a run's cases, in SQLite and in PostgreSQL."""

from dataclasses import replace

from promptctl.store import ReviewRow, open_store

ROW = ReviewRow("r1", "support/triage", "t-\ud800", "accept", {"by": "Ada", "before": '"ü"', "n": None})


def test_decisions_come_back_in_their_order(store):
    rows = [ROW, replace(ROW, decision="note", document={"text": "\0"}), replace(ROW, case="t-2")]
    numbers = [store.add_review(row) for row in rows]
    store.add_review(replace(ROW, run="r2"))

    assert tuple(replace(row, number=number) for row, number in zip(rows, numbers, strict=True)) == store.reviews("r1")
    assert sorted(numbers) == numbers


def test_the_run_that_was_decided_on_last(store):
    assert (None, None) == (store.last_reviewed(), store.last_reviewed(("support/triage", "t-\ud800")))
    for row in (ROW, replace(ROW, run="r2"), replace(ROW, run="r3", case="t-2")):
        store.add_review(row)

    assert ("r3", "r2") == (store.last_reviewed(), store.last_reviewed((ROW.prompt, ROW.case)))
    assert store.last_reviewed((ROW.prompt, "t-3")) is None


def test_one_is_taken_back(store):
    first, second = store.add_review(ROW), store.add_review(replace(ROW, decision="reject"))

    assert store.remove_review(second)
    assert not store.remove_review(second)
    assert [first] == [row.number for row in store.reviews("r1")]


def test_they_go_with_their_run(store):
    store.start_run("r1", "2026-11-22T10:00:00Z", {})
    store.add_review(ROW)

    assert store.remove_run("r1")
    assert () == store.reviews("r1")


def test_they_are_there_for_the_next_process(url, tmp_path, store):
    store.add_review(ROW)

    with open_store(url, tmp_path) as again:
        assert ["accept"] == [row.decision for row in again.reviews("r1")]
