"""ReplayReport -> one flat row a case, for tables."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from promptctl.inputs.case import MISSING
from promptctl.reports.findings import failed_assertions, side_error
from promptctl.reports.view import CaseView, ExcuseView, PromptView, ReplayReport, SideView

TEXT, YES_NO, NUMBER, COUNT, TEXTS = "text", "yes_no", "number", "count", "texts"
_SIDE: Mapping[str, str] = {
    "output": TEXT,
    "passed": YES_NO,
    "score": NUMBER,
    "samples": COUNT,
    "fresh_passes": COUNT,
    "fresh_samples": COUNT,
    "from": TEXT,
    "model": TEXT,
    "cost_usd": NUMBER,
    "latency_ms": NUMBER,
    "tokens_input": COUNT,
    "tokens_output": COUNT,
    "tokens_reasoning": COUNT,
    "tokens_cached": COUNT,
    "failed": TEXT,
    "error": TEXT,
}
COLUMNS: Mapping[str, str] = {
    "run": TEXT,
    "prompt": TEXT,
    "id": TEXT,
    "status": TEXT,
    "confirmed": YES_NO,
    "suspected": YES_NO,
    "changed": YES_NO,
    "tags": TEXTS,
    "waiver": TEXT,
    "waiver_by": TEXT,
    "waiver_until": TEXT,
    "waiver_reason": TEXT,
    **{f"{side}_{name}": kind for side in ("old", "new") for name, kind in _SIDE.items()},
    "expected": TEXT,
    "vars": TEXT,
}


def case_rows(report: ReplayReport) -> Iterator[dict[str, Any]]:
    """A value for each of COLUMNS, None where there is none. `vars` is JSON; `failed` names assertions and reasons.

    `waiver` says how a regressed case is excused: waived, or accepted (which has no `waiver_until`).
    """
    for prompt in report.prompts:
        for case in prompt.cases:
            yield _row(report, prompt, case)


def _row(report: ReplayReport, prompt: PromptView, case: CaseView) -> dict[str, Any]:
    return {
        "run": report.run,
        "prompt": prompt.prompt,
        "id": case.id,
        "status": case.status,
        "confirmed": case.confirmed,
        "suspected": case.suspected,
        "changed": case.changed,
        "tags": list(case.tags),
        **_waiver(case.excuse),
        **_side("old", case.old),
        **_side("new", case.new),
        "expected": None if case.expected is MISSING else _text(case.expected),
        "vars": _json(dict(case.vars)),
    }


def _waiver(excuse: ExcuseView | None) -> dict[str, str | None]:
    if excuse is None:
        return dict.fromkeys(("waiver", "waiver_by", "waiver_until", "waiver_reason"))
    kind = "waived" if excuse.until else "accepted"
    return {
        "waiver": kind,
        "waiver_by": excuse.by,
        "waiver_until": excuse.until,
        "waiver_reason": excuse.reason or None,
    }


def _side(name: str, side: SideView | None) -> dict[str, Any]:
    if side is None:
        return {f"{name}_{column}": None for column in _SIDE}
    tokens = side.tokens
    values = (
        side.output,
        side.passed,
        side.score,
        side.samples,
        side.fresh_passes,
        side.fresh_samples,
        side.origin,
        side.model,
        side.cost_usd,
        side.latency_ms,
        tokens.input,
        tokens.output,
        tokens.reasoning,
        tokens.cached,
        "\n".join(f"{failed.type}: {failed.reason}" for failed in failed_assertions(side)) or None,
        side_error(side) or None,
    )
    return {f"{name}_{column}": value for column, value in zip(_SIDE, values, strict=True)}


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
