"""Microsoft's Prompty (`.prompty`), of 2024, 2025 and 2026 -> Prompt.

https://github.com/microsoft/prompty. `${env:NAME}` is never resolved, as it may hold a key; connections and endpoints
are not read at all: a prompt cannot name them.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from promptctl.documents import decode, parse_json, parse_yaml, printable, shown
from promptctl.errors import FileError, InvalidPrompt, Problem
from promptctl.prompts.analysis import TemplateProblem, analyse
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.formats.foreign import Found, left_out, params_of, prompt_from
from promptctl.prompts.formats.properties import type_of
from promptctl.prompts.languages.roles import ROLE_LINE, has_computed_roles, turns
from promptctl.prompts.prompt import PLACEHOLDER, Message, Prompt, Variable

_OPEN = re.compile(r"\A\s*(?:---|\+\+\+)[ \t]*(?:\n|\Z)")
_CLOSE = re.compile(r"^(?:---|\+\+\+)[ \t]*(?:\n|\Z)", re.MULTILINE)
_REFERENCE = re.compile(r"\$\{(env|file):([^}]*)\}")
_MAX_REFERENCES = 100
# What Prompty of 2024 does with a body: a role at the end that says nothing is dropped, and images are sent.
_OPEN_END = re.compile(rf"(?:\A|\n)(?:{ROLE_LINE.pattern.removeprefix('^').removesuffix('$')})\s*\Z", re.IGNORECASE)
_IMAGE = re.compile(r"!\[[^\]\n]*\]\(([^)\s]+)[^)\n]*\)")
# Providers and types of configuration -> LiteLLM's prefix.
_PROVIDERS = {
    "azure": "azure",
    "azure_openai": "azure",
    "openai": "openai",
    "anthropic": "anthropic",
    "serverless": "azure_ai",
    "foundry": "azure_ai",
    "azure_ai": "azure_ai",
}
_MODEL_KEYS = ("id", "provider", "apiType", "api", "connection", "configuration", "options", "parameters", "response")
_TOP = (
    *("name", "description", "version", "authors", "tags", "metadata", "model", "inputs", "sample", "outputs", "tools"),
    *("template", "file_path", "base"),
)


def read(file: PromptText) -> Prompt:
    """The prompt; FileError with every mistake."""
    text = decode(file.data, file.path)
    header, body, first_line = split(text, file.path)
    warnings: list[str] = []
    keys = _resolved(header, file, warnings) if header else {}
    language = _language(keys, file.path)
    model = keys.get("model")
    settings = {"id": model} if isinstance(model, str) else model if isinstance(model, dict) else {}
    options = _options(settings)
    params, refused = params_of(options, ignored=("response_format", "tools"))
    first = "sample" in keys or not settings.keys().isdisjoint({"configuration", "parameters"})
    if first:
        body = _OPEN_END.sub("", body)
    threads, variables = _inputs(keys, file.path)
    tools, odd_tools = _tools(keys.get("tools") or options.get("tools"))
    unknown = [key for key in keys if key not in _TOP] + [key for key in settings if key not in _MODEL_KEYS]
    found = Found(
        list(_messages(body, first_line, threads)),
        language=language,
        description=str(keys.get("description") or ""),
        model=_model(settings),
        params=params,
        variables=variables,
        tools=tools,
        response_format=_response_format(keys.get("outputs"), str(keys.get("name") or "answer"))
        or _mapping(options.get("response_format")),
        metadata={key: keys[key] for key in ("metadata", "authors", "tags", "version") if keys.get(key)},
        warnings=(*warnings, *refused, *left_out(unknown), *odd_tools, *(_images(body) if first else ())),
    )
    if _needs_script(body, found):
        return _scripted(file, found, body, first_line)
    return prompt_from(file, found, "prompty")


def split(text: str, path: str) -> tuple[str, str, int]:
    """The front matter's text (with as many line breaks before it as the file has), the body, and its first line."""
    opening = _OPEN.match(text)
    if opening is None:
        return "", text.strip("\n"), 1 + len(text) - len(text.lstrip("\n"))
    closing = _CLOSE.search(text, opening.end())
    if closing is None:
        hint = "Write '---' alone on a line below it."
        raise InvalidPrompt(Problem(path, "its front matter has no end.", text.count("\n", 0, opening.end()), hint))
    body = text[closing.end() :]
    ahead = len(body) - len(body.lstrip("\n"))
    first_line = text.count("\n", 0, closing.end() + ahead) + 1
    return (
        "\n" * text.count("\n", 0, opening.end()) + text[opening.end() : closing.start()],
        body.strip("\n"),
        first_line,
    )


