"""One worker process: requests come in on stdin, answers go out on stdout. LiteLLM is imported here.

The parent holds the budget, the rate limits and the store. A worker that is left alone ends: its stdin does.
"""

import asyncio
import os
import pickle
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from promptctl.models.attempt import AttemptError
from promptctl.models.call import Call
from promptctl.models.endpoints import Target
from promptctl.settings import Price

if TYPE_CHECKING:
    from promptctl.models.litellm import LiteLLM

LENGTH = 4  # bytes of a frame's length


@dataclass(frozen=True, slots=True)
class Asked:
    """A request on its way to a worker."""

    number: int
    call: Call
    target: Target
    seconds: float


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of it: a Reply, or what an AttemptError is made of; `number` 0 says why the worker cannot work."""

    number: int
    reply: Any = None
    error: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """The headers that came with an answer of a model's, or with a refusal."""

    model: str
    headers: Mapping[str, str]
    now: float


def frame(value: object) -> bytes:
    """A value as it travels: its length, then the value. Both ends are ours, and so is the pipe between them."""
    data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return len(data).to_bytes(LENGTH, "big") + data


def unframed(data: bytes) -> Any:
    """The value of a frame without its length."""
    return pickle.loads(data)  # noqa: S301 - written by this program, see `frame`


def main() -> None:
    """Work until stdin ends."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints must not come between the frames
    try:
        prices = _read(sys.stdin.buffer)
        asyncio.run(_serve(prices, sys.stdin.buffer, out))
    except (BrokenPipeError, EOFError):
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent has to hear of it
        out.write(frame(Answered(0, error={"reason": f"{type(error).__name__}: {error}"})))
        out.flush()


async def _serve(prices: dict[str, Price], source: IO[bytes], out: IO[bytes]) -> None:
    from promptctl.models.litellm import LiteLLM  # 1.5 to 3 s: what a worker is for

    def heard(model: str, headers: Mapping[str, str], now: float) -> None:
        out.write(frame(Heard(model, headers, now)))

    provider = LiteLLM(prices=prices, environ=os.environ, clock=time.time, timer=time.perf_counter, heard=heard)
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.set_exception_handler(lambda _loop, _context: None)
    tasks: set[asyncio.Task[None]] = set()

    def begin(asked: Asked) -> None:
        task = asyncio.create_task(_answer(provider, asked, out))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    def post(action: Callable[..., object], *values: object) -> None:
        loop.call_soon_threadsafe(action, *values)

    threading.Thread(target=_listen, args=(source, post, begin, ended.set), daemon=True).start()
    await ended.wait()
    for task in tasks:
        task.cancel()
    await provider.close()


def _listen(
    source: IO[bytes], post: Callable[..., None], begin: Callable[[Asked], None], end: Callable[[], None]
) -> None:
    try:
        while True:
            post(begin, _read(source))
    except EOFError:
        post(end)


async def _answer(provider: "LiteLLM", asked: Asked, out: IO[bytes]) -> None:
    try:
        provider.check(asked.call, asked.target)
        answered = Answered(asked.number, await provider.ask(asked.call, asked.target, seconds=asked.seconds))
    except AttemptError as error:
        answered = Answered(asked.number, error=dict(vars(error)))
    out.write(frame(answered))
    out.flush()


def _read(source: IO[bytes]) -> Any:
    head = source.read(LENGTH)
    if len(head) < LENGTH:
        raise EOFError
    size = int.from_bytes(head, "big")
    data = source.read(size)
    if len(data) < size:
        raise EOFError
    return unframed(data)
