"""Intervals of rates and of differences of paired rates.

Counts may be fractions: those of an effective sample size, where cases have weights or share clusters.
"""

from collections.abc import Callable
from math import copysign, erf, exp, inf, lgamma, log, log1p, sqrt


def wilson(passes: float, n: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Score interval of a rate; (0, 1) where nothing was counted. Source: Wilson 1927."""
    if n == 0:
        return 0.0, 1.0
    z = normal_quantile(confidence)
    rate = passes / n
    centre = rate + z * z / (2 * n)
    half = z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    # At the ends the formula gives 0 and 1 but for rounding.
    low = 0.0 if passes <= 0 else max(0.0, (centre - half) / scale)
    return low, 1.0 if passes >= n else min(1.0, (centre + half) / scale)


def clopper_pearson_upper(lost: float, n: float, *, confidence: float = 0.95) -> float:
    """One-sided upper bound of a rate: beta(confidence; lost + 1, n - lost). With none lost 1 - (1 - confidence)^(1/n).

    Source: Clopper and Pearson 1934.
    """
    if lost >= n:
        return 1.0
    if lost == 0:
        return float(1 - (1 - confidence) ** (1 / n))
    return _root(lambda rate: beta_cdf(rate, lost + 1, n - lost) - confidence, lost / n, 1.0)


def tango(lost: float, gained: float, n: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Score interval of (gained - lost) / n, the difference of two paired rates; (-1, 1) where n is 0.

    Source: Tango, Statistics in Medicine 17 (1998) 891-908.
    """
    if n == 0:
        return -1.0, 1.0
    z = normal_quantile(confidence)
    estimate = (gained - lost) / n
    low = -1.0 if lost >= n else _root(lambda delta: z - _tango_score(lost, gained, n, delta), -1.0, estimate)
    high = 1.0 if gained >= n else _root(lambda delta: -z - _tango_score(lost, gained, n, delta), estimate, 1.0)
    return low, high


def _tango_score(lost: float, gained: float, n: float, delta: float) -> float:
    # b is the coefficient of the quadratic whose root is the constrained estimate of P(lost).
    b = -gained - lost + (2 * n - gained + lost) * delta
    c = -lost * delta * (1 - delta)
    lost_rate = (sqrt(max(0.0, b * b - 8 * n * c)) - b) / (4 * n)
    variance = n * (2 * lost_rate + delta * (1 - delta))
    distance = gained - lost - n * delta
    # At the edges the variance vanishes, or rounding makes it so.
    return distance / sqrt(variance) if variance > 0 else copysign(inf, distance)


def newcombe(both: int, lost: int, gained: int, neither: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of (gained - lost) / n from both rates' Wilson intervals and their correlation; (-1, 1) where n is 0.

    Source: Newcombe, Statistics in Medicine 17 (1998) 2635-2650, method 10.
    """
    n = both + lost + gained + neither
    if n == 0:
        return -1.0, 1.0
    old, new = (both + lost) / n, (both + gained) / n
    old_low, old_high = wilson(both + lost, n, confidence=confidence)
    new_low, new_high = wilson(both + gained, n, confidence=confidence)
    phi = _corrected_phi(both, lost, gained, neither)
    low, high = new - new_low, old_high - old
    down = sqrt(max(0.0, low**2 - 2 * phi * low * high + high**2))
    high, low = new_high - new, old - old_low
    up = sqrt(max(0.0, high**2 - 2 * phi * high * low + low**2))
    return max(-1.0, new - old - down), min(1.0, new - old + up)


def _corrected_phi(both: int, lost: int, gained: int, neither: int) -> float:
    margins = (both + lost) * (gained + neither) * (both + gained) * (lost + neither)
    if margins == 0:
        return 0.0
    cross = both * neither - lost * gained
    # The continuity correction of method 10 is for positive association alone.
    return (max(0.0, cross - (both + lost + gained + neither) / 2) if cross > 0 else cross) / sqrt(margins)


def beta_cdf(x: float, a: float, b: float) -> float:
    """P(Beta(a, b) <= x) by its continued fraction. Source: Lentz's method, Numerical Recipes 6.4."""
    if not 0 < x < 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_cdf(1 - x, b, a)  # there the fraction converges faster
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, 10_000):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away_from_zero(1 + numerator * d)
            c = _away_from_zero(1 + numerator / c)
            fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front * fraction


def _away_from_zero(value: float) -> float:
    return value if abs(value) > 1e-300 else 1e-300


def normal_cdf(z: float) -> float:
    """P(a standard normal <= z)."""
    return (1 + erf(z / sqrt(2))) / 2


def normal_quantile(confidence: float) -> float:
    """The z such that a standard normal lies within -z..z with this probability."""
    return _root(lambda z: erf(z / sqrt(2)) - confidence, 0.0, 10.0)


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where a rising function crosses 0, to the last bit: bisection."""
    while low < (middle := (low + high) / 2) < high:
        if rising(middle) < 0:
            low = middle
        else:
            high = middle
    return high
