"""The stack from outside: what is asked, what is not, what is kept. The provider is a hand-written one; no HTTP here."""

import asyncio
import subprocess
import sys
import threading
import time

import pytest

from promptctl.errors import StoreError, UserError
from promptctl.models.attempt import AttemptError, Reach
from promptctl.models.call import Call, CallFailed, Failure, Origin, Reply
from promptctl.models.client import Client, Limits, Mode, Policy
from promptctl.models.endpoints import Target
from promptctl.settings import Price, RateLimit
from promptctl.settings import Provider as ProviderSettings

NOW = 1_790_000_000.0


class Memory:
    """An AnswerStore in memory."""

    def __init__(self):
        self.answers = {}
        self.batches = []
        self.finds = 0
        self.threads = set()

    def find(self, fingerprints, *, since=None):
        self.finds += 1
        found = {one: self.answers[one] for one in fingerprints if one in self.answers}
        return {one: reply for one, reply in found.items() if since is None or reply.created >= since}

    def add(self, answers):
        self.threads.add(threading.current_thread().name)
        self.batches.append(list(answers))
        for call, reply in self.batches[-1]:
            self.answers[call.fingerprint] = reply


class Echo:
    """A provider: answers with the last message; `behave` may be awaited first and may raise."""

    def __init__(self, behave=None):
        self.asked = []
        self.now = self.peak = 0
        self.closed = False
        self.behave = behave

    def check(self, call, target):
        pass

    async def ask(self, call, target, *, seconds):
        self.asked.append(call)
        self.now += 1
        self.peak = max(self.peak, self.now)
        try:
            await asyncio.sleep(0)
            if self.behave is not None:
                await self.behave(call)
        finally:
            self.now -= 1
        return Reply(text=call.messages[-1]["content"], cost_usd=0.5, created=NOW, model=target.model)

    async def close(self):
        self.closed = True


async def no_pause(seconds):
    await asyncio.sleep(0)


def client(provider, store=None, **more):
    made = provider if callable(provider) else lambda: provider
    parts = {"store": Memory() if store is None else store, "environ": {}, "provider": made}
    return Client(**{**parts, "sleep": no_pause, "random": lambda: 0.5, **more})


def ask(text, model="openai/x", **more):
    return Call(model, ({"role": "user", "content": text},), **more)


def texts(answers):
    return sorted(answer.text if isinstance(answer, Reply) else answer.failure.value for _, answer in answers)


def test_each_distinct_call_is_asked_once_and_answered_every_time():
    provider = Echo()
    with client(provider) as one:
        found = list(one.ask([ask("a"), ask("b"), ask("a"), ask("b"), ask("a")]))

    assert texts(found) == ["a", "a", "a", "b", "b"]
    assert len(provider.asked) == 2
    assert all(call.messages[0]["content"] == reply.text for call, reply in found)
    assert provider.closed
    assert (one.stats.calls, one.stats.spent_usd, one.stats.from_cache) == (2, 1.0, 0)


def test_an_answer_is_in_the_store_before_it_is_seen_or_its_slot_is_free():
    store = Memory()
    seen = []

    async def behave(call):
        seen.append((len(store.answers), call))

    with client(Echo(behave), store, policy=Policy(concurrency=1)) as one:
        for call, reply in one.ask([ask(str(number)) for number in range(9)]):
            assert store.answers[call.fingerprint].text == reply.text

    assert [kept for kept, _ in seen] == list(range(9))
    assert {name.split("_")[0] for name in store.threads} == {"promptctl-answers"}


def test_a_second_run_asks_nobody():
    store = Memory()
    calls = [ask(str(number)) for number in range(200)]
    with client(Echo(), store) as first:
        list(first.ask(calls))

    provider = Echo()
    with client(provider, store) as second:
        found = list(second.ask(calls))
        again = second.known(calls)

    assert provider.asked == []
    assert {reply.origin for _, reply in found} == {Origin.CACHE}
    assert [call for call, _ in found] == calls
    assert len(again) == 200
    assert (second.stats.calls, second.stats.from_cache, second.stats.spent_usd) == (0, 200, 0.0)


