"""Comparison -> plain sentences."""

from collections.abc import Sequence
from math import ceil, floor

from promptctl.verdict.compare import Comparison
from promptctl.verdict.pair import Status
from promptctl.verdict.status import CaseStatus
from promptctl.verdict.suspect import Confirmed, Fresh, Method

LISTED = 5  # names in a sentence, at most

_METHODS = {
    Method.FRESH_PAIRS: "one fresh pair a suspect, exact one-sided McNemar test",
    Method.CONFIRMED: "fresh samples of single cases, exact Fisher test with Holm's correction",
    Method.SUSPECTS_TOGETHER: "fresh samples of all suspects together, exact test stratified by case",
}


def comparison_reasons(comparison: Comparison) -> tuple[str, ...]:
    """What happened to the cases: regressions, with how they were established, and what turned out to be noise."""
    inputs = comparison.counts["inputs"]
    if inputs == 0:
        return ("no inputs",)
    if comparison.counts["unaffected"] == inputs:
        return (f"{_of(inputs, inputs)} unaffected: both versions send the same request",)
    regressed = [case for case in comparison.told if case.status is Status.REGRESSED]
    reasons = []
    if regressed:
        reasons.append(_regressed_sentence(comparison, regressed))
    elif comparison.regressed:
        reasons.append("The suspects regressed together, though none can be told singly")
    confirmed = comparison.confirmed
    if confirmed is not None and comparison.regressed and confirmed.regressed:
        reasons.append(f"p = {confirmed.p_value:.2g} against {confirmed.level:.2g}: {_METHODS[confirmed.method]}")
    reasons.extend(_noise_sentence(comparison))
    return tuple(reasons)


def pass_reasons(comparison: Comparison) -> tuple[str, ...]:
    """What a replay that shows no regression could have seen."""
    delta = comparison.delta
    if delta is None or delta.unseen_upper is None or comparison.regressed:
        return ()
    if comparison.no_confirm:
        return ("No case that passed before fails now.",)
    seen = detectable_sentence(comparison.affected, delta.mde, delta.single_case)
    unseen = (
        f"With {comparison.lost} of {comparison.affected} lost, at most {_percent(delta.unseen_upper)} of such inputs "
        "would be lost (95% upper bound)."
    )
    return seen, unseen


def detectable_sentence(n: int, drop: float | None, single: float | None) -> str:
    """The sentence that every pass carries. Numbers are rounded to the safe side."""
    # The tiny step keeps 0.15 at 15 points: in binary it lies a little above.
    points = None if drop is None else ceil(drop * 100 - 1e-9)
    uniform = f"a uniform drop of {points} point{'' if points == 1 else 's'} or more"
    rate = 0 if single is None else floor(single * 100 + 1e-9)
    one = f"one always-passing case that falls to {rate}% or less" if rate else "one always-passing case that breaks"
    if drop is not None and single is not None:
        return f"No regression shown. 80% chance of seeing {uniform}, or {one}; smaller changes may be missed."
    if drop is not None:
        return (
            f"No regression shown. 80% chance of seeing {uniform}, but no single case; smaller changes may be missed."
        )
    few = "1 affected case" if n == 1 else f"{n} affected cases"
    if single is not None:
        return (
            f"No regression shown. 80% chance of seeing {one}, but with {few} and these settings no uniform drop; "
            "smaller changes may be missed."
        )
    return (
        f"No regression shown. With {few} and these settings neither a uniform drop nor one broken case would be seen "
        "with 80% chance."
    )


def error_reason(comparison: Comparison) -> str:
    """How many cases could not be asked or scored, and why the first of each kind could not."""
    failed = [case for case in comparison.told if case.status is Status.ERROR]
    first: dict[str, CaseStatus] = {}
    for case in failed:
        first.setdefault(case.reason or "", case)
    shown = "; ".join(
        f"{case.id}{f' ({case.side})' if case.side else ''}: {reason}" for reason, case in list(first.items())[:LISTED]
    )
    more = f"; and {len(first) - LISTED} other reasons" if len(first) > LISTED else ""
    return f"{_of(len(failed), comparison.counts['inputs'])} could not be asked or scored ({shown}{more})"


def _regressed_sentence(comparison: Comparison, regressed: Sequence[CaseStatus]) -> str:
    head = f"{_of(len(regressed), comparison.counts['inputs'])}"
    fatal = sum(case.fatal for case in regressed)
    parts = []
    if comparison.no_confirm:
        head += " passed before and failed now"
        if unconfirmed := len(regressed) - fatal:
            who = "nobody asked" if unconfirmed == len(regressed) else f"{unconfirmed} were not asked"
            parts.append(f"{who} again (--no-confirm): the stated false-alarm rate does not hold")
    else:
        head += " regressed"
        parts.extend(_confirmed_phrase(comparison.confirmed, regressed))
    if fatal:
        parts.append(f"{fatal} cannot be answered any more because of the edit")
    return f"{head} ({'; '.join(parts)})"


def _confirmed_phrase(confirmed: Confirmed | None, regressed: Sequence[CaseStatus]) -> list[str]:
    if confirmed is None:
        return []
    named = [case.id for case in regressed if case.confirmed and not case.fatal]
    parts = []
    if named:
        losses = {_losses(confirmed.fresh[case]) for case in named}
        every = {1: "", 2: "both "}.get(len(named), "all ") if len(named) == len(regressed) else f"{len(named)} "
        share = losses.pop() if len(losses) == 1 else None
        listed = ", ".join(f"{case} in {_losses(confirmed.fresh[case])}" for case in named[:LISTED])
        listed += ", ..." if len(named) > LISTED else ""
        parts.append(f"{every}confirmed in {share} fresh samples" if share else f"{every}confirmed: {listed}")
    if suspected := sum(not case.confirmed for case in regressed):
        parts.append(f"{suspected} suspected: together they regressed, singly none can be told")
    return parts


def _losses(fresh: Fresh) -> str:
    return f"{fresh.new_n - fresh.new_passes} of {fresh.new_n}"


def _noise_sentence(comparison: Comparison) -> list[str]:
    confirmed = comparison.confirmed
    if confirmed is None or not confirmed.possible:
        return []
    noisy = [case for case in comparison.told if case.status is Status.FLAKY and case.suspected]
    if not noisy:
        return []
    inputs = comparison.counts["inputs"]
    left_out = confirmed.suspects - confirmed.drawn
    draw = f" (of {confirmed.suspects} suspects {confirmed.drawn} were drawn to be asked again)" if left_out else ""
    return [f"{_of(len(noisy), inputs)} passed before and failed now, and fresh samples say noise: flaky{draw}"]


def _of(count: int, inputs: int) -> str:
    return f"{count} of {inputs} case{'' if inputs == 1 else 's'}"


def _percent(share: float) -> str:
    return f"{ceil(share * 1000 - 1e-9) / 10:g}%"
