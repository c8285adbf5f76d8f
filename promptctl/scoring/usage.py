"""Assertions on what came with the answer: cost, latency, tokens, finish reason, guardrails, log probabilities."""

import math
from typing import Any

from promptctl.scoring.result import Context, Outcome
from promptctl.scoring.text import quoted


def nothing(_value: Any) -> None:
    """An assertion without a value has nothing to prepare."""


def cost(context: Context, _value: None, threshold: float | None) -> Outcome:
    """At most `threshold` US dollars."""
    spent = context.reply.cost_usd
    if spent is None:
        raise ValueError(f"price unknown: set prices.{context.reply.model or 'MODEL'} in the settings.")
    limit = threshold or 0.0
    good = spent <= limit
    return Outcome(good, float(good), f"cost {spent:.6g} USD, limit {limit:.6g} USD")


def latency(context: Context, _value: None, threshold: float | None) -> Outcome:
    """At most `threshold` milliseconds, as the provider took them when it was asked."""
    taken = context.reply.latency_ms
    if taken is None:
        raise ValueError("latency unknown: the answer was recorded without it.")
    limit = threshold or 0.0
    good = taken <= limit
    return Outcome(good, float(good), f"took {taken:.6g} ms, limit {limit:.6g} ms")


def output_tokens(context: Context, _value: None, threshold: float | None) -> Outcome:
    """At most `threshold` tokens of output, reasoning included."""
    return _counted(context.reply.usage.output, "output", threshold)


def reasoning_tokens(context: Context, _value: None, threshold: float | None) -> Outcome:
    """At most `threshold` tokens of reasoning."""
    return _counted(context.reply.usage.reasoning, "reasoning", threshold)


def _counted(count: int | None, what: str, threshold: float | None) -> Outcome:
    if count is None:
        raise ValueError(f"the provider did not count {what} tokens.")
    limit = threshold or 0.0
    good = count <= limit
    return Outcome(good, float(good), f"{count} {what} tokens, limit {limit:g}")


def reason(value: Any) -> str:
    """The finish reason to look for."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("'value' must be a finish reason: stop, length, tool_calls or content_filter.")
    return value.strip()


def finish_reason(context: Context, value: str, _threshold: float | None) -> Outcome:
    """The answer ended for this reason, as LiteLLM names it; case does not count."""
    found = context.reply.finish_reason
    if not found:
        return Outcome(False, 0.0, "the provider gave no finish reason")
    good = found.lower() == value.lower()
    return Outcome(good, float(good), f"finish reason {quoted(found)}, expected {quoted(value)}")


def guardrails(context: Context, _value: None, _threshold: float | None) -> Outcome:
    """No content filter of the provider flagged the answer."""
    told = context.reply.metadata.get("guardrails")
    told = told if isinstance(told, dict) else {}
    if not told.get("flagged") and context.reply.finish_reason != "content_filter":
        return Outcome(True, 1.0, "no guardrail flagged it")
    side = "the prompt" if told.get("flaggedInput") else "the answer"
    return Outcome(False, 0.0, f"a guardrail flagged {side}{_why(told.get('reason'))}")


def _why(told: Any) -> str:
    return f": {quoted(told)}" if told else ""


def _mean_logprob(context: Context) -> float:
    logprobs = context.reply.logprobs
    if not logprobs:
        raise ValueError("the answer has no log probabilities: set params: {logprobs: true} in the prompt.")
    return math.fsum(logprobs) / len(logprobs)


def _perplexity(context: Context) -> float:
    try:
        return math.exp(-_mean_logprob(context))
    except OverflowError:
        return math.inf


def perplexity(context: Context, _value: None, threshold: float | None) -> Outcome:
    """exp(-mean log probability of the answer's tokens) of at most `threshold`; without one it always passes."""
    found = _perplexity(context)
    if threshold is None:
        return Outcome(True, 1.0, f"perplexity {found:.4g}, no threshold")
    good = found <= threshold
    return Outcome(good, float(good), f"perplexity {found:.4g}, limit {threshold:g}")


def not_perplexity(context: Context, value: None, threshold: float | None) -> Outcome:
    """Above the threshold; without one it always passes, as in promptfoo."""
    found = perplexity(context, value, threshold)
    good = threshold is None or not found.passed
    return Outcome(good, float(good), found.reason)


def perplexity_score(context: Context, _value: None, threshold: float | None) -> Outcome:
    """1 / (1 + perplexity) of at least `threshold`; without one it always passes."""
    found = 1 / (1 + _perplexity(context))
    said = f"perplexity score {found:.4g}, {'no threshold' if threshold is None else f'threshold {threshold:g}'}"
    return Outcome(threshold is None or found >= threshold, found, said, graded=threshold is None)


def not_perplexity_score(context: Context, value: None, threshold: float | None) -> Outcome:
    """Below the threshold; without one it always passes."""
    found = perplexity_score(context, value, threshold)
    return Outcome(threshold is None or not found.passed, 1.0 - found.score, found.reason, found.graded)