def test_a_warm_replay_imports_neither_asyncio_nor_litellm():
    code = """
import sys
from promptctl.models.call import Call, Reply
from promptctl.models.client import Client
class Store:
    def find(self, fingerprints, *, since=None): return {one: Reply(text="x") for one in fingerprints}
    def add(self, answers): raise AssertionError
with Client(store=Store(), environ={}) as client:
    assert len(list(client.ask(Call("m", (), {"n": n}) for n in range(500)))) == 500
print(*sys.modules)
"""
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert not {"asyncio", "litellm", "openai", "concurrent.futures", "ssl"} & set(loaded)


def test_cache_before_recordings_before_the_provider():
    store, calls = Memory(), [ask(text) for text in "abc"]
    store.answers[calls[0].fingerprint] = Reply(text="cached")
    recordings = {call.fingerprint: Reply(text="recorded") for call in calls[:2]}
    with client(Echo(), store, recordings=recordings) as one:
        found = {call.messages[0]["content"]: reply for call, reply in one.ask(calls)}

    assert [found[text].text for text in "abc"] == ["cached", "recorded", "c"]
    assert [found[text].origin for text in "abc"] == [Origin.CACHE, Origin.RECORDING, Origin.PROVIDER]
    assert (one.stats.from_cache, one.stats.from_recordings, one.stats.calls) == (1, 1, 1)


@pytest.mark.parametrize(
    ("mode", "answers"),
    [(Mode.OFFLINE, ["cached", "missing", "recorded"]), (Mode.FROZEN, ["missing", "missing", "recorded"])],
)
def test_without_a_network_what_is_missing_is_named(mode, answers):
    store, calls, provider = Memory(), [ask(text) for text in "abc"], Echo()
    store.answers[calls[0].fingerprint] = Reply(text="cached")
    with client(provider, store, mode=mode, recordings={calls[1].fingerprint: Reply(text="recorded")}) as one:
        found = list(one.ask(calls, renew={calls[0].fingerprint}))

    assert texts(found) == answers
    assert provider.asked == []
    missing = next(answer for call, answer in found if call is calls[2])
    assert f"{mode.value}: " in missing.reason


def test_renewed_calls_are_asked_again_once():
    store, calls, provider = Memory(), [ask("a"), ask("b")], Echo()
    store.answers = {call.fingerprint: Reply(text="old") for call in calls}
    with client(provider, store, policy=Policy(concurrency=1)) as one:
        found = list(one.ask([calls[0], calls[1], *[calls[0]] * 9], renew={calls[0].fingerprint}))

    assert texts(found) == ["a"] * 10 + ["old"]
    assert len(provider.asked) == 1
    assert {reply.origin for call, reply in found if call == calls[0]} == {Origin.PROVIDER}
    assert one.stats.from_cache == 1


def test_fresh_leaves_older_answers_aside():
    store, call = Memory(), ask("a")
    store.answers[call.fingerprint] = Reply(text="old", created=NOW - 1)
    recordings = {call.fingerprint: Reply(text="recorded", created=NOW - 1)}
    with client(Echo(), store, since=NOW, recordings=recordings) as one:
        assert one.known([call]) == {}
        assert texts(one.ask([call])) == ["a"]
        assert texts(one.ask([call])) == ["a"]

    assert one.stats.calls == 1


def test_calls_are_taken_as_there_is_room():
    taken = []

    def stream():
        for number in range(1000):
            taken.append(number)
            yield ask(str(number))

    with client(Echo(), policy=Policy(concurrency=2)) as one:
        for done, _ in enumerate(one.ask(stream()), 1):
            assert len(taken) <= done + 8

    assert len(taken) == 1000


