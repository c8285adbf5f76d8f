"""Assertions on the tools that an answer calls: tool-call-f1, and whether calls fit their definitions."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from promptctl.scoring.call_names import called, json_or_none, listed
from promptctl.scoring.result import Context, Outcome
from promptctl.scoring.schema import Schema, schema
from promptctl.scoring.structured import parsed
from promptctl.scoring.text import as_text, quoted


def tool_names(value: Any) -> frozenset[str]:
    """The tools that should be called: a list, or one text with commas."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list) or any(item is None or isinstance(item, list | dict) for item in items):
        raise ValueError("'value' must be a list of tools' names, or one text such as 'search, book'.")
    names = frozenset(name for name in (as_text(item).strip() for item in items) if name)
    if not names:
        raise ValueError("'value' names no tool.")
    return names


def tool_call_f1(context: Context, value: frozenset[str], threshold: float | None) -> Outcome:
    """F1 of the sets of names called and expected (van Rijsbergen 1979), at least `threshold`, 1 without one."""
    names = called(context)
    shared = len(value & names)
    score = 2 * shared / (len(value) + len(names)) if shared else 0.0
    limit = 1.0 if threshold is None else threshold
    said = f"F1 {score:.4g}, threshold {limit:g}: expected {listed(value)}, called {listed(names)}"
    return Outcome(score >= limit, score, said)


def not_tool_call_f1(context: Context, value: frozenset[str], threshold: float | None) -> Outcome:
    """Below the threshold; the score stays F1, as in promptfoo."""
    found = tool_call_f1(context, value, threshold)
    return Outcome(not found.passed, found.score, found.reason)


def is_valid_tools_call(context: Context, _value: None, _threshold: float | None) -> Outcome:
    """The answer calls tools of the prompt, every call with arguments that fit. What an MCP tool said counts too."""
    text = context.output
    if "MCP Tool Error" in text:
        return Outcome(False, 0.0, f"an MCP tool failed: {quoted(text)}")
    if "MCP Tool Result" in text:
        return Outcome(True, 1.0, "an MCP tool answered")
    value = list(context.reply.tool_calls) or json_or_none(text)
    calls = value.get("tool_calls") if isinstance(value, dict) else value
    functions: list[Any] = (
        [call.get("function") for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    )
    if not isinstance(calls, list) or not calls or len(functions) < len(calls) or not all(map(_is_call, functions)):
        return Outcome(False, 0.0, f"calls no tool: {quoted(text)}")
    return _fit(context, functions)


def is_valid_function_call(context: Context, _value: None, _threshold: float | None) -> Outcome:
    """The answer calls functions of the prompt, every call with arguments that fit, in OpenAI's or Google's words."""
    calls: list[Any] = [call.get("function") for call in context.reply.tool_calls] or _function_calls(
        json_or_none(context.output)
    )
    if not calls or not all(map(_is_call, calls)):
        return Outcome(False, 0.0, f"calls no function: {quoted(context.output)}")
    return _fit(context, calls)


def _is_call(call: Any) -> bool:
    return isinstance(call, dict) and isinstance(call.get("name"), str) and isinstance(call.get("arguments"), str)


def _function_calls(value: Any) -> list[Any]:
    if isinstance(value, dict) and isinstance(value.get("toolCall"), dict):
        value = value["toolCall"].get("functionCalls")
        return [_of_google(call) for call in value] if isinstance(value, list) else []
    if isinstance(value, list):
        return [_of_google(item["functionCall"]) for item in value if isinstance(item, dict) and "functionCall" in item]
    return [value.get("function_call", value)] if isinstance(value, dict) else []


def _of_google(call: Any) -> Any:
    if not isinstance(call, dict):
        return call
    args = call.get("args")
    return {"name": call.get("name"), "arguments": args if isinstance(args, str) else json.dumps(args or {})}


def _fit(context: Context, calls: Sequence[Mapping[str, Any]]) -> Outcome:
    tools = context.call.tools if context.call is not None else ()
    definitions = [tool.get("function", tool) for tool in tools]
    if not definitions:
        return Outcome(False, 0.0, "the prompt has no `tools`, and the answer calls some")
    known = {str(one.get("name")): one for one in definitions if isinstance(one, dict)}
    for call in calls:
        wrong = _mistake(call, known)
        if wrong is not None:
            return Outcome(False, 0.0, wrong)
    return Outcome(True, 1.0, f"calls {listed(frozenset(str(call['name']) for call in calls))} as defined")


def _mistake(call: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> str | None:
    name = call["name"]
    if name not in known:
        return f"calls {quoted(name)}, which the prompt's tools have not"
    try:
        arguments = parsed(call["arguments"])
    except (ValueError, RecursionError):
        return f"calls {quoted(name)} with arguments that are no JSON: {quoted(call['arguments'])}"
    parameters = known[name].get("parameters")
    if parameters is None:
        return None
    breach = _compiled(json.dumps(parameters, sort_keys=True, default=str)).breach(arguments)
    return None if breach is None else f"calls {quoted(name)} with arguments that break their schema at {breach}"


@lru_cache(maxsize=64)
def _compiled(text: str) -> Schema:
    return schema(json.loads(text))
