"""PromptDiff -> JSON, and back."""

from collections.abc import Mapping
from typing import Any

from promptctl.prompts.diff import values, words
from promptctl.prompts.diff.messages import message_diffs_json, read_message_diffs
from promptctl.prompts.diff.prompt_diff import (
    Change,
    CostDiff,
    PartialDiff,
    PromptDiff,
    Renamed,
    ResolvedDiff,
    TokensDiff,
    VariablesDiff,
)
from promptctl.prompts.diff.spoken import said


def to_json(diff: PromptDiff) -> dict[str, Any]:
    """One entry of `prompts` in promptctl.diff/1."""
    return {
        "prompt": diff.name,
        "path": diff.path,
        "old_name": diff.old_name,
        "old_path": diff.old_path,
        "change": diff.change.value,
        "messages": message_diffs_json(diff.messages),
        "partials": [_partial(partial) for partial in diff.partials],
        "resolved": None if diff.resolved is None else _resolved(diff.resolved),
        "params": values.to_json(diff.params),
        "variables": {
            "added": list(diff.variables.added),
            "removed": list(diff.variables.removed),
            "renamed": [{"old": one.old, "new": one.new} for one in diff.variables.renamed],
            "live": list(diff.variables.live),
            "dead": list(diff.variables.dead),
        },
        "tools": values.to_json(diff.tools),
        "response_format": values.to_json(diff.schema),
        "assertions": values.to_json(diff.assertions),
        "other": values.to_json(diff.other),
        "tokens": None if diff.tokens is None else _tokens(diff.tokens),
        "cost": None if diff.cost is None else _cost(diff.cost),
        "said": list(said(diff)),
        "warnings": list(diff.warnings),
        "remarks": list(diff.remarks),
    }


def _partial(partial: PartialDiff) -> dict[str, Any]:
    return {
        "path": partial.path,
        "op": partial.op,
        "old_text": partial.old_text,
        "new_text": partial.new_text,
        "segments": words.to_json(partial.segments),
    }


def _resolved(resolved: ResolvedDiff) -> dict[str, Any]:
    return {
        "unchanged": resolved.unchanged,
        "old_characters": resolved.old_characters,
        "new_characters": resolved.new_characters,
        "messages": message_diffs_json(resolved.messages),
    }


def _tokens(tokens: TokensDiff) -> dict[str, Any]:
    return {"old": tokens.old, "new": tokens.new, "approximate": tokens.approximate}


def _cost(cost: CostDiff) -> dict[str, Any]:
    return {
        "old_usd": cost.old,
        "new_usd": cost.new,
        "old_usd_per_month": cost.old_month,
        "new_usd_per_month": cost.new_month,
    }


def from_json(document: Mapping[str, Any]) -> PromptDiff:
    """What `to_json` wrote. Raises ValueError for anything else."""
    try:
        return _diff(document)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(f"not a prompt's entry in promptctl.diff/1: {error!r}") from None


def _diff(document: Mapping[str, Any]) -> PromptDiff:
    variables, resolved = document["variables"], document["resolved"]
    tokens, cost = document["tokens"], document["cost"]
    return PromptDiff(
        name=document["prompt"],
        path=document["path"],
        old_name=document["old_name"],
        old_path=document["old_path"],
        change=Change(document["change"]),
        messages=read_message_diffs(document["messages"]),
        partials=tuple(
            PartialDiff(one["path"], one["old_text"], one["new_text"], words.from_json(one["segments"]))
            for one in document["partials"]
        ),
        resolved=None
        if resolved is None
        else ResolvedDiff(
            resolved["old_characters"], resolved["new_characters"], read_message_diffs(resolved["messages"])
        ),
        params=values.from_json(document["params"]),
        variables=VariablesDiff(
            added=tuple(variables["added"]),
            removed=tuple(variables["removed"]),
            renamed=tuple(Renamed(one["old"], one["new"]) for one in variables["renamed"]),
            live=tuple(variables["live"]),
            dead=tuple(variables["dead"]),
        ),
        tools=values.from_json(document["tools"]),
        schema=values.from_json(document["response_format"]),
        assertions=values.from_json(document["assertions"]),
        other=values.from_json(document["other"]),
        tokens=None if tokens is None else TokensDiff(tokens["old"], tokens["new"], tokens["approximate"]),
        cost=None if cost is None else CostDiff(*(cost[key] for key in _COST)),
        warnings=tuple(document["warnings"]),
        remarks=tuple(document["remarks"]),
    )


_COST = ("old_usd", "new_usd", "old_usd_per_month", "new_usd_per_month")
