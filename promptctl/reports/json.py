"""ReplayReport -> the public JSON that the contract fixes."""

import json
import math
import re
from collections.abc import Iterator
from itertools import islice
from json.encoder import encode_basestring
from typing import Any

from promptctl.reports.safe import scalar_text
from promptctl.reports.view import (
    AssertionView,
    CaseView,
    DeltaView,
    GateView,
    MetricSideView,
    MetricView,
    PromptView,
    ReplayReport,
    RunTotals,
    SideView,
    SourceView,
    TokensView,
    TotalsView,
)

SCHEMA = "promptctl.replay/1"
COUNTS = (
    "inputs",
    "unaffected",
    "pass",
    "fail",
    "improved",
    "regressed",
    "flaky",
    "unscored",
    "error",
    "scored",
    "confirmed",
    "changed",
)

_FEW = 100  # cases that are written together
_LITERALS: dict[bool | None, str] = {None: "null", True: "true", False: "false"}

# JSON escapes C0 alone; a terminal also acts on C1 and on bidi marks. Inside a string the escape means the same.
_LIVE = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]")


def dumps(document: Any) -> str:
    """UTF-8 text, indented by two; no NaN (null instead), no lone surrogate, nothing that a terminal acts on."""
    return _LIVE.sub(_escaped, scalar_text(_indented(document, "\n")))


def render_json(report: ReplayReport) -> str:
    """The public JSON as text, with its last line ended."""
    return "".join(json_pieces(report))


def json_pieces(report: ReplayReport) -> Iterator[str]:
    """The same piece by piece: of the cases there are never more than a few in memory."""
    for piece in _pieces(public(report), "\n"):
        yield _LIVE.sub(_escaped, scalar_text(piece))
    yield "\n"


def public(report: ReplayReport) -> dict[str, Any]:
    """`replay --format json`: the keys of the contract, in its order, and no others. `cases` are iterators."""
    return {
        "schema": SCHEMA,
        "run": report.run,
        "created": report.created,
        "exit_code": report.exit_code,
        "verdict": str(report.verdict),
        "old": _source(report.old),
        "new": _source(report.new),
        "prompts": [prompt_json(prompt) for prompt in report.prompts],
        "totals": _run_totals(report.totals),
    }


def _source(source: SourceView) -> dict[str, Any]:
    return {"revision": source.revision, "commit": source.commit}


def prompt_json(prompt: PromptView) -> dict[str, Any]:
    return {
        "prompt": prompt.prompt,
        "old_name": prompt.old_name,
        "old_path": prompt.old_path,
        "verdict": str(prompt.verdict),
        "reasons": list(prompt.reasons),
        "counts": {key: prompt.counts.get(key, 0) for key in COUNTS},
        "old": _totals(prompt.old),
        "new": _totals(prompt.new),
        "delta": _delta(prompt.delta),
        "gates": [_gate(gate) for gate in prompt.gates],
        "advice": list(prompt.advice),
        "metrics": [_metric(metric) for metric in prompt.metrics],
        "cases": (case_json(case) for case in prompt.cases),
    }


def _totals(totals: TotalsView | None) -> dict[str, Any] | None:
    if totals is None:
        return None
    return {
        "pass_rate": totals.pass_rate,
        "score": totals.score,
        "cost_usd": totals.cost_usd,
        "latency_ms": {"p50": totals.latency_p50, "p95": totals.latency_p95},
        "tokens": _tokens(totals.tokens),
    }


def _delta(delta: DeltaView | None) -> dict[str, Any] | None:
    if delta is None:
        return None
    return {
        "pass_rate": delta.pass_rate,
        "ci": None if delta.ci is None else list(delta.ci),
        "p_value": delta.p_value,
        "level": delta.level,
        "method": delta.method,
        "mde": delta.mde,
        "unseen_upper": delta.unseen_upper,
    }


def _gate(gate: GateView) -> dict[str, Any]:
    return {"gate": gate.gate, "limit": gate.limit, "actual": gate.actual, "ok": gate.ok}


def _metric(metric: MetricView) -> dict[str, Any]:
    return {"metric": metric.metric, "old": _metric_side(metric.old), "new": _metric_side(metric.new)}


def _metric_side(side: MetricSideView | None) -> dict[str, Any] | None:
    return None if side is None else {"score": side.score, "passes": side.passes, "results": side.results}


def _tokens(tokens: TokensView) -> dict[str, Any]:
    return {
        "input": tokens.input,
        "output": tokens.output,
        "reasoning": tokens.reasoning,
        "cached": tokens.cached,
    }


def case_json(case: CaseView) -> dict[str, Any]:
    return {
        "id": case.id,
        "status": str(case.status),
        "confirmed": case.confirmed,
        "suspected": case.suspected,
        "changed": case.changed,
        "tags": list(case.tags),
        "old": side_json(case.old),
        "new": side_json(case.new),
    }


def side_json(side: SideView | None) -> dict[str, Any] | None:
    if side is None:
        return None
    return {
        "output": side.output,
        "passed": side.passed,
        "score": side.score,
        "samples": side.samples,
        "from": side.origin,
        "model": side.model,
        "cost_usd": side.cost_usd,
        "latency_ms": side.latency_ms,
        "tokens": _tokens(side.tokens),
        "error": side.error,
        "assertions": [_assertion(assertion) for assertion in side.assertions],
    }


def _assertion(assertion: AssertionView) -> dict[str, Any]:
    nested = assertion.assertions
    return {
        "type": assertion.type,
        "passed": assertion.passed,
        "score": assertion.score,
        "reason": assertion.reason,
        "error": assertion.error,
        "assertions": None if nested is None else [_assertion(member) for member in nested],
    }


def _run_totals(totals: RunTotals) -> dict[str, Any]:
    return {
        "calls": totals.calls,
        "from_cache": totals.from_cache,
        "from_recordings": totals.from_recordings,
        "unaffected": totals.unaffected,
        "spent_usd": totals.spent_usd,
        "wall_s": totals.wall_s,
    }


def _pieces(value: Any, margin: str) -> Iterator[str]:
    """`_indented` in pieces, of what holds iterators: these are written as lists, a few items at a time."""
    inner = margin + "  "
    if isinstance(value, Iterator):
        empty = True
        while few := list(islice(value, _FEW)):
            yield ("[" if empty else ",") + ",".join([inner + _indented(item, inner) for item in few])
            empty = False
        yield "[]" if empty else margin + "]"
    elif isinstance(value, dict) and value:
        for place, (key, item) in enumerate(value.items()):
            yield f"{',' if place else '{'}{inner}{encode_basestring(key)}: "
            yield from _pieces(item, inner)
        yield margin + "}"
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for place, item in enumerate(value):
            yield f"{',' if place else '['}{inner}"
            yield from _pieces(item, inner)
        yield margin + "]"
    else:
        yield _indented(value, margin)


def _indented(value: Any, margin: str) -> str:
    # json.dumps(indent=2) leaves C for nested generators: 2.1 s for 10,000 cases, this less than half.
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None or isinstance(value, (bool, int, float)):
        return _LITERALS[value] if value is None or isinstance(value, bool) else _number(value)
    inner = margin + "  "
    if isinstance(value, dict):
        items = [f"{inner}{encode_basestring(str(key))}: {_indented(item, inner)}" for key, item in value.items()]
        return "{" + ",".join(items) + margin + "}" if items else "{}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join([inner + _indented(item, inner) for item in value]) + margin + "]" if value else "[]"
    return encode_basestring(str(value))


def _number(value: float) -> str:
    return repr(value) if math.isfinite(value) else "null"


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
