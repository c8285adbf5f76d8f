"""The rule's tests for graded samples: scores instead of passes.

A case's fresh scores are whole steps of 1/1000. Under the null hypothesis every choice of r of its 2r scores is as
likely to be the old side's, so that any statistic gives an exact test; the sum of the old side's scores is taken. All
cases together are tested on steps of 1/20, which keeps the sums short: rounding before the choice leaves the test
exact. Better old scores and worse new ones never raise a p-value, which is what stopping the samples early rests on.
"""

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from math import comb, exp, gcd

FINE = 1_000  # steps of a score, where a case is tested alone
COARSE = 20  # where all are tested together

Steps = tuple[int, ...]


def steps(score: float) -> int:
    """A score in 0..1 as whole steps."""
    return min(FINE, max(0, round(score * FINE)))


def case_p(old: Steps, new: Steps) -> float:
    """One-sided permutation test of one case: the graded form of Fisher. As many old scores as new ones."""
    return _case_p(tuple(sorted(old)), tuple(sorted(new)))


def case_within(old: Steps, new: Steps, times: int, level: float) -> bool:
    """Whether so many times `case_p` is at most `level`; the exact sum is taken only where a bound leaves it open.

    An old score changed for a new one that is no lower is one more choice with a sum as high as the one seen.
    """
    ranked = sorted(new)
    as_high = 1 + sum(len(ranked) - bisect_left(ranked, score) for score in old)
    return times * (as_high / comb(2 * len(old), len(old))) <= level and times * case_p(old, new) <= level


@lru_cache(maxsize=16_384)
def _case_p(old: Steps, new: Steps) -> float:
    packed, width, unit, least = _choices(tuple(sorted(old + new)), len(old))
    seen = (sum(old) - least * len(old)) // unit
    # The sum of a packed polynomial's coefficients is its digit sum: the remainder by its base less one.
    as_high = (packed >> (8 * width * seen)) % ((1 << (8 * width)) - 1)
    return as_high / comb(2 * len(old), len(old))


def together(cases: Sequence[tuple[Steps, Steps]]) -> float:
    """One-sided permutation test of all cases, each permuted in itself: the graded form of the stratified test."""
    if not cases:
        return 1.0
    coarse = [(_coarse(old), _coarse(new)) for old, new in cases]
    pools = sorted(tuple(sorted(old + new)) for old, new in coarse)
    seen = sum(sum(old) for old, _ in coarse)
    return _together(tuple(pools), seen, len(cases[0][0]))


def together_within(cases: Sequence[tuple[Steps, Steps]], level: float) -> bool:
    """Whether `together` is at most `level`, below 1/2; the exact sum is taken only where bounds leave it open.

    Both sides have equally many scores, so that the difference of their sums is symmetric about 0. Bernstein's bound
    holds for draws without replacement (Hoeffding 1963).
    """
    coarse = [(_coarse(old), _coarse(new)) for old, new in cases]
    excess = sum(sum(old) - sum(new) for old, new in coarse) / 2
    if excess <= 0:
        return False
    variance = sum(len(old) * _variance(old + new) for old, new in coarse)
    if exp(-(excess**2) / 2 / (variance + COARSE * excess / 3)) <= level:
        return True
    return together(cases) <= level


def _coarse(values: Steps) -> Steps:
    return tuple(round(value * COARSE / FINE) for value in values)


def _variance(values: Steps) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / len(values)


@lru_cache(maxsize=256)
def _together(pools: tuple[Steps, ...], seen: int, samples: int) -> float:
    least = sum(samples * pool[0] for pool in pools)
    # Two halves, and of their product the tail alone: the last multiplication would cost more than all before it.
    one, other = _product(pools[::2], samples), _product(pools[1::2], samples)
    tails = [*accumulate(reversed(other))][::-1]
    wanted = seen - least
    tail = sum(ways * tails[max(0, wanted - x)] for x, ways in enumerate(one) if wanted - x < len(tails))
    return tail / (sum(one) * sum(other))


def _product(pools: Sequence[Steps], samples: int) -> list[int]:
    """In how many ways the choices of some cases give each sum above the least one."""
    total = comb(2 * samples, samples) ** len(pools)
    width = total.bit_length() // 8 + 1  # no coefficient exceeds the total: so many bytes each, and none overflows
    packed = [_packed(pool, samples, width) for pool in pools] or [1]
    while len(packed) > 1:
        packed = [a * b for a, b in zip(packed[::2], [*packed[1::2], 1], strict=False)]
    return _unpacked(packed[0], width)


def _packed(pool: Steps, samples: int, width: int) -> int:
    """A case's choices, in steps above the least sum and `width` bytes a coefficient."""
    choices, own_width, unit, _ = _choices(pool, samples)
    spread = bytearray()
    for ways in _unpacked(choices, own_width):
        spread += ways.to_bytes(width * unit, "little")
    return int.from_bytes(spread, "little")


def _unpacked(packed: int, width: int) -> list[int]:
    raw = packed.to_bytes(packed.bit_length() // 8 + width, "little")
    return [int.from_bytes(raw[at : at + width], "little") for at in range(0, len(raw), width)]


@lru_cache(maxsize=4_096)
def _choices(pool: Steps, samples: int) -> tuple[int, int, int, int]:
    """In how many ways `samples` of the scores give each sum: (packed, bytes a coefficient, unit, least score).

    The sums are in units, above `samples` times the least score.
    """
    least = pool[0]
    unit = gcd(*(value - least for value in pool)) or 1
    width = comb(len(pool), samples).bit_length() // 8 + 1
    sums = [1] + [0] * samples  # sums[k] packs, by their sum, the choices of k scores
    for value in pool:
        shift = 8 * width * ((value - least) // unit)
        for k in range(samples, 0, -1):
            sums[k] += sums[k - 1] << shift
    return sums[samples], width, unit, least
