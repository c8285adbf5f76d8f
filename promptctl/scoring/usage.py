"""Assertions on what the answer took: cost and latency."""

from typing import Any

from promptctl.scoring.result import Context, Outcome


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
