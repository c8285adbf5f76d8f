"""The assertion `skill-used`: the skills that an agent says it used."""

import re
from collections.abc import Mapping
from typing import Any

from promptctl.scoring.call_names import json_or_none, listed, texts
from promptctl.scoring.result import Context, Outcome
from promptctl.scoring.text import pattern, quoted


def skills(value: Any) -> tuple[frozenset[str] | None, Mapping[str, Any]]:
    """The skills that should be used: names, or {name or pattern, min, max}."""
    if isinstance(value, dict):
        return None, _counted(value)
    items = value if isinstance(value, list) else [value]
    if not items or any(not isinstance(item, str) or not item.strip() for item in items):
        raise ValueError("'value' must be a skill's name, a list of names, or {name: pdf, min: 1}.")
    return frozenset(item.strip() for item in items), {}


def _counted(value: Mapping[str, Any]) -> Mapping[str, Any]:
    unknown = next((key for key in value if key not in {"name", "pattern", "min", "max"}), None)
    name, glob = value.get("name"), value.get("pattern")
    if unknown is not None or not isinstance(name or glob, str) or not str(name or glob).strip():
        raise ValueError("'value' must be {name: pdf, min: 1} or {pattern: 'pdf-*', max: 2}.")
    for key in ("min", "max"):
        count = value.get(key, 0)
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise ValueError(f"{key} must be a whole number of at least 0.")
    if value.get("max", value.get("min", 0)) < value.get("min", 0):
        raise ValueError("max must not be less than min.")
    return value


def _used(context: Context) -> list[str]:
    """The skills that the answer's metadata names, and those that it called by a tool named Skill."""
    entries = context.reply.metadata.get("skillCalls")
    told = [call for call in entries if isinstance(call, dict)] if isinstance(entries, list) else []
    found = [call["name"] for call in told if isinstance(call.get("name"), str) and call.get("is_error") is not True]
    for call in context.reply.tool_calls:
        function = call.get("function")
        if isinstance(function, dict) and function.get("name") == "Skill":
            arguments = json_or_none(str(function.get("arguments")))
            found += list(texts(arguments, ("skill",)))
    return found


def skill_used(context: Context, value: Any, _threshold: float | None) -> Outcome:
    """Every named skill was used, or one as often as wanted."""
    names, rule = value
    used = _used(context)
    said = f"used {listed(frozenset(used))}"
    if names is not None:
        missing = names - set(used)
        return Outcome(not missing, float(not missing), f"{said}, expected {listed(names)}" if missing else said)
    count = sum(_fits(name, rule) for name in used)
    least = rule.get("min", 0 if "max" in rule else 1)
    good = least <= count <= rule.get("max", count)
    return Outcome(
        good, float(good), f"{quoted(rule.get('pattern') or rule.get('name'))} was used {count} times; {said}"
    )


def skill_not_used(context: Context, value: Any, _threshold: float | None) -> Outcome:
    """None of the named skills was used."""
    names, rule = value
    used = _used(context)
    if names is None and ("min" in rule or rule.get("max", 0) != 0):
        raise ValueError("not-skill-used takes a name or a pattern, without min and max.")
    hits = [name for name in used if (_fits(name, rule) if names is None else name in names)]
    good = not hits
    return Outcome(good, float(good), f"used {listed(frozenset(hits or used))}")


def _fits(name: str, rule: Mapping[str, Any]) -> bool:
    if rule.get("name") and name != str(rule["name"]).strip():
        return False
    glob = rule.get("pattern")
    return not glob or bool(pattern(_glob(str(glob).strip())).search(name))


def _glob(text: str) -> str:
    escaped = re.escape(text).replace(r"\*", ".*").replace(r"\?", ".")
    return f"(?i)^{escaped}$"
