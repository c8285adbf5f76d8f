"""The keys of a prompt -> Prompt; the same in a YAML file and in front matter."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from promptctl.documents import Fields, kind_of, printable, shown, suggestion
from promptctl.errors import InvalidPrompt
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.formats.templates import check_templates
from promptctl.prompts.languages import CHOSEN
from promptctl.prompts.prompt import JINJA, LITERAL, ROLES, Message, Prompt, Variable
from promptctl.prompts.template import TYPES, has_type
from promptctl.settings import ADDRESS_HINT, TOOL_HINT, names_address, param_problems, refused_in_tool

KEYS = (
    "description",
    "model",
    "params",
    "fallbacks",
    "template",
    "messages",
    "variables",
    "tools",
    "response_format",
    "inputs",
    "assert",
    "volume",
)
_EXTRA = ("name", "tool_calls", "tool_call_id", "cache_control")
_RESPONSE_FORMATS = ("text", "json_object", "json_schema")
_VOLUME = re.compile(r"[0-9][0-9_]*(?:\.[0-9]+)?\s*/\s*(?:hour|day|week|month|year)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def prompt_of(
    file: PromptText,
    fields: Fields,
    *,
    lines: Sequence[str],
    body: tuple[Message, ...] = (),
    file_format: str = "yaml",
) -> Prompt:
    """The prompt; InvalidPrompt with every mistake. `body` stands for `messages` where a file has them outside YAML.

    `lines` are the file's own, by which mistakes inside block texts are placed.
    """
    fields.refuse_unknown(*KEYS)
    messages = body or _messages(fields)
    language = _language(fields)
    if body and "messages" in fields:
        fields.problem("'messages' stands beside a text below the front matter; one of them must go.", "messages")
    prompt = Prompt(
        name=file.name,
        path=file.path,
        messages=messages,
        description=fields.text("description", empty=True) or "",
        model=_model(fields),
        params=_params(fields),
        fallbacks=_fallbacks(fields),
        variables=_variables(fields),
        tools=_tools(fields),
        response_format=_response_format(fields),
        inputs=_inputs(fields),
        assertions=_assertions(fields),
        volume=_volume(fields),
        partials=check_templates(messages, fields, file.include, lines, language=language),
        language=language,
        format=file_format,
    )
    fields.finish(InvalidPrompt)
    return prompt


def _model(fields: Fields) -> str | None:
    model = fields.text("model")
    if model is not None and names_address(model):
        fields.problem("'model' is no name of a model, but an address.", "model", hint=ADDRESS_HINT)
    return model


def _fallbacks(fields: Fields) -> tuple[str, ...]:
    models = fields.texts("fallbacks")
    for model in filter(names_address, models):
        fields.problem(f"'fallbacks' holds an address: {printable(model)}.", "fallbacks", hint=ADDRESS_HINT)
    return models


def _language(fields: Fields) -> str:
    language = fields.text("template")
    if language is None or language in CHOSEN:
        return language or JINJA
    message = f"no template language is called '{printable(language)}'."
    fields.problem(message, "template", hint=suggestion(language, CHOSEN))
    return LITERAL


def _messages(fields: Fields) -> tuple[Message, ...]:
    entries = fields.each("messages")
    if not fields.value.get("messages"):
        fields.problem(
            "'messages' is missing or empty.",
            "messages",
            hint="A prompt needs at least one message with role and content.",
        )
    return tuple(_message(entry) for entry in entries)


def _message(fields: Fields) -> Message:
    fields.refuse_unknown("role", "content", *_EXTRA)
    role = fields.any("role")
    if role is None:
        fields.problem("a message needs a 'role'.", hint=f"One of {', '.join(ROLES)}.")
    elif role not in ROLES:
        hint = suggestion(role, ROLES) if isinstance(role, str) else f"One of {', '.join(ROLES)}."
        fields.problem(f"unknown role {shown(role)}.", "role", hint=hint)
    fields.text("name")
    fields.text("tool_call_id")
    calls = fields.each("tool_calls")
    for call in calls:
        if not isinstance(call.any("function"), dict):
            call.problem("a tool call needs a 'function' with name and arguments.")
    extra = {key: fields.any(key) for key in _EXTRA if key in fields}
    return Message(str(role), _content(fields, optional=bool(calls)), extra, fields.line())


def _content(fields: Fields, *, optional: bool) -> str | tuple[Mapping[str, Any], ...]:
    content = fields.any("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list) and content:
        parts = fields.each("content")
        for part in parts:
            _check_part(part)
        return tuple(part.value for part in parts)
    if content is None and optional:
        return ""
    if content is None:
        fields.problem("a message needs a 'content'.")
    else:
        fields.problem(f"'content' must be a text or a list of content parts, not {_what(content)}.", "content")
    return ""


def _what(value: Any) -> str:
    return "an empty list" if value == [] else shown(value)


def _check_part(part: Fields) -> None:
    kind = part.text("type")
    if "type" not in part:
        part.problem("a content part needs a 'type', like text or image_url.")
    if kind == "text" and not isinstance(part.any("text", ""), str):
        part.problem(f"'text' must be a text, not {shown(part.any('text'))}.", "text")
    elif kind == "text" and "text" not in part:
        part.problem("a content part of type text needs a 'text'.")
    if kind == "image_url" and not isinstance(part.any("image_url"), str | dict):
        part.problem("a content part of type image_url needs an 'image_url'.")


def _params(fields: Fields) -> Mapping[str, Any]:
    params = fields.mapping("params")
    fields.problems += param_problems(params, fields.where, lambda name: fields.line("params", name))
    return params


def _variables(fields: Fields) -> Mapping[str, Variable]:
    declared: dict[str, Variable] = {}
    for name, value in fields.mapping("variables").items():
        if not _NAME.fullmatch(name):
            fields.problem(f"'{printable(name)}' is no name for a variable.", "variables", name)
        elif value is None:
            declared[name] = Variable(name)
        elif isinstance(value, str):
            declared[name] = Variable(name, _type(fields, value, "variables", name))
        elif isinstance(value, dict):
            declared[name] = _variable(name, fields.section("variables").section(name))
        else:
            hint = "Write a type, or a mapping with type, default, required, description."
            fields.problem(f"the variable '{name}' must be a type, not {kind_of(value)}.", "variables", name, hint=hint)
    return declared


def _variable(name: str, fields: Fields) -> Variable:
    fields.refuse_unknown("type", "default", "required", "description")
    declared = fields.any("type")
    kind = None if declared is None else _type(fields, declared, "type")
    has_default = "default" in fields.value
    default = fields.value.get("default")
    if default is not None and not has_type(default, kind):
        fields.problem(f"the default of '{name}' is {shown(default)}, its type {kind}.", "default")
    return Variable(
        name=name,
        type=kind,
        default=default,
        has_default=has_default,
        required=fields.flag("required", default=not has_default),
        description=fields.text("description", empty=True) or "",
    )


def _type(fields: Fields, value: Any, *path: str) -> str | None:
    if isinstance(value, str) and value in TYPES:
        return value
    hint = suggestion(value, TYPES) if isinstance(value, str) else f"One of {', '.join(TYPES)}."
    fields.problem(f"unknown type {shown(value)}.", *path, hint=hint)
    return None


def _tools(fields: Fields) -> tuple[Mapping[str, Any], ...]:
    names: set[str] = set()
    tools = fields.each("tools")
    for tool in tools:
        kind = tool.text("type")
        for key in refused_in_tool(tool.value):
            tool.problem(f"{tool.name(key)} may not be set here.", *_steps(key), hint=TOOL_HINT)
        if kind is None:
            tool.problem("a tool needs 'type: function' and a 'function'.")
        if kind != "function":
            continue
        function = tool.section("function")
        name = function.text("name")
        if name is None:
            function.problem("a tool's function needs a 'name'.")
        elif name in names:
            function.problem(f"a second tool is named '{printable(name)}'.", "name")
        else:
            names.add(name)
        function.mapping("parameters")
        function.text("description", empty=True)
    return tuple(tool.value for tool in tools)


def _steps(path: str) -> list[str | int]:
    return [int(part) if part.isdigit() else part for part in path.split(".")]


def _response_format(fields: Fields) -> Mapping[str, Any] | None:
    value = fields.mapping("response_format")
    if not value:
        return None
    section = fields.section("response_format")
    kind = section.any("type")
    if kind not in _RESPONSE_FORMATS:
        hint = (
            suggestion(kind, _RESPONSE_FORMATS) if isinstance(kind, str) else "One of text, json_object, json_schema."
        )
        section.problem("'response_format' needs a type that is known.", "type", hint=hint)
    if kind == "json_schema" and not isinstance(section.section("json_schema").any("schema"), dict):
        section.problem("'response_format' needs a 'json_schema' with name and schema.", "json_schema")
    return value


def _inputs(fields: Fields) -> str | None:
    path = fields.text("inputs")
    if path is not None and (path.startswith(("/", "~")) or "\\" in path or ":" in path or not path.isprintable()):
        hint = "Write it relative to the prompt's folder."
        fields.problem(f"'inputs' is no path inside the repository: '{printable(path)}'.", "inputs", hint=hint)
    return path


def _assertions(fields: Fields) -> tuple[Mapping[str, Any], ...]:
    assertions = fields.each("assert")
    for assertion in assertions:
        if assertion.text("type") is None and "type" not in assertion:
            assertion.problem("an assertion needs a 'type', like equals or contains.")
    return tuple(assertion.value for assertion in assertions)


def _volume(fields: Fields) -> str | None:
    volume = fields.text("volume")
    if volume is not None and not _VOLUME.fullmatch(volume.strip()):
        hint = "Write it like 1200000/month (hour, day, week, month, year)."
        fields.problem(f"'volume' is not understood: '{printable(volume)}'.", "volume", hint=hint)
    return volume
