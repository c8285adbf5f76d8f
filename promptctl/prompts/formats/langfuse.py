"""A prompt as Langfuse's API has it (JSON) -> Prompt. Its versions, labels and tags are not its meaning."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from promptctl.documents import decode, parse_json, shown
from promptctl.errors import InvalidPrompt, Problem
from promptctl.prompts.formats.chat import response_format_of, tools_of
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.formats.foreign import Found, params_of, prompt_from, role_of
from promptctl.prompts.prompt import PLACEHOLDER, Message, Prompt

_DEPENDENCY = re.compile(r"@@@langfusePrompt:([^@\n]{1,300})@@@")
# What people put into `config`, which has no schema.
_OWN = ("model", "model_name", "modelName", "tools", "response_format", "responseFormat")


def read(file: PromptText) -> Prompt:
    """The prompt; FileError with every mistake."""
    value = parse_json(decode(file.data, file.path), file.path)
    if not isinstance(value, dict):
        raise InvalidPrompt(Problem(file.path, f"must be an object, not {shown(value)}."))
    config = value.get("config")
    given: Mapping[str, Any] = config if isinstance(config, dict) else {}
    params, refused = params_of(given, ignored=_OWN)
    model = next((given[key] for key in _OWN[:3] if isinstance(given.get(key), str)), None)
    prompt = value.get("prompt")
    found = Found(
        list(_messages(prompt, file.path)),
        language="langfuse",
        model=model,
        params=params,
        tools=tools_of(given.get("tools"), file.path),
        response_format=response_format_of(given.get("response_format", given.get("responseFormat")), file.path),
        warnings=(*refused, *_dependencies(str(prompt))),
    )
    return prompt_from(file, found, "langfuse")


def _messages(prompt: Any, path: str) -> Iterator[Message]:
    if isinstance(prompt, str):
        if prompt.strip():
            yield Message("user", prompt)
        return
    if not isinstance(prompt, list):
        raise InvalidPrompt(Problem(path, f"'prompt' must be a text or a list of messages, not {shown(prompt)}."))
    problems = []
    for number, item in enumerate(prompt, 1):
        if isinstance(item, dict) and item.get("type") == "placeholder" and isinstance(item.get("name"), str):
            yield Message(PLACEHOLDER, item["name"], {"optional": True})
            continue
        role = role_of(str(item.get("role"))) if isinstance(item, dict) else None
        if role is None or not isinstance(item.get("content"), str):
            problems.append(Problem(path, f"message {number} needs a role and a text as content."))
            continue
        yield Message(role, item["content"])
    if problems:
        raise InvalidPrompt(problems)


def _dependencies(text: str) -> tuple[str, ...]:
    named = list(dict.fromkeys(_DEPENDENCY.findall(text)))
    if not named:
        return ()
    return (f"other prompts are put in by Langfuse's server, and stand as tags here: {'; '.join(named[:5])}",)
