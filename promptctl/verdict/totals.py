"""Outcomes of one side -> its cost, latency and tokens."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TypeVar

from promptctl.verdict.pair import Outcome

Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class Usage:
    """Sums over the answers. None where one of them is unknown: an unknown price is not 0.

    Latencies in milliseconds over the samples that have one; a percentile is a latency that was seen (nearest rank).
    """

    answers: int = 0  # cases with an answer
    cost_usd: float | None = None
    latency_p50: float | None = None
    latency_p95: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None


def usage(outcomes: Iterable[Outcome]) -> Usage:
    """What the answers of one side took; all None where there is no answer."""
    answered = [outcome for outcome in outcomes if is_answered(outcome)]
    latencies = sorted(latency for outcome in answered for latency in outcome.latencies if latency is not None)
    return Usage(
        answers=len(answered),
        cost_usd=_total([cost for outcome in answered for cost in outcome.costs]),
        latency_p50=_percentile(latencies, 0.5),
        latency_p95=_percentile(latencies, 0.95),
        input_tokens=_total([outcome.input_tokens for outcome in answered]),
        output_tokens=_total([outcome.output_tokens for outcome in answered]),
        reasoning_tokens=_total([outcome.reasoning_tokens for outcome in answered]),
        cached_tokens=_total([outcome.cached_tokens for outcome in answered]),
    )


def is_answered(outcome: Outcome | None) -> bool:
    """Whether there is an answer, scored or not."""
    return outcome is not None and bool(outcome.outputs or outcome.costs or outcome.latencies or outcome.passed)


def _total(values: Sequence[Number | None]) -> Number | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def _percentile(rising: Sequence[float], share: float) -> float | None:
    return rising[max(0, ceil(share * len(rising)) - 1)] if rising else None
