"""Requests and tokens a minute: as the settings limit them, and as the provider itself says."""

import math
from collections.abc import Awaitable, Callable, Mapping

from promptctl.models.allowance import LONGEST_S, Allowance
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


class Quota:
    """What a provider says it will still take: a bucket that fills at its rate, set anew by every answer."""

    def __init__(self, timer: Callable[[], float]) -> None:
        self._timer = timer
        self._level = math.inf
        self._rate = 1.0
        self._limit = math.inf
        self._at = 0.0
        self._until = 0.0
        self._held = 0.0  # by requests under way, which the provider may not have counted yet

    def take(self, amount: float) -> float:
        """Take now; the seconds to wait before going on."""
        self._held += amount
        now = self._timer()
        pause = max(0.0, self._until - now)
        if math.isinf(self._level):
            return pause
        level = min(self._limit, self._level + (now - self._at) * self._rate)
        self._level, self._at = level - amount, now
        # What is more than the limit by itself is sent when the limit is full: it will not get better than that.
        wait = min(-self._level, self._limit - level) / self._rate
        return min(LONGEST_S, max(pause, wait))

    def give(self, amount: float) -> None:
        """A request that had taken so much is over."""
        self._held -= amount

    def pause(self, seconds: float) -> None:
        """Nobody is let through for so long."""
        self._until = max(self._until, self._timer() + min(seconds, LONGEST_S))

    def heard(self, allowance: Allowance) -> None:
        """What an answer's headers say."""
        self._level = allowance.remaining - self._held
        self._rate = allowance.per_second
        self._limit = allowance.limit
        self._at = self._timer()


class RateLimits:
    """The buckets of every provider that has a limit in the settings, and of every model whose answers tell one."""

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
        self._quotas: dict[tuple[str, str], Quota] = {}
        self._gate = gate
        self._timer = timer
        self._sleep = sleep

    def heard(self, model: str, said: Mapping[str, Allowance]) -> None:
        """What the headers of a model's answer say of its `requests` and `tokens`."""
        for kind, allowance in said.items():
            self._quota(model, kind).heard(allowance)

    def pause(self, model: str, seconds: float) -> None:
        """The model is asked nothing for so long."""
        self._quota(model, "requests").pause(seconds)

    def layer(self, ask: Ask) -> Ask:
        """Wait for one's turn, then ask."""

        async def paced(call: Call, attempt: int) -> Reply:
            provider = provider_of(call.model)
            requests, tokens = self._requests.get(provider), self._tokens.get(provider)
            estimate = estimated_tokens(call)
            takes = ((self._quota(call.model, "requests"), 1.0), (self._quota(call.model, "tokens"), float(estimate)))
            waits = [requests.take(1) if requests else 0.0, tokens.take(estimate) if tokens else 0.0]
            waits += [quota.take(amount) for quota, amount in takes]
            try:
                if max(waits) > 0:
                    await self._sleep(max(waits))
                    self._gate.check(call)
                reply = await ask(call, attempt)
            finally:
                for quota, amount in takes:
                    quota.give(amount)
            if tokens is not None and reply.usage.input is not None:
                tokens.correct(reply.usage.input + (reply.usage.output or 0) - estimate)
            return reply

        return paced

    def _quota(self, model: str, kind: str) -> Quota:
        return self._quotas.setdefault((model, kind), Quota(self._timer))


def estimated_tokens(call: Call) -> int:
    """About four characters a token, and the longest answer that the call allows."""
    size = sum(len(str(message.get("content") or "")) for message in call.messages)
    if call.kind is not Kind.CHAT:
        return size // 4 + 1
    limits = [call.params.get(name) for name in ("max_completion_tokens", "max_tokens")]
    answer = next((int(limit) for limit in limits if isinstance(limit, int | float)), _ANSWER_TOKENS)
    return size // 4 + 1 + answer
