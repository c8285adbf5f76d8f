"""Answers: what is added is found again, whole, last one first."""

import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_values import a_call, a_reply

from promptctl.errors import StoreError
from promptctl.models.call import Origin, Reply, Usage
from promptctl.store import ModelStats, open_store

TEXTS = st.text(st.characters(codec=None))  # half surrogate pairs and NULs among them


def test_an_answer_comes_back_whole_and_says_that_it_is_from_the_cache(store):
    call = a_call(params={"temperature": 0}, tools=({"type": "function"},), sample=2, against="other")
    reply = Reply(
        text="billing",
        usage=Usage(120, 14, 6, 100),
        cost_usd=0.0003,
        latency_ms=612.5,
        model="gpt-5-mini-2026-01-01",
        finish_reason="tool_calls",
        tool_calls=({"id": "1", "function": {"name": "f", "arguments": "{}"}},),
        system_fingerprint="fp_1",
        created=1_700_000_000.25,
        origin=Origin.PROVIDER,
        attempts=3,
    )

    store.add([(call, reply)])

    found = store.find([call.fingerprint])
    assert [call.fingerprint] == list(found)
    assert Origin.CACHE is found[call.fingerprint].origin
    assert {f: getattr(reply, f) for f in Reply.__slots__ if f != "origin"} == {
        f: getattr(found[call.fingerprint], f) for f in Reply.__slots__ if f != "origin"
    }


def test_what_the_provider_did_not_say_stays_unknown(store):
    store.add([(a_call(), Reply("x"))])

    found = store.find([a_call().fingerprint])[a_call().fingerprint]
    assert (Usage(), None, None, None, ()) == (
        found.usage,
        found.cost_usd,
        found.latency_ms,
        found.model,
        found.tool_calls,
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS, model=st.none() | TEXTS, arguments=TEXTS)
def test_any_text_survives(store, text, model, arguments):
    call = a_call(text)

    store.add([(call, a_reply(text, model=model, tool_calls=({"arguments": arguments},)))])

    found = store.find([call.fingerprint])[call.fingerprint]
    assert (text, model, arguments) == (found.text, found.model, found.tool_calls[0]["arguments"])
    assert [{"role": "user", "content": text}] == store.request(call.request)["messages"]


def test_a_count_that_no_column_holds_is_unknown_and_loses_nobody_else(store):
    absurd, sane = a_call("absurd"), a_call("sane")

    store.add([(absurd, a_reply(usage=Usage(input=2**70, output=1))), (sane, a_reply())])

    found = store.find([absurd.fingerprint, sane.fingerprint])
    assert Usage(None, 1) == found[absurd.fingerprint].usage
    assert Usage(12, 3, 1, 4, 2, 0) == found[sane.fingerprint].usage


def test_the_answer_that_came_last_is_found_whatever_its_date(store):
    store.add([(a_call(), a_reply("from a clock that was ahead", created=9e9))])
    store.add([(a_call(), a_reply("asked again", created=2_000.0))])

    assert "asked again" == store.find([a_call().fingerprint])[a_call().fingerprint].text


def test_history_is_kept(store):
    store.add([(a_call(), a_reply("one")), (a_call(), a_reply("two"))])

    stats = store.answer_stats()
    assert (2, 1) == (stats.answers, stats.calls)


def test_since_leaves_out_what_is_older(store):
    old, new = a_call("old"), a_call("new")
    store.add([(old, a_reply(created=100.0)), (new, a_reply(created=200.0))])

    assert {new.fingerprint} == set(store.find([old.fingerprint, new.fingerprint], since=200.0))


def test_a_fresh_answer_is_not_hidden_by_a_later_one_that_is_too_old(store):
    store.add([(a_call(), a_reply("fresh", created=200.0)), (a_call(), a_reply("imported", created=100.0))])

    assert "fresh" == store.find([a_call().fingerprint], since=150.0)[a_call().fingerprint].text


