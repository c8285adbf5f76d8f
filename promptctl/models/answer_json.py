"""Reply <-> JSON, as recordings and exports hold it."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from promptctl.models.call import Origin, Reply, Usage

_COUNTS = ("input", "output", "reasoning", "cached", "audio_input", "audio_output")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BrokenAnswerError(ValueError):
    """JSON that is no recorded answer; the message names the first field that is wrong."""


def object_in(line: str) -> dict[str, Any]:
    """The object that a line holds. Raises BrokenAnswerError."""
    try:
        value = json.loads(line)
    except RecursionError:
        raise BrokenAnswerError("it is nested too deeply") from None
    except ValueError:
        raise BrokenAnswerError("it is broken or cut off (no JSON object)") from None
    if not isinstance(value, dict):
        raise BrokenAnswerError("it is no JSON object")
    return value


def reply_to_json(reply: Reply) -> dict[str, Any]:
    """What the provider said, without what this run had to do for it (origin, attempts). Empty fields are left out."""
    usage = {"input": reply.usage.input, "output": reply.usage.output}
    usage |= {"reasoning": reply.usage.reasoning, "cached": reply.usage.cached}
    usage |= {"audio_input": reply.usage.audio_input, "audio_output": reply.usage.audio_output}
    value = {
        "text": reply.text,
        "tool_calls": list(reply.tool_calls) or None,
        "finish_reason": reply.finish_reason,
        "usage": {name: count for name, count in usage.items() if count is not None} or None,
        "cost_usd": reply.cost_usd,
        "latency_ms": reply.latency_ms,
        "model": reply.model,
        "system_fingerprint": reply.system_fingerprint,
        "logprobs": list(reply.logprobs) or None,
        "metadata": dict(reply.metadata) or None,
        "created": iso(reply.created),
    }
    return {name: item for name, item in value.items() if item is not None}


def reply_from_json(value: Any, *, origin: Origin) -> Reply:
    """The law: `reply_from_json(reply_to_json(r), origin=r.origin) == r`, to the microsecond and but for `attempts`.

    Raises BrokenAnswerError; unknown fields are ignored, so that older versions read what newer ones write.
    """
    if not isinstance(value, Mapping):
        raise BrokenAnswerError("the answer is no object")
    return Reply(
        text=_text(value, "text", required=True) or "",
        usage=_usage(value.get("usage")),
        cost_usd=_number(value, "cost_usd"),
        latency_ms=_number(value, "latency_ms"),
        model=_text(value, "model"),
        finish_reason=_text(value, "finish_reason"),
        tool_calls=_tool_calls(value.get("tool_calls")),
        system_fingerprint=_text(value, "system_fingerprint"),
        created=seconds(value.get("created")),
        origin=origin,
        logprobs=_logprobs(value.get("logprobs")),
        metadata=_metadata(value.get("metadata")),
    )


def iso(created: float) -> str:
    """Seconds since the epoch -> ISO 8601, UTC, to the microsecond."""
    return (_EPOCH + timedelta(microseconds=round(created * 1e6))).isoformat().replace("+00:00", "Z")


def seconds(value: Any) -> float:
    """ISO 8601 -> seconds since the epoch. Raises BrokenAnswerError."""
    if not isinstance(value, str):
        raise BrokenAnswerError("'created' is no date")
    try:
        date = datetime.fromisoformat(value)
    except ValueError:
        raise BrokenAnswerError("'created' is no ISO 8601 date") from None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return (date - _EPOCH) / timedelta(microseconds=1) / 1e6


def _text(value: Mapping[str, Any], name: str, *, required: bool = False) -> str | None:
    item = value.get(name)
    if isinstance(item, str) or (item is None and not required):
        return item
    raise BrokenAnswerError(f"'{name}' is no text")


def _number(value: Mapping[str, Any], name: str) -> float | None:
    item = value.get(name)
    if item is None:
        return None
    if isinstance(item, bool) or not isinstance(item, int | float) or not 0 <= item < math.inf:
        raise BrokenAnswerError(f"'{name}' is no number of 0 or more")
    return float(item)


def _usage(value: Any) -> Usage:
    if value is None:
        return Usage()
    if not isinstance(value, Mapping):
        raise BrokenAnswerError("'usage' is no object")
    counts = [value.get(name) for name in _COUNTS]
    if any(isinstance(count, bool) or not isinstance(count, int | None) or (count or 0) < 0 for count in counts):
        raise BrokenAnswerError("'usage' holds something that is no count")
    return Usage(*counts)


def _tool_calls(value: Any) -> tuple[Mapping[str, Any], ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(call, dict) for call in value):
        raise BrokenAnswerError("'tool_calls' is no list of objects")
    return tuple(value)


def _logprobs(value: Any) -> tuple[float, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(map(_is_finite, value)):
        raise BrokenAnswerError("'logprobs' is no list of numbers")
    return tuple(map(float, value))


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e300 < value < 1e300


def _metadata(value: Any) -> Mapping[str, Any]:
    if value is None or isinstance(value, Mapping):
        return value or {}
    raise BrokenAnswerError("'metadata' is no object")
