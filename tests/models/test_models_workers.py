"""Several processes ask; budget, retries and the store are one. The provider is on the loopback interface."""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from provider import Provider

from promptctl.models.call import Call, CallFailed, Failure, Reply
from promptctl.models.client import Client, Limits, Policy
from promptctl.models.policy import workers_for
from promptctl.settings import Price
from promptctl.settings import Provider as ProviderSettings

MODEL = "openai/gpt-4o-mini"
linux = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="child processes are found through /proc")


class Kept:
    """A store that knows nothing, and remembers what it was given."""

    def __init__(self):
        self.answers = []

    def find(self, fingerprints, *, since=None):
        return {}

    def add(self, answers):
        self.answers += answers


def client(provider, store=None, *, limits=None, said=None, environ=None, **policy):
    return Client(
        store=store or Kept(),
        environ={**os.environ, **(environ or {})},
        providers={"openai": ProviderSettings(api_base=provider.url)},
        prices={MODEL: Price(1.0, 2.0)},
        policy=Policy(**policy),
        limits=limits or Limits(),
        workers=2,
        say=(said if said is not None else []).append,
    )


def calls(count, text="ANSWER=yes"):
    return [
        Call(MODEL, ({"role": "user", "content": f"{number} {text}"},), {"max_tokens": 5}) for number in range(count)
    ]


def children():
    found = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that ended meanwhile
            found |= set(map(int, (task / "children").read_text().split()))
    return found


@linux
def test_workers_answer_as_one_process_does_and_end_with_it():
    before, store = children(), Kept()
    with Provider() as provider, client(provider, store, concurrency=8) as asking:
        found = [answer for _, answer in asking.ask(calls(40))]
        working = children() - before
        stats = asking.stats

    assert (40, 2) == (len(found), len(working))
    assert {("yes", MODEL.split("/")[1])} == {(reply.text, reply.model) for reply in found}
    assert (40, 40, 0) == (stats.calls, len(store.answers), stats.retries)
    assert stats.spent_usd > 0
    assert set() == children() & working


@linux
def test_a_worker_that_is_killed_is_replaced_and_its_calls_are_asked_again():
    before, said, found = children(), [], {}
    with Provider(latency_ms=150.0) as provider, client(provider, said=said, concurrency=8) as asking:
        for call, answer in asking.ask(calls(60)):
            found[call.fingerprint] = answer
            if len(found) == 10:
                os.kill(max(children() - before), signal.SIGKILL)
        stats = asking.stats

    assert 60 == len(found)
    assert all(isinstance(answer, Reply) for answer in found.values())
    assert any("a worker process ended (exit code -9)" in text and "asked again" in text for text in said)
    assert 60 < stats.calls <= 60 + 8


def test_a_limit_on_calls_holds_over_all_workers():
    with Provider() as provider, client(provider, limits=Limits(max_calls=7), concurrency=8) as asking:
        found = [answer for _, answer in asking.ask(calls(30))]
        sent = provider.stats()["calls"]

    assert (7, 23) == (sent, sum(isinstance(one, CallFailed) and one.failure is Failure.BUDGET for one in found))


def test_failures_are_those_of_one_process():
    with Provider(status=401) as provider, client(provider, retries=0) as asking:
        (answer,) = [answer for _, answer in asking.ask(calls(1))]

    assert Failure.AUTH is answer.failure
    assert "401" in answer.reason


def test_a_worker_that_cannot_begin_says_why(tmp_path):
    (tmp_path / "litellm.py").write_text("raise ImportError('no such thing')\n")
    with (
        Provider() as provider,
        client(provider, environ={"PYTHONPATH": str(tmp_path)}) as asking,
        pytest.raises(RuntimeError, match="cannot work: ImportError: no such thing"),
    ):
        list(asking.ask(calls(1)))


def test_an_interruption_leaves_nothing_behind():
    with Provider(latency_ms=400.0) as provider, client(provider, concurrency=4) as asking:
        stream = asking.ask(calls(40))
        next(stream)
        began = time.monotonic()
        asking.stop()
        took = time.monotonic() - began
        stream.close()
        called = provider.calls

    assert 4 <= called <= 8
    assert called == provider.calls
    assert took < 6.5
    assert sys.exc_info() == (None, None, None)


@pytest.mark.parametrize(
    ("calls_", "concurrency", "cores", "expected"),
    [(2_000, 64, 2, 2), (2_000, 64, 8, 2), (100_000, 256, 4, 4), (500, 64, 8, 1), (5_000, 16, 8, 1), (5_000, 64, 1, 1)],
)
def test_as_many_workers_as_the_calls_are_worth(calls_, concurrency, cores, expected):
    assert expected == workers_for(calls_, concurrency, cores)
