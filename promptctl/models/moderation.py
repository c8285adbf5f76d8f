"""Texts -> flags: a moderation as a call like any other, with a fingerprint and a place in the cache.

The reply's text is JSON: `{"results": [{"flagged": true, "categories": {"violence": true}, "scores": {...}}]}`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from promptctl.models.attempt import AttemptError, Reach
from promptctl.models.call import Call, Failure, Kind, Reply


@dataclass(frozen=True, slots=True)
class Flags:
    """What a moderation model says of one text; the categories as the provider names them."""

    flagged: bool
    categories: Mapping[str, bool]
    scores: Mapping[str, float]


def moderation_call(model: str, texts: Sequence[str], *, endpoint: str | None = None) -> Call:
    """The call for the flags of these texts; `endpoint` is as for a chat (see Call)."""
    messages = tuple({"role": "user", "content": text} for text in texts)
    return Call(model, messages, endpoint=endpoint, kind=Kind.MODERATION)


def flags(reply: Reply) -> tuple[Flags, ...]:
    """The flags of a reply, in the order of the call's texts. Raises ValueError where it holds none."""
    try:
        found = [
            Flags(bool(one["flagged"]), one["categories"], one["scores"]) for one in json.loads(reply.text)["results"]
        ]
    except (KeyError, TypeError, ValueError, RecursionError):
        raise ValueError("the answer holds no flags") from None
    return tuple(found)


def flags_text(found: Sequence[Flags]) -> str:
    """What `flags` reads: the text of a reply."""
    results = [{"flagged": one.flagged, "categories": one.categories, "scores": one.scores} for one in found]
    return json.dumps({"results": results}, sort_keys=True)


def flags_of(response: Any, call: Call) -> str:
    """LiteLLM's answer -> a reply's text. Raises AttemptError where it does not say something of each text."""
    try:
        found = [_flags(one.flagged, one.categories or {}, one.category_scores or {}) for one in response.results or ()]
    except (AttributeError, TypeError, ValueError):
        found = []
    if len(found) != len(call.messages):
        reason = f"{call.model}: an answer without the flags that were asked for"
        raise AttemptError(Failure.TRANSIENT, reason, reach=Reach.LOST)
    return flags_text(found)


def _flags(flagged: object, categories: Mapping[str, Any], scores: Mapping[str, Any]) -> Flags:
    """A category that the model does not know is null in an answer: left out."""
    return Flags(
        bool(flagged),
        {name: bool(value) for name, value in categories.items() if value is not None},
        {name: float(value) for name, value in scores.items() if value is not None},
    )
