"""Comparison and thresholds -> Verdict with reasons; verdicts -> exit code."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from promptctl.settings import GateSettings
from promptctl.verdict.compare import Comparison
from promptctl.verdict.increase import Increase, increases
from promptctl.verdict.pair import Status, Verdict
from promptctl.verdict.reasons import comparison_reasons, error_reason, pass_reasons
from promptctl.verdict.rule import DRAW, fewest_samples
from promptctl.verdict.suspect import Confirmed

# Where several hold, the first one is the verdict.
ORDER = (Verdict.REGRESSED, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.PASSED, Verdict.UNAFFECTED)


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate's say. `actual` is None where it is unknown."""

    gate: str
    limit: float | int
    actual: float | int | None
    ok: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """A prompt's verdict, why, and what every gate that was set says."""

    verdict: Verdict
    reasons: tuple[str, ...]
    gates: tuple[GateResult, ...]


@dataclass(frozen=True, slots=True)
class _Finding:
    """What one look at the comparison says of the verdict, the sentence for it, and the gate's line if it is a gate."""

    verdict: Verdict
    reason: str = ""
    gate: GateResult | None = None


def judge(comparison: Comparison, gates: GateSettings) -> Judgement:
    """The verdict of one prompt: the first that holds of regressed, error, inconclusive, passed.

    `unaffected` where no case was affected and no gate failed. An added prompt is held to the absolute gates alone:
    `min_pass_rate` and `max_error_rate`. A gate that is set and cannot be checked, since a price, a latency or a count
    of tokens is unknown, makes an `error`: a gate that says nothing must not look like one that passed.
    """
    settled = Verdict.UNAFFECTED if _is_unaffected(comparison) else Verdict.PASSED
    findings = list(_findings(comparison, gates))
    verdict = overall([settled, *(found.verdict for found in findings if found.verdict is not Verdict.PASSED)])
    reasons = [*comparison_reasons(comparison), *(found.reason for found in findings if found.reason)]
    if verdict is Verdict.PASSED:
        reasons.extend(pass_reasons(comparison))
    return Judgement(verdict, tuple(reasons), tuple(found.gate for found in findings if found.gate is not None))


