"""What a replay found -> the words that every report of it shares."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from promptctl.reports.numbers import UNKNOWN, change, count, dollars, duration, percent, plural, points, signed
from promptctl.reports.view import (
    CaseView,
    DeltaView,
    ExcuseView,
    GateView,
    MetricView,
    PromptView,
    RunTotals,
    TotalsView,
)

SIGNS: Mapping[str, str] = {
    "passed": "✓",
    "regressed": "✗",
    "inconclusive": "?",
    "error": "!",
    "unaffected": "·",
}
_COUNTED = ("regressed", "error", "flaky", "improved", "fail", "pass", "unscored", "unaffected")
_COUNT_WORDS: Mapping[str, str] = {
    "fail": "fail on both sides",
    "pass": "pass",
    "error": "could not be asked or scored",
}
_RATE_GATES = frozenset({"max_pass_rate_drop", "min_pass_rate", "max_error_rate"})


_SEVERITY = ("regressed", "error", "inconclusive", "passed", "unaffected")


def by_severity(prompts: Sequence[PromptView]) -> list[PromptView]:
    """What went wrong first; else as they came."""
    return sorted(prompts, key=lambda prompt: _SEVERITY.index(prompt.verdict) if prompt.verdict in _SEVERITY else 1)


def counts_line(counts: Mapping[str, int], *, added: bool = False) -> str:
    """`4 regressed (4 confirmed), 1 improved, 30 pass`: what became of the inputs, none left out."""
    words = [_counted(key, counts, added=added) for key in _COUNTED if counts.get(key)]
    return ", ".join(words) if words else "no inputs"


def _counted(key: str, counts: Mapping[str, int], *, added: bool) -> str:
    number = counts[key]
    text = f"{number:,} {'fail' if added and key == 'fail' else _COUNT_WORDS.get(key, key)}"
    confirmed = counts.get("confirmed", 0)
    if key != "regressed":
        return text
    return f"{text} (all confirmed)" if confirmed == number else f"{text} ({confirmed:,} confirmed)"


def rate_line(old: TotalsView | None, new: TotalsView | None) -> str:
    """`94.6% → 86.5%`; of an added prompt the new rate alone; empty where nothing was scored."""
    if new is None or new.pass_rate is None:
        return ""
    if old is None or old.pass_rate is None:
        return percent(new.pass_rate)
    return f"{percent(old.pass_rate)} → {percent(new.pass_rate)}"


def rate_and_evidence(old: TotalsView | None, new: TotalsView | None, delta: DeltaView | None) -> str:
    """`94.6% → 86.5%, net −7.5 points (...)`: net over all comparable inputs, the rates over the scored ones."""
    rate, difference = rate_line(old, new), evidence(delta)
    return f"{rate}, net {difference}" if rate and difference else rate or difference


def evidence(delta: DeltaView | None) -> str:
    """The net difference with its interval and the deciding p-value."""
    if delta is None or delta.pass_rate is None:
        return ""
    net = points(delta.pass_rate)
    details = []
    if delta.ci is not None:
        low, high = delta.ci
        details.append(f"95% Tango interval {signed(low * 100)} to {signed(high * 100)}")
    if delta.p_value is not None:
        level = "" if delta.level is None else f" at level {delta.level:.3g}"
        tested = _TESTED.get(delta.method, "")
        details.append(f"p = {delta.p_value:.2g}{level}{f', {tested}' if tested else ''}")
    return f"{net} ({'; '.join(details)})" if details else net


_TESTED: Mapping[str, str] = {
    "fresh-pairs": "from one fresh pair a suspect",
    "confirmed": "from single cases' fresh samples",
    "suspects-together": "from all suspects' fresh samples",
}


_SUMMED = "summed over all answers"


def latency_line(old: TotalsView | None, new: TotalsView | None) -> str:
    """`p50 610 → 640 ms (+5%), p95 900 ms → 1.1 s (+22%)`; empty where nobody measured."""
    if new is None or (new.latency_p50 is None and new.latency_p95 is None):
        return ""
    before = old or TotalsView()
    median = moved("p50", before.latency_p50, new.latency_p50, added=old is None)
    tail = moved("p95", before.latency_p95, new.latency_p95, added=old is None)
    return f"{median}, {tail}"


def moved(name: str, old: float | None, new: float | None, *, added: bool) -> str:
    if added:
        return f"{name} {duration(new)}"
    return f"{name} {duration(old)} → {duration(new)}{_bracketed(change(old, new))}"


def cost_line(old: TotalsView | None, new: TotalsView | None) -> str:
    """`$0.012 → $0.0131 (+9%), summed over all answers`, of a side."""
    if new is None:
        return ""
    if old is None:
        return UNKNOWN if new.cost_usd is None else f"{dollars(new.cost_usd)}, {_SUMMED}"
    if old.cost_usd is None and new.cost_usd is None:
        return UNKNOWN
    if old.cost_usd is None or new.cost_usd is None:
        return f"{dollars(old.cost_usd)} → {dollars(new.cost_usd)}"
    moved_by = _bracketed(change(old.cost_usd, new.cost_usd))
    return f"{dollars(old.cost_usd)} → {dollars(new.cost_usd)}{moved_by}, {_SUMMED}"


def tokens_line(old: TotalsView | None, new: TotalsView | None) -> str:
    """`in 900 → 930 (+3%), out 80 → 95 (+19%)`, with reasoning and cached tokens where there are any."""
    if new is None:
        return ""
    before = (old or TotalsView()).tokens
    rows = (
        ("in", before.input, new.tokens.input, True),
        ("out", before.output, new.tokens.output, True),
        ("reasoning", before.reasoning, new.tokens.reasoning, False),
        ("cached", before.cached, new.tokens.cached, False),
    )
    said = [(name, was, now) for name, was, now, always in rows if was or now or (always and now is not None)]
    moves = ", ".join(_token_move(name, was, now, added=old is None) for name, was, now in said)
    return f"{moves}, {_SUMMED}" if moves else ""


def _token_move(name: str, old: int | None, new: int | None, *, added: bool) -> str:
    if added:
        return f"{name} {count(new)}"
    if old == new:
        return f"{name} {count(new)}"
    return f"{name} {count(old)} → {count(new)}{_bracketed(change(old, new))}"


METRICS = 20  # named scores that a report for people lists


def metric_line(metric: MetricView) -> str:
    """`mean score 0.93 → 0.85, passes 37 of 40 → 34 of 40`; of an added prompt the new side alone."""
    sides = [side for side in (metric.old, metric.new) if side is not None]
    scores = " → ".join(f"{side.score:.3g}" for side in sides)
    passes = " → ".join(f"{side.passes:,} of {side.results:,}" for side in sides)
    return f"mean score {scores}, passes {passes}"


def gate_line(gate: GateView) -> str:
    """`max_regressions: 4, limit 0`."""
    return f"{gate.gate}: {_gate_number(gate, gate.actual)}, limit {_gate_number(gate, gate.limit)}"


def _gate_number(gate: GateView, number: float | None) -> str:
    if number is None:
        return UNKNOWN
    if gate.gate in _RATE_GATES or gate.gate.endswith("_increase"):
        return percent(number)
    return f"{number:,}"


def unseen(delta: DeltaView | None, reasons: tuple[str, ...] = ()) -> str:
    """What this replay could not have seen; what a reason already says is not said again."""
    if delta is None:
        return ""
    sentences = []
    if delta.mde is not None and not any("80% chance" in reason for reason in reasons):
        sentences.append(
            f"A uniform drop of less than {percent(delta.mde)[:-1]} points may be missed (80% power, simulated)."
        )
    if delta.unseen_upper is not None and not any("upper bound" in reason for reason in reasons):
        sentences.append(
            f"Up to {percent(delta.unseen_upper)} of inputs like these could break without showing here "
            "(95% Clopper-Pearson upper bound)."
        )
    return " ".join(sentences)


def spent_line(totals: RunTotals) -> str:
    """What this run itself did: calls, where answers came from, money and time."""
    sources = [
        f"{totals.from_cache:,} from the cache" if totals.from_cache else "",
        f"{totals.from_recordings:,} from recordings" if totals.from_recordings else "",
        f"{totals.unaffected:,} unaffected and not asked" if totals.unaffected else "",
    ]
    cost = "cost unknown" if totals.spent_usd is None else f"{dollars(totals.spent_usd)} spent"
    asked = ", ".join([plural(totals.calls, "call"), *filter(None, sources)])
    return f"{asked}; {cost}, {duration(totals.wall_s * 1000)}"


def standing(case: CaseView) -> str:
    """What became of a case, in a word or two."""
    return _standing(case) + excused(case)


def excused(case: CaseView) -> str:
    """Whether somebody answers for it: `, waived until 2026-12-24`. Who and why are a stranger's words: not here."""
    if case.excuse is None:
        return ""
    return f", waived until {case.excuse.until}" if case.excuse.until else ", accepted"


def excuse_words(excuse: ExcuseView) -> str:
    """Who answers for a case, and why. A stranger's words: the format makes them inert."""
    brought = " (brought by this very change)" if excuse.brought else ""
    said = f"by {excuse.by} on {excuse.made}{brought}"
    return f"{said}: {excuse.reason}" if excuse.reason else said


def _standing(case: CaseView) -> str:
    if case.status == "regressed" and case.confirmed:
        return "confirmed"
    if case.status == "regressed":
        asked = case.new is not None and case.new.fresh_samples > 0
        return "suspected" if asked else "suspected, not asked again"
    return {"fail": "fails", "unscored": "answer changed, nothing asserts on it"}.get(case.status, case.status)


def value_text(value: Any) -> str:
    """A variable's value as a person writes it: a text as it is, the rest as JSON. Bounded."""
    if isinstance(value, str):
        return value[:4000]
    if isinstance(value, Mapping):
        value = dict(value)
    return json.dumps(value, ensure_ascii=False, default=str)[:4000]


def _bracketed(text: str) -> str:
    return f" ({text})" if text else ""
