"""Semantic Kernel's prompts -> Prompt: a folder with skprompt.txt and config.json, or one YAML file.

Messages (`<message role="user">`) are found before rendering, so that no value makes one.
"""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from promptctl.documents import decode, parse_json, parse_yaml, shown
from promptctl.errors import InvalidPrompt, Problem
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.formats.foreign import Found, params_of, prompt_from, role_of
from promptctl.prompts.formats.properties import schema_format, type_of
from promptctl.prompts.prompt import Message, Prompt, Variable

_LANGUAGES: Mapping[str, str] = {"semantic-kernel": "semantic-kernel", "handlebars": "handlebars", "jinja2": "jinja"}
_MESSAGE = re.compile(r"<message\s+role=[\"']([A-Za-z]+)[\"'][^<>]*>(.*?)</message\s*>", re.DOTALL)
_OWN = (
    "model_id",
    "service_id",
    "response_format",
    "function_choice_behavior",
    "extension_data",
    "modelId",
    "serviceId",
)


def read(file: PromptText) -> Prompt:
    """The prompt; FileError with every mistake."""
    text = decode(file.data, file.path)
    if file.path.lower().endswith((".yaml", ".yml")):
        keys = parse_yaml(text, file.path, tags=file.tags).value
        template = keys.get("template") if isinstance(keys, dict) else None
        if not isinstance(template, str):
            raise InvalidPrompt(Problem(file.path, f"'template' must be a text, not {shown(template)}."))
        return prompt_from(file, _found(keys, template, None), "semantic-kernel")
    config = file.beside("config.json")
    keys = {} if config is None else parse_json(config, f"{file.path.rpartition('/')[0]}/config.json".lstrip("/"))
    if not isinstance(keys, dict):
        raise InvalidPrompt(Problem(file.path, f"config.json beside it must be an object, not {shown(keys)}."))
    return prompt_from(file, _found(keys, text, 1), "semantic-kernel")


def _found(keys: Mapping[str, Any], template: str, line: int | None) -> Found:
    name = keys.get("template_format", "semantic-kernel")
    language = _LANGUAGES.get(name, "literal") if isinstance(name, str) else "literal"
    odd = () if language != "literal" else (f"{shown(name)} templates can be compared, but not rendered",)
    settings = _settings(keys.get("execution_settings", keys.get("completion")))
    params, refused = params_of(settings, ignored=_OWN)
    model = settings.get("model_id", settings.get("modelId"))
    return Found(
        list(_messages(template, line)),
        language=language,
        description=str(keys.get("description") or ""),
        model=model if isinstance(model, str) and model else None,
        params=params,
        variables=_variables(keys),
        response_format=_response_format(settings.get("response_format")),
        warnings=(*odd, *refused),
    )


def _settings(declared: Any) -> Mapping[str, Any]:
    """The settings of the service `default`, else of the first one."""
    services = declared if isinstance(declared, dict) else {}
    nested = [value for value in services.values() if isinstance(value, dict)]
    if not nested:
        return services
    chosen = services.get("default")
    return chosen if isinstance(chosen, dict) else nested[0]


def _messages(template: str, first_line: int | None) -> Iterator[Message]:
    found = [(mark, role_of(mark[1])) for mark in _MESSAGE.finditer(template)]
    if not found or any(role is None for _, role in found):
        if template.strip():
            yield Message("user", template, line=first_line)
        return
    outside = _MESSAGE.sub("", template).strip()
    if outside:
        yield Message("system", outside, line=first_line)
    for mark, role in found:
        line = None if first_line is None else first_line + template.count("\n", 0, mark.start(2))
        yield Message(str(role), unescape(mark[2]).strip(), line=line)


def _variables(keys: Mapping[str, Any]) -> dict[str, Variable]:
    declared = keys.get("input_variables")
    if declared is None and isinstance(keys.get("input"), dict):
        declared = keys["input"].get("parameters")
    items = [one for one in declared if isinstance(one, dict)] if isinstance(declared, list) else []
    return {str(one["name"]): _variable(one) for one in items if one.get("name")}


def _variable(declared: Mapping[str, Any]) -> Variable:
    default = declared.get("default", declared.get("defaultValue"))
    has_default = default not in (None, "")
    return Variable(
        str(declared["name"]),
        type_of(declared.get("type")),
        default if has_default else None,
        has_default=has_default,
        required=bool(declared.get("is_required", declared.get("isRequired", True))) and not has_default,
        description=str(declared.get("description") or ""),
    )


def _response_format(declared: Any) -> dict[str, Any] | None:
    if isinstance(declared, dict) and declared.get("type") in ("json_object", "json_schema"):
        return declared
    return schema_format(declared) if declared == "json_object" else None
