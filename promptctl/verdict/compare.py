"""Scored pairs -> Comparison: statuses, counts, rates, the difference and its evidence."""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from promptctl.verdict.detectable import detectable
from promptctl.verdict.intervals import clopper_pearson_upper, tango, wilson
from promptctl.verdict.pair import Outcome, Pair, Status
from promptctl.verdict.status import CaseStatus, case_status
from promptctl.verdict.suspect import Confirmed, Method
from promptctl.verdict.totals import Usage, UsageTally, is_answered


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
    cases that both sides answered: only they can be held against each other. `told` are the cases that a sentence may
    name, in order: regressed, in error, or suspected for nothing.
    """

    told: tuple[CaseStatus, ...]
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
    pairs: Iterable[Pair],
    confirmed: Confirmed | None,
    *,
    no_confirm: bool = False,
    added: bool = False,
    alpha: float = 0.05,
    max_samples: int = 10,
) -> Comparison:
    """Compare both sides of one prompt. `alpha` and `max_samples` are those of the confirmation.

    `added`: the prompt has no old version (also told by its pairs, where there are any). The pairs are taken one after
    the other; of a case that no sentence names some fifty bytes are kept meanwhile.
    """
    tally = _Tally()
    for pair in pairs:
        tally.add(pair, case_status(pair, confirmed, no_confirm=no_confirm))
    counts = tally.counts()
    if added or (counts["inputs"] and tally.new_alone):
        return Comparison(tuple(tally.told), counts, tally.new.totals())
    return Comparison(
        tuple(tally.told),
        counts,
        tally.new.totals(),
        old=tally.old.totals(),
        delta=_delta(tally, confirmed, no_confirm=no_confirm, alpha=alpha, max_samples=max_samples),
        confirmed=confirmed,
        regressed=_is_regressed(tally, confirmed, no_confirm=no_confirm),
        no_confirm=no_confirm,
        affected=tally.affected,
        lost=tally.lost,
        gained=tally.gained,
        both_old=tally.both_old.usage(),
        both_new=tally.both_new.usage(),
    )


class _SideTally:
    """One side's scored cases and its usage, as they come."""

    def __init__(self) -> None:
        self.passes = 0
        self.scores = array("d")
        self.used = UsageTally()

    def add(self, score: float, *, passed: bool) -> None:
        self.passes += passed
        self.scores.append(score)

    def totals(self) -> SideTotals:
        used, n = self.used.usage(), len(self.scores)
        if not n:
            return SideTotals(usage=used)
        return SideTotals(
            passes=self.passes,
            scored=n,
            pass_rate=self.passes / n,
            pass_rate_ci=wilson(self.passes, n),
            score=sum(self.scores) / n,
            usage=used,
        )


class _Tally:
    """What is counted of the cases of one prompt, as they come."""

    def __init__(self) -> None:
        self.old, self.new = _SideTally(), _SideTally()
        self.both_old, self.both_new = UsageTally(), UsageTally()
        self.told: list[CaseStatus] = []
        self.new_alone = True
        self.fatal = False
        self.affected = self.lost = self.gained = self.old_passes = 0
        self._counts = dict.fromkeys(_ORDER, 0)

    def add(self, pair: Pair, case: CaseStatus) -> None:
        """Count one case."""
        counts = self._counts
        counts["inputs"] += 1
        counts[case.status.value] += 1
        counts["confirmed"] += case.confirmed
        counts["changed"] += case.changed
        self.fatal = self.fatal or case.fatal
        self.new_alone = self.new_alone and pair.old is None and not pair.unaffected
        if case.status in _TOLD or (case.status is Status.FLAKY and case.suspected):
            self.told.append(case)
        self.old.used.add(pair.old)
        self.new.used.add(pair.new)
        if is_answered(pair.old) and is_answered(pair.new):
            self.both_old.add(pair.old)
            self.both_new.add(pair.new)
        if (scored := _scored(pair, case)) is not None:
            self._score(scored)

    def counts(self) -> dict[str, int]:
        """The counts of the contract, in its order."""
        return dict(self._counts)

    def _score(self, scored: _Scored) -> None:
        self._counts["scored"] += 1
        self.old.add(scored.old_score, passed=scored.old)
        self.new.add(scored.new_score, passed=scored.new)
        if scored.affected:
            self.affected += 1
            self.old_passes += scored.old
            self.lost += scored.old and not scored.new
            self.gained += scored.new and not scored.old


_TOLD = frozenset({Status.REGRESSED, Status.ERROR})


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


_ORDER = (
    *("inputs", "unaffected", "pass", "fail", "improved", "regressed", "flaky", "unscored", "error"),
    *("scored", "confirmed", "changed"),
)


def _is_regressed(tally: _Tally, confirmed: Confirmed | None, *, no_confirm: bool) -> bool:
    if tally.fatal:
        return True
    if no_confirm:
        return any(case.status is Status.REGRESSED for case in tally.told)
    return confirmed is not None and confirmed.regressed


def _delta(tally: _Tally, confirmed: Confirmed | None, *, no_confirm: bool, alpha: float, max_samples: int) -> Delta:
    method, p_value, level = _evidence(confirmed, fatal=tally.fatal, no_confirm=no_confirm)
    counts = tally.counts()
    comparable = counts["inputs"] - counts["unscored"] - counts["error"]
    if comparable == 0:
        return Delta(p_value=p_value, level=level, method=method)
    n, lost, gained = tally.affected, tally.lost, tally.gained
    share = n / comparable
    low, high = tango(lost, gained, n)
    drop_upper = -share * tango(lost, gained, n, confidence=0.9)[0]
    old_rate = tally.old_passes / n if n else 0.0
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
