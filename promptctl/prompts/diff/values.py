"""Two mappings -> the values that differ, and inside them what exactly."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Absent(Enum):
    """The absence of a value, where None is a value."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT

# Lists whose order says nothing: JSON Schema's own sets.
_SETS = frozenset({"required", "enum"})


@dataclass(frozen=True, slots=True)
class ValueDiff:
    """One value that differs: all of it on both sides, and in `changes` where inside.

    `path` is dotted, with [2] for the third element and [name] for a member of a set. A change of order alone has no
    `changes`.
    """

    path: str
    old: Any
    new: Any
    changes: tuple["ValueDiff", ...] = ()

    @property
    def op(self) -> str:
        """added, removed or changed."""
        if self.old is ABSENT:
            return "added"
        return "removed" if self.new is ABSENT else "changed"


def same(old: Any, new: Any) -> bool:
    """Whether two values out of JSON are one: 500 and 500.0 are, 1 and true are not."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and all(same(value, new[key]) for key, value in old.items())
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        return len(old) == len(new) and all(map(same, old, new))
    return isinstance(old, bool) == isinstance(new, bool) and bool(old == new)


def value_diffs(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[ValueDiff, ...]:
    """The keys whose values differ, old ones first, each in its own order."""
    keys = dict.fromkeys((*old, *new))
    pairs = ((key, old.get(key, ABSENT), new.get(key, ABSENT)) for key in keys)
    return tuple(value_diff(key, before, after) for key, before, after in pairs if not same(before, after))


def value_diff(path: str, old: Any, new: Any) -> ValueDiff:
    """One value that differs."""
    return ValueDiff(path, old, new, tuple(_changes(old, new)))


def named_diffs(old: Sequence[tuple[str, Any]], new: Sequence[tuple[str, Any]]) -> tuple[ValueDiff, ...]:
    """Items matched by name, whatever their order; of several of one name the first with the first."""
    return value_diffs(dict(numbered(old)), dict(numbered(new)))


def numbered(items: Sequence[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """The items by names that are all different: `a`, `a#2`."""
    seen: dict[str, int] = {}
    taken: set[str] = set()
    for name, item in items:
        shown = name
        while shown in taken:
            seen[name] = seen.get(name, 1) + 1
            shown = f"{name}#{seen[name]}"
        taken.add(shown)
        yield shown, item


def _changes(old: Any, new: Any) -> Iterator[ValueDiff]:
    if not _is_container(old) or not _is_container(new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping) and not _nested(old, new):
        yield from value_diffs(old, new)
        return
    if not any(map(_is_container, (*_elements(old), *_elements(new)))):
        return
    from deepdiff import DeepDiff  # 75 ms: only nested values that differ pay it

    found = DeepDiff(
        _comparable(old),
        _comparable(new),
        view="tree",
        ignore_numeric_type_changes=True,
        threshold_to_diff_deeper=0,  # a mapping of all other keys is not replaced: its keys came and went
    )
    levels = sorted(
        (level for report in found.values() for level in report),
        key=lambda level: [(isinstance(key, str), key) for key in level.path(output_format="list")],
    )
    for level in levels:
        path = _dotted(level.path(output_format="list"))
        if path:
            yield ValueDiff(path, _side(level.t1), _side(level.t2))


def _elements(value: Any) -> tuple[Any, ...]:
    return tuple(value.values() if isinstance(value, Mapping) else value)


def _is_container(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple)


def _nested(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether two mappings differ deeper than in their own plain values."""
    shared = [(value, new[key]) for key, value in old.items() if key in new]
    return any(_is_container(before) and _is_container(after) and not same(before, after) for before, after in shared)


class _Member(str):
    """The key of a set's member in its form as a mapping."""

    __slots__ = ()


def _comparable(value: Any, key: str = "") -> Any:
    """The value with its sets as mappings, so that their order does not count."""
    if isinstance(value, Mapping):
        return {name: _comparable(element, name) for name, element in value.items()}
    if isinstance(value, list | tuple):
        if key in _SETS and not any(map(_is_container, value)):
            return {_Member(json.dumps(element)): element for element in value}
        return [_comparable(element) for element in value]
    return _Flag(json.dumps(value)) if isinstance(value, bool) else value


class _Flag(str):
    """True or false, which DeepDiff would take for 1 and 0."""

    __slots__ = ()


def _side(value: Any) -> Any:
    if type(value).__name__ == "NotPresent":
        return ABSENT
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, _Flag):
        return value == "true"
    if isinstance(value, dict):
        if any(isinstance(key, _Member) for key in value):
            return [_plain(element) for element in value.values()]
        return {key: _plain(element) for key, element in value.items()}
    return [_plain(element) for element in value] if isinstance(value, list) else value


def _dotted(path: Sequence[str | int]) -> str:
    parts = (
        f"[{json.loads(part)}]" if isinstance(part, _Member) else f"[{part}]" if isinstance(part, int) else f".{part}"
        for part in path
    )
    return "".join(parts).removeprefix(".")


def to_json(diffs: Sequence[ValueDiff]) -> list[dict[str, Any]]:
    """The diffs as JSON; a side that is absent is null, which `op` tells from a value of null."""
    return [
        {
            "path": diff.path,
            "op": diff.op,
            "old": None if diff.old is ABSENT else diff.old,
            "new": None if diff.new is ABSENT else diff.new,
            "changes": to_json(diff.changes),
        }
        for diff in diffs
    ]


def from_json(diffs: Sequence[Mapping[str, Any]]) -> tuple[ValueDiff, ...]:
    """What `to_json` wrote."""
    return tuple(
        ValueDiff(
            diff["path"],
            ABSENT if diff["op"] == "added" else diff["old"],
            ABSENT if diff["op"] == "removed" else diff["new"],
            from_json(diff["changes"]),
        )
        for diff in diffs
    )
