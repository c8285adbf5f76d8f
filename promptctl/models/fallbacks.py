"""A call that nobody could answer -> the same words to the models that its prompt names instead.

An answer of another model is that model's: it is kept under its own request, never under the one that failed, so that
no replay without fallbacks ever finds it there.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from promptctl.models.call import Answer, Call, CallFailed, Failure, Reply

Asked = Iterable[tuple[Call, Answer]]

# The others are no outage: what they say of the request, of the account or of the run is what one wants to know.
UNANSWERED = frozenset({Failure.TRANSIENT, Failure.AUTH, Failure.REQUEST, Failure.MISSING})


def with_fallbacks(answers: Asked, ask: Callable[[Iterable[Call]], Asked]) -> Iterator[tuple[Call, Answer]]:
    """Every call with its answer, or with that of the first of its fallbacks that has one (`Reply.fallback` names it).

    Those that failed wait until the others are answered. Where the fallbacks fail too, the first failure counts.
    """
    instead: dict[str, list[_Waiting]] = {}
    while True:
        failed: list[_Waiting] = []
        for asked, answer in answers:
            for waiting in instead.pop(asked.fingerprint, None) or [_Waiting(asked)]:
                if isinstance(answer, Reply):
                    yield waiting.call, replace(answer, fallback=asked.model) if waiting.failure else answer
                elif waiting.may_go_on(answer):
                    failed.append(_Waiting(waiting.call, waiting.failure or answer, waiting.turn + 1))
                else:
                    yield waiting.call, waiting.failure or answer
        if not failed:
            return
        instead, calls = {}, {}
        for waiting in failed:
            other = stand_in(waiting.call, waiting.turn)
            calls[other.fingerprint] = other
            instead.setdefault(other.fingerprint, []).append(waiting)
        answers = ask(calls.values())


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A call whose own model failed, and which fallback is asked; of one that was asked itself, no failure and -1."""

    call: Call
    failure: CallFailed | None = None
    turn: int = -1

    def may_go_on(self, answer: CallFailed) -> bool:
        """Whether there is one more to ask after this."""
        return self.turn + 1 < len(self.call.fallbacks) and (self.failure is not None or answer.failure in UNANSWERED)


def stand_in(call: Call, turn: int) -> Call:
    """The same sample of the same words, asked of the call's fallback number `turn`."""
    other = call.fallbacks[turn]
    params = other.params
    if "seed" in params and "seed" in call.params:  # it moves with the sample
        params = {**params, "seed": call.params["seed"]}
    return replace(other, params=params, sample=call.sample, against=call.against, fallbacks=())


def answered_call(call: Call, reply: Reply) -> Call:
    """The call that an answer belongs to: under whose fingerprint it is kept, and may be recorded."""
    turns = (turn for turn, other in enumerate(call.fallbacks) if other.model == reply.fallback)
    turn = None if reply.fallback is None else next(turns, None)
    return call if turn is None else stand_in(call, turn)
