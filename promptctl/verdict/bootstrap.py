"""The BCa bootstrap interval of a mean over cases, or over clusters. Source: Efron, JASA 82 (1987) 171-185.

The resamples come from a digest, not from a generator of random numbers: the same cases give the same interval.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import shake_128
from math import ceil, floor, sqrt

from promptctl.verdict.intervals import normal_cdf, normal_quantile

RESAMPLES = 2_000
DRAWS = 2_000_000  # of all resamples together: above it, the mean is as good as normal
_SEED = b"promptctl bootstrap"

Groups = Sequence[tuple[float, float]]  # (sum of weighted values, sum of weights) of every case or cluster


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95% interval and how it was found: `BCa bootstrap`, `percentile bootstrap`, `normal` or `all equal`."""

    low: float
    high: float
    method: str


def mean_interval(groups: Groups, *, confidence: float = 0.95) -> Interval:
    """The interval of sum(values) / sum(weights). A point where all are equal; percentile where BCa is undefined."""
    total, weights = sum(value for value, _ in groups), sum(weight for _, weight in groups)
    mean = total / weights
    if len({round(value / weight, 12) for value, weight in groups}) == 1:
        return Interval(mean, mean, "all equal")
    if len(groups) * RESAMPLES > DRAWS:
        number = len(groups)
        squares = sum((value - mean * weight) ** 2 for value, weight in groups)
        half = normal_quantile(confidence) * sqrt(squares * number / (number - 1)) / weights
        return Interval(mean - half, mean + half, "normal")
    resampled = _resampled(groups)
    tail = (1 - confidence) / 2
    shares = _corrected(resampled, groups, mean, tail)
    if shares is None:
        return Interval(*_quantiles(resampled, (tail, 1 - tail)), "percentile bootstrap")
    return Interval(*_quantiles(resampled, shares), "BCa bootstrap")


def _resampled(groups: Groups) -> list[float]:
    """The means of the resamples, rising."""
    number = len(groups)
    values, weights = [value for value, _ in groups], [weight for _, weight in groups]
    equal = len(set(weights)) == 1
    random = array("I", shake_128(_SEED).digest(array("I").itemsize * number * RESAMPLES))
    span = 8 * random.itemsize
    found = []
    for start in range(0, number * RESAMPLES, number):
        chosen = [draw * number >> span for draw in random[start : start + number]]
        divisor = weights[0] * number if equal else sum(map(weights.__getitem__, chosen))
        found.append(sum(map(values.__getitem__, chosen)) / divisor)
    return sorted(found)


def _corrected(resampled: Sequence[float], groups: Groups, mean: float, tail: float) -> tuple[float, float] | None:
    """Which quantiles BCa takes; None where bias or acceleration is undefined."""
    below = sum(one < mean - 1e-12 for one in resampled) + sum(abs(one - mean) <= 1e-12 for one in resampled) / 2
    if not 0 < below < len(resampled):
        return None
    bias = _z(below / len(resampled))
    total, weights = sum(value for value, _ in groups), sum(weight for _, weight in groups)
    left_out = [(total - value) / (weights - weight) for value, weight in groups if weights > weight]
    centre = sum(left_out) / len(left_out)
    squares = sum((centre - one) ** 2 for one in left_out)
    if squares <= 0:
        return None
    acceleration = sum((centre - one) ** 3 for one in left_out) / (6 * squares**1.5)
    shares = []
    for z in (_z(tail), -_z(tail)):
        divisor = 1 - acceleration * (bias + z)
        if divisor <= 0:
            return None
        shares.append(normal_cdf(bias + (bias + z) / divisor))
    return shares[0], shares[1]


def _quantiles(rising: Sequence[float], shares: tuple[float, float]) -> tuple[float, float]:
    last = len(rising) - 1
    low, high = shares
    return rising[max(0, min(last, floor(low * len(rising))))], rising[max(0, min(last, ceil(high * len(rising)) - 1))]


def _z(share: float) -> float:
    """The standard normal quantile of a share."""
    z = normal_quantile(abs(2 * share - 1))
    return z if share >= 0.5 else -z
