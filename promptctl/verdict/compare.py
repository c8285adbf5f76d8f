"""Scored pairs -> Comparison: statuses, counts, rates, the difference and its evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from promptctl.verdict.detectable import detectable
from promptctl.verdict.intervals import clopper_pearson_upper, tango, wilson
from promptctl.verdict.pair import Outcome, Pair, Status
from promptctl.verdict.status import CaseStatus, case_status
from promptctl.verdict.suspect import Confirmed, Method
from promptctl.verdict.totals import Usage, is_answered, usage


@dataclass(frozen=True, slots=True)
class SideTotals:
    """One side of a prompt. Rates are over scored cases: `passes` of `scored`; `score` is the mean of the cases' means.

    `pass_rate_ci` is the rate's 95% interval (Wilson).
    """

    passes: int = 0
    scored: int = 0
    pass_rate: float | None = None
    pass_rate_ci: tuple[float, float] | None = None
    score: float | None = None
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class Delta:
    """The difference between the sides, and the evidence for it.

    `pass_rate` is (new passes - old passes) / (inputs - unscored - error), by first answers; `ci` its 95% interval
    (Tango over the affected cases: an unaffected one is no change, for certain); `drop_upper` the one-sided 95% upper
    bound of the drop. `mde` is the uniform drop, `single_case` the rate to which one always-passing case falls, that
    would be seen with 80% chance; `unseen_upper` the 95% upper bound (Clopper-Pearson) of the rate of lost cases.
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


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a prompt's replay says, before any gate.

    `old` and `delta` are None for an added prompt. `regressed` says that a regression was established: by the rule, by
    the edit's own doing, or, under `no_confirm`, by a suspect. `affected` counts the comparable cases that a difference
    could show in, `lost` and `gained` those of them that changed sides. `both_old` and `both_new` are the usage of the
    cases that both sides answered: only they can be held against each other.
    """

    cases: tuple[CaseStatus, ...]
    counts: Mapping[str, int]
    new: SideTotals
    old: SideTotals | None = None
    delta: Delta | None = None
    confirmed: Confirmed | None = None
    regressed: bool = False
    no_confirm: bool = False
    affected: int = 0
    lost: int = 0
    gained: int = 0
    both_old: Usage = field(default_factory=Usage)
    both_new: Usage = field(default_factory=Usage)

    @property
    def added(self) -> bool:
        """Whether there is no old version."""
        return self.old is None


@dataclass(frozen=True, slots=True)
class _Scored:
    """A case that counts in the rates; an added prompt's has the new side twice."""

    affected: bool
    old: bool
    new: bool
    old_score: float
    new_score: float


def compare(
    pairs: Sequence[Pair],
    confirmed: Confirmed | None,
    *,
    no_confirm: bool = False,
    added: bool = False,
    alpha: float = 0.05,
    max_samples: int = 10,
) -> Comparison:
    """Compare both sides of one prompt. `alpha` and `max_samples` are those of the confirmation.

    `added`: the prompt has no old version (also told by its pairs, where there are any).
    """
    cases = tuple(case_status(pair, confirmed, no_confirm=no_confirm) for pair in pairs)
    added = added or (bool(pairs) and all(pair.old is None and not pair.unaffected for pair in pairs))
    scored = [one for pair, case in zip(pairs, cases, strict=True) if (one := _scored(pair, case)) is not None]
    counts = _counts(pairs, cases, scored)
    new = _side([pair.new for pair in pairs], [(one.new, one.new_score) for one in scored])
    if added:
        return Comparison(cases, counts, new)
    both = [pair for pair in pairs if is_answered(pair.old) and is_answered(pair.new)]
    affected = [one for one in scored if one.affected]
    return Comparison(
        cases,
        counts,
        new,
        old=_side([pair.old for pair in pairs], [(one.old, one.old_score) for one in scored]),
        delta=_delta(affected, counts, confirmed, cases, no_confirm=no_confirm, alpha=alpha, max_samples=max_samples),
        confirmed=confirmed,
        regressed=_is_regressed(cases, confirmed, no_confirm=no_confirm),
        no_confirm=no_confirm,
        affected=len(affected),
        lost=_lost(affected),
        gained=sum(one.new and not one.old for one in affected),
        both_old=usage(pair.old for pair in both if pair.old is not None),
        both_new=usage(pair.new for pair in both if pair.new is not None),
    )


