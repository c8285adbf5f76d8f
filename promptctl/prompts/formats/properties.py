"""Declared inputs and outputs of other tools' files -> variables, and response formats as OpenAI has them."""

from collections.abc import Mapping
from typing import Any

from promptctl.prompts.prompt import Variable

# Names of types in other tools' files -> ours.
_TYPES: Mapping[str, str] = {
    "string": "string",
    "str": "string",
    "text": "string",
    "number": "number",
    "float": "number",
    "integer": "integer",
    "int": "integer",
    "boolean": "boolean",
    "bool": "boolean",
    "array": "array",
    "list": "array",
    "object": "object",
    "dict": "object",
}


def type_of(name: Any) -> str | None:
    """The type by its name here; None where any value will do, or the name says nothing."""
    if isinstance(name, list):  # JSON Schema: ["string", "null"]
        names = [one for one in name if one != "null"]
        return type_of(names[0]) if len(names) == 1 and len(name) == 1 else None
    return _TYPES.get(name) if isinstance(name, str) else None


def schema_variables(schema: Mapping[str, Any], defaults: Any = None) -> dict[str, Variable]:
    """The variables that a JSON Schema of an object declares, or a plain mapping of names to types."""
    given = defaults if isinstance(defaults, Mapping) else {}
    properties = schema.get("properties")
    required = schema.get("required")
    declared = properties if isinstance(properties, Mapping) else schema if "type" not in schema else {}
    names = {name: value for name, value in declared.items() if isinstance(name, str)}
    for name in given:
        names.setdefault(name, {})
    needed = {str(name) for name in required} if isinstance(required, list) else None if properties is None else set()
    return {
        (bare := name.removesuffix("?")): _variable(bare, value, given, needed is None or bare in needed, name != bare)
        for name, value in names.items()
    }


def _variable(name: str, declared: Any, given: Mapping[str, Any], required: bool, optional: bool) -> Variable:  # noqa: FBT001 - all come from one mapping
    kind = declared.get("type") if isinstance(declared, Mapping) else str(declared).partition(",")[0].strip()
    default = declared.get("default") if isinstance(declared, Mapping) else None
    has_default = name in given or default is not None
    return Variable(
        name=name,
        type=type_of(kind),
        default=given.get(name, default),
        has_default=has_default,
        required=required and not optional and not has_default,
        description=str(declared.get("description") or "") if isinstance(declared, Mapping) else "",
    )


def schema_format(schema: Any, name: str = "answer") -> dict[str, Any]:
    """A response format of this JSON Schema; any JSON object where there is none."""
    if not isinstance(schema, Mapping) or not schema:
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": name, "schema": dict(schema)}}
