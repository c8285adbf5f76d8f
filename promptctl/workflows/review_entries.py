"""What a decision writes into files, and keeps so that it can be taken back, as JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from promptctl.inputs.case import MISSING
from promptctl.inputs.labels import SCHEMA as LABEL
from promptctl.reports.view import CaseView
from promptctl.verdict.waivers import Acceptance, Waiver


def label_line(run: str, prompt: str, case: CaseView, label: str, said: Mapping[str, Any]) -> str:
    """A line of the file of labels; `said` is by whom, when, and a note."""
    value = {
        "schema": LABEL,
        "prompt": prompt,
        "id": case.id,
        "vars": dict(case.vars),
        **({} if case.expected is MISSING else {"expected": case.expected}),
        "output": None if case.new is None else case.new.output,
        "label": label,
        "metric": None,
        "side": "new",
        "run": run,
    }
    return json.dumps({**value, **said}, ensure_ascii=True) + "\n"


def plain(entry: Waiver | Acceptance) -> dict[str, Any]:
    """As JSON values."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(entry).items()}


def waiver_from(value: Mapping[str, Any] | None) -> Waiver | None:
    """The waiver that `plain` wrote."""
    if value is None:
        return None
    days = {name: date.fromisoformat(value[name]) for name in ("made", "expires")}
    return Waiver(value["prompt"], value["id"], value["reason"], value["owner"], days["expires"], days["made"])


def acceptance_from(value: Mapping[str, Any] | None) -> Acceptance | None:
    """The acceptance that `plain` wrote."""
    if value is None:
        return None
    made = date.fromisoformat(value["made"])
    return Acceptance(value["prompt"], value["id"], value["answer"], value["owner"], made)
