"""The one event loop: calls in, answers out, and the order of the layers in between.

It runs in a thread of its own, so that everything outside this folder stays plain functions. `client.py` is its only
user and imports it at the first call that misses every cache.
"""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from random import Random

from promptctl.errors import PromptctlError
from promptctl.models.allowance import allowances
from promptctl.models.attempt import Ask, AttemptError, Gate, Reach
from promptctl.models.budget import Budget
from promptctl.models.call import Answer, Call, CallFailed, Failure, Reply
from promptctl.models.costs import held_back
from promptctl.models.endpoints import Resolve, Target
from promptctl.models.keeper import Keeper
from promptctl.models.policy import Limits, Policy
from promptctl.models.provider import Provider
from promptctl.models.rate import RateLimits
from promptctl.models.reason import one_line
from promptctl.models.retry import Retry, with_attempts
from promptctl.models.window import Window
from promptctl.settings import Price, RateLimit

Deliver = Callable[[str, Answer | BaseException], None]
REASONS = 10  # different ones that are counted
INTERRUPTED = "interrupted before it was answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What an engine is made of. `provider` makes one inside the loop's thread, which is where LiteLLM is imported."""

    provider: Callable[[], Provider]
    resolve: Resolve
    add: Callable[[Sequence[tuple[Call, Reply]]], None]
    policy: Policy = field(default_factory=Policy)
    limits: Limits = field(default_factory=Limits)
    prices: Mapping[str, Price] = field(default_factory=dict)
    rate_limits: Mapping[str, RateLimit] = field(default_factory=dict)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = field(default_factory=lambda: Random().random)  # noqa: S311 - jitter, no secret
    timer: Callable[[], float] = time.monotonic
    began: float = field(default_factory=time.monotonic)  # by `timer`: from when the limit on the time counts


