"""Requests and tokens a minute, provider by provider."""

from collections.abc import Awaitable, Callable, Mapping

from promptctl.models.attempt import Ask, Gate
from promptctl.models.call import Call, Kind, Reply
from promptctl.models.facts import provider_of
from promptctl.settings import RateLimit

_MINUTE = 60.0
_BURST_S = 1.0  # how far ahead of an even pace a provider may be asked
_ANSWER_TOKENS = 256  # where a call sets no limit on its answer; corrected when the answer is there


class Bucket:
    """A token bucket by its dual: the time until which it is spoken for (GCRA, ITU-T I.371).

    `timer` gives seconds. A take may overdraw: the takers after it wait.
    """

    def __init__(self, per_minute: float, timer: Callable[[], float]) -> None:
        self._interval = _MINUTE / per_minute
        self._timer = timer
        self._until = float("-inf")

    def take(self, amount: float) -> float:
        """Take now; the seconds to wait before going on."""
        now = self._timer()
        wait = max(0.0, self._until - now - max(0.0, _BURST_S - self._interval))
        self._until = max(self._until, now) + amount * self._interval
        return wait

    def correct(self, amount: float) -> None:
        """Take so much more, or give it back, without a wait."""
        self._until += amount * self._interval


class RateLimits:
    """The buckets of every provider that has a limit."""

    def __init__(
        self,
        limits: Mapping[str, RateLimit],
        gate: Gate,
        timer: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        requests = {name: limit.requests_per_minute for name, limit in limits.items()}
        tokens = {name: limit.tokens_per_minute for name, limit in limits.items()}
        self._requests = {name: Bucket(rate, timer) for name, rate in requests.items() if rate}
        self._tokens = {name: Bucket(rate, timer) for name, rate in tokens.items() if rate}
        self._gate = gate
        self._sleep = sleep

    def layer(self, ask: Ask) -> Ask:
        """Wait for one's turn, then ask."""
        if not self._requests and not self._tokens:
            return ask

        async def paced(call: Call, attempt: int) -> Reply:
            provider = provider_of(call.model)
            requests, tokens = self._requests.get(provider), self._tokens.get(provider)
            estimate = estimated_tokens(call)
            waits = [requests.take(1) if requests else 0.0, tokens.take(estimate) if tokens else 0.0]
            if max(waits) > 0:
                await self._sleep(max(waits))
                self._gate.check(call)
            reply = await ask(call, attempt)
            if tokens is not None and reply.usage.input is not None:
                tokens.correct(reply.usage.input + (reply.usage.output or 0) - estimate)
            return reply

        return paced


def estimated_tokens(call: Call) -> int:
    """About four characters a token, and the longest answer that the call allows."""
    size = sum(len(str(message.get("content") or "")) for message in call.messages)
    if call.kind is not Kind.CHAT:
        return size // 4 + 1
    limits = [call.params.get(name) for name in ("max_completion_tokens", "max_tokens")]
    answer = next((int(limit) for limit in limits if isinstance(limit, int | float)), _ANSWER_TOKENS)
    return size // 4 + 1 + answer
