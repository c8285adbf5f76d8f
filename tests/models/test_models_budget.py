"""A run never spends beyond its limits, and does not stop before it must."""

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptctl.models.attempt import AttemptError, Gate, Reach
from promptctl.models.budget import Budget
from promptctl.models.call import Call, Failure, Reply, Usage
from promptctl.models.policy import Limits
from promptctl.models.rate import Bucket, RateLimits, estimated_tokens
from promptctl.settings import RateLimit


def calls(count):
    return [Call("openai/x", ({"role": "user", "content": str(number)},)) for number in range(count)]


async def asked(budget, ask, count):
    layer = budget.layer(ask)
    return await asyncio.gather(*(layer(call, 1) for call in calls(count)), return_exceptions=True)


@given(
    limit=st.floats(0.0, 0.02),
    costs=st.lists(st.floats(0.0, 0.003), min_size=1, max_size=40),
    seed=st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_it_is_never_exceeded_and_refuses_only_what_does_not_fit(limit, costs, seed):
    bound = 0.003
    dice = random.Random(seed)
    budget = Budget(Limits(max_cost_usd=limit), lambda call: bound)

    async def ask(call, attempt):
        for _ in range(dice.randrange(4)):
            await asyncio.sleep(0)
        return Reply(text="", cost_usd=costs[int(call.messages[0]["content"])])

    found = asyncio.run(asked(budget, ask, len(costs)))

    paid = sum(reply.cost_usd for reply in found if isinstance(reply, Reply))
    refused = [error for error in found if isinstance(error, AttemptError)]
    assert paid == pytest.approx(budget.charged_usd)
    assert budget.charged_usd <= limit
    assert all(error.failure is Failure.BUDGET and not error.sent for error in refused)
    assert not refused or budget.charged_usd + bound > limit
    assert len(costs) == len(found)


def test_an_unknown_cost_is_settled_as_its_bound():
    budget = Budget(Limits(max_cost_usd=1.0), lambda call: 0.4)

    async def ask(call, attempt):
        return Reply(text="", cost_usd=None)

    found = asyncio.run(asked(budget, ask, 4))

    assert [isinstance(one, Reply) for one in found] == [True, True, False, False]
    assert "limit of $1" in str(found[2])


@pytest.mark.parametrize(("reach", "charged"), [(Reach.LOST, 0.4), (Reach.ANSWERED, 0.0), (Reach.REFUSED, 0.0)])
def test_what_was_lost_on_the_way_may_be_billed(reach, charged):
    budget = Budget(Limits(max_cost_usd=1.0), lambda call: 0.4)

    async def ask(call, attempt):
        raise AttemptError(Failure.TRANSIENT, "gone", reach=reach)

    asyncio.run(asked(budget, ask, 1))

    assert budget.charged_usd == charged


def test_a_request_that_is_cancelled_may_be_billed():
    budget = Budget(Limits(max_cost_usd=1.0), lambda call: 0.4)

    async def ask(call, attempt):
        raise asyncio.CancelledError

    asyncio.run(asked(budget, ask, 1))

    assert budget.charged_usd == 0.4


def test_what_nobody_can_price_is_not_asked_under_a_limit():
    budget = Budget(Limits(max_cost_usd=1.0), lambda call: None)

    async def ask(call, attempt):
        raise AssertionError

    (error,) = asyncio.run(asked(budget, ask, 1))

    assert "nobody can say what openai/x costs" in error.reason


def test_the_limit_on_calls_counts_every_request():
    budget = Budget(Limits(max_calls=2), lambda call: None)
    budget.count()
    budget.count()

    with pytest.raises(AttemptError, match="limit of 2 calls"):
        budget.count()
    assert budget.sent == 2


class Clock:
    now = 100.0

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.now += seconds


def test_an_even_pace_after_a_second_of_burst():
    clock = Clock()
    bucket = Bucket(240, clock)  # one each 0.25 s

    waits = [bucket.take(1) for _ in range(7)]

    assert waits == pytest.approx([0, 0, 0, 0, 0.25, 0.5, 0.75])


@given(st.integers(1, 600), st.lists(st.floats(0, 2), min_size=1, max_size=60))
@settings(deadline=None)
def test_no_minute_holds_more_than_the_limit_and_a_second_of_burst(rate, gaps):
    clock = Clock()
    bucket = Bucket(rate, clock)
    starts = []
    for gap in gaps:
        clock.now += gap
        starts.append(clock.now + bucket.take(1))

    for start in starts:
        assert sum(start <= other < start + 60 for other in starts) <= rate + max(1, rate / 60) + 1e-6


def test_tokens_are_corrected_by_what_was_used():
    clock = Clock()
    limits = RateLimits({"openai": RateLimit(tokens_per_minute=6_000)}, Gate(), clock, clock.sleep)

    async def ask(call, attempt):
        return Reply(text="", usage=Usage(100, 100))

    async def run():
        paced = limits.layer(ask)
        starts = []
        for call in calls(3):
            await paced(call, 1)
            starts.append(clock.now - 100)
        return starts

    assert asyncio.run(run()) == pytest.approx([0, 1.01, 3.01], abs=0.02)


def test_another_provider_does_not_wait():
    clock = Clock()

    async def ask(call, attempt):
        return Reply(text="")

    limits = RateLimits({"anthropic": RateLimit(requests_per_minute=1)}, Gate(), clock, clock.sleep)
    asyncio.run(limits.layer(ask)(calls(1)[0], 1))

    assert clock.now == 100.0


def test_who_waited_is_not_sent_after_the_gate_closed():
    clock, gate = Clock(), Gate()
    limits = RateLimits({"openai": RateLimit(requests_per_minute=1)}, gate, clock, clock.sleep)
    sent = []

    async def ask(call, attempt):
        sent.append(call)
        gate.close(Failure.INTERRUPTED, "stop")
        return Reply(text="")

    async def run():
        paced = limits.layer(ask)
        await paced(calls(1)[0], 1)
        await paced(calls(1)[0], 1)

    with pytest.raises(AttemptError, match="stop"):
        asyncio.run(run())
    assert len(sent) == 1


def test_the_estimate_of_tokens():
    message = ({"role": "user", "content": "x" * 400},)

    assert estimated_tokens(Call("m", message)) == 101 + 256
    assert estimated_tokens(Call("m", message, {"max_tokens": 9})) == 101 + 9