def overall(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a run: the first that any prompt has, in the order of the exit codes; else `unaffected`."""
    return min(verdicts, key=ORDER.index, default=Verdict.UNAFFECTED)


def exit_code(verdicts: Iterable[Verdict], gates: GateSettings) -> int:
    """0 passed or nothing to replay, 1 regressed, 3 error, 4 inconclusive where the gate says that this fails."""
    codes = {Verdict.REGRESSED: 1, Verdict.ERROR: 3, Verdict.INCONCLUSIVE: 4 if gates.on_inconclusive == "fail" else 0}
    return codes.get(overall(verdicts), 0)


def _is_unaffected(comparison: Comparison) -> bool:
    return comparison.counts["unaffected"] == comparison.counts["inputs"]


def _findings(comparison: Comparison, gates: GateSettings) -> Iterator[_Finding]:
    if not comparison.added:
        yield _regressions(comparison, gates.max_regressions)
        if gates.max_pass_rate_drop is not None:
            yield _drop(comparison, gates.max_pass_rate_drop)
    if gates.min_pass_rate is not None:
        yield _pass_rate(comparison, gates.min_pass_rate)
    if not comparison.added:
        yield from (_increase(found) for found in increases(comparison.both_old, comparison.both_new, gates))
    yield from _errors(comparison, gates.max_error_rate)
    yield from _doubts(comparison)


def _regressions(comparison: Comparison, limit: int) -> _Finding:
    """Confirmed cases, at least 1, where a regression was established; without confirmation every suspect counts.

    Excused cases do not count: they were confirmed apart.
    """
    regressed = [case for case in comparison.told if case.status is Status.REGRESSED]
    counting = [case for case in regressed if case.id not in comparison.excused]
    found = len(counting) if comparison.no_confirm else max(1, sum(case.confirmed for case in counting))
    actual = found if comparison.regressed else 0
    gate = GateResult("max_regressions", limit, actual, ok=actual <= limit)
    if not gate.ok:
        return _Finding(Verdict.REGRESSED, gate=gate)
    allowed = f"{actual} regressed, and max_regressions allows {limit}" if actual else ""
    if actual and limit >= DRAW and not comparison.no_confirm:
        allowed += f": never more than {DRAW} are confirmed, so set max_pass_rate_drop, which counts them all"
    return _Finding(Verdict.PASSED, allowed, gate)


def _drop(comparison: Comparison, limit: float) -> _Finding:
    """The net drop of first answers fails only where a regression was shown; where none was, its bound may be too wide.

    Without confirmation nothing is shown beyond the suspects, and they count as shown.
    """
    delta = comparison.delta
    drop = None if delta is None or delta.pass_rate is None else max(0.0, -delta.pass_rate)
    ok = not comparison.regressed or drop is None or drop <= limit
    gate = GateResult("max_pass_rate_drop", limit, drop, ok=ok)
    if not ok:
        return _Finding(
            Verdict.REGRESSED, f"The pass rate fell by {drop:.1%}, above max_pass_rate_drop {limit:g}", gate
        )
    upper = None if delta is None else delta.drop_upper
    if comparison.regressed or _is_unaffected(comparison) or upper is None or upper <= limit:
        return _Finding(Verdict.PASSED, gate=gate)
    reason = (
        f"A drop of up to {upper:.1%} cannot be excluded (95% Tango upper bound), and max_pass_rate_drop is {limit:g}: "
        "more inputs would narrow it"
    )
    return _Finding(Verdict.INCONCLUSIVE, reason, gate)


def _pass_rate(comparison: Comparison, limit: float) -> _Finding:
    """Fails where the whole 95% interval (Wilson) lies below the limit; inconclusive where the limit is inside it."""
    new = comparison.new
    if new.pass_rate is None or new.pass_rate_ci is None:
        gate = GateResult("min_pass_rate", limit, None, ok=True)
        if _is_unaffected(comparison):
            return _Finding(Verdict.PASSED, gate=gate)
        return _Finding(Verdict.INCONCLUSIVE, "min_pass_rate could not be checked: no case was scored", gate)
    low, high = new.pass_rate_ci
    gate = GateResult("min_pass_rate", limit, new.pass_rate, ok=high >= limit)
    rate = f"by weight {new.pass_rate:.1%}" if comparison.weighted else f"{new.pass_rate:.1%}"
    said = f"{new.passes} of {new.scored} pass ({rate}, 95% Wilson interval {low:.1%} to {high:.1%})"
    if high < limit:
        return _Finding(Verdict.REGRESSED, f"{said}, below min_pass_rate {limit:g}", gate)
    if low < limit and not _is_unaffected(comparison):
        return _Finding(Verdict.INCONCLUSIVE, f"{said}: min_pass_rate {limit:g} lies inside the interval", gate)
    return _Finding(Verdict.PASSED, gate=gate)


def _increase(found: Increase) -> _Finding:
    gate = GateResult(found.gate, found.limit, found.actual, ok=found.ok)
    if not found.known:
        return _Finding(Verdict.ERROR, found.reason, gate)
    return _Finding(Verdict.PASSED if found.ok else Verdict.REGRESSED, found.reason, gate)


def _errors(comparison: Comparison, limit: float) -> Iterator[_Finding]:
    """The gate is always in force; its line is shown where it was set or fails."""
    errors, inputs = comparison.counts["error"], comparison.counts["inputs"]
    share = errors / inputs if inputs else 0.0
    gate = GateResult("max_error_rate", limit, share, ok=share <= limit)
    if not gate.ok:
        yield _Finding(Verdict.ERROR, error_reason(comparison), gate)
    elif limit > 0:
        yield _Finding(Verdict.PASSED, error_reason(comparison) if errors else "", gate)


def _doubts(comparison: Comparison) -> Iterator[_Finding]:
    """What leaves the question open though nothing failed."""
    if comparison.added or _is_unaffected(comparison):
        return
    confirmed = comparison.confirmed
    if confirmed is not None and not confirmed.possible:
        yield _Finding(Verdict.INCONCLUSIVE, _impossible(comparison, confirmed))
    if comparison.affected == 0 and not comparison.regressed:
        reason = "No case can be compared: add assertions or expected values" if comparison.counts["unscored"] else ""
        yield _Finding(Verdict.INCONCLUSIVE, reason or "No case can be compared")


def _impossible(comparison: Comparison, confirmed: Confirmed) -> str:
    """That nothing was asked again, and from how many samples on it would tell something."""
    number = confirmed.suspects
    cases = "1 case passed before and fails now" if number == 1 else f"{number} cases passed before and fail now"
    need = fewest_samples(confirmed.drawn, alpha=comparison.alpha, clustered=confirmed.clustered)
    raised = "" if need is None else f" to {need} or more"
    return f"{cases}, and confirm.max_samples is too small for any fresh answers to confirm it: raise it{raised}"