def test_no_more_in_flight_than_allowed_and_all_of_that():
    async def behave(call):
        await asyncio.sleep(0.001)

    provider = Echo(behave)
    with client(provider, policy=Policy(concurrency=7)) as one:
        list(one.ask(ask(str(number)) for number in range(100)))

    assert provider.peak == 7


def test_a_target_has_its_own_bound_and_is_found_once():
    found = []

    def resolve(model):
        found.append(model)
        return Target("openai/tiny", "http://127.0.0.1:9/v1", "local", 1, free=True)

    async def behave(call):
        await asyncio.sleep(0.001)

    provider = Echo(behave)
    with client(provider, resolve=resolve) as one:
        answers = [reply for _, reply in one.ask(ask(str(number), "local/tiny") for number in range(20))]

    assert (provider.peak, found) == (1, ["local/tiny"])
    assert {reply.model for reply in answers} == {"openai/tiny"}


def test_a_model_that_cannot_be_started_fails_its_calls():
    def resolve(model):
        raise UserError("local models need the extra [local].", hint="pip install promptctl-cli[local]")

    with client(Echo(), resolve=resolve) as one:
        found = [answer for _, answer in one.ask([ask("a"), ask("b")])]

    assert [answer.failure for answer in found] == [Failure.REQUEST] * 2
    assert found[0].reason == "local models need the extra [local]. pip install promptctl-cli[local]"
    assert one.stats.calls == 0


def test_failures_are_answers_and_are_not_asked_again():
    async def behave(call):
        raise AttemptError(Failure.CONTEXT_LENGTH, "too long", reach=Reach.ANSWERED)

    provider, store = Echo(behave), Memory()
    with client(provider, store, policy=Policy(concurrency=1)) as one:
        found = [answer for _, answer in one.ask([ask("a")] * 9)]

    assert found == [CallFailed(Failure.CONTEXT_LENGTH, "too long", 1)] * 9
    assert len(provider.asked) == 1
    assert store.answers == {}


def test_retries_are_counted_and_kept_with_the_answer():
    store, seen = Memory(), []

    async def behave(call):
        seen.append(call)
        if len(seen) < 3:
            raise AttemptError(Failure.TRANSIENT, "busy", reach=Reach.ANSWERED)

    with client(Echo(behave), store) as one:
        ((call, reply),) = one.ask([ask("a")])

    assert (reply.attempts, one.stats.retries, one.stats.calls) == (3, 2, 3)
    assert store.answers[call.fingerprint].attempts == 3


def test_an_exhausted_account_stops_the_run():
    async def behave(call):
        raise AttemptError(Failure.QUOTA, "no money", reach=Reach.ANSWERED)

    provider = Echo(behave)
    with client(provider, policy=Policy(concurrency=2)) as one:
        found = [answer for _, answer in one.ask(ask(str(number)) for number in range(50))]

    assert {(answer.failure, answer.reason) for answer in found} == {(Failure.QUOTA, "no money")}
    assert len(provider.asked) <= 2


def test_an_unsent_request_counts_for_nothing():
    class Keyless(Echo):
        def check(self, call, target):
            raise AttemptError(Failure.AUTH, "no API key")

    with client(Keyless(), limits=Limits(max_calls=1)) as one:
        found = [answer for _, answer in one.ask([ask("a"), ask("b")])]

    assert {answer.failure for answer in found} == {Failure.AUTH}
    assert {answer.attempts for answer in found} == {0}
    assert one.stats.calls == 0


def test_a_request_that_turns_out_unsent_is_not_counted():
    async def behave(call):
        raise AttemptError(Failure.REQUEST, "not supported")

    with client(Echo(behave)) as one:
        ((_, failed),) = one.ask([ask("a")])

    assert failed == CallFailed(Failure.REQUEST, "not supported", 0)
    assert one.stats.calls == 0


