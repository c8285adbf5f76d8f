"""A stream of calls -> a stream of answers: known ones at once, the others asked with a bounded look-ahead."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from promptctl.models.cache import KnownAnswers
from promptctl.models.call import Answer, Call, CallFailed, Reply

if TYPE_CHECKING:
    from promptctl.models.engine import Engine


@dataclass(kw_only=True, slots=True)
class Stream:
    """One stream. `pending` calls are being asked, `failed` ones are not asked again.

    `window` bounds how many are pending; `refusal` says why a call may not be asked; `engine` starts it if need be.
    Calls that the reader of the answers puts into `follow` are taken before those of the source.
    """

    source: Iterator[Call]
    renew: set[str]
    window: int
    known: KnownAnswers
    refusal: Callable[[Call], CallFailed | None]
    engine: "Callable[[], Engine]"
    follow: deque[Call] = field(default_factory=deque)
    pending: dict[str, list[Call]] = field(default_factory=dict)
    failed: dict[str, CallFailed] = field(default_factory=dict)
    results: SimpleQueue[tuple[str, Answer | BaseException]] = field(default_factory=SimpleQueue)
    exhausted: bool = False

    def answers(self) -> Iterator[tuple[Call, Answer]]:
        """Every call with its answer, in the order in which they come."""
        try:
            while self.pending or self._has_more():
                if self._has_more() and len(self.pending) <= self.window // 2:
                    yield from self._refill()
                if self.pending:
                    yield from self._arrived(*self._next())
        finally:
            if self.pending:
                self.engine().forget(self.pending, self._deliver)

    def _has_more(self) -> bool:
        return bool(self.follow) or not self.exhausted

    def _refill(self) -> list[tuple[Call, Answer]]:
        """Take what there is room for: what is known comes back, the rest is asked."""
        room = self.window - len(self.pending)
        batch = [self.follow.popleft() for _ in range(min(room, len(self.follow)))]
        batch += islice(self.source, room - len(batch))
        self.exhausted = self.exhausted or len(batch) < room
        wanted = dict.fromkeys(call.fingerprint for call in batch)
        known = self.known.find([one for one in wanted if one not in self.renew and one not in self.pending])
        ready: list[tuple[Call, Answer]] = []
        misses: list[Call] = []
        for call in batch:
            answer = self._at_hand(call, known)
            if answer is not None:
                ready.append((call, answer))
            elif call.fingerprint in self.pending:
                self.pending[call.fingerprint].append(call)
            else:
                self.pending[call.fingerprint] = [call]
                misses.append(call)
        if misses:
            self.engine().submit(misses, self._deliver)
        return ready

    def _at_hand(self, call: Call, known: Mapping[str, Reply]) -> Answer | None:
        reply = known.get(call.fingerprint)
        if reply is not None:
            self.known.serve(call.fingerprint, reply)
            return reply
        if call.fingerprint in self.pending:
            return None
        return self.failed.get(call.fingerprint) or self.refusal(call)

    def _arrived(self, fingerprint: str, answer: Answer | BaseException) -> Iterator[tuple[Call, Answer]]:
        calls = self.pending.pop(fingerprint)
        self.renew.discard(fingerprint)
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, CallFailed):
            self.failed[fingerprint] = answer
        else:
            self.known.learn(fingerprint)
        for call in calls:
            yield call, answer

    def _next(self) -> tuple[str, Answer | BaseException]:
        while True:
            try:
                return self.results.get(timeout=0.5)  # in short waits: on Windows a wait cannot be interrupted
            except Empty:
                crash = self.engine().crash
                if crash is not None and self.results.empty():
                    raise crash from None

    def _deliver(self, fingerprint: str, answer: Answer | BaseException) -> None:
        self.results.put((fingerprint, answer))
