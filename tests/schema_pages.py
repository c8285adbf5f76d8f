"""The JSON Schemas as a page of the reference: each key with its type, default and meaning."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from promptctl.workflows.schemas import SCHEMAS, schema

HEADS = {
    "settings": ("`.promptctl.yaml`", "promptctl schema settings"),
    "prompt": ("A native prompt file", "promptctl schema prompt"),
    "input": ("A stored input", "promptctl schema input"),
}
PARAMS = frozenset({"params"})  # a hundred parameters of providers: the schema has them


def page() -> Iterator[str]:
    yield "# Keys of the files\n"
    yield "Made from the JSON Schemas that `promptctl schema` prints for editors, and a test that both are equal.\n"
    for name in SCHEMAS:
        title, command = HEADS[name]
        yield f"## {title}\n\n`{command}`\n\n| key | type | default | meaning |\n|---|---|---|---|"
        yield from map(_row, _keys(schema(name), ""))
        yield ""


def _keys(value: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key, one in value.get("properties", {}).items():
        yield f"{prefix}{key}", one
        if key not in PARAMS:
            yield from _keys(one, f"{prefix}{key}.")
        inner = one.get("additionalProperties")
        if isinstance(inner, dict):
            yield from _keys(inner, f"{prefix}{key}.NAME.")


def _row(pair: tuple[str, Mapping[str, Any]]) -> str:
    key, one = pair
    default = "" if one.get("default") in (None, {}, []) else f"`{json.dumps(one['default'])}`"
    meaning = str(one.get("description", "")).replace("|", "\\|").replace("{{", "{ {")
    return f"| `{key}` | {_type(one)} | {default} | {meaning} |"


def _type(one: Mapping[str, Any]) -> str:
    if "enum" in one:
        return ", ".join(f"`{value}`" for value in one["enum"] if value is not None)
    if "const" in one:
        return f"`{one['const']}`"
    kinds = one.get("type", [])
    names = [kinds] if isinstance(kinds, str) else kinds
    return " or ".join(kind for kind in names if kind != "null") or "any"