def test_the_limit_on_calls():
    with client(Echo(), limits=Limits(max_calls=3)) as one:
        found = list(one.ask(ask(str(number)) for number in range(10)))

    assert texts(found).count("budget") == 7
    assert one.stats.calls == 3
    assert "limit of 3 calls" in next(answer.reason for _, answer in found if isinstance(answer, CallFailed))


def test_the_limit_on_the_cost():
    prices = {"openai/x": Price(0.0, 1e6)}
    with client(Echo(), limits=Limits(max_cost_usd=2.2), prices=prices) as one:
        found = list(one.ask(ask(str(number), params={"max_tokens": 1}) for number in range(10)))

    assert texts(found).count("budget") == 7
    assert one.stats.spent_usd == 1.5


def test_nothing_is_asked_under_a_limit_where_nothing_limits_the_answer():
    prices = {"openai/x": Price(0.0, 1e-6)}
    with client(Echo(), limits=Limits(max_cost_usd=2.2), prices=prices) as one:
        ((_, failed),) = one.ask([ask("a")])

    assert failed.failure is Failure.BUDGET
    assert "nobody can say what openai/x costs at most" in failed.reason


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_a_clock_that_jumps_does_not_make_an_answer_older_than_its_run(monkeypatch, jump):
    now = [NOW]
    monkeypatch.setattr("time.time", lambda: now[0])
    with client(Echo()) as one:
        now[0] += jump

        assert NOW <= one.clock() < NOW + 60


def test_an_unknown_price_is_unknown():
    class Free(Echo):
        async def ask(self, call, target, *, seconds):
            return Reply(text="", cost_usd=None if call.messages[0]["content"] == "a" else 1.0)

    with client(Free()) as one:
        list(one.ask([ask("a"), ask("b")]))

    assert one.stats.spent_usd is None


def test_rate_limits_come_from_the_settings():
    pauses = []

    async def sleep(seconds):
        pauses.append(seconds)

    settings = {"openai": ProviderSettings(rate_limit=RateLimit(requests_per_minute=60))}
    with client(Echo(), sleep=sleep, providers=settings, timer=lambda: 5.0) as one:
        list(one.ask([ask("a"), ask("b"), ask("c")]))

    assert sorted(pauses) == [1.0, 2.0]


def test_streams_may_be_nested():
    provider = Echo()
    with client(provider, policy=Policy(concurrency=1)) as one:
        found = [
            (reply.text, judged.text)
            for call, reply in one.ask([ask("a"), ask("b"), ask("c")])
            for _, judged in one.ask([ask(f"judge {reply.text}"), call])
        ]

    assert len(found) == 6
    assert len(provider.asked) == 6


def test_a_store_that_fails_ends_the_run():
    class Full(Memory):
        def add(self, answers):
            raise StoreError("the disk is full")

    with client(Echo(), Full()) as one, pytest.raises(StoreError, match="disk is full"):
        list(one.ask([ask("a"), ask("b")]))


def test_a_provider_that_cannot_be_made_ends_the_run():
    def broken():
        raise ImportError("no litellm")

    with client(broken) as one, pytest.raises(ImportError, match="no litellm"):
        list(one.ask([ask("a")]))


def test_a_bug_in_the_provider_is_raised_not_hidden():
    async def behave(call):
        raise ZeroDivisionError

    with client(Echo(behave)) as one, pytest.raises(ZeroDivisionError):
        list(one.ask([ask("a")]))


@pytest.mark.parametrize("failure", [Failure.AUTH, Failure.QUOTA])
def test_a_refusal_that_no_call_would_survive_costs_one_request(monkeypatch, failure):
    monkeypatch.setattr("promptctl.models.window.TRIAL_S", 3_600.0)  # however slow this machine is

    async def behave(call):
        await asyncio.sleep(0)
        raise AttemptError(failure, "no", reach=Reach.ANSWERED)

    provider = Echo(behave)
    with client(provider, policy=Policy(concurrency=16)) as one:
        answers = list(one.ask(ask(str(number)) for number in range(50)))

    assert {failure} == {answer.failure for _, answer in answers}
    assert 1 == len(provider.asked) == one.stats.calls


