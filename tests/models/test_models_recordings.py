"""Recordings: stable bytes out, every whole line in."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.models.answer_json import BrokenAnswerError, iso, reply_from_json, reply_to_json, seconds
from promptctl.models.call import Call, Origin, Reply, Usage
from promptctl.models.recordings import Record, dump, merge, parse, record

CALL = Call("openai/gpt-5-mini", ({"role": "user", "content": "hi"},), sample=2, against="b" * 64)
REPLY = Reply(
    text="billing\u2028next",
    usage=Usage(12, 3, 0, None),
    cost_usd=0.00031,
    latency_ms=612.5,
    model="gpt-5-mini-2026-01-01",
    finish_reason="stop",
    tool_calls=({"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}},),
    system_fingerprint="fp_1",
    created=1_790_000_000.25,
    origin=Origin.RECORDING,
)

counts = st.none() | st.integers(0, 2**62)
numbers = st.none() | st.floats(0, 1e9)
texts = st.none() | st.text(st.characters(), max_size=20)
replies = st.builds(
    Reply,
    text=st.text(st.characters(), max_size=40),
    usage=st.builds(Usage, counts, counts, counts, counts),
    cost_usd=numbers,
    latency_ms=numbers,
    model=texts,
    finish_reason=texts,
    tool_calls=st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=5)), max_size=2).map(tuple),
    system_fingerprint=texts,
    created=st.integers(0, 4_000_000_000_000_000).map(lambda micros: micros / 1e6),
    origin=st.just(Origin.RECORDING),
)
records = st.builds(
    Record,
    fingerprint=st.integers(0, 2**256 - 1).map(lambda number: f"{number:064x}"),
    reply=replies,
    model=texts,
    sample=st.integers(0, 99),
    against=st.none() | st.just("c" * 64),
)


@given(st.lists(records, max_size=4, unique_by=lambda one: one.fingerprint))
def test_what_is_dumped_is_parsed_and_dumps_to_the_same_bytes(some):
    text = dump(some)
    parsed = parse(text, "a.recordings.jsonl")

    assert parsed.problems == ()
    assert text == dump(parsed.records.values())
    assert {one.fingerprint: one.reply.text for one in some} == {
        key: reply.text for key, reply in parsed.answers.items()
    }
    assert len(some) == len(text.encode().splitlines()) or any("\r" in text or "\x0b" in text for _ in text)


def test_a_line_holds_what_the_contract_names_and_no_request():
    line = json.loads(dump([record(CALL, REPLY)]))

    assert {"fingerprint", "scheme", "model", "sample", "against", "answer"} == line.keys()
    assert line["answer"]["created"] == "2026-09-21T14:13:20.250000Z"
    assert line["answer"]["usage"] == {"input": 12, "output": 3, "reasoning": 0}
    assert "hi" not in line["answer"].values()


def test_a_reply_comes_back_whole():
    assert reply_from_json(reply_to_json(REPLY), origin=Origin.RECORDING) == REPLY


def test_sorted_by_fingerprint():
    one, other = Record("b" * 64, REPLY), Record("a" * 64, REPLY)

    assert dump([other, one]) == dump([one, other])


def test_a_broken_line_is_named_and_costs_only_itself():
    good = dump([record(CALL, REPLY)])
    text = f"\ufeff{good}\n{good[:40]}\n[]\n" + good.replace(CALL.fingerprint, "a" * 64).rstrip("\n")

    found = parse(text, "x.recordings.jsonl")

    assert {CALL.fingerprint, "a" * 64} == found.records.keys()
    assert [problem.line for problem in found.problems] == [3, 4]
    assert "broken or cut off" in str(found.problems[0])
    assert str(found.problems[0]).startswith("x.recordings.jsonl: line 3:")


@pytest.mark.parametrize("created", [(1.0, 2.0), (2.0, 1.0)])
def test_of_two_answers_the_later_counts_and_it_is_said(created):
    replies = [Reply(text=str(date), created=date) for date in created]
    text = "".join(dump([record(CALL, reply)]) for reply in replies)

    found = parse(text, "x")

    assert found.answers[CALL.fingerprint].text == "2.0"
    assert "a second answer" in found.problems[0].message
    assert found.problems[0].line == 2


def test_the_same_line_twice_is_no_problem():
    assert parse(dump([record(CALL, REPLY)]) * 2, "x").problems == ()


def test_a_merge_keeps_the_others_and_takes_the_new():
    old = parse(dump([Record("a" * 64, REPLY), Record("b" * 64, REPLY)]), "x").records
    new = Record("b" * 64, Reply(text="new"))

    merged = merge(old, [new])

    assert {"a" * 64: REPLY.text, "b" * 64: "new"} == {key: one.reply.text for key, one in merged.items()}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fingerprint": "zz"}, "'fingerprint' is no fingerprint"),
        ({"fingerprint": None}, "'fingerprint' is no fingerprint"),
        ({"against": "zz"}, "'against' is no fingerprint"),
        ({"model": 3}, "'model' is no text"),
        ({"sample": -1}, "'sample' is no count"),
        ({"sample": True}, "'sample' is no count"),
        ({"scheme": "1"}, "'scheme' is no count"),
        ({"answer": None}, "the answer is no object"),
    ],
)
def test_a_wrong_field_is_named(change, message):
    line = {**json.loads(dump([record(CALL, REPLY)])), **change}

    problems = parse(json.dumps(line), "x").problems

    assert len(problems) == 1
    assert message in problems[0].message


def test_deep_nesting_is_a_broken_line():
    assert "nested too deeply" in parse("[" * 100_000, "x").problems[0].message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": None}, "'text'"),
        ({"text": 1}, "'text'"),
        ({"cost_usd": -1}, "'cost_usd'"),
        ({"cost_usd": True}, "'cost_usd'"),
        ({"cost_usd": float("inf")}, "'cost_usd'"),
        ({"latency_ms": "3"}, "'latency_ms'"),
        ({"usage": []}, "'usage' is no object"),
        ({"usage": {"input": 1.5}}, "'usage' holds"),
        ({"usage": {"input": -1}}, "'usage' holds"),
        ({"usage": {"input": True}}, "'usage' holds"),
        ({"tool_calls": {}}, "'tool_calls'"),
        ({"tool_calls": [1]}, "'tool_calls'"),
        ({"created": 5}, "'created'"),
        ({"created": "yesterday"}, "'created'"),
    ],
)
def test_a_wrong_field_of_an_answer_is_named(change, message):
    with pytest.raises(BrokenAnswerError, match=message):
        reply_from_json({**reply_to_json(REPLY), **change}, origin=Origin.CACHE)


def test_dates_without_a_zone_are_utc():
    assert seconds("2026-09-21T14:13:20") == seconds("2026-09-21T14:13:20Z") == 1_790_000_000.0
    assert iso(0) == "1970-01-01T00:00:00Z"
