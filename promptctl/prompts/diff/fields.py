"""A prompt's fields as plain values by name, and the prompt from them again."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from promptctl.prompts.diff.alignment import canonical
from promptctl.prompts.diff.matching import Match, matches
from promptctl.prompts.diff.values import ABSENT, ValueDiff, named_diffs, numbered, same, value_diff, value_diffs
from promptctl.prompts.prompt import Prompt, Variable

MODEL = "model"
RESPONSE = "response_format"
ORDER = "order"  # of the tools: both sides are lists, where a tool's are mappings
_DECLARED = "variables."
_ASSERT = "assert"
# What has a part of its own in a PromptDiff; all the other fields that count are in `other`.
_ELSEWHERE = frozenset(
    {"name", "path", "messages", "model", "params", "variables", "tools", "response_format", "assertions", "partials"}
)
_EMPTY = Prompt("", "", ())
_NAMED = frozenset({"format", "language"})
_PLAIN = tuple(field.name for field in fields(Prompt) if field.compare and field.name not in _ELSEWHERE)


class Mismatch(ValueError):
    """A diff that was made for another prompt."""


def params(prompt: Prompt | None) -> dict[str, Any]:
    """The model and the parameters. A parameter that is called model would hide it: it has a longer name."""
    if prompt is None:
        return {}
    own = {f"params.{name}" if name == MODEL else name: value for name, value in prompt.params.items()}
    return own if prompt.model is None else {MODEL: prompt.model, **own}


def tools_diff(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> tuple[ValueDiff, ...]:
    """Tools by name; and their order, where that says more: it reaches the model, and breaks its prefix cache."""
    before, after = dict(_named(old)), dict(_named(new))
    kept = [*(name for name in before if name in after), *(name for name in after if name not in before)]
    found = named_diffs([*before.items()], [*after.items()])
    return found if kept == [*after] else (*found, ValueDiff(ORDER, [*before], [*after]))


def _named(tools: Sequence[Mapping[str, Any]]) -> list[tuple[str, Any]]:
    return list(numbered([(_tool_name(tool), tool) for tool in tools]))


def _tool_name(tool: Mapping[str, Any]) -> str:
    function = tool.get("function")
    named = function if isinstance(function, Mapping) else tool
    return str(named.get("name", tool.get("type", "tool")))


def patched_tools(old: Sequence[Mapping[str, Any]], changes: Sequence[ValueDiff]) -> tuple[Mapping[str, Any], ...]:
    """The new side's tools."""
    order = [change.new for change in changes if change.path == ORDER and isinstance(change.new, list)]
    found = patched(dict(_named(old)), [change for change in changes if not isinstance(change.new, list)])
    names = order[0] if order else list(found)
    if {*names} != {*found}:
        raise Mismatch("the diff names other tools")
    return tuple(found[name] for name in names)


def response(prompt: Prompt | None) -> dict[str, Any]:
    """The response format."""
    return {} if prompt is None or prompt.response_format is None else {RESPONSE: prompt.response_format}


def assertions_diff(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> tuple[ValueDiff, ...]:
    """Assertions by what they say; as many that differ at one place are versions of each other.

    A removed one is named by its old index, the others by their new one.
    """
    gone: list[ValueDiff] = []
    found: list[ValueDiff] = []
    i = j = 0
    for match in [*matches([*map(canonical, old)], [*map(canonical, new)]), Match(len(old), len(new), 0)]:
        versions = match.i - i == match.j - j
        if versions:
            pairs = zip(old[i : match.i], new[j : match.j], strict=True)
            found += [value_diff(_place(at), one, other) for at, (one, other) in enumerate(pairs, j)]
        else:
            gone += [value_diff(_place(at), old[at], ABSENT) for at in range(i, match.i)]
            found += [value_diff(_place(at), ABSENT, new[at]) for at in range(j, match.j)]
        i, j = match.i + match.size, match.j + match.size
    return (*gone, *found)


def _place(index: int) -> str:
    return f"{_ASSERT}[{index}]"


def patched_assertions(old: Sequence[Mapping[str, Any]], changes: Sequence[ValueDiff]) -> tuple[Mapping[str, Any], ...]:
    """The new side's assertions."""
    places = [(int(change.path.removeprefix(_ASSERT)[1:-1]), change) for change in changes]
    gone = {place: change.old for place, change in places if change.op == "removed"}
    came = {place: change for place, change in places if change.op != "removed"}
    if any(place >= len(old) or not same(old[place], value) for place, value in gone.items()):
        raise Mismatch("the diff removes assertions that are not there")
    kept = [assertion for place, assertion in enumerate(old) if place not in gone]
    added = sum(1 for change in came.values() if change.op == "added")
    rest = iter(kept)
    found: list[Mapping[str, Any]] = []
    for place in range(len(kept) + added):
        change = came.get(place)
        before = {} if change is not None and change.op == "added" else next(rest, {})
        if change is not None and change.op == "changed" and not same(before, change.old):
            raise Mismatch(f"the diff was made for another {change.path}")
        found.append(before if change is None else change.new)
    return tuple(found)


def other(prompt: Prompt | None, *, whole: bool) -> dict[str, Any]:
    """Everything else that says something: description, fallbacks, format, and each declared variable.

    `whole`: the format and the language also where they are the usual ones, so that a change of them names both.
    """
    if prompt is None:
        return {}
    values = {name: getattr(prompt, name) for name in _PLAIN}
    said = _NAMED if whole else frozenset[str]()
    plain = {name: _json(value) for name, value in values.items() if name in said or value != getattr(_EMPTY, name)}
    return plain | {_DECLARED + name: _declaration(found) for name, found in prompt.variables.items()}


def other_diff(old: Prompt | None, new: Prompt | None) -> tuple[ValueDiff, ...]:
    """What differs in it, in the order of a prompt's fields."""
    both = old is not None and new is not None
    found = value_diffs(other(old, whole=both), other(new, whole=both))
    places = {name: place for place, name in enumerate(_PLAIN)}
    return tuple(sorted(found, key=lambda one: places.get(one.path, len(places))))


def _json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _declaration(declared: Variable) -> dict[str, Any]:
    return {
        "type": declared.type,
        "default": declared.default,
        "has_default": declared.has_default,
        "required": declared.required,
        "description": declared.description,
    }


def prompt_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """What `other` made plain, as the fields of a Prompt."""
    declared = {name.removeprefix(_DECLARED): value for name, value in values.items() if name.startswith(_DECLARED)}
    plain = {name: value for name, value in values.items() if not name.startswith(_DECLARED)}
    unknown = sorted(plain.keys() - {*_PLAIN})
    if unknown:
        raise Mismatch(f"the diff has fields that a prompt has not: {', '.join(unknown)}")
    empty = {name: getattr(_EMPTY, name) for name in _PLAIN}
    found = {name: tuple(value) if isinstance(empty[name], tuple) else value for name, value in plain.items()}
    return {**empty, **found, "variables": {name: Variable(name, **value) for name, value in declared.items()}}


def patched(old: Mapping[str, Any], changes: Sequence[ValueDiff]) -> dict[str, Any]:
    """The values with the changes made; Mismatch where one's old side is not what stands there."""
    found = dict(old)
    for change in changes:
        if not same(found.get(change.path, ABSENT), change.old):
            raise Mismatch(f"the diff was made for another {change.path}")
        if change.new is ABSENT:
            del found[change.path]
        else:
            found[change.path] = change.new
    return found
