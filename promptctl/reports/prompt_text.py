"""Prompt -> plain text, a line for each thing that can change: what git compares for `git log -p` and `git show`."""

import json
import re
from collections.abc import Iterator
from typing import Any

from promptctl.prompts.diff.messages import text_of
from promptctl.prompts.prompt import Message, Prompt

_LONG = 100  # characters; a longer line is broken after its sentences, so that an edit of one shows as one line
_SENTENCE = re.compile(r"(?<=[.!?])[ \t]+(?=[\"'(\[]?[A-Z{])")


def prompt_text(prompt: Prompt) -> str:
    """Parameters, messages under their roles, and the rest under headings of its own; ends with a line break."""
    return "".join(f"{line}\n" for line in _lines(prompt))


def _lines(prompt: Prompt) -> Iterator[str]:
    yield from _values({"model": prompt.model, **prompt.params, "fallbacks": list(prompt.fallbacks)})
    for message in prompt.messages:
        yield f"[{message.role}]"
        yield from _message(message)
    variables = {
        name: {"type": found.type, "default": found.default, "required": found.required}
        for name, found in prompt.variables.items()
    }
    yield from _section("variables", _values(variables))
    yield from _section("tools", _pretty(list(prompt.tools)))
    yield from _section("response_format", _pretty(prompt.response_format))
    yield from _section("assert", (json.dumps(dict(one), ensure_ascii=False) for one in prompt.assertions))
    yield from _section(
        "other", _values({"description": prompt.description, "inputs": prompt.inputs, "volume": prompt.volume})
    )


def _section(name: str, lines: Iterator[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield f"[{name}]"
        yield from found


def _values(values: dict[str, Any]) -> Iterator[str]:
    for key, value in values.items():
        if value not in (None, "", []):
            yield f"{key}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"


def _message(message: Message) -> Iterator[str]:
    for line in text_of(message).removesuffix("\n").split("\n"):
        yield from _SENTENCE.split(line) if len(line) > _LONG else [line]
    yield from _values(dict(message.extra))


def _pretty(value: Any) -> Iterator[str]:
    if value:
        yield from json.dumps(value, ensure_ascii=False, indent=2).split("\n")
