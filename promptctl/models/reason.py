"""A provider's words -> one line that may stand in a report: bounded, printable, without a key."""

import re
from collections.abc import Collection

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


def without_prefixes(text: str) -> str:
    """The provider's message without the exception names that LiteLLM puts before it."""
    while (found := _LITELLM.match(text)) is not None and found.end() < len(text):
        text = text[found.end() :]
    return text
