"""ReplayReport <-> what the store keeps of it: a document, and one for each case. Nothing is left out."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from promptctl.errors import StoreError
from promptctl.inputs.case import MISSING
from promptctl.reports.edit import edit_from, edit_json
from promptctl.reports.json import case_json, prompt_json, public, side_json
from promptctl.reports.view import (
    AssertionView,
    CaseView,
    DeltaView,
    ExcuseView,
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

SCHEMA = "promptctl.run/1"

CasesOf = Callable[[str], Iterable[CaseView]]  # by the prompt's name


def to_document(report: ReplayReport) -> dict[str, Any]:
    """The report without its cases as plain JSON values, what the public JSON leaves out included."""
    return {
        **public(report),
        "schema": SCHEMA,
        "prompts": [_kept_prompt(prompt) for prompt in report.prompts],
        "notes": list(report.notes),
    }


def _no_cases(_prompt: str) -> Iterable[CaseView]:
    return ()


def from_document(document: Mapping[str, Any], cases: CasesOf = _no_cases) -> ReplayReport:
    """The report that `to_document` wrote, with each prompt's cases, where these are wanted.

    Raises StoreError for a document of another version, or a broken one.
    """
    schema = document.get("schema")
    if schema != SCHEMA:
        raise StoreError(
            f"this run was stored as {schema!r}, and this promptctl reads {SCHEMA!r}.",
            hint="Read it with the promptctl that wrote it, or replay again.",
        )
    with _damage_named():
        return _report_from(document, cases)


def case_document(case: CaseView) -> dict[str, Any]:
    """A case as plain JSON values, what the public JSON leaves out included."""
    kept = {**case_json(case), "old": _kept_side(case.old), "new": _kept_side(case.new), "vars": dict(case.vars)}
    if case.excuse is not None:
        kept["excuse"] = asdict(case.excuse)
    return kept if case.expected is MISSING else {**kept, "expected": case.expected}


def case_from(document: Mapping[str, Any]) -> CaseView:
    """The case that `case_document` wrote. Raises StoreError for a broken one."""
    with _damage_named():
        return _case_from(document)


@contextmanager
def _damage_named() -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, AttributeError, ValueError) as broken:
        problem = f"no key {broken}" if isinstance(broken, KeyError) else str(broken)
        raise StoreError(f"this stored run is damaged: {problem}.", hint="Replay again to store a new one.") from broken


def _kept_prompt(prompt: PromptView) -> dict[str, Any]:
    public_keys = {key: value for key, value in prompt_json(prompt).items() if key != "cases"}
    return {
        **public_keys,
        "warnings": list(prompt.warnings),
        **({} if prompt.edit is None else {"edit": edit_json(prompt.edit)}),
    }


def _kept_side(side: SideView | None) -> dict[str, Any] | None:
    shown = side_json(side)
    if shown is None or side is None:
        return None
    kept = {"fresh_passes": side.fresh_passes, "fresh_samples": side.fresh_samples}
    return {**shown, **kept, **({} if side.fresh_score is None else {"fresh_score": side.fresh_score})}


def _report_from(document: Mapping[str, Any], cases: CasesOf) -> ReplayReport:
    return ReplayReport(
        run=document["run"],
        created=document["created"],
        exit_code=document["exit_code"],
        verdict=document["verdict"],
        old=SourceView(**document["old"]),
        new=SourceView(**document["new"]),
        prompts=tuple(_prompt_from(prompt, cases(prompt["prompt"])) for prompt in document["prompts"]),
        totals=RunTotals(**document["totals"]),
        notes=tuple(document["notes"]),
    )


def _prompt_from(prompt: Mapping[str, Any], cases: Iterable[CaseView]) -> PromptView:
    return PromptView(
        prompt=prompt["prompt"],
        verdict=prompt["verdict"],
        reasons=tuple(prompt["reasons"]),
        counts=dict(prompt["counts"]),
        old_name=prompt["old_name"],
        old_path=prompt["old_path"],
        old=_totals_from(prompt["old"]),
        new=_totals_from(prompt["new"]),
        delta=_delta_from(prompt["delta"]),
        gates=tuple(GateView(**gate) for gate in prompt["gates"]),
        cases=cases,
        warnings=tuple(prompt["warnings"]),
        advice=tuple(prompt.get("advice", ())),
        metrics=tuple(map(_metric_from, prompt.get("metrics", ()))),
        edit=None if prompt.get("edit") is None else edit_from(prompt["edit"]),
    )


def _totals_from(totals: Mapping[str, Any] | None) -> TotalsView | None:
    if totals is None:
        return None
    return TotalsView(
        pass_rate=totals["pass_rate"],
        score=totals["score"],
        cost_usd=totals["cost_usd"],
        latency_p50=totals["latency_ms"]["p50"],
        latency_p95=totals["latency_ms"]["p95"],
        tokens=TokensView(**totals["tokens"]),
    )


def _delta_from(delta: Mapping[str, Any] | None) -> DeltaView | None:
    if delta is None:
        return None
    low_high = delta["ci"]
    return DeltaView(**{**delta, "ci": None if low_high is None else (low_high[0], low_high[1])})


def _metric_from(metric: Mapping[str, Any]) -> MetricView:
    old, new = (None if metric[side] is None else MetricSideView(**metric[side]) for side in ("old", "new"))
    return MetricView(metric["metric"], old, new)


def _case_from(case: Mapping[str, Any]) -> CaseView:
    return CaseView(
        id=case["id"],
        status=case["status"],
        confirmed=case["confirmed"],
        suspected=case["suspected"],
        changed=case["changed"],
        tags=tuple(case["tags"]),
        old=_side_from(case["old"]),
        new=_side_from(case["new"]),
        vars=dict(case["vars"]),
        expected=case.get("expected", MISSING),
        excuse=None if case.get("excuse") is None else ExcuseView(**case["excuse"]),
    )


def _side_from(side: Mapping[str, Any] | None) -> SideView | None:
    if side is None:
        return None
    plain = {key: value for key, value in side.items() if key not in {"from", "tokens", "assertions"}}
    return SideView(
        **plain,
        origin=side["from"],
        tokens=TokensView(**side["tokens"]),
        assertions=tuple(_assertion_from(assertion) for assertion in side["assertions"]),
    )


def _assertion_from(assertion: Mapping[str, Any]) -> AssertionView:
    nested = assertion["assertions"]
    members = None if nested is None else tuple(_assertion_from(member) for member in nested)
    return AssertionView(**{**assertion, "assertions": members})
