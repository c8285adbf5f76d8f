"""Calls -> dollars: what one is expected to cost, what it did cost, and what it can cost at most."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from promptctl.models.call import Call, Kind, Usage
from promptctl.models.facts import LOCAL, ModelFacts, facts, price
from promptctl.settings import Price

DEFAULT_MAX_TOKENS = 4_096
LIMITS = ("max_completion_tokens", "max_tokens")
_TOOL_PROMPT = (
    1_024  # tokens of the hidden instructions that some providers put before tools; measured maxima are below
)
_UNBOUNDED = ("web_search_options", "modalities", "audio")  # billed by other units than tokens of text


def bounded(call: Call, known: ModelFacts | None) -> Call:
    """The call with a limit on its answer: its own, the model's, else 4,096 tokens, which is then sent."""
    if call.kind is not Kind.CHAT or _limit(call) is not None or (known is not None and known.max_output is not None):
        return call
    return replace(call, params={**call.params, "max_tokens": DEFAULT_MAX_TOKENS})


def expected_cost(input_tokens: float, output_tokens: float, rates: Price | None) -> float | None:
    """US dollars for so many tokens; None where the price is unknown."""
    if rates is None:
        return None
    return (input_tokens * rates.input_per_million + output_tokens * rates.output_per_million) / 1e6


def paid(usage: Usage, rates: Price) -> float | None:
    """What an answer cost by `prices:`; None where the provider did not count its tokens."""
    if usage.input is None or usage.output is None:
        return None
    return expected_cost(usage.input, usage.output, rates)


def ceiling(call: Call, prices: Mapping[str, Price]) -> float | None:
    """US dollars that one attempt cannot exceed; None where the price, or the size of a part, has no known bound."""
    if call.model.startswith(LOCAL):
        return 0.0
    known = facts(call.model)
    dearest = _dearest(call, known, prices)
    input_tokens = most_input_tokens(call, known)
    output_tokens = most_output_tokens(call, known)
    if dearest is None or input_tokens is None or any(call.params.get(name) for name in _UNBOUNDED):
        return None
    return expected_cost(input_tokens, output_tokens, dearest)


def held_back(call: Call, prices: Mapping[str, Price]) -> float | None:
    """US dollars to reserve for one attempt: its ceiling, None where nothing that is sent limits the answer."""
    return ceiling(call, prices) if bounded(call, facts(call.model)) is call else None


def most_input_tokens(call: Call, known: ModelFacts | None) -> int | None:
    """No tokenizer makes more tokens than bytes: the request's JSON in UTF-8, whose keys outweigh any chat template.

    Media have no such bound: the model's input limit stands for them.
    """
    if any(_is_media(part) for message in call.messages for part in _parts(message)):
        return None if known is None else known.max_input
    whole = {"messages": list(call.messages), "tools": list(call.tools), "format": call.response_format}
    size = len(json.dumps(whole, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass"))
    return size + (_TOOL_PROMPT if call.tools else 0)


def most_output_tokens(call: Call, known: ModelFacts | None) -> int:
    """What `max_tokens` or `max_completion_tokens` allows, else the model's limit, else 4,096; times `n`."""
    if call.kind is not Kind.CHAT:
        return 0
    limit = _limit(call)
    if limit is None:
        limit = DEFAULT_MAX_TOKENS if known is None or known.max_output is None else known.max_output
    times = call.params.get("n")
    return limit * (times if isinstance(times, int) and times > 1 else 1)


def _dearest(call: Call, known: ModelFacts | None, prices: Mapping[str, Price]) -> Price | None:
    rates = price(call.model, prices)
    if rates is None or call.model in prices or known is None:
        return rates
    tiers = call.params.get("service_tier") is not None
    input_cost, output_cost = known.dearest("input", tiers=tiers), known.dearest("output", tiers=tiers)
    if input_cost is None or output_cost is None:
        return None
    return Price(input_cost * 1e6, output_cost * 1e6)


def _limit(call: Call) -> int | None:
    given = [call.params.get(name) for name in LIMITS]
    return max((int(limit) for limit in given if isinstance(limit, int | float) and limit > 0), default=None)


def _parts(message: Mapping[str, Any]) -> list[Any]:
    content = message.get("content")
    return list(content) if isinstance(content, list | tuple) else []


def _is_media(part: Any) -> bool:
    return not isinstance(part, Mapping) or part.get("type", "text") != "text"