def test_stop_lets_those_in_flight_finish_and_starts_no_other():
    store, started, interrupted = Memory(), threading.Semaphore(0), threading.Event()

    async def behave(call):
        started.release()
        await asyncio.to_thread(interrupted.wait, 60)

    def stop():
        started.acquire()
        started.acquire()
        one.stop()

    provider = Echo(behave)
    answers = []
    with client(provider, store, policy=Policy(concurrency=2, grace=60)) as one:
        threading.Thread(target=stop).start()
        for found in one.ask(ask(str(number)) for number in range(30)):
            interrupted.set()  # the first answers to come are those of calls that were never made
            answers.append(found)

    assert len(answers) == 30
    assert texts(answers).count("interrupted") == 28
    assert len(store.answers) == len(provider.asked) == 2
    assert texts(one.ask([ask("later")])) == ["interrupted"]


def test_stop_waits_no_longer_than_its_grace():
    started = threading.Semaphore(0)

    async def behave(call):
        started.release()
        await asyncio.sleep(3_600)

    def stop():
        started.acquire()
        started.acquire()
        one.stop()

    began = time.monotonic()
    with client(Echo(behave), policy=Policy(grace=0.02)) as one:
        threading.Thread(target=stop).start()
        answers = [answer for _, answer in one.ask([ask("a"), ask("b")])]

    assert {(answer.failure, answer.attempts) for answer in answers} == {(Failure.INTERRUPTED, 1)}
    assert time.monotonic() - began < 5


def test_nobody_waits_for_a_provider_that_is_still_being_made():
    making, made, provider = threading.Event(), threading.Event(), Echo()

    def slowly():
        making.set()
        made.wait(10)
        return provider

    with client(slowly, policy=Policy(grace=5.0)) as one:
        answers = []
        reader = threading.Thread(target=lambda: answers.extend(one.ask([ask("a")])))
        reader.start()
        making.wait(10)
        one.stop()
        stopped_first = not made.is_set()
        made.set()
        reader.join(10)

    assert stopped_first
    assert ["interrupted"] == texts(answers)
    assert [] == provider.asked


def test_an_interrupt_in_the_middle_of_a_stream_keeps_what_is_in_flight():
    store = Memory()

    async def behave(call):
        await asyncio.sleep(0 if call.messages[0]["content"] == "0" else 0.02)

    def interrupted(one):
        for _, _answer in one.ask(ask(str(number)) for number in range(40)):
            raise KeyboardInterrupt

    provider = Echo(behave)
    with pytest.raises(KeyboardInterrupt), client(provider, store, policy=Policy(concurrency=3)) as one:
        interrupted(one)

    assert {call.fingerprint for call in provider.asked} == store.answers.keys()
    assert 1 <= len(provider.asked) < 40


def test_a_stream_that_is_left_drops_what_nobody_waits_for():
    store = Memory()
    provider = Echo()
    with client(provider, store, policy=Policy(concurrency=1)) as one:
        stream = one.ask(ask(str(number)) for number in range(9))
        next(stream)
        stream.close()
        again = texts(one.ask([ask("later")]))

    assert again == ["later"]
    assert len(provider.asked) < 9
    assert {call.fingerprint for call in provider.asked} == store.answers.keys()


def test_stop_and_close_without_a_call_are_nothing():
    one = client(Echo())
    one.stop()
    one.close()

    assert one.stats.calls == 0


def test_many_calls_are_committed_in_few_batches():
    store = Memory()

    def slow(answers, add=store.add):
        time.sleep(0.005)
        add(answers)

    store.add = slow
    with client(Echo(), store, policy=Policy(concurrency=32)) as one:
        list(one.ask(ask(str(number)) for number in range(300)))

    assert len(store.answers) == 300
    assert len(store.batches) < 100
