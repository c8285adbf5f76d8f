"""Named scores of the cases -> each metric's mean on both sides. They are shown and decide nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

from promptctl.verdict.suspect import Side
from promptctl.verdict.totals import ExactSum

MOST = 200  # names of a prompt: a template may make one of every case


@dataclass(frozen=True, slots=True)
class Named:
    """One result on one answer, under the name that its assertion's `metric` gives it."""

    metric: str
    side: Side
    score: float
    passed: bool
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class MetricSide:
    """A metric on one side: the mean score of its `results`, by weight, and how many of them passed."""

    score: float
    passes: int
    results: int


@dataclass(frozen=True, slots=True)
class Metric:
    """A named score, old beside new; None where a side has no result of that name."""

    name: str
    old: MetricSide | None
    new: MetricSide | None


class _SideTally:
    def __init__(self) -> None:
        self._weighted, self._weight, self._plain = ExactSum(), ExactSum(), ExactSum()
        self._passes = self._results = 0

    def add(self, named: Named, weight: float) -> None:
        self._weighted.add(named.score * named.weight * weight)
        self._weight.add(named.weight * weight)
        self._plain.add(named.score)
        self._passes += named.passed
        self._results += 1

    def side(self) -> MetricSide | None:
        if not self._results:
            return None
        weight = self._weight.total or 0.0
        # What weighs nothing in the verdict is often there to be measured: its plain mean.
        score = (self._weighted.total or 0.0) / weight if weight else (self._plain.total or 0.0) / self._results
        return MetricSide(score, self._passes, self._results)


class MetricTally:
    """The named results of one prompt's cases, as they come."""

    def __init__(self) -> None:
        self._sides: dict[str, dict[Side, _SideTally]] = {}

    def add(self, results: Iterable[Named], weight: float) -> None:
        """Those of one case, which counts with its weight; names beyond MOST are left out."""
        for named in results:
            if named.metric not in self._sides and len(self._sides) >= MOST:
                continue
            sides = self._sides.setdefault(named.metric, {side: _SideTally() for side in Side})
            sides[named.side].add(named, weight)

    def metrics(self) -> tuple[Metric, ...]:
        """By name."""
        return tuple(
            Metric(name, sides[Side.OLD].side(), sides[Side.NEW].side()) for name, sides in sorted(self._sides.items())
        )
