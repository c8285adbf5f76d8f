"""One request to a provider: what every layer of the stack takes, gives and raises."""

from collections.abc import Awaitable, Callable
from enum import Enum

from promptctl.models.call import Call, CallFailed, Failure, Reply

Ask = Callable[[Call, int], Awaitable[Reply]]  # a call and the number of the attempt, from 1; raises AttemptError


class Reach(Enum):
    """How far a request that failed had come: what it may have cost, and how soon another makes sense."""

    UNSENT = "unsent"  # nobody was asked
    REFUSED = "refused"  # nobody listens there
    ANSWERED = "answered"  # the provider said no: it bills nothing
    LOST = "lost"  # sent, and no whole answer came back: it may be billed


class AttemptError(Exception):
    """A request without an answer. `retry_after` in seconds, as the provider asks for it.

    `limited`: it was one too many for now (429), and fewer at once may do. `model_wide`: no other call to that model
    would fare better.
    """

    def __init__(
        self,
        failure: Failure,
        reason: str,
        *,
        reach: Reach = Reach.UNSENT,
        retry_after: float | None = None,
        limited: bool = False,
        model_wide: bool = False,
    ) -> None:
        super().__init__(reason)
        self.failure = failure
        self.reason = reason
        self.reach = reach
        self.retry_after = retry_after
        self.limited = limited
        self.model_wide = model_wide or failure is Failure.AUTH

    @property
    def sent(self) -> bool:
        """Whether a request left this machine, or tried to."""
        return self.reach is not Reach.UNSENT

    def failed(self, attempts: int) -> CallFailed:
        """The same as data."""
        return CallFailed(self.failure, self.reason, attempts)


class Gate:
    """What stops further requests: the user, an exhausted account, a key that was refused. Closed for good.

    A model at whose address nobody has ever listened is not asked again either, once a call has tried in vain.
    """

    def __init__(self) -> None:
        self._all: tuple[Failure, str] | None = None
        self._models: dict[str, tuple[Failure, str]] = {}
        self._answering: set[str] = set()

    def check(self, call: Call) -> None:
        """Raise AttemptError where this call may not be sent any more."""
        closed = self._all or self._models.get(call.model)
        if closed is not None:
            raise AttemptError(*closed)

    def close(self, failure: Failure, reason: str) -> None:
        """No call is sent any more; the first reason counts."""
        self._all = self._all or (failure, reason)

    def learn(self, call: Call, error: AttemptError) -> None:
        """What one failure means for the calls after it."""
        if error.failure is Failure.QUOTA:
            self.close(error.failure, error.reason)
        elif error.model_wide:
            self._models.setdefault(call.model, (error.failure, error.reason))

    def gave_up(self, call: Call, error: AttemptError) -> None:
        """A call's last attempt failed."""
        if error.reach is Reach.REFUSED and call.model not in self._answering:
            self._models.setdefault(call.model, (error.failure, error.reason))

    def answered(self, call: Call) -> None:
        """Somebody is there."""
        self._answering.add(call.model)
