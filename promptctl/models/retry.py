"""Transient failures are asked again, later each time; final ones never."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from dataclasses import replace as replaced

from promptctl.models.allowance import number, seconds_until
from promptctl.models.attempt import Ask, AttemptError, Gate, Reach
from promptctl.models.call import Call, Failure, Reply

BASE_S = 0.5
CAP_S = 30.0
LONGEST_RETRY_AFTER_S = 60.0
REFUSED_RETRIES = 2  # where nobody listens, waiting rarely helps


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and how patiently. `random` gives numbers in 0..1; `count` is told of every retry."""

    retries: int
    gate: Gate
    sleep: Callable[[float], Awaitable[None]]
    random: Callable[[], float]
    count: Callable[[], None]

    def layer(self, ask: Ask) -> Callable[[Call], Awaitable[Reply]]:
        """The outermost layer: a call in, its answer or the last attempt's error out."""

        async def answer(call: Call) -> Reply:
            attempt = 1
            while True:
                self.gate.check(call)
                try:
                    reply = await ask(call, attempt)
                except AttemptError as error:
                    self.gate.learn(call, error)
                    if error.failure is not Failure.TRANSIENT or attempt > self._retries(error):
                        self.gate.gave_up(call, error)
                        raise
                    pause = delay(attempt, error, self.random)
                else:
                    self.gate.answered(call)
                    return reply
                self.count()
                await self.sleep(pause)
                attempt += 1

        return answer

    def _retries(self, error: AttemptError) -> int:
        return min(self.retries, REFUSED_RETRIES) if error.reach is Reach.REFUSED else self.retries


def delay(attempt: int, error: AttemptError, random: Callable[[], float]) -> float:
    """Seconds before the next attempt: full jitter over an exponential, but not before the provider's own date.

    Exponential backoff with full jitter: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    pause = random() * min(CAP_S, BASE_S * 2.0 ** min(attempt - 1, 16))
    if error.reach is Reach.REFUSED:
        return min(pause, BASE_S)
    if error.retry_after is None:
        return pause
    # A tenth more at random, so that those who were turned away together do not come back together.
    return min(LONGEST_RETRY_AFTER_S, error.retry_after * (1 + 0.1 * random()))


def retry_after(headers: object, now: float) -> float | None:
    """Seconds that `retry-after-ms` or `retry-after` (a number, a fraction, an HTTP date) ask for; None without one.

    A date is counted from the answer's own `date`, where it has one: this machine's clock may be wrong.
    """
    get = getattr(headers, "get", None)
    if get is None:
        return None
    milliseconds = number(get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    sent = seconds_until(get("date"), 0.0)
    return seconds_until(get("retry-after"), now if sent is None else sent)


def with_attempts(reply: Reply, attempt: int) -> Reply:
    """The answer, and how many requests it took."""
    return reply if reply.attempts == attempt else replaced(reply, attempts=attempt)
