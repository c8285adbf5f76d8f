"""Answers are durable before they are seen, also those that nobody waits for any more."""

import asyncio
import threading

import pytest

from promptctl.models.call import Call, Reply
from promptctl.models.keeper import Keeper

CALL = Call("m", ({"role": "user", "content": "hi"},))


async def answer(call, attempt):
    return Reply(text="yes")


def test_what_is_being_written_is_finished_at_the_end():
    go, kept = threading.Event(), []

    def slow(batch):
        go.wait(60)
        kept.extend(batch)

    async def run():
        keeper = Keeper(slow)
        waiting = asyncio.create_task(keeper.layer(answer)(CALL, 1))
        await asyncio.sleep(0.01)
        waiting.cancel()
        asyncio.get_running_loop().call_later(0.01, go.set)
        await keeper.close()
        return waiting

    assert asyncio.run(run()).cancelled()
    assert [(call, reply.text) for call, reply in kept] == [(CALL, "yes")]


def test_what_the_store_raises_reaches_everybody_who_waits():
    def broken(batch):
        raise OSError("disk full")

    async def run():
        keeper = Keeper(broken)
        kept = keeper.layer(answer)
        found = await asyncio.gather(kept(CALL, 1), kept(CALL, 1), return_exceptions=True)
        await keeper.close()
        return found

    assert [str(error) for error in asyncio.run(run())] == ["disk full"] * 2


def test_a_failure_of_the_provider_keeps_nothing():
    kept = []

    async def fails(call, attempt):
        raise ValueError("no")

    async def run():
        keeper = Keeper(kept.extend)
        with pytest.raises(ValueError, match="no"):
            await keeper.layer(fails)(CALL, 1)
        await keeper.close()

    asyncio.run(run())

    assert kept == []
