"""The body of a request to OpenAI's Responses API (JSON) -> Prompt.

A reference to a prompt of the dashboard (`{"prompt": {"id": "pmpt_..."}}`) holds no text: that is said.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from promptctl.documents import decode, parse_json, printable, shown
from promptctl.errors import InvalidPrompt, Problem
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.formats.foreign import Found, left_out, params_of, prompt_from, role_of
from promptctl.prompts.prompt import Message, Prompt, Variable

_OWN = ("model", "instructions", "input", "tools", "text", "prompt", "variables", "name", "description", "reasoning")


def read(file: PromptText) -> Prompt:
    """The prompt; FileError with every mistake."""
    value = parse_json(decode(file.data, file.path), file.path)
    if not isinstance(value, dict):
        raise InvalidPrompt(Problem(file.path, f"must be an object, not {shown(value)}."))
    reference = value.get("prompt")
    if isinstance(reference, dict) and "instructions" not in value and "input" not in value:
        name = printable(str(reference.get("id", "a prompt")))
        message = f"refers to {name}, whose text lies in OpenAI's dashboard."
        raise InvalidPrompt(Problem(file.path, message, hint="Copy the text into a file."))
    params, refused = params_of(value, ignored=_OWN)
    reasoning = value.get("reasoning")
    if isinstance(reasoning, dict) and isinstance(reasoning.get("effort"), str):
        params["reasoning_effort"] = reasoning["effort"]
    tools, others = _tools(value.get("tools"))
    model = value.get("model")
    found = Found(
        list(_messages(value, file.path)),
        description=str(value.get("description") or ""),
        model=model if isinstance(model, str) and model else None,
        params=params,
        variables=_variables(value.get("variables")),
        tools=tools,
        response_format=_response_format(value.get("text")),
        warnings=(*refused, *left_out(others)),
    )
    return prompt_from(file, found, "openai")


def _messages(value: Mapping[str, Any], path: str) -> Iterator[Message]:
    if isinstance(value.get("instructions"), str) and value["instructions"].strip():
        yield Message("system", value["instructions"])
    given = value.get("input")
    if isinstance(given, str) and given.strip():
        yield Message("user", given)
    if not isinstance(given, list):
        return
    problems = []
    for number, item in enumerate(given, 1):
        role = role_of(str(item.get("role"))) if isinstance(item, dict) else None
        content = _content(item.get("content")) if isinstance(item, dict) else None
        if role is None or content is None:
            problems.append(Problem(path, f"input {number} needs a role and content."))
            continue
        yield Message(role, content)
    if problems:
        raise InvalidPrompt(problems)


def _content(content: Any) -> str | tuple[Mapping[str, Any], ...] | None:
    """Text, or the parts as a chat completion has them."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        return None
    if all(part.get("type") in ("input_text", "output_text", "text") for part in content):
        return "\n".join(str(part.get("text", "")) for part in content)
    return tuple(map(_part, content))


def _part(part: Mapping[str, Any]) -> Mapping[str, Any]:
    if part.get("type") == "input_text":
        return {"type": "text", "text": str(part.get("text", ""))}
    if part.get("type") == "input_image":
        return {"type": "image_url", "image_url": {"url": str(part.get("image_url", ""))}}
    return {"type": str(part.get("type", "unknown")), **{key: part[key] for key in part if key != "type"}}


def _tools(value: Any) -> tuple[tuple[Mapping[str, Any], ...], list[str]]:
    items = [tool for tool in value if isinstance(tool, dict)] if isinstance(value, list) else []
    functions = [tool for tool in items if tool.get("type") == "function"]
    others = [f"tool {tool.get('type')}" for tool in items if tool not in functions]
    keys = ("name", "description", "parameters", "strict")
    shaped = [
        tool
        if isinstance(tool.get("function"), dict)
        else {"type": "function", "function": {key: tool[key] for key in keys if tool.get(key) is not None}}
        for tool in functions
    ]
    return tuple(shaped), others


def _response_format(text: Any) -> dict[str, Any] | None:
    declared = text.get("format") if isinstance(text, dict) else None
    if not isinstance(declared, dict) or declared.get("type") not in ("json_schema", "json_object"):
        return None
    if declared["type"] == "json_object":
        return {"type": "json_object"}
    keys = ("name", "schema", "strict", "description")
    return {"type": "json_schema", "json_schema": {key: declared[key] for key in keys if declared.get(key) is not None}}


def _variables(declared: Any) -> dict[str, Variable]:
    names = declared if isinstance(declared, dict) else {}
    return {name: Variable(name, default=value, has_default=value is not None) for name, value in names.items()}
