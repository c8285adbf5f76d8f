"""Outcomes of one side -> its cost, latency and tokens."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, fsum

from promptctl.verdict.pair import Outcome


@dataclass(frozen=True, slots=True)
class Usage:
    """Sums over the answers, of which there are `samples`. None where one of them is unknown: a price is then not 0.

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
    samples: int = 0

    def each(self, tokens: int | None) -> float | None:
        """So many tokens an answer; None where they are unknown."""
        return None if tokens is None or not self.samples else tokens / self.samples


def usage(outcomes: Iterable[Outcome]) -> Usage:
    """What the answers of one side took; all None where there is no answer."""
    tally = UsageTally()
    for outcome in outcomes:
        tally.add(outcome)
    return tally.usage()


def is_answered(outcome: Outcome | None) -> bool:
    """Whether there is an answer, scored or not."""
    return outcome is not None and bool(outcome.outputs or outcome.costs or outcome.latencies or outcome.passed)


class UsageTally:
    """Outcomes of one side, one after the other -> their Usage. Eight bytes a sample are kept: its latency."""

    def __init__(self) -> None:
        self._answers = self._samples = 0
        self._cost: ExactSum | None = ExactSum()
        self._latencies = array("d")
        self._tokens: list[int | None] = [0, 0, 0, 0]

    def add(self, outcome: Outcome | None) -> None:
        """Count an outcome, if there is an answer in it."""
        if outcome is None or not is_answered(outcome):
            return
        self._answers += 1
        self._samples += max(len(outcome.outputs), len(outcome.costs), len(outcome.passed), 1)
        self._latencies.extend(latency for latency in outcome.latencies if latency is not None)
        for cost in outcome.costs:
            if cost is None or self._cost is None:
                self._cost = None
            else:
                self._cost.add(cost)
        found = (outcome.input_tokens, outcome.output_tokens, outcome.reasoning_tokens, outcome.cached_tokens)
        self._tokens = [
            None if total is None or count is None else total + count
            for total, count in zip(self._tokens, found, strict=True)
        ]

    def usage(self) -> Usage:
        """What was counted so far."""
        if not self._answers:
            return Usage()
        read, written, reasoned, cached = self._tokens
        return Usage(
            self._answers,
            None if self._cost is None else self._cost.total,
            _percentile(self._latencies, 0.5),
            _percentile(self._latencies, 0.95),
            read,
            written,
            reasoned,
            cached,
            self._samples,
        )


class ExactSum:
    """A sum of floats that is rounded once, at the end: the same in whatever order. Source: Shewchuk 1997."""

    def __init__(self) -> None:
        self._partials: list[float] = []

    def add(self, value: float) -> None:
        """One more."""
        kept = []
        for partial in self._partials:
            high = value + partial
            larger, smaller = (value, partial) if abs(value) >= abs(partial) else (partial, value)
            low = smaller - (high - larger)
            if low:
                kept.append(low)
            value = high
        self._partials = [*kept, value]

    @property
    def total(self) -> float | None:
        """The sum; None of nothing."""
        return fsum(self._partials) if self._partials else None


def _percentile(values: Sequence[float], share: float) -> float | None:
    """The nearest rank. Found by halving, since a sorted list of floats would take 32 bytes for each."""
    if not values:
        return None
    rank = max(0, ceil(share * len(values)) - 1)
    while len(values) > 1_000:
        pivot = sorted(values[:: len(values) // 101])[50]
        below = array("d", (value for value in values if value < pivot))
        if rank < len(below):
            values = below
            continue
        above = array("d", (value for value in values if value > pivot))
        if rank < len(values) - len(above):
            return pivot
        rank -= len(values) - len(above)
        values = above
    return sorted(values)[rank]
