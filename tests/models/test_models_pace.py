"""As fast as the provider bears: its own headers, and fewer at once where it says that it is too much."""

import asyncio

import pytest
from provider import Provider

from promptctl.models.allowance import Allowance, allowances, seconds_until
from promptctl.models.attempt import AttemptError, Gate, Reach
from promptctl.models.call import Call, Failure, Reply, Usage
from promptctl.models.client import Client, Policy
from promptctl.models.rate import Quota, RateLimits
from promptctl.models.window import Window
from promptctl.settings import Provider as ProviderSettings

NOW = 1_790_000_000.0


class Clock:
    now = 100.0

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.now += seconds


def call(text="hi"):
    return Call("openai/gpt-4o-mini", ({"role": "user", "content": text},))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("120ms", 0.12),
        ("1h2m3.5s", 3723.5),
        ("0.25", 0.25),
        (" 7 ", 7.0),
        ("2026-09-21T14:13:30Z", 10.0),
        ("Mon, 21 Sep 2026 14:13:30 GMT", 10.0),
        ("2020-01-01T00:00:00Z", 0.0),
        ("2026-09-21T14:13:30", 10.0),
        ("soon", None),
        ("1s later", None),
        ("-1", None),
        ("nan", None),
        ("", None),
        (None, None),
    ],
)
def test_when_a_header_means(text, seconds):
    assert seconds_until(text, NOW) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({}, {}),
        (
            {
                "x-ratelimit-limit-requests": "100",
                "x-ratelimit-remaining-requests": "40",
                "x-ratelimit-reset-requests": "30s",
            },
            {"requests": Allowance(40, 2.0, 100)},
        ),
        (
            {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "500ms"},
            {"tokens": Allowance(0, 2.0, 1)},
        ),
        (
            {
                "anthropic-ratelimit-tokens-limit": "1000",
                "anthropic-ratelimit-tokens-remaining": "900",
                "anthropic-ratelimit-tokens-reset": "2026-09-21T14:13:30Z",
                "date": "Mon, 21 Sep 2026 14:13:20 GMT",
            },
            {"tokens": Allowance(900, 10.0, 1000)},
        ),
        ({"x-ratelimit-remaining-requests": "5"}, {}),
        ({"x-ratelimit-remaining-requests": "5", "x-ratelimit-reset-requests": "0s"}, {}),
        ({"x-ratelimit-remaining-requests": "many", "x-ratelimit-reset-requests": "1s"}, {}),
    ],
)
def test_what_headers_allow(headers, found):
    assert found == allowances(headers, NOW)


def test_a_clock_that_is_wrong_does_not_count_where_the_provider_tells_the_time():
    headers = {
        "date": "Mon, 21 Sep 2026 14:13:20 GMT",
        "anthropic-ratelimit-requests-limit": "10",
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2026-09-21T14:13:25Z",
    }

    assert allowances(headers, NOW - 1e6) == allowances(headers, NOW + 1e6) == {"requests": Allowance(0, 2.0, 10)}


def test_a_quota_waits_for_what_grows_back():
    clock = Clock()
    quota = Quota(clock)
    assert 0.0 == quota.take(1)
    quota.give(1)

    quota.heard(Allowance(remaining=2, per_second=4, limit=10))
    waits = [quota.take(1) for _ in range(4)]

    assert waits == pytest.approx([0, 0, 0.25, 0.5])


def test_what_is_under_way_is_not_promised_twice():
    clock = Clock()
    quota = Quota(clock)
    for _ in range(3):
        quota.take(1)

    quota.heard(Allowance(remaining=3, per_second=1, limit=10))

    assert quota.take(1) == pytest.approx(1.0)


def test_a_pause_saves_up_no_more_than_the_limit():
    clock = Clock()
    quota = Quota(clock)
    quota.heard(Allowance(remaining=0, per_second=4, limit=4))
    clock.now += 3_600

    waits = [quota.take(1) for _ in range(6)]

    assert waits == pytest.approx([0, 0, 0, 0, 0.25, 0.5])


def test_what_is_more_than_the_whole_limit_waits_until_that_is_full():
    clock = Clock()
    quota = Quota(clock)
    quota.heard(Allowance(remaining=500, per_second=100, limit=1_000))

    assert quota.take(4_000) == pytest.approx(5.0)


def test_nobody_waits_longer_than_a_minute_on_a_headers_word():
    clock = Clock()
    quota = Quota(clock)
    quota.heard(Allowance(remaining=0, per_second=1e-9, limit=10))
    paused = Quota(clock)
    paused.pause(1e9)

    assert 60.0 == quota.take(1) == paused.take(1)