class Engine:
    """Asks what it is given, each fingerprint once at a time, and hands every answer to those who wait for it."""

    def __init__(self, parts: Parts) -> None:
        self.retries = 0
        self.in_flight = 0
        self.failures: dict[str, int] = {}  # by reason: how many calls ended so
        self.spent_usd: float | None = 0.0  # None: some answer's price is unknown
        self.budget = Budget(parts.limits, lambda call: held_back(call, parts.prices))
        self.crash: BaseException | None = None
        self._parts = parts
        self._gate = Gate()
        self._cut = (Failure.INTERRUPTED, INTERRUPTED)  # what becomes of a call that is given up
        self._slots = asyncio.Semaphore(parts.policy.concurrency)
        self._rates = RateLimits(parts.rate_limits, self._gate, parts.timer, parts.sleep)
        self._places: dict[str, asyncio.Task[_Place]] = {}
        self._waiting: dict[str, list[Deliver]] = {}
        self._tasks: dict[str, asyncio.Task[Answer | BaseException]] = {}
        self._sending: set[str] = set()
        self._attempts: dict[str, int] = {}
        self._listening = threading.Event()
        self._asking = threading.Event()  # the provider is there
        self._idle = threading.Event()
        self._idle.set()
        self._thread = threading.Thread(target=self._run, name="promptctl-models", daemon=True)

    # From any thread.

    def start(self) -> None:
        """Begin; the provider is made in the background."""
        self._thread.start()
        self._listening.wait()

    def submit(self, calls: Sequence[Call], deliver: Deliver) -> None:
        """Ask these; `deliver` is called in the loop's thread, once for each."""
        self._idle.clear()
        self._post(lambda: self._accept(calls, deliver))

    def forget(self, fingerprints: Iterable[str], deliver: Deliver) -> None:
        """Nobody waits for these any more. What is in flight is finished and kept all the same: it is paid for."""
        forgotten = list(fingerprints)
        self._post(lambda: self._drop(forgotten, deliver))

    def stop(self, grace: float) -> None:
        """Start nothing more; what is in flight has `grace` seconds. Returns when nothing is in flight any more."""
        self._post(lambda: self._interrupt(grace))
        if self._asking.is_set():
            self._idle.wait(grace + 1)

    def close(self, grace: float) -> None:
        """End the loop and its thread."""
        self._post(lambda: self._closing.set())  # noqa: PLW0108 - the loop makes it
        # While LiteLLM is imported nobody was asked yet, and the thread cannot be told to stop.
        if self._asking.is_set() or self.crash is not None:
            self._thread.join(grace + 1)

    def _post(self, action: Callable[[], object]) -> None:
        # After a crash there is no loop to post to; who waits finds the crash.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(action)

    # In the loop's thread.

    def heard(self, model: str, headers: Mapping[str, str], now: float) -> None:
        """What came with an answer of this model's, or with a refusal; `now` in seconds since the epoch."""
        self._rates.heard(model, allowances(headers, now))

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - whoever waits for an answer has to hear of it
            self.crash = error
            for fingerprint in list(self._waiting):
                self._deliver(fingerprint, error)
        finally:
            self._listening.set()
            self._idle.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        # What libraries leave behind at the end of a loop is theirs, and not for the user's terminal; our own tasks
        # hand every error to those who wait.
        self._loop.set_exception_handler(lambda _loop, _context: None)
        self._closing = asyncio.Event()
        self._listening.set()
        if (seconds := self._parts.limits.seconds) is not None:
            left = self._parts.began + seconds - self._parts.timer()
            self._loop.call_later(max(0.0, left), self._time_is_up, seconds)
        try:
            self._provider = self._parts.provider()
        except BaseException as error:
            self.crash = error  # known before the end of the loop gives its tasks up
            raise
        self._asking.set()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._provider.close)
            keeper = Keeper(self._parts.add)
            stack.push_async_callback(keeper.close)
            self._answer = self._stack(keeper)
            await self._closing.wait()

    def _stack(self, keeper: Keeper) -> Callable[[Call], Awaitable[Reply]]:
        """The order of the layers, from the provider outwards. Cache and recordings stand before it, in client.py."""
        parts = self._parts
        ask: Ask = self._send
        ask = keeper.layer(ask)  # durable before its slot is free
        ask = self._in_slot(ask)
        ask = self._rates.layer(ask)
        ask = self._in_window(ask)
        ask = self.budget.layer(ask)
        return Retry(parts.policy.retries, self._gate, parts.sleep, parts.random, self._count_retry).layer(ask)

    def _in_slot(self, ask: Ask) -> Ask:
        """One of the run's places: no more calls are in flight than `concurrency`, whomever they are for."""

        async def slotted(call: Call, attempt: int) -> Reply:
            async with self._slots:
                self._gate.check(call)
                self._sending.add(call.fingerprint)
                self.in_flight += 1
                try:
                    return await ask(call, attempt)
                finally:
                    self.in_flight -= 1
                    self._sending.discard(call.fingerprint)

        return slotted

    def _in_window(self, ask: Ask) -> Ask:
        """One of the model's places, as many as its provider bears."""

        async def within(call: Call, attempt: int) -> Reply:
            window = (await self._place(call.model)).window
            async with window.place():
                try:
                    reply = await ask(call, attempt)
                except AttemptError as error:
                    self._gate.learn(call, error)  # before anybody takes its place
                    window.open()
                    if error.limited:
                        if window.places == 1 and error.retry_after:
                            self._rates.pause(call.model, error.retry_after)
                        window.refused()
                    raise
                window.answered()
                return reply

        return within

    async def _send(self, call: Call, attempt: int) -> Reply:
        place = await self._place(call.model)
        self._provider.check(call, place.target)
        place.window.on_trial()
        self.budget.count()
        self._attempts[call.fingerprint] = self._attempts.get(call.fingerprint, 0) + 1
        try:
            reply = await self._provider.ask(call, place.target, seconds=self._parts.policy.timeout)
        except AttemptError as error:
            if error.reach in {Reach.UNSENT, Reach.REFUSED}:
                self.budget.sent -= 1
            if not error.sent:
                self._attempts[call.fingerprint] -= 1
            raise
        if self.spent_usd is not None:
            self.spent_usd = None if reply.cost_usd is None else self.spent_usd + reply.cost_usd
        return with_attempts(reply, attempt)

    async def _place(self, model: str) -> "_Place":
        if model not in self._places:
            self._places[model] = asyncio.create_task(self._find_place(model))
        return await asyncio.shield(self._places[model])

    async def _find_place(self, model: str) -> "_Place":
        try:
            target = await asyncio.to_thread(self._parts.resolve, model)  # a built-in model is started here
        except PromptctlError as error:
            raise AttemptError(Failure.REQUEST, one_line(str(error))) from None
        return _Place(target, Window(target.concurrency or self._parts.policy.concurrency))

    def _count_retry(self) -> None:
        self.retries += 1

    def _accept(self, calls: Sequence[Call], deliver: Deliver) -> None:
        for call in calls:
            self._waiting.setdefault(call.fingerprint, []).append(deliver)
            if call.fingerprint not in self._tasks:
                task = asyncio.create_task(self._work(call))
                self._tasks[call.fingerprint] = task
                task.add_done_callback(partial(self._worked, call.fingerprint))

    async def _work(self, call: Call) -> Answer | BaseException:
        try:
            return await self._answer(call)
        except AttemptError as error:
            failed = error.failed(self._attempts.get(call.fingerprint, 0))
            if failed.reason in self.failures or len(self.failures) < REASONS:
                self.failures[failed.reason] = self.failures.get(failed.reason, 0) + 1
            return failed
        except Exception as error:  # noqa: BLE001 - a full disk, a bug: it ends the run where the answer is waited for
            self._gate.close(Failure.INTERRUPTED, one_line(f"stopped: {error}"))
            return error

    def _worked(self, fingerprint: str, task: "asyncio.Task[Answer | BaseException]") -> None:
        """Hand the answer over. A task that was given up may never have begun: it cannot speak for itself."""
        attempts = self._attempts.pop(fingerprint, 0)
        del self._tasks[fingerprint]
        given_up = CallFailed(*self._cut, attempts) if self.crash is None else self.crash
        self._deliver(fingerprint, given_up if task.cancelled() else task.result())
        if not self._tasks:
            self._idle.set()

    def _deliver(self, fingerprint: str, answer: Answer | BaseException) -> None:
        for deliver in self._waiting.pop(fingerprint, ()):
            deliver(fingerprint, answer)

    def _drop(self, fingerprints: Iterable[str], deliver: Deliver) -> None:
        for fingerprint in fingerprints:
            waiting = self._waiting.get(fingerprint, [])
            if deliver in waiting:
                waiting.remove(deliver)
            if not waiting and fingerprint in self._tasks and fingerprint not in self._sending:
                self._tasks[fingerprint].cancel()

    def _time_is_up(self, seconds: float) -> None:
        self._cut = (Failure.BUDGET, f"not asked: the time limit of {seconds:g} s is reached")
        self._end(self._parts.policy.grace)

    def _interrupt(self, grace: float) -> None:
        self._cut = (Failure.INTERRUPTED, INTERRUPTED)
        self._end(grace)

    def _end(self, grace: float) -> None:
        """Send nothing more; what is in flight has `grace` seconds."""
        self._gate.close(*self._cut)
        # A task that is cancelled before its first step would tell nobody: those that were just made come first.
        self._loop.call_soon(self._cancel_unsent)
        self._loop.call_later(grace, self._cancel_all)
        if not self._tasks:
            self._idle.set()

    def _cancel_unsent(self) -> None:
        for fingerprint, task in self._tasks.items():
            if fingerprint not in self._sending:
                task.cancel()

    def _cancel_all(self) -> None:
        for task in self._tasks.values():
            task.cancel()


@dataclass(frozen=True, slots=True)
class _Place:
    """Whom a model means, and the places that it has."""

    target: Target
    window: Window
