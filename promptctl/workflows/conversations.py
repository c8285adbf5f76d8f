"""Scores that need a judge: their questions become calls, their calls' answers move them on."""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field

from promptctl.errors import PromptctlError
from promptctl.models.call import Answer, Call, CallFailed, Failure, Reply
from promptctl.scoring.ask import Ask, Heard, Said
from promptctl.scoring.result import Score
from promptctl.workflows.bench import Asked

Turns = Generator[Sequence[Ask], Sequence[Heard], Score]


@dataclass(slots=True)
class _Conversation:
    """One answer's scoring: its questions of this turn, and what was heard so far."""

    turns: Turns
    asked: Callable[[Ask], Asked]
    keep: Callable[[Call, Reply], None]
    done: Callable[[Score], None]
    waiting: list[Asked | None] = field(default_factory=list)
    heard: list[Heard | None] = field(default_factory=list)


class Conversations:
    """All scorings under way. `calls` are those to be asked next; whoever asks them takes them out."""

    def __init__(self) -> None:
        self.calls: deque[Call] = deque()
        self._waiting: dict[str, list[tuple[_Conversation, int]]] = {}

    def begin(
        self,
        turns: Turns,
        asked: Callable[[Ask], Asked],
        keep: Callable[[Call, Reply], None],
        done: Callable[[Score], None],
    ) -> None:
        """Start a scoring. `keep` is told each judgement with its call, `done` the score, perhaps at once."""
        self._go_on(_Conversation(turns, asked, keep, done), None)

    def answered(self, call: Call, answer: Answer) -> None:
        """An answer has come; where nobody here waits for it, nothing happens."""
        for talk, place in self._waiting.pop(call.fingerprint, ()):
            question = talk.waiting[place]
            if isinstance(answer, Reply):
                talk.keep(call, answer)
                talk.heard[place] = Said(answer, call.model, question.token if question else None)
            else:
                talk.heard[place] = answer
            if None not in talk.heard:
                self._go_on(talk, [one for one in talk.heard if one is not None])

    def _go_on(self, talk: _Conversation, heard: Sequence[Heard] | None) -> None:
        while True:
            try:
                asks = next(talk.turns) if heard is None else talk.turns.send(heard)
            except StopIteration as stop:
                talk.done(stop.value)
                return
            found = [_question(talk.asked, ask) for ask in asks]
            talk.waiting = [one if isinstance(one, Asked) else None for one in found]
            talk.heard = [None if isinstance(one, Asked) else one for one in found]
            for place, one in enumerate(talk.waiting):
                if one is not None:
                    self._ask(talk, place, one.call)
            if None in talk.heard:
                return
            heard = [one for one in talk.heard if one is not None]

    def _ask(self, talk: _Conversation, place: int, call: Call) -> None:
        others = self._waiting.setdefault(call.fingerprint, [])
        if not others:
            self.calls.append(call)
        others.append((talk, place))


def _question(asked: Callable[[Ask], Asked], ask: Ask) -> Asked | CallFailed:
    """The call for a question, or why there is none: a judge prompt that needs a variable which the case has not."""
    try:
        return asked(ask)
    except (PromptctlError, ValueError) as error:
        return CallFailed(Failure.REQUEST, str(error))
