"""Calls -> answers: cache, recordings, then (engine.py) retry, budget, rate limit, slot, store, LiteLLM.

Plain functions outside, one event loop inside, started when the first call misses every cache: a replay whose answers
are all known imports neither asyncio nor LiteLLM.
"""

import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from promptctl.models.cache import AnswerStore, KnownAnswers, Mode
from promptctl.models.call import Answer, Call, CallFailed, Failure, Reply
from promptctl.models.endpoints import Resolve, target_of
from promptctl.models.fallbacks import with_fallbacks
from promptctl.models.policy import Limits, Policy
from promptctl.models.stream import Stream
from promptctl.settings import Price
from promptctl.settings import Provider as ProviderSettings

if TYPE_CHECKING:
    from promptctl.models.engine import Engine
    from promptctl.models.provider import Provider

__all__ = ["AnswerStore", "Client", "Limits", "Mode", "Policy", "Stats"]

LOOK_AHEAD = 4  # times the concurrency: how many calls are taken from the stream before their turn


@dataclass(frozen=True, slots=True)
class Stats:
    """What a client did so far. `calls` were sent, retries included; `spent_usd` is None where a price is unknown.

    `from_cache` and `from_recordings` count distinct calls, `failures` those without an answer by reason.
    """

    calls: int = 0
    from_cache: int = 0
    from_recordings: int = 0
    retries: int = 0
    spent_usd: float | None = 0.0
    in_flight: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)


def _steady() -> Callable[[], float]:
    """Seconds since the epoch as of now, and on from there however this machine's clock is set meanwhile.

    Else an answer could seem older than the run that asked for it.
    """
    began, ticks = time.time(), time.monotonic()
    return lambda: began + time.monotonic() - ticks


