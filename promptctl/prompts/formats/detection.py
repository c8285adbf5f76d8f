"""A file's name, then its content -> the format that it is in.

The settings' `formats:` come before both. Content is judged by signs, not parsed, but for .json, where nothing less
would do. Files of a folder that make one prompt together (system.md and user.md, skprompt.txt and config.json) are
found by their names where the folder is read.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

# What a prompt's file may end with. Python code is read only where the settings name it.
EXTENSIONS = (
    ".yaml",
    ".yml",
    ".md",
    ".txt",
    ".j2",
    ".jinja2",
    ".jinja",
    ".mustache",
    ".hbs",
    ".handlebars",
    ".prompty",
    ".prompt",
    ".mdc",
    ".json",
)
UNCERTAIN = (".json",)  # those of which only the content says whether they are prompts at all

_LOOKED_AT = 65_536  # bytes in which a sign must stand
_MAX_JSON = 5 * 1024 * 1024
AGENT_NAMES = frozenset({"skill.md", "agents.md", "claude.md", "gemini.md", "copilot-instructions.md"})
AGENT_ENDINGS = (".prompt.md", ".agent.md", ".chatmode.md", ".instructions.md")

Tell = Callable[[bytes], str | None]


def detected(path: str, data: bytes) -> str | None:
    """The format of a file; None where it is no prompt."""
    file = PurePosixPath(path)
    name = file.name.lower()
    if name in AGENT_NAMES or name.endswith(AGENT_ENDINGS):
        return "agent"
    if name == "skprompt.txt":
        return "semantic-kernel"
    return _BY_EXTENSION.get(file.suffix.lower(), _none)(data)


def _none(_data: bytes) -> None:
    return None


def _always(name: str) -> Tell:
    return lambda _data: name


def _text(data: bytes) -> str:
    return "chatml" if b"<|im_start|>" in data[:_LOOKED_AT] else "text"


def _dot_prompt(data: bytes) -> str:
    from promptctl.prompts.formats.dot_or_litellm import told_apart

    return told_apart(data)


# Keys at the beginning of a line, as block YAML has them.
_NATIVE_KEYS = re.compile(rb"^(?:messages|params|assert|fallbacks|volume)[ \t]*:", re.MULTILINE)
_YAML_SIGNS = (
    (
        "langchain",
        re.compile(
            rb"^(?:_type[ \t]*:[ \t]*['\"]?(?:prompt|few_shot|chat)\b|lc[ \t]*:[ \t]*1\b"
            # Without a type: Semantic Kernel's variables are mappings, these are names.
            rb"|input_variables[ \t]*:[ \t]*(?:\[[ \t]*['\"\w]|\r?\n[ \t]*-[ \t]*['\"]?\w+['\"]?[ \t]*\r?$))",
            re.MULTILINE,
        ),
    ),
    ("promptlayer", re.compile(rb"^prompt_template[ \t]*:", re.MULTILINE)),
    ("semantic-kernel", re.compile(rb"^(?:template_format|execution_settings|input_variables)[ \t]*:", re.MULTILINE)),
)
_CHAT_YAML = re.compile(
    rb"\A(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\n]*)?\r?\n|---[ \t]*\r?\n)*-[ \t]+['\"]?(?:role|content)['\"]?[ \t]*:"
)


def _yaml(data: bytes) -> str:
    head = data[:_LOOKED_AT]
    if _CHAT_YAML.match(head):
        return "chat"
    if _NATIVE_KEYS.search(head):
        return "yaml"
    return next((name for name, sign in _YAML_SIGNS if sign.search(head)), "yaml")


# What a prompt's JSON holds, where it does not parse: it is named, not passed over.
_BROKEN = re.compile(rb"[\"'](?:messages|role|prompt_template|template|prompt|lc)[\"']\s*:")


def _json(data: bytes) -> str | None:
    if len(data) > _MAX_JSON:
        return None
    try:
        value = _parsed(data)
    except (ValueError, RecursionError):
        return "chat" if _BROKEN.search(data[:_LOOKED_AT]) else None
    if isinstance(value, list):
        return "chat" if _are_messages(value) else None
    return _json_object(value) if isinstance(value, dict) else None


def _parsed(data: bytes) -> Any:
    return json.loads(data.decode("utf-8-sig"))


def is_broken(data: bytes) -> bool:
    """Whether JSON does not parse."""
    try:
        _parsed(data)
    except (ValueError, RecursionError):
        return True
    return False


def _json_object(value: Mapping[str, Any]) -> str | None:
    if value.get("lc") == 1 or value.get("_type") in ("prompt", "few_shot", "chat"):
        return "langchain"
    if isinstance(value.get("template"), str) and _are_names(value.get("input_variables")):
        return "langchain"
    if isinstance(value.get("prompt_template"), dict):
        return "promptlayer"
    if isinstance(value.get("prompt"), str | list) and ("config" in value or "labels" in value or "type" in value):
        return "langfuse"
    if _is_openai(value):
        return "openai"
    return "chat" if _are_messages(value.get("messages")) else None


def _is_openai(value: Mapping[str, Any]) -> bool:
    """A stored prompt's reference, or the body of a request to the Responses API."""
    reference = value.get("prompt")
    if isinstance(reference, dict) and str(reference.get("id", "")).startswith("pmpt_"):
        return True
    body = isinstance(value.get("instructions"), str) or isinstance(value.get("input"), str | list)
    return body and "model" in value and "messages" not in value


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _are_messages(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) and "role" in item for item in value)


_BY_EXTENSION: Mapping[str, Tell] = {
    ".yaml": _yaml,
    ".yml": _yaml,
    ".json": _json,
    ".md": _always("frontmatter"),
    ".mdc": _always("agent"),
    ".txt": _text,
    ".j2": _always("text"),
    ".jinja": _always("text"),
    ".jinja2": _always("text"),
    ".mustache": _always("text"),
    ".hbs": _always("text"),
    ".handlebars": _always("text"),
    ".prompty": _always("prompty"),
    ".prompt": _dot_prompt,
}
