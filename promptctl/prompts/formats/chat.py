"""OpenAI messages in JSON or YAML -> Prompt: a list of them, or the body of a chat completion request."""

from pathlib import PurePosixPath
from typing import Any

from promptctl.documents import decode, parse_json, parse_yaml, shown
from promptctl.errors import InvalidPrompt, Problem
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.formats.foreign import Found, messages_of, params_of, prompt_from
from promptctl.prompts.prompt import Prompt

_OWN = ("messages", "model", "tools", "response_format", "description", "name")


def read(file: PromptText) -> Prompt:
    """The prompt; FileError with every mistake."""
    text = decode(file.data, file.path)
    in_json = PurePosixPath(file.path).suffix.lower() == ".json"
    value = parse_json(text, file.path) if in_json else parse_yaml(text, file.path, tags=file.tags).value
    return prompt_from(file, found_in(value, file.path), "chat")


def found_in(value: Any, path: str) -> Found:
    """The parts of a list of messages, or of a request's body. Raises InvalidPrompt."""
    if isinstance(value, list):
        return Found(messages_of(value, path))
    if not isinstance(value, dict):
        raise InvalidPrompt(
            Problem(path, f"must be a list of messages, or an object with 'messages', not {shown(value)}.")
        )
    params, warnings = params_of(value, ignored=_OWN)
    model = value.get("model")
    return Found(
        messages_of(value.get("messages"), path),
        model=model if isinstance(model, str) and model else None,
        params=params,
        tools=tools_of(value.get("tools"), path),
        response_format=response_format_of(value.get("response_format"), path),
        description=str(value.get("description") or ""),
        warnings=warnings,
    )


def tools_of(value: Any, path: str) -> tuple[dict[str, Any], ...]:
    """Tools in OpenAI's shape. Raises InvalidPrompt."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(tool, dict) for tool in value):
        raise InvalidPrompt(Problem(path, f"'tools' must be a list of objects, not {shown(value)}."))
    return tuple(value)


def response_format_of(value: Any, path: str) -> dict[str, Any] | None:
    """A response format in OpenAI's shape; None where it asks for plain text. Raises InvalidPrompt."""
    if value is None or value == {"type": "text"}:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise InvalidPrompt(Problem(path, "'response_format' must be an object with a 'type'."))
    return value