def test_tokens_have_a_quota_too():
    clock = Clock()
    limits = RateLimits({}, Gate(), clock, clock.sleep)

    async def ask(call, attempt):
        return Reply("", usage=Usage(1, 1))

    async def run():
        paced = limits.layer(ask)
        await paced(call(), 1)
        limits.heard(call().model, {"tokens": Allowance(0, 257.0, 1000)})
        await paced(call(), 1)

    asyncio.run(run())

    assert clock.now == pytest.approx(101.0)  # 257 tokens are estimated


def test_a_round_that_is_refused_halves_the_window_and_a_good_one_adds_a_place():
    window = Window(16)
    for _ in range(15):
        window.refused()
    assert 16 == window.places
    window.refused()
    assert 8 == window.places

    for _ in range(9):
        window.answered()
    assert 8.9 < window.places < 9.2

    for _ in range(1000):
        window.answered()
    assert 16 == window.places
    for _ in range(200):
        window.refused()
    assert 1 == window.places


def test_a_refusal_now_and_then_costs_little():
    window = Window(64)

    for number in range(2_000):
        if number % 20:
            window.answered()
        else:
            window.refused()

    assert 30 < window.places <= 64


def test_no_more_than_its_places_are_held_and_a_cancelled_one_is_given_back():
    async def run():
        window = Window(2)
        held, peak = 0, 0

        async def hold():
            nonlocal held, peak
            async with window.place():
                held += 1
                peak = max(peak, held)
                await asyncio.sleep(0)
                held -= 1

        tasks = [asyncio.create_task(hold()) for _ in range(20)]
        await asyncio.sleep(0)
        for task in tasks[5:8]:
            task.cancel()
        await asyncio.sleep(0)
        tasks[9].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        async with asyncio.timeout(1), window.place(), window.place():
            return peak

    assert 2 == asyncio.run(run())


def test_the_first_call_goes_alone_until_it_is_over_or_takes_too_long(monkeypatch):
    monkeypatch.setattr("promptctl.models.window.TRIAL_S", 0.0)

    async def run(*, on_trial):
        window, held, seen = Window(4), 0, []
        over = asyncio.Event()

        async def hold():
            nonlocal held
            async with window.place():
                held += 1
                if on_trial:
                    window.on_trial()
                await over.wait()

        tasks = [asyncio.create_task(hold()) for _ in range(6)]
        for _ in range(10):
            await asyncio.sleep(0)
            seen.append(held)
        over.set()
        await asyncio.gather(*tasks)
        return seen

    assert {0, 1} >= set(asyncio.run(run(on_trial=False)))
    assert 4 == asyncio.run(run(on_trial=True))[-1]


class Busy:
    """A provider that refuses whoever comes while `bears` are being answered."""

    def __init__(self, bears):
        self.bears = bears
        self.now = self.refused = 0

    def check(self, call, target):
        pass

    async def ask(self, call, target, *, seconds):
        if self.now >= self.bears:
            self.refused += 1
            raise AttemptError(Failure.TRANSIENT, "429", reach=Reach.ANSWERED, limited=True, retry_after=0.001)
        self.now += 1
        await asyncio.sleep(0.001)
        self.now -= 1
        return Reply("ok", cost_usd=0.0, created=NOW)

    async def close(self):
        pass


class Nothing:
    def find(self, fingerprints, *, since=None):
        return {}

    def add(self, answers):
        pass


def test_a_provider_that_bears_three_at_once_is_soon_asked_three_at_once():
    provider = Busy(3)
    parts = {
        "store": Nothing(),
        "environ": {},
        "provider": lambda: provider,
        "policy": Policy(concurrency=32, retries=9),
    }

    with Client(**parts) as client:
        answers = [answer for _, answer in client.ask(call(str(n)) for n in range(300))]

    assert {"ok"} == {answer.text for answer in answers}
    assert provider.refused < 300, "without a window it refuses ten times as many as it answers"


@pytest.mark.parametrize("headers", ["openai", "anthropic", ""])
def test_a_limit_of_the_provider_is_kept_without_an_error(headers):
    with Provider(limit=40, limit_seconds=1.0, limit_headers=headers, retry_after="0.2") as provider:
        settings = {"openai": ProviderSettings(api_base=provider.url)}
        with Client(
            store=Nothing(), environ={}, providers=settings, policy=Policy(concurrency=16, retries=8)
        ) as client:
            answers = [answer for _, answer in client.ask(call(f"{n} ANSWER={n}") for n in range(90))]
        refused = provider.stats()["faults"]

    assert sorted(answer.text for answer in answers) == sorted(map(str, range(90)))
    assert provider.calls == 90 + refused
    assert refused < (20 if headers else 60)