def _scored(pair: Pair, case: CaseStatus) -> _Scored | None:
    """A scored case's entry in the rates; an unaffected one counts where its answer is known."""
    if case.status in {Status.UNSCORED, Status.ERROR} or pair.new is None:
        return None
    old = pair.new if pair.old is None else pair.old
    if old.passes is None or (pair.new.passes is None and not case.fatal):
        return None
    if case.fatal:
        # What cannot be answered because of the edit is a failed answer.
        return _Scored(affected=True, old=old.passes, new=False, old_score=_mean(old), new_score=0.0)
    return _Scored(
        affected=not pair.unaffected,
        old=old.passes,
        new=bool(pair.new.passes),
        old_score=_mean(old),
        new_score=_mean(pair.new),
    )


def _mean(outcome: Outcome) -> float:
    values = outcome.scores or outcome.passed
    return sum(values) / len(values)


def _counts(pairs: Sequence[Pair], cases: Sequence[CaseStatus], scored: Sequence[_Scored]) -> dict[str, int]:
    """The counts of the contract, in its order."""
    counts = {"inputs": len(pairs)} | {status.value: 0 for status in Status}
    for case in cases:
        counts[case.status.value] += 1
    counts["scored"] = len(scored)
    counts["confirmed"] = sum(case.confirmed for case in cases)
    counts["changed"] = sum(case.changed for case in cases)
    return {key: counts[key] for key in _ORDER}


_ORDER = (
    *("inputs", "unaffected", "pass", "fail", "improved", "regressed", "flaky", "unscored", "error"),
    *("scored", "confirmed", "changed"),
)


def _side(outcomes: Sequence[Outcome | None], scored: Sequence[tuple[bool, float]]) -> SideTotals:
    used = usage(outcome for outcome in outcomes if outcome is not None)
    if not scored:
        return SideTotals(usage=used)
    passes = sum(passed for passed, _ in scored)
    return SideTotals(
        passes=passes,
        scored=len(scored),
        pass_rate=passes / len(scored),
        pass_rate_ci=wilson(passes, len(scored)),
        score=sum(score for _, score in scored) / len(scored),
        usage=used,
    )


def _is_regressed(cases: Sequence[CaseStatus], confirmed: Confirmed | None, *, no_confirm: bool) -> bool:
    if any(case.fatal for case in cases):
        return True
    if no_confirm:
        return any(case.status is Status.REGRESSED for case in cases)
    return confirmed is not None and confirmed.regressed


def _lost(affected: Sequence[_Scored]) -> int:
    return sum(one.old and not one.new for one in affected)


def _delta(
    affected: Sequence[_Scored],
    counts: Mapping[str, int],
    confirmed: Confirmed | None,
    cases: Sequence[CaseStatus],
    *,
    no_confirm: bool,
    alpha: float,
    max_samples: int,
) -> Delta:
    method, p_value, level = _evidence(cases, confirmed, no_confirm=no_confirm)
    comparable = counts["inputs"] - counts["unscored"] - counts["error"]
    if comparable == 0:
        return Delta(p_value=p_value, level=level, method=method)
    n, lost, gained = len(affected), _lost(affected), sum(one.new and not one.old for one in affected)
    share = n / comparable
    low, high = tango(lost, gained, n)
    drop_upper = -share * tango(lost, gained, n, confidence=0.9)[0]
    old_rate = sum(one.old for one in affected) / n if n else 0.0
    seen = detectable(0 if no_confirm else n, old_rate, alpha=alpha, max_samples=max_samples)
    return Delta(
        pass_rate=(gained - lost) / comparable,
        ci=(share * low + 0.0, share * high),  # never -0.0
        drop_upper=drop_upper,
        p_value=p_value,
        level=level,
        method=method,
        mde=seen.drop,
        single_case=seen.single,
        unseen_upper=clopper_pearson_upper(lost, n) if n else None,
    )


def _evidence(
    cases: Sequence[CaseStatus], confirmed: Confirmed | None, *, no_confirm: bool
) -> tuple[Method, float | None, float | None]:
    if no_confirm:
        return Method.NONE, None, None
    if confirmed is not None and confirmed.regressed:
        return confirmed.method, confirmed.p_value, confirmed.level
    if any(case.fatal for case in cases):
        # Nothing is left to chance there: no test, no p-value.
        return Method.CONFIRMED, None, None
    if confirmed is None:
        return Method.NONE, None, None
    return confirmed.method, confirmed.p_value, confirmed.level
