"""The cases of one prompt, one after the other -> what is counted of them."""

from array import array
from dataclasses import dataclass, field

from promptctl.verdict.design import Design
from promptctl.verdict.intervals import wilson
from promptctl.verdict.pair import Pair, Status
from promptctl.verdict.slices import SliceTally
from promptctl.verdict.status import CaseStatus
from promptctl.verdict.totals import ExactSum, Usage, UsageTally, is_answered

COUNTS = (
    *("inputs", "unaffected", "pass", "fail", "improved", "regressed", "flaky", "unscored", "error"),
    *("scored", "confirmed", "changed"),
)
_TOLD = frozenset({Status.REGRESSED, Status.ERROR})


@dataclass(frozen=True, slots=True)
class SideTotals:
    """One side of a prompt. Rates are over scored cases, by weight: `passes` of `scored`; `score` is the mean score.

    `pass_rate_ci` is the rate's 95% interval (Wilson; of the effective size where cases have weights or clusters).
    """

    passes: int = 0
    scored: int = 0
    pass_rate: float | None = None
    pass_rate_ci: tuple[float, float] | None = None
    score: float | None = None
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class _Scored:
    """A case that counts in the rates; an added prompt's has the new side twice."""

    affected: bool
    old: bool
    new: bool
    old_score: float
    new_score: float


class _SideTally:
    """One side's scored cases, as they come, and its usage."""

    def __init__(self) -> None:
        self.passed = array("b")
        self.score, self.weighted_score = ExactSum(), ExactSum()
        self.used = UsageTally()

    def add(self, score: float, weight: float, *, passed: bool) -> None:
        self.passed.append(passed)
        self.score.add(score)
        self.weighted_score.add(weight * score)

    def totals(self, design: Design) -> SideTotals:
        used, passes = self.used.usage(), sum(self.passed)
        if not self.passed:
            return SideTotals(usage=used)
        rate, size = design.mean(self.passed), design.effective_size(self.passed)
        return SideTotals(
            passes=passes,
            scored=len(self.passed),
            pass_rate=rate,
            pass_rate_ci=wilson(rate * size, size) if size < len(self.passed) else wilson(passes, len(self.passed)),
            score=(self.weighted_score.total or 0.0) / design.weight if design.weighted else self._mean_score(),
            usage=used,
        )

    def _mean_score(self) -> float:
        return (self.score.total or 0.0) / len(self.passed)


class Tally:
    """What is counted of the cases of one prompt, as they come.

    `told` are the cases that a sentence may name. `fell` and `differences` are those of the affected scored cases, in
    the order of `affected`: 1 for a lost one, -1 for a gained one, and how much the score rose.
    """

    def __init__(self) -> None:
        self.old, self.new = _SideTally(), _SideTally()
        self.scored, self.affected = Design(), Design()
        self.both_old, self.both_new = UsageTally(), UsageTally()
        self.slices = SliceTally()
        self.told: list[CaseStatus] = []
        self.new_alone = True
        self.fatal = self.clustered = self.graded = self.weighted = False
        self.repeat = 1
        self.lost = self.gained = 0
        self.comparable = 0.0
        self.fell, self.old_passed = array("b"), array("b")
        self._differences: array[float] | None = None
        self._counts = dict.fromkeys(COUNTS, 0)
        self._clusters: set[str] = set()

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
        if case.status not in {Status.UNSCORED, Status.ERROR}:
            self.comparable += pair.weight
            self.weighted = self.weighted or pair.weight != 1
        if (scored := _scored(pair, case)) is not None:
            self._score(pair, scored)

    @property
    def differences(self) -> "array[float]":
        """By how much the scores rose. Where all scores are 0 or 1, `fell` says it in an eighth of the room."""
        return array("d", (-fell for fell in self.fell)) if self._differences is None else self._differences

    def counts(self) -> dict[str, int]:
        """The counts of the contract, in its order."""
        return dict(self._counts)

    def _score(self, pair: Pair, scored: _Scored) -> None:
        self._counts["scored"] += 1
        cluster = pair.request if pair.cluster is None else pair.cluster
        self.scored.add(pair.weight, cluster)
        self.old.add(scored.old_score, pair.weight, passed=scored.old)
        self.new.add(scored.new_score, pair.weight, passed=scored.new)
        self.slices.add(pair.tags, old=scored.old, new=scored.new)
        self.repeat = max(self.repeat, 0 if pair.new is None else len(pair.new.passed))
        if not scored.affected:
            return
        self.affected.add(pair.weight, cluster)
        self.clustered = self.clustered or pair.cluster in self._clusters
        if pair.cluster is not None:
            self._clusters.add(pair.cluster)
        if not self.graded and not {scored.old_score, scored.new_score} <= {0.0, 1.0}:
            self.graded, self._differences = True, self.differences
        self.lost += scored.old and not scored.new
        self.gained += scored.new and not scored.old
        self.fell.append(scored.old - scored.new)
        self.old_passed.append(scored.old)
        if self._differences is not None:
            self._differences.append(scored.new_score - scored.old_score)


def _scored(pair: Pair, case: CaseStatus) -> _Scored | None:
    """A scored case's entry in the rates; an unaffected one counts where its answer is known."""
    if case.status in {Status.UNSCORED, Status.ERROR} or pair.new is None:
        return None
    old = pair.new if pair.old is None else pair.old
    if old.passes is None or old.score is None or (pair.new.passes is None and not case.fatal):
        return None
    if case.fatal:
        # What cannot be answered because of the edit is a failed answer.
        return _Scored(affected=True, old=old.passes, new=False, old_score=old.score, new_score=0.0)
    return _Scored(
        affected=not pair.unaffected,
        old=old.passes,
        new=bool(pair.new.passes),
        old_score=old.score,
        new_score=pair.new.score or 0.0,
    )
