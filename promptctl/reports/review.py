"""The cases of a run that ask for a decision, and what was decided; as values, and as JSON."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from promptctl.inputs.case import MISSING
from promptctl.reports.findings import failed_assertions
from promptctl.reports.view import CaseView, SideView

SCHEMA = "promptctl.review/1"


@dataclass(frozen=True, slots=True)
class Item:
    """A case and its review. `decision`: accepted, rejected or waived, by whom and when; None while it is pending."""

    prompt: str
    case: CaseView
    decision: str | None = None
    by: str | None = None
    at: str | None = None
    label: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def pending(self) -> bool:
        """Whether nobody decided yet: in this review, or by a waiver that held when the run was made."""
        return self.decision is None and self.case.excuse is None


def review_json(run: str, items: Iterable[Item]) -> dict[str, Any]:
    """What `--list --format json` prints."""
    cases = [_item_json(item) for item in items]
    return {"schema": SCHEMA, "run": run, "pending": sum(case["pending"] for case in cases), "cases": cases}


def _item_json(item: Item) -> dict[str, Any]:
    case, excuse = item.case, item.case.excuse
    waiver = None
    if excuse is not None:
        waiver = {"owner": excuse.by, "reason": excuse.reason, "expires": excuse.until, "made": excuse.made}
    return {
        "prompt": item.prompt,
        "id": case.id,
        "status": case.status,
        "confirmed": case.confirmed,
        "changed": case.changed,
        "pending": item.pending,
        "decision": item.decision,
        "by": item.by,
        "at": item.at,
        "label": item.label,
        "notes": list(item.notes),
        "waiver": waiver,
        "vars": dict(case.vars),
        "expected": None if case.expected is MISSING else case.expected,
        "old": _side_json(case.old),
        "new": _side_json(case.new),
    }


def _side_json(side: SideView | None) -> dict[str, Any] | None:
    if side is None:
        return None
    reasons = [f"{failed.type}: {failed.reason}" for failed in failed_assertions(side)]
    return {"output": side.output, "passed": side.passed, "score": side.score, "reasons": reasons}
