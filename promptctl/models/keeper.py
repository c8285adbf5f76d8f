"""Answers are on disk before anybody counts them: committed in batches by one thread."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from promptctl.models.attempt import Ask
from promptctl.models.call import Call, Reply

Add = Callable[[Sequence[tuple[Call, Reply]]], None]


class Keeper:
    """While one batch is being committed the next one gathers: a slow disk makes larger batches, not a slower loop."""

    def __init__(self, add: Add) -> None:
        self._add = add
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="promptctl-answers")
        self._waiting: list[tuple[tuple[Call, Reply], asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    def layer(self, ask: Ask) -> Ask:
        """Ask, and return when the answer is durable. What the store raises goes through."""

        async def kept(call: Call, attempt: int) -> Reply:
            reply = await ask(call, attempt)
            done = asyncio.get_running_loop().create_future()
            self._waiting.append(((call, reply), done))
            if self._writing is None:
                self._writing = asyncio.create_task(self._write())
            await done
            return reply

        return kept

    async def close(self) -> None:
        """When everything that waits is written."""
        if self._writing is not None:
            await self._writing
        self._thread.shutdown(wait=True)

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting, []
            error: Exception | None = None
            try:
                await loop.run_in_executor(self._thread, self._add, [answer for answer, _ in batch])
            except Exception as raised:  # noqa: BLE001 - it belongs to those who wait, who raise it
                error = raised
            for _, done in batch:
                if done.cancelled():
                    continue
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(error)
        self._writing = None
