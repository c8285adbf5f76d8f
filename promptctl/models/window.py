"""How many calls one model is sent at once: one more while it goes well, half as many where it is too much.

Additive increase, multiplicative decrease: Chiu and Jain, "Analysis of the Increase and Decrease Algorithms for
Congestion Avoidance in Computer Networks", 1989. Calls that were sent together and refused together halve it once.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Window:
    """Places for at most `most` calls, and for as many as the provider bears. Used in one event loop."""

    def __init__(self, most: int) -> None:
        self.places = float(most)
        self.round = 0  # told to `refused` as it was when the call was sent
        self._most = float(most)
        self._taken = 0
        self._queue: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place and hold it."""
        await self._take()
        try:
            yield
        finally:
            self._give()

    def answered(self) -> None:
        """A call went well: a whole window of them makes room for one more."""
        self.places = min(self._most, self.places + 1 / self.places)
        self._admit()

    def refused(self, when: int) -> None:
        """A call that was sent in round `when` was too much."""
        if when == self.round:
            self.round += 1
            self.places = max(1.0, self.places / 2)

    async def _take(self) -> None:
        if not self._queue and self._taken < int(self.places):
            self._taken += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give()  # admitted and cancelled in one turn of the loop
            raise

    def _give(self) -> None:
        self._taken -= 1
        self._admit()

    def _admit(self) -> None:
        while self._queue and self._taken < int(self.places):
            turn = self._queue.popleft()
            if not turn.done():
                self._taken += 1
                turn.set_result(None)
