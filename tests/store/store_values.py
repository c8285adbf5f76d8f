"""Calls and answers for the tests of the store."""

from promptctl.models.call import Call, Reply, Usage

URL = "sqlite:///.promptctl/promptctl.db"


def a_call(text: str = "hello", **fields) -> Call:
    return Call("openai/gpt-5-mini", ({"role": "user", "content": text},), **fields)


def a_reply(text: str = "hi", **fields) -> Reply:
    return Reply(text, **{"usage": Usage(12, 3, 1, 4, 2, 0), "cost_usd": 0.002, "created": 1_000.0, **fields})
