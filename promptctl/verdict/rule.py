"""The rule that decides on fresh samples: levels, how many samples it needs, and its p-value.

`k` pays for looking twice (single cases, and all together); it is 1 where only one of the two is looked at. `graded`
samples are scores: a permutation test stands for Fisher's, alone and stratified by case.
"""

from collections.abc import Sequence
from math import comb

from promptctl.verdict import scores
from promptctl.verdict.statistics import fisher, stratified, stratified_within

FIRST_SHARE = 0.2  # of alpha: one fresh pair a suspect (step 2)
SECOND_SHARE = 0.8  # of alpha: r fresh pairs a suspect (step 3)
DRAW = 40  # suspects asked again, at most
NAMED = 10  # suspects asked on after the decision, to name them, at most; more where a gate allows that many

# Of a case: (old passes, new passes) of r samples a side, or, graded, its r old and r new scores in steps.
Count = tuple[int, int]
Scores = tuple[scores.Steps, scores.Steps]
Counts = Sequence[Count] | Sequence[Scores]


def looks(suspects: int, *, clustered: bool) -> int:
    """The rule's k."""
    return 2 if suspects > 1 and not clustered else 1


def needed_samples(suspects: int, *, alpha: float, max_samples: int, clustered: bool = False) -> int:
    """r: two more than the fewest fresh pairs at which one case alone can become significant; capped."""
    k = looks(suspects, clustered=clustered)
    r = 1
    while r < max_samples and k * suspects > SECOND_SHARE * alpha * comb(2 * r, r):
        r += 1
    return min(r + 2, max_samples)


def can_decide(suspects: int, *, alpha: float, max_samples: int, clustered: bool = False) -> bool:
    """Whether any outcome of the fresh samples would say regressed."""
    if suspects == 0 or max_samples < 1:
        return False
    if not clustered and 0.5**suspects <= FIRST_SHARE * alpha:
        return True
    r = needed_samples(suspects, alpha=alpha, max_samples=max_samples, clustered=clustered)
    return holds([(r, 0)] * suspects, suspects, r, alpha=alpha, clustered=clustered)


def fewest_samples(suspects: int, *, alpha: float, clustered: bool = False) -> int | None:
    """The least `max_samples` at which some outcome would say regressed; None where there is none."""
    return next(
        (most for most in range(1, 65) if can_decide(suspects, alpha=alpha, max_samples=most, clustered=clustered)),
        None,
    )


def case_p(counts: Count | Scores, samples: int) -> float:
    """The p-value of one case alone."""
    old, new = counts
    if isinstance(old, int) and isinstance(new, int):
        return fisher(old, samples, new, samples)
    return scores.case_p(old, new)  # type: ignore[arg-type] # both are scores where they are no counts


def together_p(counts: Counts, samples: int, *, graded: bool = False) -> float:
    """The p-value of all cases together, stratified by case."""
    return scores.together(counts) if graded else stratified(counts, samples)  # type: ignore[arg-type] # as `graded` says


def single_p(counts: Counts, suspects: int, samples: int) -> float:
    """Holm's first step: s times the smallest p of a case."""
    return min(1.0, suspects * min((case_p(case, samples) for case in counts), default=1.0))


def rule_p(counts: Counts, suspects: int, samples: int, *, clustered: bool = False, graded: bool = False) -> float:
    """p_B of step 3. `counts` has the suspects that were asked to `samples` pairs."""
    single = single_p(counts, suspects, samples)
    smallest = single if clustered else min(single, together_p(counts, samples, graded=graded))
    return min(1.0, looks(suspects, clustered=clustered) * smallest)


def holds(
    counts: Counts, suspects: int, samples: int, *, alpha: float, clustered: bool = False, graded: bool = False
) -> bool:
    """Whether p_B is within step 3's level; the dear test is done only where the cheap one leaves it open."""
    k, level = looks(suspects, clustered=clustered), SECOND_SHARE * alpha
    if graded:
        alone = any(scores.case_within(old, new, k * suspects, level) for old, new in counts)  # type: ignore[arg-type] # as `graded` says
        return alone or (not clustered and scores.together_within(counts, level / k))  # type: ignore[arg-type] # the same
    if k * single_p(counts, suspects, samples) <= level:
        return True
    if clustered:
        return False
    return stratified_within(counts, samples, level / k)  # type: ignore[arg-type] # as `graded` says