def test_samples_and_the_other_side_are_apart(store):
    calls = [a_call(), a_call(sample=1), a_call(sample=1, against="a"), a_call(sample=1, against="b")]
    store.add((call, a_reply(str(n))) for n, call in enumerate(calls))

    found = store.find([call.fingerprint for call in calls])
    assert ["0", "1", "2", "3"] == [found[call.fingerprint].text for call in calls]


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1_700])
def test_any_number_of_calls_is_looked_up_at_once(store, count):
    calls = [a_call(str(n)) for n in range(count)]
    store.add((call, a_reply(call.messages[0]["content"])) for call in calls)

    found = store.find([call.fingerprint for call in calls] * 2 + ["unknown"])
    assert {call.fingerprint: str(n) for n, call in enumerate(calls)} == {f: r.text for f, r in found.items()}


def test_the_request_of_an_answer_can_be_read_again(store):
    call = a_call(params={"seed": 1}, response_format={"type": "json_object"}, endpoint="sha256:ab")
    store.add([(call, a_reply())])

    assert {
        "model": "openai/gpt-5-mini",
        "messages": [{"role": "user", "content": "hello"}],
        "params": {"seed": 1},
        "tools": [],
        "response_format": {"type": "json_object"},
        "endpoint": "sha256:ab",
    } == store.request(call.request)
    assert store.request("unknown") is None


def test_a_long_prompt_is_kept_once_however_many_samples_are_asked(file_store):
    prompt = "x" * 5_000_000

    file_store.add((a_call(prompt, sample=n), a_reply(str(n))) for n in range(10))

    assert 5_000_000 < file_store.answer_stats().bytes < 11_000_000  # once in the file, once in its -wal


def test_a_thousand_answers_take_less_than_a_megabyte(open_here):
    store = open_here()
    store.add((a_call(f"A ticket that is {n} words long", params={"temperature": 0}), a_reply()) for n in range(1_000))
    store.close()

    size = open_here().answer_stats().bytes
    assert 100_000 < size < 1_000_000


def test_stats_tell_models_costs_and_dates(store):
    local = a_call("a")
    other = type(local)("local/smollm2", local.messages)
    store.add(
        [
            (a_call("a"), a_reply(cost_usd=0.5, created=5.0)),
            (a_call("b"), a_reply(cost_usd=0.25, created=7.0)),
            (other, a_reply(cost_usd=None, created=6.0)),
        ]
    )

    stats = store.answer_stats()
    assert (ModelStats("openai/gpt-5-mini", 2, 0.75, 0), ModelStats("local/smollm2", 1, 0.0, 1)) == stats.models
    assert (3, 3, 5.0, 7.0) == (stats.answers, stats.calls, stats.oldest, stats.newest)


def test_stats_of_an_empty_store(store):
    stats = store.answer_stats()

    assert (0, 0, (), None, None) == (stats.answers, stats.calls, stats.models, stats.oldest, stats.newest)


def test_nothing_to_add_is_no_change(store):
    before = store.answer_stats().bytes

    store.add(iter(()))

    assert before == store.answer_stats().bytes


def test_threads_add_while_others_look(store):
    calls = [a_call(str(n)) for n in range(200)]
    errors: list[BaseException] = []

    def adding(part):
        try:
            for call in part:
                store.add([(call, a_reply())])
        except BaseException as error:  # noqa: BLE001 - a thread's error would be lost
            errors.append(error)

    threads = [threading.Thread(target=adding, args=(calls[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        store.find([call.fingerprint for call in calls])

    assert [] == errors
    assert 200 == len(store.find([call.fingerprint for call in calls]))


def test_a_batch_that_fails_leaves_nothing_half_done(store):
    with pytest.raises(StoreError, match=r"(?i)not[ -]null"):
        store.add([(a_call("whole"), a_reply()), (a_call("broken"), a_reply(created=None))])

    assert {} == store.find([a_call("whole").fingerprint])
    store.add([(a_call("after"), a_reply())])
    assert 1 == store.answer_stats().answers


def test_a_closed_store_says_so(tmp_path: Path):
    with open_store("sqlite:///:memory:", tmp_path) as store:
        pass

    with pytest.raises(StoreError, match="is closed"):
        store.find(["x"])
