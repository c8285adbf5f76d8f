"""One pair and what its fresh samples said -> the status of the case."""

from dataclasses import dataclass

from promptctl.verdict.pair import Outcome, Pair, Status
from promptctl.verdict.statistics import fisher_two_sided
from promptctl.verdict.suspect import Confirmed, Side, is_suspect

REPEATS_LEVEL = 0.05  # repeats of one case: below it the sides differ by more than noise


@dataclass(frozen=True, slots=True)
class CaseStatus:
    """What became of a case. `suspected`: its first answers, or the edit's own doing, say that it regressed.

    `fatal`: the new side cannot be answered because of the edit. `reason` and `side` say what an error was.
    """

    id: str
    status: Status
    confirmed: bool = False
    suspected: bool = False
    changed: bool = False
    fatal: bool = False
    reason: str | None = None
    side: Side | None = None


def case_status(pair: Pair, confirmed: Confirmed | None, *, no_confirm: bool = False) -> CaseStatus:
    """The status of a case: the eight exclude each other."""
    if pair.unaffected:
        return CaseStatus(pair.id, Status.UNAFFECTED)
    if failure := _failure(pair):
        side, reason = failure
        return CaseStatus(pair.id, Status.ERROR, changed=pair.changed, reason=reason, side=side)
    if pair.new is not None and pair.new.fatal:
        return CaseStatus(
            pair.id,
            Status.REGRESSED,
            confirmed=True,
            suspected=True,
            changed=pair.changed,
            fatal=True,
            reason=pair.new.error,
            side=Side.NEW,
        )
    if is_suspect(pair):
        return _suspect_status(pair, confirmed, no_confirm=no_confirm)
    return CaseStatus(pair.id, _settled(pair), changed=pair.changed)


def _failure(pair: Pair) -> tuple[Side, str] | None:
    if pair.old is not None and (pair.old.fatal or pair.old.error is not None):
        return Side.OLD, pair.old.error or "could not be answered"
    if pair.new is None:
        return Side.NEW, "was not asked"
    if pair.new.fatal and pair.old is not None:
        return None
    if pair.new.fatal or pair.new.error is not None:
        return Side.NEW, pair.new.error or "could not be answered"
    return None


def _suspect_status(pair: Pair, confirmed: Confirmed | None, *, no_confirm: bool) -> CaseStatus:
    if no_confirm:
        return CaseStatus(pair.id, Status.REGRESSED, suspected=True, changed=pair.changed)
    if confirmed is None or pair.id in confirmed.cut_short:
        return CaseStatus(
            pair.id,
            Status.ERROR,
            suspected=True,
            changed=pair.changed,
            reason="passed before and fails now, and its confirmation was cut short: fresh answers are missing",
        )
    named = pair.id in confirmed.confirmed
    regressed = named or pair.id in confirmed.suspected
    status = Status.REGRESSED if regressed else Status.FLAKY
    return CaseStatus(pair.id, status, confirmed=named, suspected=True, changed=pair.changed)


def _settled(pair: Pair) -> Status:
    """The status of a case that is no suspect, by its first answers alone."""
    new = pair.new or Outcome()
    old = new if pair.old is None else pair.old
    if old.passes is None or new.passes is None:
        return Status.UNSCORED
    if (_is_split(old) or _is_split(new)) and not _differ(old, new):
        return Status.FLAKY
    if old.passes == new.passes:
        return Status.PASS if new.passes else Status.FAIL
    return Status.IMPROVED


def _is_split(outcome: Outcome) -> bool:
    return any(outcome.passed) and not all(outcome.passed)


def _differ(old: Outcome, new: Outcome) -> bool:
    p_value = fisher_two_sided(sum(old.passed), len(old.passed), sum(new.passed), len(new.passed))
    return p_value <= REPEATS_LEVEL
