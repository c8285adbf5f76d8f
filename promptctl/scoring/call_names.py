"""An answer -> the names of the tools that it calls, in the words of several providers."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

from promptctl.scoring.result import Context
from promptctl.scoring.structured import parsed
from promptctl.scoring.text import quoted

SECONDS = 2.0  # Processor time. Looking for calls in an answer that is full of brackets stops here.

_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})(.*)")


def listed(names: frozenset[str]) -> str:
    """Names as a reason shows them."""
    return ", ".join(map(quoted, sorted(names))) or "none"


def called(context: Context) -> frozenset[str]:
    """The names of the tools that the answer calls."""
    if context.reply.tool_calls:
        return frozenset(_names({"tool_calls": list(context.reply.tool_calls)}))
    found = json_or_none(context.output)
    blocks = [found] if found is not None else _blocks(context.output)
    return frozenset(name for block in blocks for name in _names(block))


def json_or_none(text: str) -> Any:
    """The value of a JSON text; None where it is none."""
    try:
        return parsed(text)
    except (ValueError, RecursionError):
        return None


def _names(value: Any) -> Iterator[str]:
    """The names in OpenAI's, Anthropic's and Google's ways to say a call."""
    if isinstance(value, str):
        value = json_or_none(value)
    if isinstance(value, list):
        for item in value:
            yield from _item_names(item)
    elif isinstance(value, dict):
        yield from _message_names(value)


def _message_names(value: dict[str, Any]) -> Iterator[str]:
    if isinstance(value.get("tool_calls"), list):
        for item in value["tool_calls"]:
            yield from texts(item, ("function", "name"), ("name",))
    elif value.get("type") in ("tool_use", "function_call") and isinstance(value.get("name"), str):
        yield value["name"]
    elif isinstance(value.get("functionCall"), dict):
        yield from texts(value, ("functionCall", "name"))
    elif isinstance(value.get("toolCall"), dict):
        listed_calls = value["toolCall"].get("functionCalls")
        for item in listed_calls if isinstance(listed_calls, list) else ():
            yield from texts(item, ("name",))


def _item_names(item: Any) -> Iterator[str]:
    if not isinstance(item, dict):
        return
    if item.get("type") == "tool_use" and isinstance(item.get("name"), str):
        yield item["name"]
    elif isinstance(item.get("functionCall"), dict):
        yield from texts(item, ("functionCall", "name"))
    elif isinstance(item.get("function"), dict):
        yield from texts(item, ("function", "name"))
    else:
        yield from texts(item, ("name",))


def texts(value: Any, *paths: tuple[str, ...]) -> Iterator[str]:
    """What stands at these paths, as far as it is text."""
    for path in paths:
        found = value
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, str):
            yield found


def _blocks(text: str) -> Iterator[Any]:
    """The JSON that stands on lines of its own, outside of code fences."""
    decoder, deadline = json.JSONDecoder(), time.thread_time() + SECONDS
    fence, at = "", 0
    while at < len(text):
        if time.thread_time() > deadline:
            raise ValueError(f"looking for tool calls in {len(text):,} characters took longer than {SECONDS:g} s.")
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line, start, at = text[at:end], at, end + 1
        marker = _FENCE.fullmatch(line.rstrip())
        if marker and not fence and "`" not in marker[2]:
            fence = marker[1]
        elif marker and fence and marker[1].startswith(fence) and not marker[2].strip():
            fence = ""
        elif not fence and line.lstrip()[:1] in ("{", "["):
            try:
                found, stop = decoder.raw_decode(text, start + len(line) - len(line.lstrip()))
            except (ValueError, RecursionError):
                continue
            rest = text.find("\n", stop)
            at = len(text) if rest < 0 else rest + 1
            if not text[stop:at].strip():
                yield found  # with words behind it, it is spoken of and not called