def _resolved(header: str, file: PromptText, warnings: list[str]) -> dict[str, Any]:
    value = parse_yaml(header, file.path, tags=file.tags).value
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidPrompt(Problem(file.path, f"its front matter must be a mapping, not {shown(value)}."))
    problems: list[Problem] = []
    left = [_MAX_REFERENCES]
    found = {key: _reference(item, file, problems, left) for key, item in value.items() if key != "connection"}
    if problems:
        raise InvalidPrompt(problems)
    if "${env:" in str({key: item for key, item in found.items() if key != "model"}):
        warnings.append("${env:...} is not resolved, and stands as it is")
    return found


def _reference(value: Any, file: PromptText, problems: list[Problem], left: list[int]) -> Any:
    """`${file:NAME}` as what the file says, at the same revision; nothing else is looked up."""
    if isinstance(value, Mapping):
        return {
            key: item if key in {"connection", "configuration"} else _reference(item, file, problems, left)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_reference(item, file, problems, left) for item in value]
    named = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if named is None or named[1] == "env":
        return value
    left[0] -= 1
    if left[0] < 0:
        raise InvalidPrompt(Problem(file.path, f"names more than {_MAX_REFERENCES} files."))
    return _file(named[2].strip(), file, problems)


def _file(path: str, file: PromptText, problems: list[Problem]) -> Any:
    if path.startswith(("/", "~")) or ".." in path.split("/") or "\\" in path or ":" in path:
        problems.append(Problem(file.path, f"the file '{printable(path)}' lies outside of the prompt's folder."))
        return None
    text = file.beside(path)
    if text is None:
        problems.append(Problem(file.path, f"there is no file '{printable(path)}' beside it."))
        return None
    try:
        if path.lower().endswith(".json"):
            return parse_json(text, path)
        return parse_yaml(text, path, tags={}).value if path.lower().endswith((".yaml", ".yml")) else text
    except FileError as error:
        problems.extend(error.problems)
        return None


def _language(keys: Mapping[str, Any], path: str) -> str:
    template = keys.get("template")
    declared = template.get("format", template.get("type")) if isinstance(template, dict) else template
    kind = declared.get("kind") if isinstance(declared, dict) else declared
    if kind in (None, "jinja2", "jinja"):
        return "prompty"
    if kind == "mustache":
        return "prompty-mustache"
    hint = "One of jinja2, mustache."
    raise InvalidPrompt(Problem(path, f"unknown template format {shown(kind)}.", hint=hint))


def _model(settings: Mapping[str, Any]) -> str | None:
    configuration = settings.get("configuration") or settings.get("connection") or {}
    configured = configuration if isinstance(configuration, dict) else {}
    name = settings.get("id") or configured.get("azure_deployment") or configured.get("name")
    if not isinstance(name, str) or not name or "${" in name:
        return None
    prefix = _PROVIDERS.get(str(settings.get("provider") or configured.get("type") or ""))
    return name if prefix is None or "/" in name else f"{prefix}/{name}"


