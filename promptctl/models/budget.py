"""A run never spends beyond its limits: reserved before each request by an upper bound, settled after it."""

import asyncio
from collections.abc import Callable

from promptctl.models.attempt import Ask, AttemptError, Reach
from promptctl.models.call import Call, Failure, Reply
from promptctl.models.policy import Limits


class Budget:
    """What was spent, what is held back for requests under way, and who has to wait.

    `ceiling` gives the dollars that one attempt cannot exceed, None where nobody can say.
    """

    def __init__(self, limits: Limits, ceiling: Callable[[Call], float | None]) -> None:
        self.limits = limits
        self.sent = 0
        self.charged_usd = 0.0
        self._ceiling = ceiling
        self._reserved: dict[object, float] = {}
        self._settled = asyncio.Condition()

    def layer(self, ask: Ask) -> Ask:
        """Reserve, ask, settle."""

        async def within(call: Call, attempt: int) -> Reply:
            bound = await self._reserve(call)
            try:
                reply = await ask(call, attempt)
            except AttemptError as error:
                # A time-out or a dropped connection may be billed all the same: its reservation counts as spent.
                await self._settle(bound, bound.usd if error.reach is Reach.LOST else 0.0)
                raise
            except BaseException:
                await self._settle(bound, bound.usd)
                raise
            await self._settle(bound, bound.usd if reply.cost_usd is None else reply.cost_usd)
            return reply

        return within

    def count(self) -> None:
        """One more request goes out; raises AttemptError where the limit on requests is reached."""
        if self.limits.max_calls is not None and self.sent >= self.limits.max_calls:
            raise AttemptError(Failure.BUDGET, f"not asked: the limit of {self.limits.max_calls} calls is reached")
        self.sent += 1

    async def _reserve(self, call: Call) -> "_Reservation":
        limit = self.limits.max_cost_usd
        if limit is None:
            return _Reservation(0.0)
        usd = self._ceiling(call)
        if usd is None:
            reason = f"not asked: nobody can say what {call.model} costs at most, and there is a limit of ${limit:g}"
            raise AttemptError(Failure.BUDGET, reason)
        async with self._settled:
            # What is under way mostly costs less than its bound: wait for it rather than refuse too soon.
            await self._settled.wait_for(lambda: self._fits(usd, limit) or not self._may_fit(usd, limit))
            if not self._fits(usd, limit):
                raise AttemptError(Failure.BUDGET, _too_dear(usd, limit, self.charged_usd))
            reservation = _Reservation(usd)
            self._reserved[reservation] = usd
            return reservation

    def _fits(self, usd: float, limit: float) -> bool:
        return self.charged_usd + sum(self._reserved.values()) + usd <= limit

    def _may_fit(self, usd: float, limit: float) -> bool:
        return bool(self._reserved) and self.charged_usd + usd <= limit

    async def _settle(self, reservation: "_Reservation", usd: float) -> None:
        self._reserved.pop(reservation, None)
        self.charged_usd += usd
        if self.limits.max_cost_usd is not None:
            async with self._settled:
                self._settled.notify_all()


class _Reservation:
    """Held back for one request; compared by identity."""

    def __init__(self, usd: float) -> None:
        self.usd = usd


def _too_dear(usd: float, limit: float, spent: float) -> str:
    return f"not asked: it may cost up to ${usd:.6f}, and ${spent:.6f} of the limit of ${limit:g} are spent"
