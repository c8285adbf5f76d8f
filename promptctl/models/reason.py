"""A provider's words without a key in them; where it refuses, as one line that may stand in a report."""

import json
import re
from collections.abc import Collection
from dataclasses import replace

from promptctl.models.call import Reply

LIMIT = 300
_KEYS = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), r"\1 [key]"),
    (re.compile(r"\b(?:sk|pk|rk|gsk|xai|key|hf|pplx|r8|AIza|ya29|AKIA|ASIA)[-_.]?[\w*.-]{10,}"), "[key]"),
    (
        re.compile(r"(?i)\b((?:api|access|secret|auth)[-_ ]?(?:key|token))(['\"]?\s*[:=]\s*['\"]?)[^\s'\",}]{6,}"),
        r"\1\2[key]",
    ),
    (re.compile(r"://[^/\s@]+@"), "://[key]@"),
)
_LITELLM = re.compile(r"^(?:litellm\.)?(?:\w+(?:Error|Exception|Timeout)|Timeout(?: Error)?)\s*(?::|-|:\s*-)\s*")


def one_line(text: str, secrets: Collection[str] = ()) -> str:
    """At most 300 printable characters without line breaks; `secrets` are values that must not stand in it."""
    for secret in secrets:
        if len(secret) >= 4:
            text = text.replace(secret, "[key]")
    text = " ".join("".join(c if c.isprintable() else " " for c in text[: 10 * LIMIT]).split())
    for pattern, instead in _KEYS:
        text = pattern.sub(instead, text)
    return text if len(text) <= LIMIT else text[: LIMIT - 1].rstrip() + "…"


def without_keys(reply: Reply, secrets: Collection[str]) -> Reply:
    """An answer of an endpoint that repeats the key it was given; it is stored, and recordings are checked in."""
    for secret in secrets:
        # A shorter one protects nothing, and may be a word of the answer.
        if len(secret) >= 8:
            reply = replace(
                reply,
                text=reply.text.replace(secret, "[key]"),
                model=reply.model and reply.model.replace(secret, "[key]"),
                system_fingerprint=reply.system_fingerprint and reply.system_fingerprint.replace(secret, "[key]"),
            )
            if reply.tool_calls and secret in (calls := json.dumps(reply.tool_calls, ensure_ascii=False)):
                reply = replace(reply, tool_calls=tuple(json.loads(calls.replace(secret, "[key]"))))
    return reply


def without_prefixes(text: str) -> str:
    """The provider's message without the exception names that LiteLLM puts before it."""
    while (found := _LITELLM.match(text)) is not None and found.end() < len(text):
        text = text[found.end() :]
    return text
