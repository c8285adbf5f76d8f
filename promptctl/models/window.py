"""How many calls one model is sent at once: one more a round while it goes well, fewer where it is too much.

Additive increase, and a decrease by the share of a round that was refused: half where all of it was, a fortieth where
one in twenty was. Alizadeh et al., "Data Center TCP (DCTCP)", SIGCOMM 2010. To halve at every refusal would leave six
in flight at a provider that refuses one call in twenty at random.

The first call goes alone for a moment: a wrong key, an exhausted account or a wrong address then costs one request, not
one for each place.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

TRIAL_S = 1.0  # at most: who refuses does so at once, and a slow model must not make a run twice as long
_WEIGHT = 0.25  # of the newest round


class Window:
    """Places for at most `most` calls, and for as many as the provider bears: one until it is opened.

    Used in one event loop.
    """

    def __init__(self, most: int) -> None:
        self.places = 1.0
        self._most = float(most)
        self._opening: asyncio.TimerHandle | None = None
        self._opened = False
        self._taken = 0
        self._good = self._bad = 0  # of this round
        self._share: float | None = None  # that is refused, smoothed over rounds
        self._queue: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place and hold it; the window is open when the first call is over, however it ended."""
        await self._take()
        try:
            yield
        finally:
            self._give()
            self.open()

    def on_trial(self) -> None:
        """The first call is on its way: wait for it a moment, and no longer."""
        if self._opening is None and not self._opened:
            self._opening = asyncio.get_running_loop().call_later(TRIAL_S, self.open)

    def open(self) -> None:
        """All the places are there, from the first time on."""
        if self._opened:
            return
        self._opened = True
        self.places = self._most
        if self._opening is not None:
            self._opening.cancel()
        self._admit()

    def answered(self) -> None:
        """A call went well: a whole window of them makes room for one more."""
        self.open()
        self.places = min(self._most, self.places + 1 / self.places)
        self._good += 1
        self._end_round()
        self._admit()

    def refused(self) -> None:
        """A call was too much."""
        self.open()
        self._bad += 1
        self._end_round()

    def _end_round(self) -> None:
        count = self._good + self._bad
        if count < int(self.places):
            return
        share = self._bad / count
        self._share = share if self._share is None else (1 - _WEIGHT) * self._share + _WEIGHT * share
        if self._bad:
            self.places = max(1.0, self.places * (1 - self._share / 2))
        self._good = self._bad = 0

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
