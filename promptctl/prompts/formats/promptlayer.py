"""A template as PromptLayer's API has it (JSON or YAML) -> Prompt. Each message names its own template language."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from promptctl.documents import decode, parse_json, parse_yaml, shown
from promptctl.errors import InvalidPrompt, Problem
from promptctl.prompts.formats.chat import response_format_of, tools_of
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.formats.foreign import Found, params_of, prompt_from, role_of
from promptctl.prompts.prompt import Message, Prompt

_LANGUAGES: Mapping[str, str] = {"f-string": "format", "jinja2": "jinja"}
_OWN = ("messages", "prompt", "model", "tools", "functions", "response_format", "stream")


def read(file: PromptText) -> Prompt:
    """The prompt; FileError with every mistake."""
    text = decode(file.data, file.path)
    in_json = PurePosixPath(file.path).suffix.lower() == ".json"
    value = parse_json(text, file.path) if in_json else parse_yaml(text, file.path, tags=file.tags).value
    template = value.get("prompt_template") if isinstance(value, dict) else None
    if not isinstance(template, dict):
        raise InvalidPrompt(Problem(file.path, "has no 'prompt_template' object."))
    model, params, warnings = _model(value)
    old = template.get("functions")
    functions = (
        [{"type": "function", "function": one} for one in old or () if isinstance(one, dict)]
        if isinstance(old, list)
        else []
    )
    found = Found(
        list(_messages(template, file.path)),
        language="format",
        model=model,
        params=params,
        tools=tools_of(template.get("tools") or functions, file.path),
        response_format=response_format_of(template.get("response_format"), file.path),
        warnings=warnings,
    )
    return prompt_from(file, found, "promptlayer")


def _model(value: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any], tuple[str, ...]]:
    metadata = value.get("metadata")
    model = metadata.get("model") if isinstance(metadata, dict) else None
    if not isinstance(model, dict):
        return None, {}, ()
    name, provider = model.get("name"), model.get("provider")
    parameters = model.get("parameters")
    params, warnings = params_of(parameters if isinstance(parameters, dict) else {}, ignored=_OWN)
    if not isinstance(name, str) or not name:
        return None, params, warnings
    prefix = provider if isinstance(provider, str) and provider and "/" not in name else ""
    return f"{prefix.split('.')[0]}/{name}" if prefix else name, params, warnings


def _messages(template: Mapping[str, Any], path: str) -> Iterator[Message]:
    """The messages of a chat; a completion is one message of the user."""
    items = template.get("messages")
    if template.get("type") == "completion" or items is None:
        items = [{"role": "user", **template}]
    if not isinstance(items, list):
        raise InvalidPrompt(Problem(path, f"'messages' must be a list, not {shown(items)}."))
    problems = []
    for number, item in enumerate(items, 1):
        role = role_of(str(item.get("role"))) if isinstance(item, dict) else None
        content = _content(item.get("content")) if isinstance(item, dict) else None
        if role is None or content is None:
            problems.append(Problem(path, f"message {number} needs a role and content."))
        elif content:
            language = _LANGUAGES.get(str(item.get("template_format", "f-string")), "literal")
            extra = {"tool_calls": item["tool_calls"]} if item.get("tool_calls") else {}
            yield Message(role, content, extra, language=language)
    if problems:
        raise InvalidPrompt(problems)


def _content(content: Any) -> str | tuple[Mapping[str, Any], ...] | None:
    if isinstance(content, str):
        return content
    if not isinstance(content, list) or not all(isinstance(part, dict) and "type" in part for part in content):
        return "" if content is None else None
    if all(part["type"] == "text" for part in content):
        return "".join(str(part.get("text", "")) for part in content)
    return tuple({key: value for key, value in part.items() if value is not None} for part in content)