def _options(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters; those of 2024 hold the tools and the response format as well."""
    options = settings.get("options", settings.get("parameters"))
    given = dict(options) if isinstance(options, dict) else {}
    more = given.pop("additionalProperties", None)
    return {**given, **(more if isinstance(more, dict) else {})}


def _mapping(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


def _images(body: str) -> tuple[str, ...]:
    """A warning that names the images that Prompty itself would have sent."""
    found = dict.fromkeys(printable(image[1]) for image in _IMAGE.finditer(body))
    return (f"images stay text, which Prompty of 2024 sends: {', '.join(found)}",) if found else ()


def _inputs(keys: Mapping[str, Any], path: str) -> tuple[frozenset[str], dict[str, Variable]]:
    """The inputs that bring whole conversations, and the others. `sample` is an example, never a default."""
    declared = keys.get("inputs")
    if isinstance(declared, list):
        named: dict[str, Any] = {
            str(one.get("name")): one for one in declared if isinstance(one, dict) and one.get("name")
        }
        if len(named) < len(declared):
            raise InvalidPrompt(Problem(path, "each of 'inputs' needs a 'name' of its own."))
    else:
        named = dict(declared) if isinstance(declared, dict) else {}
    sample = keys.get("sample")
    for name in sample if isinstance(sample, dict) else ():
        named.setdefault(name, {})
    threads = frozenset(name for name, one in named.items() if isinstance(one, dict) and one.get("kind") == "thread")
    return threads, {name: _variable(name, one) for name, one in named.items() if name not in threads}


def _variable(name: str, declared: Any) -> Variable:
    if not isinstance(declared, dict):
        return Variable(name, default=declared, has_default=declared is not None, required=declared is None)
    has_default = declared.get("default") is not None
    required = declared.get("required", not has_default)
    return Variable(
        name,
        type_of(declared.get("kind", declared.get("type"))),
        declared.get("default"),
        has_default=has_default,
        required=bool(required) and not has_default,
        description=str(declared.get("description") or ""),
    )


def _tools(declared: Any) -> tuple[tuple[Mapping[str, Any], ...], tuple[str, ...]]:
    """Function tools in OpenAI's shape, and a warning that names the others: their servers are not asked here."""
    items = declared if isinstance(declared, list) else []
    functions = [tool for tool in items if isinstance(tool, dict) and _is_function(tool)]
    others = [str(tool.get("name", "?")) if isinstance(tool, dict) else "?" for tool in items if tool not in functions]
    warning = (f"tools that are no functions are not sent: {', '.join(map(printable, others))}",) if others else ()
    return tuple(map(_function, functions)), warning


def _is_function(tool: Mapping[str, Any]) -> bool:
    return bool(tool.get("kind", tool.get("type")) == "function")


def _function(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(tool.get("function"), dict):
        return tool
    parameters = tool.get("parameters")
    schema = _object_schema(parameters) if isinstance(parameters, list) else parameters
    strict = {"strict": tool["strict"]} if "strict" in tool else {}
    function = {"name": tool.get("name"), "description": tool.get("description"), "parameters": schema, **strict}
    return {"type": "function", "function": {key: value for key, value in function.items() if value is not None}}


def _object_schema(properties: list[Any]) -> dict[str, Any]:
    named = [one for one in properties if isinstance(one, dict) and isinstance(one.get("name"), str) and one["name"]]
    required = [one["name"] for one in named if one.get("required")]
    schema: dict[str, Any] = {"type": "object", "properties": {one["name"]: _property(one) for one in named}}
    return {**schema, "required": required} if required else schema


def _property(declared: Mapping[str, Any]) -> dict[str, Any]:
    found = {"type": type_of(declared.get("kind")), "description": declared.get("description")}
    return {key: value for key, value in {**found, "enum": declared.get("enumValues")}.items() if value is not None}


def _response_format(outputs: Any, name: str) -> dict[str, Any] | None:
    if isinstance(outputs, dict):
        outputs = [
            {"name": key, **(value if isinstance(value, dict) else {"kind": value})} for key, value in outputs.items()
        ]
    if not isinstance(outputs, list) or not outputs:
        return None
    named = re.sub(r"[^\w-]", "_", name)[:60]
    return {"type": "json_schema", "json_schema": {"name": named, "schema": _object_schema(outputs)}}


def _messages(body: str, first_line: int, threads: frozenset[str]) -> Iterator[Message]:
    """Cut at the roles before rendering; a conversation stands where its name stands alone on a line."""
    alone = "|".join(map(re.escape, sorted(threads)))
    thread = re.compile(rf"^[ \t]*\{{\{{\{{?\s*({alone})\s*\}}?\}}\}}[ \t]*$", re.MULTILINE) if threads else None
    for turn in turns(body):
        line = first_line + body.count("\n", 0, turn.start)
        name = turn.attributes.get("name")
        extra = {"name": name} if isinstance(name, str) else {}
        pieces = thread.split(turn.text) if thread else [turn.text]
        for place, piece in enumerate(pieces):
            if place % 2:
                yield Message(PLACEHOLDER, piece, {"optional": True}, line)
            elif piece.strip() or len(pieces) == 1:
                yield Message(turn.role, piece.strip("\n") if len(pieces) > 1 else piece, extra, line)


def _needs_script(body: str, found: Found) -> bool:
    """Whether a role stands inside a loop or a condition, so that the messages come out only when it is rendered."""
    try:
        analyse(body, found.language)
    except TemplateProblem:
        return False  # its texts are taken literally then, each with a warning
    if has_computed_roles(body):
        return True
    try:
        for message in found.messages:
            if message.role != PLACEHOLDER:
                analyse(str(message.content), found.language)
    except TemplateProblem:
        return True
    return False


def _scripted(file: PromptText, found: Found, body: str, first_line: int) -> Prompt:
    from dataclasses import replace

    shown_as = prompt_from(file, replace(found, language="literal"), "prompty")
    whole = prompt_from(file, replace(found, messages=[Message("system", body, line=first_line)]), "prompty")
    return replace(shown_as, language=found.language, script=body, partials=whole.partials)
