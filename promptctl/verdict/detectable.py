"""What a replay that shows nothing could have seen, at 80% power."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil, comb, exp, lgamma, log
from typing import Any

from promptctl.verdict import rule
from promptctl.verdict.statistics import fisher

POWER = 0.8


@dataclass(frozen=True, slots=True)
class Detectable:
    """`drop`: the uniform drop of the pass rate, a fraction. `single`: the rate to which one always-passing case falls.

    None where none is seen with 80% chance, or where the table does not hold for these settings.
    """

    drop: float | None = None
    single: float | None = None


def detectable(
    n: float, pass_rate: float, *, alpha: float, max_samples: int, repeat: int = 1, clustered: bool = False
) -> Detectable:
    """For n affected comparable cases with this old pass rate, by so many first samples a side and a case.

    n may be an effective size. Where cases share clusters the tests of all suspects together are left out, and the
    table of uniform drops does not hold.
    """
    if n < 1 or pass_rate <= 0:  # what never passed cannot fall
        return Detectable()
    drop = None if clustered else uniform_drop(n, pass_rate, alpha=alpha, max_samples=max_samples, repeat=repeat)
    if drop is not None and drop > pass_rate:
        drop = None
    single = single_case(int(n), pass_rate, alpha=alpha, max_samples=max_samples, repeat=repeat, clustered=clustered)
    return Detectable(drop, single)


def unconfirmed(n: float, pass_rate: float, *, repeat: int = 1) -> Detectable:
    """The same where nobody asks again: any case that passed before and fails now is seen."""
    if n < 1 or pass_rate <= 0:
        return Detectable()
    rate = pass_rate if repeat == 1 else _inverse(lambda one: majority(one, repeat), pass_rate)

    def power(drop: float) -> float:
        kept = 1.0 - pass_rate * (1.0 - majority(max(0.0, rate - drop), repeat))
        return float(1.0 - kept**n)

    drop = _inverse(power, POWER, high=rate) if power(rate) >= POWER else None
    fall = POWER if repeat == 1 else _inverse(lambda fall: 1.0 - majority(1.0 - fall, repeat), POWER)
    return Detectable(drop, 1.0 - fall)


def inputs_for(drop: float, pass_rate: float, *, alpha: float, max_samples: int, repeat: int = 1) -> int | None:
    """The fewest cases that show a uniform drop so small; None where the table's largest number does not."""

    def shows(n: int) -> bool:
        seen = uniform_drop(n, pass_rate, alpha=alpha, max_samples=max_samples, repeat=repeat)
        return seen is not None and seen <= drop

    low, high = 0, int(_table()["n"][-1])
    if not shows(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if shows(middle) else (middle, high)
    return high


def uniform_drop(n: float, pass_rate: float, *, alpha: float, max_samples: int, repeat: int = 1) -> float | None:
    """The smallest drop of every case's probability to pass that is seen.

    The table was computed with one first sample. With more, fewer of the cases become suspects, by their majority; the
    smaller suite of one sample with as many suspects stands for it.
    """
    if repeat == 1:
        return _uniform_drop(n, pass_rate, alpha=alpha, max_samples=max_samples)
    rate = _inverse(lambda one: majority(one, repeat), pass_rate)

    def seen(drop: float) -> bool:
        one = rate * (1 - rate + drop)
        many = pass_rate * (1 - majority(rate - drop, repeat))
        smallest = _uniform_drop(min(n, n * many / one), rate, alpha=alpha, max_samples=max_samples) if one else None
        return smallest is not None and smallest <= drop

    if not seen(rate):
        return None
    return _inverse(lambda drop: float(seen(drop)), 1.0, high=rate)


def _inverse(rising: Callable[[float], float], value: float, *, high: float = 1.0) -> float:
    """The least point at which a rising function reaches a value."""
    low = 0.0
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (low, middle) if rising(middle) >= value else (middle, high)
    return high


def majority(rate: float, repeat: int) -> float:
    """The chance that at least half of so many samples pass."""
    return sum(_binomial(repeat, k, rate) for k in range(ceil(repeat / 2), repeat + 1))


def _uniform_drop(n: float, pass_rate: float, *, alpha: float, max_samples: int) -> float | None:
    """Interpolated from the table that was computed through the real rule.

    Beyond the table's last n its last row holds, and above its largest alpha the largest: both promise too little.
    """
    if n < 1:
        return None
    table = _table()
    wanted = max(rule.needed_samples(s, alpha=alpha, max_samples=1_000) for s in range(1, min(int(n), rule.DRAW) + 1))
    if max_samples < min(wanted, table["max_samples"]):
        return None
    alphas: list[float] = table["alpha"]
    rows = _position([log(value) for value in alphas], log(min(alpha, alphas[-1])))
    sizes = _position([log(value) for value in table["n"]], log(min(n, table["n"][-1])))
    rates = _position(table["pass_rate"], pass_rate)
    drop = 0.0
    for row, row_share in rows:
        for size, size_share in sizes:
            for rate, rate_share in rates:
                cell = table["drop"][row][size][rate]
                if cell is None:
                    return None
                drop += row_share * size_share * rate_share * cell
    return drop if rows and sizes and rates and drop <= pass_rate else None


def _position(grid: Sequence[float], value: float) -> list[tuple[int, float]]:
    """The neighbours of a value on a rising grid and their shares; none outside it."""
    # A rate such as 29/30 + 1/30 may miss the end of the grid by rounding.
    if not grid[0] - 1e-9 <= value <= grid[-1] + 1e-9:
        return []
    above = next((index for index, point in enumerate(grid) if point >= value - 1e-9), len(grid) - 1)
    if abs(grid[above] - value) <= 1e-9:
        return [(above, 1.0)]
    share = (value - grid[above - 1]) / (grid[above] - grid[above - 1])
    return [(above - 1, 1 - share), (above, share)]


def single_case(
    n: int, pass_rate: float, *, alpha: float, max_samples: int, repeat: int = 1, clustered: bool = False
) -> float | None:
    """The highest rate at which one case that always passed is confirmed alone, among n - 1 noisy others.

    Exact, but for one thing: the test of all suspects together, which can only help, is left out. The others are taken
    to pass with one probability on both sides, which makes most suspects among them.
    """
    noise = pass_rate * (1 - pass_rate)
    others = ((s, _binomial(n - 1, s, noise)) for s in range(n))
    bars = [(s + 1, weight) for s, weight in others if weight > 1e-9]
    allowed = [
        (_allowed_passes(s, alpha=alpha, max_samples=max_samples, clustered=clustered), s, weight) for s, weight in bars
    ]

    def power(rate: float) -> float:
        return (1 - majority(rate, repeat)) * sum(
            weight * min(1.0, rule.DRAW / s) * sum(_binomial(r, d, rate) for d in range(passes + 1))
            for (r, passes), s, weight in allowed
        )

    if power(0.0) < POWER:
        return None
    low, high = 0.0, 1.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if power(middle) >= POWER else (low, middle)
    return low


def _allowed_passes(suspects: int, *, alpha: float, max_samples: int, clustered: bool) -> tuple[int, int]:
    """R, and how often a case may still pass on the new side and be confirmed; -1 where it cannot be."""
    s = min(suspects, rule.DRAW)
    r = rule.needed_samples(s, alpha=alpha, max_samples=max_samples, clustered=clustered)
    factor = rule.looks(s, clustered=clustered) * s
    passes = [d for d in range(r + 1) if factor * fisher(r, r, d, r) <= rule.SECOND_SHARE * alpha]
    return r, max(passes, default=-1)


def _binomial(n: int, k: int, rate: float) -> float:
    """P(Binomial(n, rate) = k)."""
    if rate in {0.0, 1.0}:
        return float(k == n * rate)
    if n < 50:
        return float(comb(n, k) * rate**k * (1 - rate) ** (n - k))
    ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return exp(ways + k * log(rate) + (n - k) * log(1 - rate))


@cache
def _table() -> Mapping[str, Any]:
    # The one thing that verdict/ reads: its own shipped table, 5 ms, on the path of a verdict alone.
    import json
    from importlib.resources import files

    table: dict[str, Any] = json.loads(files(__package__).joinpath("detectable.json").read_text(encoding="utf-8"))
    return table
