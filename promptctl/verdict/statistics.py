"""Exact tests in plain Python: McNemar, Fisher, Fisher stratified by case, sign-flip, permutation; Holm's correction.

One-sided tests ask whether the new side is worse. Counts are integers and sums are exact; a p-value is rounded once, at
the end. Distributions of sums are polynomials packed into one large integer (Kronecker's substitution): Python then
convolves them in C.
"""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from math import comb, exp, lcm

GRID = 20_000  # steps of the range of a sum of scores, where the scores have no common fraction
DENOMINATOR = 1_000  # scores that are multiples of 1/q, q up to this, are summed without rounding


def mcnemar(lost: int, gained: int) -> float:
    """One-sided exact McNemar: P(Binomial(lost + gained, 1/2) >= lost). Source: McNemar 1947."""
    pairs = lost + gained
    return sum(comb(pairs, i) for i in range(lost, pairs + 1)) / (1 << pairs)


def mcnemar_two_sided(lost: int, gained: int) -> float:
    """Two-sided exact McNemar: twice the smaller tail, at most 1."""
    return min(1.0, 2 * mcnemar(max(lost, gained), min(lost, gained)))


@lru_cache(maxsize=65_536)
def fisher(old_passes: int, old_n: int, new_passes: int, new_n: int) -> float:
    """One-sided Fisher: P(the old side has as many of the passes, or more). Source: Fisher 1934."""
    passes = old_passes + new_passes
    tail = range(old_passes, min(passes, old_n) + 1)
    return sum(comb(old_n, x) * comb(new_n, passes - x) for x in tail) / comb(old_n + new_n, passes)


def fisher_two_sided(old_passes: int, old_n: int, new_passes: int, new_n: int) -> float:
    """Two-sided Fisher: all tables that are no likelier than the one seen."""
    passes = old_passes + new_passes
    support = range(max(0, passes - new_n), min(passes, old_n) + 1)
    weights = [comb(old_n, x) * comb(new_n, passes - x) for x in support]
    seen = comb(old_n, old_passes) * comb(new_n, new_passes)
    return sum(weight for weight in weights if weight <= seen) / comb(old_n + new_n, passes)


def stratified(counts: Sequence[tuple[int, int]], samples: int) -> float:
    """P(sum A_i >= sum a_i), A_i ~ Hypergeometric(2r, a_i + d_i, r) independent: Fisher over all cases together.

    `counts` holds (old passes a_i, new passes d_i) of `samples` = r fresh samples a side; 1.0 where there are none.
    """
    margins = Counter(old + new for old, new in counts)
    return _stratified(tuple(sorted(margins.items())), sum(old for old, _ in counts), samples)


def stratified_within(counts: Sequence[tuple[int, int]], samples: int, level: float) -> bool:
    """Whether `stratified` is at most `level`, below 1/2; the exact sum is taken only where bounds leave it open.

    A hypergeometric variable is a sum of independent Bernoulli ones (Harper 1967: its generating polynomial has real
    roots alone), so that the sum's median is not below its rounded-down mean, and Bernstein's inequality holds.
    """
    excess = sum(old - new for old, new in counts) / 2
    if excess < 0:
        return False
    variance = sum((old + new) * (2 * samples - old - new) for old, new in counts) / (8 * samples - 4)
    if excess > 0 and exp(-(excess**2) / 2 / (variance + excess / 3)) <= level:
        return True
    return stratified(counts, samples) <= level


@lru_cache(maxsize=4_096)
def _stratified(margins: tuple[tuple[int, int], ...], seen: int, samples: int) -> float:
    # Two halves, and of their product the tail alone: the last multiplication would cost more than all before it.
    one, other = _ways(margins[::2], samples), _ways(margins[1::2], samples)
    tails = [*accumulate(reversed(other))][::-1]
    tail = sum(ways * tails[max(0, seen - x)] for x, ways in enumerate(one) if seen - x < len(tails))
    return tail / (sum(one) * sum(other))


def _ways(margins: tuple[tuple[int, int], ...], samples: int) -> list[int]:
    """In how many ways the passes of some cases, (passes, how many cases), give each sum of old passes."""
    total: int = 1
    for passes, times in margins:
        total *= comb(2 * samples, passes) ** times
    # No coefficient exceeds the total: so many bytes a coefficient, and none overflows.
    width = total.bit_length() // 8 + 1
    packed: int = 1
    for passes, times in margins:
        support = range(min(passes, samples) + 1)
        stratum = sum((comb(samples, x) * comb(samples, passes - x)) << (8 * width * x) for x in support)
        packed *= stratum**times
    raw = packed.to_bytes(packed.bit_length() // 8 + width, "little")
    return [int.from_bytes(raw[at : at + width], "little") for at in range(0, len(raw), width)]


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values, in the order given. Source: Holm 1979."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [1.0] * len(p_values)
    floor = 0.0
    for rank, index in enumerate(order):
        floor = max(floor, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = floor
    return adjusted


def sign_flip(differences: Sequence[float]) -> float:
    """One-sided sign-flip test of paired differences (new - old): P(the sum is as low, or lower, under random signs).

    Exact where the differences are multiples of one fraction 1/q with q <= DENOMINATOR and their absolute values sum up
    to GRID such steps or fewer, as means over repeats do. Otherwise they are rounded to GRID steps of their
    sum, and every sum that rounding could have moved counts as extreme: the p-value is then at most too large, by
    little for the 40 suspects of a draw, by much for a thousand differences.
    """
    steps, slack = _on_grid([abs(difference) for difference in differences])
    losses = sum(step for step, difference in zip(steps, differences, strict=True) if difference < 0)
    bits = len(steps) + 2
    product = 1
    for step in steps:
        product += product << (bits * step)
    return _coefficients(product >> (bits * max(0, losses - slack)), bits) / (1 << len(steps))


def permutation(old: Sequence[float], new: Sequence[float]) -> float:
    """One-sided permutation test of two samples of scores (>= 0): P(the new side's sum is as low, or lower).

    The graded form of Fisher, which it equals for scores of 0 and 1. Exact and rounded as in `sign_flip`.
    """
    steps, slack = _on_grid([*old, *new])
    seen = sum(steps[: len(old)])
    bits = len(steps) + 2
    # sums[k] packs, by their sum, the choices of k scores for the old side.
    sums = [1] + [0] * len(old)
    for step in steps:
        for k in range(len(old), 0, -1):
            sums[k] += sums[k - 1] << (bits * step)
    return _coefficients(sums[-1] >> (bits * max(0, seen - slack)), bits) / comb(len(steps), len(old))


def _coefficients(packed: int, bits: int) -> int:
    """The sum of a packed polynomial's coefficients: its digit sum in base 2^bits, below that base less one."""
    return packed % ((1 << bits) - 1)


def _on_grid(values: Sequence[float]) -> tuple[list[int], int]:
    """Non-negative values as whole steps, and by how many steps a sum may be off."""
    fractions = [Fraction(value).limit_denominator(DENOMINATOR) for value in values]
    near = all(abs(fraction - Fraction(value)) <= 1e-12 for fraction, value in zip(fractions, values, strict=True))
    common = lcm(*(fraction.denominator for fraction in fractions))
    if near and sum(fractions) * common <= GRID:
        return [int(fraction * common) for fraction in fractions], 0
    total = sum(values)
    return [round(value / total * GRID) for value in values], len(values)
