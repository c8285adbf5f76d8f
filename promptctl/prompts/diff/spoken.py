"""Values that differ -> sentences: `temperature 0 -> 0.7`, `tool lookup: parameter 'city' became required`."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from promptctl.prompts.diff.fields import ORDER
from promptctl.prompts.diff.prompt_diff import PromptDiff
from promptctl.prompts.diff.values import ABSENT, ValueDiff

_LONG = 60  # characters of a value; a longer one is only said to have changed
# Where a JSON Schema begins: in a tool, and in a response format.
_TOOL = re.compile(r"(?:function\.)?(?:parameters|input_schema)(?:\.|$)")
_RESPONSE = re.compile(r"json_schema\.schema(?:\.|$)")
_PROPERTY = re.compile(r"(?:\.|^)(?:properties|items|\$defs|definitions)(?=\.|$|\[)")
_MEMBER = re.compile(r"(?P<where>.*?)\.?(?P<set>required|enum)\[(?P<member>.*)\]")


@dataclass(frozen=True, slots=True)
class Said:
    """One value that differs in words. `path` is where it stands, as in ValueDiff."""

    path: str
    sentence: str


def said(diff: PromptDiff) -> tuple[str, ...]:
    """Everything of a prompt but its text, a sentence a value."""
    parts = (*diff.params, *diff.assertions, *diff.other)
    return (
        *(sentence for value in parts for sentence in _plain(value)),
        *(one.sentence for tool in diff.tools for one in tool_said(tool)),
        *(one.sentence for value in diff.schema for one in response_said(value)),
    )


def tool_said(tool: ValueDiff) -> list[Said]:
    """What changed in one tool, or in the order of all."""
    if tool.path == ORDER and isinstance(tool.new, list):
        return [Said(ORDER, f"tools: in another order: {', '.join(map(str, tool.new))}")]
    if tool.op != "changed":
        return [Said(tool.path, f"tool {tool.path}: {tool.op}")]
    found = [Said(change.path, f"tool {tool.path}: {_schema(change, _TOOL, 'parameter')}") for change in tool.changes]
    return found or [Said(tool.path, f"tool {tool.path}: only an order of values changed")]


def response_said(value: ValueDiff) -> list[Said]:
    """What changed in the response format."""
    if value.op != "changed":
        return [Said(value.path, f"{value.path} {value.op}")]
    found = [Said(change.path, f"response: {_schema(change, _RESPONSE, 'field')}") for change in value.changes]
    return found or [Said(value.path, "response: only an order of values changed")]


def _plain(value: ValueDiff) -> Iterator[str]:
    for change in value.changes:
        yield f"{value.path}{'' if change.path.startswith('[') else '.'}{_moved(change.path, change)}"
    if not value.changes:
        yield _moved(value.path, value)


def _moved(path: str, value: ValueDiff) -> str:
    if value.op == "added":
        return f"{path} added{_shown(value.new, ': ')}"
    if value.op == "removed":
        return f"{path} removed{_shown(value.old, ', was ')}"
    old, new = _written(value.old), _written(value.new)
    return f"{path} changed" if max(len(old), len(new)) > _LONG else f"{path} {old} -> {new}"


def _shown(value: Any, before: str) -> str:
    text = _written(value)
    return "" if len(text) > _LONG else before + text


def _written(value: Any) -> str:
    if value is ABSENT:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return " ".join(text.split())


def _schema(change: ValueDiff, begins: re.Pattern[str], noun: str) -> str:
    """One change inside of a JSON Schema, or beside it."""
    found = begins.match(change.path)
    if found is None:
        return _moved(change.path.removeprefix("function."), change)
    path = change.path[found.end() :]
    member = _MEMBER.fullmatch(path)
    if member is not None:
        return _of_set(member, change, noun)
    whole, _, key = path.rpartition(".")
    if key in {"required", "enum"} and isinstance(change.new if change.new is not ABSENT else change.old, list):
        return _whole_set(whole, key, change, noun)
    if _PROPERTY.search(whole) and whole.endswith(("properties", "$defs", "definitions")):
        return (
            f"{noun} '{_named(path)}' {change.op}"
            if change.op != "changed"
            else _moved(f"{noun} '{_named(path)}'", change)
        )
    if not whole and key == "properties":
        return _moved(f"{noun}s", change)
    where = f"{noun} '{_named(whole)}': " if whole else ""
    return where + _moved(key, change)


def _named(path: str) -> str:
    """A property's path without what JSON Schema puts between the names."""
    return _PROPERTY.sub("", path).strip(".") or path


def _of_set(member: re.Match[str], change: ValueDiff, noun: str) -> str:
    where, value = member["where"], member["member"]
    inside = f"{_named(where)}." if where else ""
    if member["set"] == "required":
        became = "became required" if change.op == "added" else "is no longer required"
        return f"{noun} '{inside}{value}' {became}"
    may = "may be" if change.op == "added" else "may no longer be"
    return f"{noun} '{_named(where)}' {may} '{value}'" if where else f"the value {may} '{value}'"


def _whole_set(where: str, key: str, change: ValueDiff, noun: str) -> str:
    old, new = ([] if value is ABSENT else list(value) for value in (change.old, change.new))
    came = [f"'{value}'" for value in new if value not in old]
    went = [f"'{value}'" for value in old if value not in new]
    inside = f"in '{_named(where)}', " if where and key == "required" else ""
    if key == "required":
        became = [f"{noun}s {', '.join(came)} became required"] if came else []
        no_longer = [f"{noun}s {', '.join(went)} are no longer required"] if went else []
        return inside + "; ".join([*became, *no_longer] or ["required changed"])
    return _moved(f"{noun} '{_named(where)}': enum" if where else "enum", change)
