"""Counted cases -> the difference between the sides, and the evidence for it."""

from dataclasses import dataclass

from promptctl.verdict.bootstrap import Interval, mean_interval
from promptctl.verdict.detectable import Detectable, detectable, unconfirmed
from promptctl.verdict.intervals import clopper_pearson_upper, tango
from promptctl.verdict.suspect import Confirmed, Method
from promptctl.verdict.tally import Tally


@dataclass(frozen=True, slots=True)
class Delta:
    """The difference between the sides, and the evidence for it.

    `pass_rate` is (new passes - old passes) / (inputs - unscored - error), by first answers and by weight; `ci` its 95%
    interval (Tango over the affected cases: an unaffected one is no change, for certain); `drop_upper` the one-sided
    95% upper bound of the drop. `mde` is the uniform drop, `single_case` the rate to which one always-passing case
    falls, that would be seen with 80% chance; `unseen_upper` the 95% upper bound (Clopper-Pearson) of the rate of lost
    cases. `score` is the mean difference of the affected cases' scores where these are not all 0 or 1. `size` is the
    effective size that the intervals rest on: the affected cases, or fewer where they have weights or share clusters.
    """

    pass_rate: float | None = None
    ci: tuple[float, float] | None = None
    drop_upper: float | None = None
    p_value: float | None = None
    level: float | None = None
    method: Method = Method.NONE
    mde: float | None = None
    single_case: float | None = None
    unseen_upper: float | None = None
    score: float | None = None
    score_ci: Interval | None = None
    size: float = 0.0


def difference(tally: Tally, confirmed: Confirmed | None, *, no_confirm: bool, alpha: float, max_samples: int) -> Delta:
    """The difference of one prompt. `alpha` and `max_samples` are those of the confirmation."""
    method, p_value, level = _evidence(confirmed, fatal=tally.fatal, no_confirm=no_confirm)
    counts = tally.counts()
    comparable = counts["inputs"] - counts["unscored"] - counts["error"]
    if comparable == 0:
        return Delta(p_value=p_value, level=level, method=method)
    n, share, lost, gained = _effective(tally, comparable)
    low, high = tango(lost, gained, n)
    seen = _seen(tally, n, no_confirm=no_confirm, alpha=alpha, max_samples=max_samples)
    return Delta(
        pass_rate=share * (gained - lost) / n if tally.weighted and n else (tally.gained - tally.lost) / comparable,
        ci=(share * low + 0.0, share * high),  # never -0.0
        drop_upper=-share * tango(lost, gained, n, confidence=0.9)[0],
        p_value=p_value,
        level=level,
        method=method,
        mde=seen.drop,
        single_case=seen.single,
        unseen_upper=clopper_pearson_upper(lost, n) if n else None,
        score=tally.affected.mean(tally.differences) if n and tally.graded else None,
        score_ci=mean_interval(tally.affected.groups(tally.differences)) if n and tally.graded else None,
        size=n,
    )


def _effective(tally: Tally, comparable: int) -> tuple[float, float, float, float]:
    """(effective size, share of the affected among the comparable, lost, gained); whole numbers where all are alike."""
    design = tally.affected
    if not len(design):
        return 0.0, 0.0, 0.0, 0.0
    size = design.effective_size(tally.fell)
    share = design.weight / tally.comparable if tally.weighted else len(design) / comparable
    if not tally.weighted and size == len(design):
        return size, share, tally.lost, tally.gained
    lost = design.mean([fell > 0 for fell in tally.fell])
    gained = design.mean([fell < 0 for fell in tally.fell])
    return size, share, lost * size, gained * size


def _seen(tally: Tally, size: float, *, no_confirm: bool, alpha: float, max_samples: int) -> Detectable:
    if not size:
        return Detectable()
    rate = sum(tally.old_passed) / len(tally.old_passed)
    if no_confirm:
        return unconfirmed(size, rate, repeat=tally.repeat)
    return detectable(
        size,
        rate,
        alpha=alpha,
        max_samples=max_samples,
        repeat=tally.repeat,
        clustered=tally.clustered,
    )


def _evidence(
    confirmed: Confirmed | None, *, fatal: bool, no_confirm: bool
) -> tuple[Method, float | None, float | None]:
    if no_confirm:
        return Method.NONE, None, None
    if confirmed is not None and confirmed.regressed:
        return confirmed.method, confirmed.p_value, confirmed.level
    if fatal:
        # Nothing is left to chance there: no test, no p-value.
        return Method.CONFIRMED, None, None
    if confirmed is None:
        return Method.NONE, None, None
    return confirmed.method, confirmed.p_value, confirmed.level
