"""Fallbacks answer where a model cannot, under their own name."""

import asyncio
from dataclasses import replace

import pytest

from promptctl.models.attempt import AttemptError, Reach
from promptctl.models.call import Call, CallFailed, Failure, Origin, Reply
from promptctl.models.client import Client, Limits, Mode, Policy

NOW = 1_790_000_000.0


class Memory:
    def __init__(self):
        self.answers = {}

    def find(self, fingerprints, *, since=None):
        return {one: self.answers[one] for one in fingerprints if one in self.answers}

    def add(self, answers):
        self.answers.update((call.fingerprint, reply) for call, reply in answers)


class Failing:
    """A provider whose models in `broken` fail; the others say who they are."""

    def __init__(self, broken):
        self.broken = broken
        self.asked = []

    def check(self, call, target):
        pass

    async def ask(self, call, target, *, seconds):
        self.asked.append(call)
        await asyncio.sleep(0)
        if call.model in self.broken:
            raise AttemptError(self.broken[call.model], f"{call.model} is broken", reach=Reach.ANSWERED)
        return Reply(f"{call.model} {call.params.get('seed')} {call.sample}", cost_usd=0.5, created=NOW)

    async def close(self):
        pass


def call(text="hi", fallbacks=("b", "c"), **more):
    messages = ({"role": "user", "content": text},)
    others = tuple(Call(f"p/{one}", messages, more.get("params", {})) for one in fallbacks)
    return Call("p/a", messages, fallbacks=others, **more)


def ask(provider, *calls, store=None, **more):
    async def no_pause(seconds):
        await asyncio.sleep(0)

    parts = {"store": store or Memory(), "environ": {}, "provider": lambda: provider, "sleep": no_pause}
    with Client(**{**parts, "policy": Policy(retries=1), **more}) as client:
        return list(client.ask(calls)), client.stats


@pytest.mark.parametrize("failure", [Failure.TRANSIENT, Failure.AUTH, Failure.REQUEST])
def test_the_first_that_answers_is_named(failure):
    provider = Failing({"p/a": failure, "p/b": Failure.REQUEST})

    ((asked, reply),), stats = ask(provider, call())

    assert asked == call()
    assert ("p/c None 0", "p/c") == (reply.text, reply.fallback)
    assert (3 if failure is not Failure.TRANSIENT else 4) == stats.calls


def test_who_answers_needs_no_fallback():
    provider = Failing({})

    ((_, reply),), _ = ask(provider, call())

    assert ("p/a None 0", None) == (reply.text, reply.fallback)
    assert ["p/a"] == [one.model for one in provider.asked]


def test_where_all_fail_the_first_failure_counts():
    models = {"p/a": Failure.TRANSIENT, "p/b": Failure.AUTH, "p/c": Failure.REQUEST}

    ((_, failed),), _ = ask(Failing(models), call())

    assert (Failure.TRANSIENT, "p/a is broken") == (failed.failure, failed.reason)


def test_without_fallbacks_a_failure_is_a_failure():
    provider = Failing({"p/a": Failure.REQUEST})

    answers, _ = ask(provider, call(fallbacks=()), call("other", fallbacks=("b",)))

    assert [Failure.REQUEST, "p/b"] == [getattr(one, "failure", None) or one.fallback for _, one in answers]


@pytest.mark.parametrize("failure", [Failure.CONTEXT_LENGTH, Failure.CONTENT_POLICY, Failure.QUOTA])
def test_what_says_something_of_the_request_or_the_account_is_no_outage(failure):
    provider = Failing({"p/a": failure})

    ((_, failed),), _ = ask(provider, call())

    assert failure is failed.failure
    assert ["p/a"] == [one.model for one in provider.asked]


def test_a_spent_budget_asks_nobody_else():
    ((_, failed),), _ = ask(Failing({}), call(), limits=Limits(max_calls=0))

    assert Failure.BUDGET is failed.failure


def test_its_answer_is_kept_under_its_own_request():
    store = Memory()
    provider = Failing({"p/a": Failure.REQUEST})
    one = call(params={"seed": 3})
    sample = replace(one.resampled(2, against="f" * 64), params={"seed": 5})

    ask(provider, sample, store=store)
    ((_, again),), stats = ask(provider, sample, store=store)
    ((_, plain),), _ = ask(provider, replace(sample, fallbacks=()), store=store)
    ((_, offline),), _ = ask(provider, sample, store=store, mode=Mode.OFFLINE)

    assert ("p/b 5 2", Origin.CACHE, "p/b") == (again.text, again.origin, again.fallback)
    assert (1, 1) == (stats.calls, stats.from_cache)
    assert isinstance(plain, CallFailed)
    assert "p/b" == offline.fallback
    assert sample.fingerprint not in store.answers


def test_fallbacks_are_no_part_of_the_request():
    assert call().fingerprint == call(fallbacks=()).fingerprint
    assert call() == call(fallbacks=())
    assert call().resampled(1).fallbacks == call().fallbacks
