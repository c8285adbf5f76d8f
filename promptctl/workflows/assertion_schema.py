"""The JSON Schema of one assertion, made from the registry of types."""

from typing import Any

from promptctl.scoring.assertion import Kind, Need
from promptctl.scoring.registry import KINDS

Schema = dict[str, Any]


def closed(properties: Schema) -> Schema:
    """An object with these keys and no others."""
    return {"type": "object", "properties": properties, "additionalProperties": False}


def assertion_definitions() -> Schema:
    """One assertion: each type with the keys that it takes."""
    amount = {"type": ["number", "string", "null"], "minimum": 0}
    keys: Schema = {
        "type": {"enum": [name for kind in KINDS for name in (kind, f"not-{kind}")]},
        "value": {"description": "What the answer is compared with; a template sees vars and expected."},
        "threshold": {**amount, "description": "The limit, in the assertion's own unit."},
        "transform": {"type": ["string", "null"], "description": "A template: what is judged instead of the answer."},
        **{option: {} for kind in KINDS.values() for option in kind.options},
        "weight": {"type": ["number", "null"], "minimum": 0, "default": 1, "description": "0 always passes."},
        "metric": {"type": ["string", "null"], "description": "A name for it in reports."},
        "assert": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/assertion"}},
    }
    rules = [_rule(kind, names) for kind, names in _alike().values()]
    return {"assertion": {**closed(keys), "required": ["type"], "allOf": rules}}


def _alike() -> dict[tuple[Any, ...], tuple[Kind, list[str]]]:
    """The types by the keys that they take."""
    groups: dict[tuple[Any, ...], tuple[Kind, list[str]]] = {}
    for name, kind in KINDS.items():
        alike = (kind.value, kind.threshold, kind.members, kind.reads, kind.options, kind.share)
        _, names = groups.setdefault(alike, (kind, []))
        names += [name, f"not-{name}"]
    return groups


def _rule(kind: Kind, names: list[str]) -> Schema:
    needs = {"value": kind.value, "threshold": kind.threshold, "assert": Need.REQUIRED if kind.members else Need.NONE}
    options = {option for other in KINDS.values() for option in other.options} - {*kind.options}
    needs |= {"transform": Need.OPTIONAL if kind.reads else Need.NONE, **dict.fromkeys(sorted(options), Need.NONE)}
    bounds = {"threshold": {"maximum": 1}} if kind.share else {}
    then = {
        "required": [key for key, need in needs.items() if need is Need.REQUIRED],
        "properties": {**{key: False for key, need in needs.items() if need is Need.NONE}, **bounds},
    }
    return {"if": {"properties": {"type": {"enum": names}}, "required": ["type"]}, "then": then}
