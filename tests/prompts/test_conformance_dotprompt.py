"""google/dotprompt's own suite: what its templates render to, and what its front matter says."""

from pathlib import Path
from typing import Any

import pytest

from promptctl.documents import decode, parse_yaml
from promptctl.prompts.budget import purse
from promptctl.prompts.formats import dotprompt as reader
from promptctl.prompts.languages import dotprompt
from promptctl.prompts.languages.dotprompt import Part, Turn

SUITE = Path(__file__).parents[3] / "shared/conformance/dotprompt"
CASES = [
    pytest.param(spec, test, id=f"{file.stem}-{spec['name']}-{number}")
    for file in sorted(SUITE.rglob("*.yaml"))
    for spec in parse_yaml(file.read_text(encoding="utf-8"), file.name).value
    for number, test in enumerate(spec["tests"])
]
pytestmark = pytest.mark.skipif(not CASES, reason="the suite of google/dotprompt is not there (../shared)")


def part_json(part: Part) -> dict[str, Any]:
    if part.url is not None:
        kind = {"contentType": part.content_type} if part.content_type else {}
        return {"media": {"url": part.url, **kind}}
    if part.section is not None:
        return {"metadata": {"purpose": part.section, "pending": True}}
    return {"text": part.text}


def turn_json(turn: Turn) -> dict[str, Any]:
    if turn.history is None:
        return {"role": turn.role, "content": list(map(part_json, turn.parts))}
    metadata = {**turn.history.get("metadata", {}), "purpose": "history"}
    return {"role": turn.role, "content": turn.history["content"], "metadata": metadata}


def without_inserted_purpose(message: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """History that no helper placed carries no mark of it."""
    return message if "metadata" in expected else {key: message[key] for key in message if key != "metadata"}


@pytest.mark.parametrize(("spec", "test"), CASES)
def test_google_dotprompt(spec, test):
    source = decode(spec["template"].encode(), "p.prompt")
    keys, body, _, warnings = reader.split(source, "p.prompt")
    data = {**(spec.get("data") or {}), **(test.get("data") or {})}
    defaults = {
        **((keys.get("input") or {}).get("default") or {}),
        **((test.get("options") or {}).get("input") or {}).get("default", {}),
    }
    values = {**defaults, **(data.get("input") or {}), "history": data.get("messages")}
    values |= {f"@{name}": value for name, value in (data.get("context") or {}).items()}
    partials = {**(spec.get("partials") or {}), **(spec.get("resolverPartials") or {})}

    with purse():
        turns = dotprompt.turns(body, partials, strict=False)(values)

    expect = test["expect"]
    messages = [
        without_inserted_purpose(turn_json(turn), wanted)
        for turn, wanted in zip(turns, expect["messages"], strict=True)
    ]
    assert () == warnings
    assert expect["messages"] == messages
    assert expect.get("model") == keys.get("model")
    assert expect.get("config", {}) == keys.get("config", {})
    if "ext" in expect:
        assert expect["ext"] == reader.extensions(keys)
    if "raw" in expect:
        assert expect["raw"] == keys
    if "output" in expect:
        found = reader.json_schema((keys.get("output") or {}).get("schema"), "p.prompt", spec.get("schemas") or {})
        assert expect["output"].get("schema") == (found or None)
    if "input" in expect and "schema" in expect["input"]:
        assert expect["input"]["schema"] == reader.json_schema(keys["input"]["schema"], "p.prompt")
