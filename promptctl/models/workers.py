"""Several processes that ask, where one is the bottleneck: LiteLLM takes milliseconds of a core for each call.

They stand in the provider's place: retries, budget, rate limits, slots and the store stay in the one engine of the
parent, so that there is nothing to share. Processes are started anew, never forked: threads run here.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from promptctl.models.attempt import AttemptError, Reach
from promptctl.models.call import Call, Failure, Reply
from promptctl.models.endpoints import Target
from promptctl.models.worker import LENGTH, Answered, Asked, Heard, frame, unframed
from promptctl.settings import Price

PATIENCE = 120.0  # seconds beyond a call's own time-out, until a worker is as good as dead
RESTARTS = 5  # of one worker
_ROOT = str(Path(__file__).resolve().parents[2])
_START = f"import sys; sys.path.insert(0, {_ROOT!r}); from promptctl.models.worker import main; main()"


class Workers:
    """Any provider, asked by other processes. It is made and used in the engine's event loop.

    `clock` dates the answers, in seconds since the epoch; `heard` is told the headers as LiteLLM's is; `say` is told
    when a worker had to be replaced.
    """

    def __init__(
        self,
        number: int,
        *,
        prices: Mapping[str, Price],
        environ: Mapping[str, str],
        clock: Callable[[], float],
        heard: Callable[[str, Mapping[str, str], float], None],
        say: Callable[[str], None],
    ) -> None:
        self._prices = dict(prices)
        self._environ = dict(environ)
        self._clock = clock
        self._heard = heard
        self._say = say
        self._numbers = count(1)
        self._closing = False
        self._workers = [_Worker() for _ in range(number)]
        for worker in self._workers:
            self._start(worker)

    def check(self, call: Call, target: Target) -> None:
        """The workers do that: they have LiteLLM."""

    async def ask(self, call: Call, target: Target, *, seconds: float) -> Reply:
        """One request through the worker that has the fewest; raises AttemptError."""
        worker = min(self._workers, key=lambda one: len(one.waiting))
        number = next(self._numbers)
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        worker.waiting[number] = answer
        try:
            process = await asyncio.shield(worker.started())
            await _send(process, Asked(number, call, target, seconds))
            async with asyncio.timeout(seconds + PATIENCE):
                return await answer
        except TimeoutError:
            reason = f"{call.model}: no answer from a worker process"
            raise AttemptError(Failure.TRANSIENT, reason, reach=Reach.LOST) from None
        finally:
            worker.waiting.pop(number, None)

    async def close(self) -> None:
        """End the workers."""
        self._closing = True
        for worker in self._workers:
            process = await worker.started()
            with suppress(ProcessLookupError):
                process.kill()  # Whatever was answered is here already.
            await process.wait()
            await worker.listening()

    def _start(self, worker: "_Worker") -> None:
        worker.process = asyncio.create_task(self._spawned())
        worker.listener = asyncio.create_task(self._listen(worker))

    async def _spawned(self) -> asyncio.subprocess.Process:
        apart: dict[str, Any] = (
            {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
            if os.name == "nt"
            else {"start_new_session": True}
        )
        process = await asyncio.create_subprocess_exec(
            # -P: nothing is imported from the repository one stands in.
            *(sys.executable, "-P", "-c", _START),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=self._environ,
            **apart,  # Ctrl-C is the parent's: it decides what is finished
        )
        await _send(process, self._prices)
        return process

    async def _listen(self, worker: "_Worker") -> None:
        process = await worker.started()
        reader = process.stdout
        try:
            while reader is not None:
                head = await reader.readexactly(LENGTH)
                self._take(worker, unframed(await reader.readexactly(int.from_bytes(head, "big"))))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        await process.wait()
        if not self._closing:
            self._replace(worker, process.returncode)

    def _take(self, worker: "_Worker", answered: Answered | Heard) -> None:
        if isinstance(answered, Heard):
            self._heard(answered.model, answered.headers, answered.now)
            return
        if not answered.number:
            worker.trouble = str((answered.error or {}).get("reason"))
            return
        answer = worker.waiting.get(answered.number)
        if answer is None or answer.done():
            return
        if answered.error is None:
            answer.set_result(replace(answered.reply, created=self._clock()))
        else:
            answer.set_exception(AttemptError(**answered.error))

    def _replace(self, worker: "_Worker", code: int | None) -> None:
        """A worker has died: another takes its place, and its calls are asked again by whoever retries."""
        lost = [answer for answer in worker.waiting.values() if not answer.done()]
        worker.restarts += 1
        if worker.trouble is not None or worker.restarts > RESTARTS:
            problem = worker.trouble or f"it ended {worker.restarts} times, last with exit code {code}"
            for answer in lost:
                answer.set_exception(RuntimeError(f"a worker process cannot work: {problem}"))
        for answer in lost:
            if not answer.done():
                reason = f"a worker process ended (exit code {code})"
                answer.set_exception(AttemptError(Failure.TRANSIENT, reason, reach=Reach.LOST))
        calls = "1 call is" if len(lost) == 1 else f"{len(lost)} calls are"
        self._say(f"a worker process ended (exit code {code}): its {calls} asked again")
        self._start(worker)


@dataclass(slots=True)
class _Worker:
    """A process, and those who wait for its answers."""

    waiting: dict[int, "asyncio.Future[Reply]"] = field(default_factory=dict)
    process: "asyncio.Task[asyncio.subprocess.Process] | None" = None
    listener: "asyncio.Task[None] | None" = None
    restarts: int = 0
    trouble: str | None = None

    def started(self) -> "asyncio.Task[asyncio.subprocess.Process]":
        if self.process is None:
            raise AssertionError("a worker is started when it is made")
        return self.process

    def listening(self) -> "asyncio.Task[None]":
        if self.listener is None:
            raise AssertionError("a worker is started when it is made")
        return self.listener


async def _send(process: asyncio.subprocess.Process, value: object) -> None:
    if process.stdin is None:
        raise AssertionError("a worker has a pipe")
    try:
        process.stdin.write(frame(value))
        await process.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return  # It has died; who listens to it says so.