@dataclass(kw_only=True)
class Client:
    """A context manager; used from one thread.

    `resolve` says whom a model's name means, where that is more than settings and environment know (built-in models).
    `since` (seconds since the epoch) leaves older answers aside. `provider` replaces LiteLLM. `workers` processes ask,
    from 2 on; `say` is told what becomes of them. `clock` gives seconds since the epoch, `timer` seconds for latencies;
    `sleep` and `random` are for tests.
    """

    store: AnswerStore
    environ: Mapping[str, str]
    recordings: Mapping[str, Reply] = field(default_factory=dict)
    mode: Mode = Mode.NORMAL
    policy: Policy = field(default_factory=Policy)
    limits: Limits = field(default_factory=Limits)
    providers: Mapping[str, ProviderSettings] = field(default_factory=dict)
    prices: Mapping[str, Price] = field(default_factory=dict)
    since: float | None = None
    resolve: Resolve | None = None
    provider: "Callable[[], Provider] | None" = None
    workers: int = 1
    say: Callable[[str], None] = lambda _text: None
    clock: Callable[[], float] = field(default_factory=_steady)
    timer: Callable[[], float] = time.perf_counter
    sleep: Callable[[float], Awaitable[None]] | None = None
    random: Callable[[], float] | None = None

    def __post_init__(self) -> None:
        self._engine: Engine | None = None
        self._stopped = False
        self._began = self.timer()
        self._answers = KnownAnswers(self.store, self.recordings, self.mode, self.since)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def stats(self) -> Stats:
        """What was done so far; cheap, at any time."""
        stats = Stats(from_cache=self._answers.from_cache, from_recordings=self._answers.from_recordings)
        if self._engine is None:
            return stats
        engine = self._engine
        return replace(
            stats,
            calls=engine.budget.sent,
            retries=engine.retries,
            spent_usd=engine.spent_usd,
            in_flight=engine.in_flight,
            failures=dict(engine.failures),
        )

    def known(self, calls: Iterable[Call]) -> dict[str, Reply]:
        """Fingerprint -> answer, for those of `calls` that the cache or the recordings know. Nobody is asked."""
        return self._answers.find(dict.fromkeys(call.fingerprint for call in calls))

    def ask(
        self, calls: Iterable[Call], *, renew: Collection[str] = (), follow: deque[Call] | None = None
    ) -> Iterator[tuple[Call, Answer]]:
        """Every call with its answer, as they come; calls are taken from the stream as there is room.

        Each distinct fingerprint is asked once, and not at all where its answer is known, unless it is in `renew`
        (which offline and frozen is left aside). A failure is an answer too; only a store that fails, or a bug, raises.
        What the reader puts into `follow` while it reads is asked in the same stream: an answer may lead to calls. A
        set `renew` may grow meanwhile; what is asked again leaves it.
        """
        following = deque[Call]() if follow is None else follow
        return with_fallbacks(self._ask(calls, renew, following), lambda others: self._ask(others, renew, following))

    def _ask(self, calls: Iterable[Call], renew: Collection[str], follow: deque[Call]) -> Iterator[tuple[Call, Answer]]:
        stream = Stream(
            source=iter(calls),
            renew=_growing(renew) if self.mode is Mode.NORMAL else set(),
            window=LOOK_AHEAD * self.policy.concurrency,
            known=self._answers,
            refusal=self._refusal,
            engine=self._running,
            follow=follow,
        )
        return stream.answers()

    def stop(self) -> None:
        """Start no new call. Those in flight have `policy.grace` seconds and are kept; the rest is INTERRUPTED."""
        self._stopped = True
        if self._engine is not None:
            self._engine.stop(self.policy.grace)

    def close(self) -> None:
        """Stop, and end the thread."""
        self.stop()
        if self._engine is not None:
            self._engine.close(self.policy.grace)

    def _refusal(self, call: Call) -> CallFailed | None:
        """Why nobody may be asked, if so."""
        if self.mode is Mode.OFFLINE:
            what = "offline: neither the cache nor the recordings know an answer"
            return CallFailed(Failure.MISSING, f"{what} of {call.model}")
        if self.mode is Mode.FROZEN:
            what = "frozen: the recordings hold no answer"
            return CallFailed(Failure.MISSING, f"{what} of {call.model}")
        if self._stopped:
            return CallFailed(Failure.INTERRUPTED, "interrupted before it was asked")
        return None

    def _running(self) -> "Engine":
        if self._engine is None:
            self._engine = self._make_engine()
            self._engine.start()
        return self._engine

    def _make_engine(self) -> "Engine":
        from promptctl.models.engine import Engine, Parts  # 30 ms: asyncio; only a call that misses every cache pays it

        providers, environ = self.providers, self.environ
        parts = Parts(
            provider=self.provider or self._asking,
            resolve=self.resolve or (lambda model: target_of(model, providers, environ)),
            add=self.store.add,
            limits=self.limits,
            policy=self.policy,
            prices=self.prices,
            rate_limits={name: one.rate_limit for name, one in self.providers.items()},
            timer=self.timer,
            began=self._began,
        )
        if self.sleep is not None:
            parts = replace(parts, sleep=self.sleep)
        if self.random is not None:
            parts = replace(parts, random=self.random)
        return Engine(parts)

    def _asking(self) -> "Provider":
        from promptctl.models.local.embedding import WithEmbedders

        return WithEmbedders(self._litellm(), clock=self.clock)

    def _litellm(self) -> "Provider":
        if self.workers > 1:
            from promptctl.models.workers import Workers

            return Workers(
                self.workers,
                prices=self.prices,
                environ=self.environ,
                clock=self.clock,
                heard=self._running().heard,
                say=self.say,
            )
        from promptctl.models.litellm import LiteLLM  # 1.5 to 3 s, in the engine's thread

        heard = self._running().heard
        return LiteLLM(prices=self.prices, environ=self.environ, clock=self.clock, timer=self.timer, heard=heard)


def _growing(renew: Collection[str]) -> set[str]:
    return renew if isinstance(renew, set) else set(renew)
