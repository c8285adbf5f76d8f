"""A Call in LiteLLM's words, and its answer in ours."""

import json
import math
from typing import Any

from promptctl.models.attempt import AttemptError, Reach
from promptctl.models.call import Call, Failure, Kind, Reply, Usage
from promptctl.models.embedding import vectors_of
from promptctl.models.endpoints import Target
from promptctl.models.moderation import flags_of

_MOST_TOKENS = 1 << 53  # what every reader of JSON holds exactly


def request_of(call: Call, target: Target, timeout: float) -> dict[str, Any]:
    """What LiteLLM is given: copies, for its adapters change what they get."""
    request: dict[str, Any] = {name: value for name, value in call.params.items() if value is not None}
    if call.kind is Kind.CHAT:
        request["messages"] = list(call.messages)
    else:
        request["input"] = [message["content"] for message in call.messages]
    if call.tools:
        request["tools"] = list(call.tools)
    if call.response_format:
        request["response_format"] = dict(call.response_format)
    request = json.loads(json.dumps(request))
    # A second more than ours, so that ours is the one that ends it.
    request |= {"model": target.model, "timeout": timeout + 1, "max_retries": 0, "num_retries": 0, "drop_params": False}
    if target.api_base is not None:
        request["api_base"] = target.api_base
    if target.api_key is not None:
        request["api_key"] = target.api_key
    return request


def reply_of(response: Any, call: Call, *, created: float, latency_ms: float) -> Reply:
    """The answer, its cost not known yet; raises AttemptError for one that says nothing, or has another shape.

    An endpoint may send anything: what is beside the answer and of the wrong type is unknown.
    """
    try:
        return _reply_of(response, call, created=created, latency_ms=latency_ms)
    except (AttributeError, LookupError, TypeError, ValueError, OverflowError):
        raise _garbage(call, "an answer of another shape than was asked for") from None


def _reply_of(response: Any, call: Call, *, created: float, latency_ms: float) -> Reply:
    if call.kind is not Kind.CHAT:
        read = vectors_of if call.kind is Kind.EMBEDDING else flags_of
        return _bare_reply(read(response, call), response, created=created, latency_ms=latency_ms)
    choices = getattr(response, "choices", None)
    if not choices:
        raise _garbage(call, "an answer without choices")
    finish_reason, message = _text(choices[0], "finish_reason"), choices[0].message
    tool_calls = tuple(_tool_call(one) for one in getattr(message, "tool_calls", None) or ())
    text = message.content if isinstance(message.content, str) else _refusal(message)
    if text is None and finish_reason == "content_filter":
        reason = f"{call.model}: the answer was withheld by the provider's content filter"
        raise AttemptError(Failure.CONTENT_POLICY, reason, reach=Reach.LOST)
    # A model that thought until its limit has answered: nothing, but it has.
    if text is None and not tool_calls and finish_reason != "length":
        raise _garbage(call, "an answer without content")
    return Reply(
        text=text or "",
        usage=_usage(getattr(response, "usage", None)),
        latency_ms=round(latency_ms, 3),
        model=_text(response, "model"),
        finish_reason=finish_reason,
        tool_calls=tool_calls,
        system_fingerprint=_text(response, "system_fingerprint"),
        created=created,
        logprobs=_logprobs(getattr(choices[0], "logprobs", None)),
    )


def _logprobs(found: Any) -> tuple[float, ...]:
    """Those of the answer's tokens, where the request asked for them; a provider's odd ones are left out."""
    tokens = getattr(found, "content", None) or ()
    values = (getattr(token, "logprob", None) for token in tokens)
    return tuple(float(value) for value in values if isinstance(value, int | float) and -math.inf < value < math.inf)


def _bare_reply(text: str, response: Any, *, created: float, latency_ms: float) -> Reply:
    """An answer that is no message: there is nothing that could end it early."""
    usage, model = _usage(getattr(response, "usage", None)), _text(response, "model")
    return Reply(text, usage, latency_ms=round(latency_ms, 3), model=model, created=created)


def _usage(usage: Any) -> Usage:
    """Tokens; LiteLLM's zeros for an answer that counted nothing are unknown."""
    given, taken = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    if not given and not taken:
        return Usage()
    of_input = getattr(usage, "prompt_tokens_details", None)
    of_output = getattr(usage, "completion_tokens_details", None)
    return Usage(
        input=given,
        output=taken,
        reasoning=_count(of_output, "reasoning_tokens"),
        cached=_count(of_input, "cached_tokens"),
        audio_input=_count(of_input, "audio_tokens"),
        audio_output=_count(of_output, "audio_tokens"),
    )


def _text(holder: Any, name: str) -> str | None:
    value = getattr(holder, name, None)
    return value if isinstance(value, str) else None


def _count(holder: Any, name: str) -> int | None:
    value = getattr(holder, name, None)
    return value if type(value) is int and 0 <= value < _MOST_TOKENS else None


def _tool_call(call: Any) -> dict[str, Any]:
    function = {"name": _text(call.function, "name") or "", "arguments": _text(call.function, "arguments") or ""}
    return {"id": _text(call, "id"), "type": _text(call, "type") or "function", "function": function}


def _refusal(message: Any) -> str | None:
    """A model that declines in the field made for it has answered."""
    fields = getattr(message, "provider_specific_fields", None) or {}
    refusal = getattr(message, "refusal", None) or fields.get("refusal")
    return refusal if isinstance(refusal, str) else None


def _garbage(call: Call, what: str) -> AttemptError:
    return AttemptError(Failure.TRANSIENT, f"{call.model}: {what}", reach=Reach.LOST)
