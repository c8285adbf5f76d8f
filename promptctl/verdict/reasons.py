"""Comparison -> plain sentences."""

from collections.abc import Mapping, Sequence
from math import ceil, floor

from promptctl.verdict.compare import Comparison
from promptctl.verdict.detectable import inputs_for
from promptctl.verdict.noise import noise_sentences
from promptctl.verdict.pair import Status
from promptctl.verdict.status import CaseStatus
from promptctl.verdict.suspect import Confirmed, Fresh, Method
from promptctl.verdict.waivers import Excuse

LISTED = 5  # names in a sentence, at most
TARGETS = (0.2, 0.1, 0.05)  # drops that one may wish to see


def comparison_reasons(comparison: Comparison) -> tuple[str, ...]:
    """What happened to the cases: regressions, with how they were established, and what turned out to be noise."""
    inputs = comparison.counts["inputs"]
    if inputs == 0:
        return ("no inputs",)
    if comparison.counts["unaffected"] == inputs:
        return (f"{_of(inputs, inputs)} unaffected: both versions send the same request",)
    regressed = [
        case for case in comparison.told if case.status is Status.REGRESSED and case.id not in comparison.excused
    ]
    reasons = []
    if regressed:
        reasons.append(_regressed_sentence(comparison, regressed))
    elif comparison.regressed:
        reasons.append("The suspects regressed together, though none can be told singly")
    confirmed = comparison.confirmed
    if confirmed is not None and comparison.regressed and confirmed.regressed:
        reasons.append(f"p = {confirmed.p_value:.2g} against {confirmed.level:.2g}: {tested_by(confirmed)}")
    reasons.extend(excuse_sentences(comparison.excused))
    reasons.extend(_noise_sentence(comparison))
    reasons.extend(_score_sentence(comparison))
    if comparison.noise is not None:
        reasons.extend(
            noise_sentences(
                comparison.noise,
                alpha=comparison.alpha,
                max_samples=comparison.max_samples,
                repeat=comparison.repeat,
            )
        )
    return tuple(reasons)


def excuse_sentences(excused: Mapping[str, Excuse]) -> list[str]:
    """Who answers for the regressed cases that do not count; those of one excuse in one sentence."""
    groups: dict[Excuse, list[str]] = {}
    for case, excuse in excused.items():
        groups.setdefault(excuse, []).append(case)
    return [_excuse_sentence(excuse, cases) for excuse, cases in groups.items()]


def _excuse_sentence(excuse: Excuse, cases: Sequence[str]) -> str:
    many = len(cases) > 1
    who = f"{len(cases)} regressed case{'s are' if many else ' is'}"
    listed = ", ".join(cases[:LISTED]) + (", ..." if len(cases) > LISTED else "")
    brought = "; brought by this very change" if excuse.brought else ""
    return f"{who} {excuse_phrase(excuse)} ({listed}{brought})"


def excuse_phrase(excuse: Excuse) -> str:
    """Until when, by whom and why."""
    if excuse.until is None:
        return f"accepted as answered by {excuse.by} on {excuse.made}"
    return f"waived until {excuse.until} by {excuse.by}: {excuse.reason}"


def more_inputs(comparison: Comparison) -> tuple[str, ...]:
    """How many more inputs would show a smaller drop; none where that is not known, or nothing to wish for."""
    delta = comparison.delta
    if delta is None or comparison.regressed or comparison.no_confirm or not delta.size:
        return ()
    if comparison.clustered or comparison.noise is not None:
        return ()
    target = next((drop for drop in TARGETS if delta.mde is None or drop <= delta.mde - 0.02), None)
    if target is None or comparison.old is None or comparison.old.pass_rate is None:
        return ()
    wanted = inputs_for(
        target,
        comparison.old.pass_rate,
        alpha=comparison.alpha,
        max_samples=comparison.max_samples,
        repeat=comparison.repeat,
    )
    more = 0 if wanted is None else ceil((wanted / delta.size - 1) * comparison.affected)
    if wanted is None or more <= 0:
        return ()
    return (f"Add {more} inputs like these to see a uniform drop of {target * 100:.0f} points (80% power, simulated)",)


def tested_by(confirmed: Confirmed) -> str:
    """What the decision rests on, and by which test."""
    graded, clustered = confirmed.graded, confirmed.clustered
    if confirmed.method is Method.FRESH_PAIRS and confirmed.early:
        return "one fresh pair a suspect, looked at as they came: p = 1 / E, an anytime-valid evidence"
    if confirmed.method is Method.FRESH_PAIRS:
        return f"one fresh pair a suspect, exact one-sided {'sign-flip' if graded else 'McNemar'} test"
    if confirmed.method is Method.CONFIRMED:
        alone = "; cases share clusters, so that no test takes them together" if clustered else ""
        exact = "permutation" if graded else "Fisher"
        return f"fresh samples of single cases, exact {exact} test with Holm's correction{alone}"
    return f"fresh samples of all suspects together, exact {'permutation ' if graded else ''}test stratified by case"


def pass_reasons(comparison: Comparison) -> tuple[str, ...]:
    """What a replay that shows no regression could have seen."""
    delta = comparison.delta
    if delta is None or delta.unseen_upper is None or comparison.regressed:
        return ()
    other = "other " if comparison.excused else ""
    first = (f"No {other}case that passed before fails now.",) if comparison.no_confirm else ()
    seen = detectable_sentence(comparison.affected, delta.mde, delta.single_case)
    if comparison.excused:
        seen = seen.replace("No regression", "No other regression", 1)
    unseen = (
        f"With {comparison.lost} of {comparison.affected} lost, at most {_percent(delta.unseen_upper)} of such inputs "
        f"would be lost (95% Clopper-Pearson upper bound{_size(comparison)})."
    )
    return *first, seen, unseen


def _size(comparison: Comparison) -> str:
    """What must be said where the cases are worth fewer independent ones."""
    delta = comparison.delta
    if delta is None or delta.size > comparison.affected - 0.05:
        return ""
    cause = "clusters and weights" if comparison.clustered and comparison.weighted else "clusters"
    cause = "weights" if comparison.weighted and not comparison.clustered else cause
    return f"; with their {cause} the cases count as {delta.size:.1f}"


def _score_sentence(comparison: Comparison) -> list[str]:
    """How the mean score moved, where scores are more than passes and failures."""
    delta = comparison.delta
    if delta is None or delta.score is None or delta.score_ci is None:
        return []
    found, n = delta.score_ci, comparison.affected
    units = "clusters" if comparison.clustered else f"{n} affected case{'' if n == 1 else 's'}"
    interval = f"95% interval {found.low:+.3f} to {found.high:+.3f}, {found.method} over {units}"
    return [f"The mean score changed by {delta.score:+.3f} ({interval})"]


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
        head += f" {_verb(comparison.confirmed, regressed)}"
        parts.extend(_confirmed_phrase(comparison.confirmed, regressed))
    if fatal:
        parts.append(f"{fatal} cannot be answered any more because of the edit")
    return f"{head} ({'; '.join(parts)})"


def _verb(confirmed: Confirmed | None, regressed: Sequence[CaseStatus]) -> str:
    """Single cases that are known broke; suspects regressed together; a score falls, and breaks nothing."""
    if not any(case.confirmed for case in regressed):
        return "regressed"
    return "got worse" if confirmed is not None and confirmed.graded else "broke"


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
    if fresh.old_score is not None and fresh.new_score is not None:
        return f"{fresh.new_n} (mean score {fresh.old_score:.2f} to {fresh.new_score:.2f})"
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
    what = "scored less than before" if confirmed.graded else "passed before and failed now"
    return [f"{_of(len(noisy), inputs)} {what}, and fresh samples say noise: flaky{draw}"]


def _of(count: int, inputs: int) -> str:
    return f"{count} of {inputs} case{'' if inputs == 1 else 's'}"


def _percent(share: float) -> str:
    return f"{ceil(share * 1000 - 1e-9) / 10:g}%"
