"""Google's dotprompt (`.prompt`) -> Prompt: YAML front matter, then Handlebars that makes messages.

https://google.github.io/dotprompt/reference/frontmatter/ names the keys. A file whose front matter is no YAML is, by
dotprompt's own rule, all template; it says nothing then, here a warning does.
"""

import re
from collections.abc import Coroutine, Iterator, Mapping, MutableMapping
from typing import Any

from promptctl.documents import decode
from promptctl.errors import FileError, InvalidPrompt, Problem
from promptctl.prompts.analysis import TemplateProblem, analyse
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.formats.foreign import left_out, params_of
from promptctl.prompts.formats.properties import schema_format, schema_variables
from promptctl.prompts.formats.split import front_matter
from promptctl.prompts.partials import Partials
from promptctl.prompts.prompt import Message, Prompt

RESERVED = frozenset(
    {
        "config",
        "description",
        "ext",
        "input",
        "model",
        "name",
        "output",
        "raw",
        "toolDefs",
        "tools",
        "variant",
        "version",
    }
)
# Model names of Genkit's plug-ins -> LiteLLM's.
_PROVIDERS = {"googleai": "gemini", "vertexai": "vertex_ai"}
_ROLES: Mapping[str, str] = {"user": "user", "model": "assistant", "system": "system", "tool": "tool"}
_ROLE = re.compile(r"\{\{~?\s*role\s+[\"']([a-z]+)[\"'](?:\s+[\w-]+=[^{}]*)?\s*~?\}\}")
_HISTORY = re.compile(r"\{\{~?\s*history\s*~?\}\}")
_BLOCK = re.compile(r"\{\{~?\s*([#/^])")


def read(file: PromptText) -> Prompt:
    """The prompt; FileError with every mistake."""
    text = decode(file.data, file.path)
    keys, body, first_line, warnings = split(text, file.path, file.tags)
    if not body.strip():
        raise InvalidPrompt(Problem(file.path, "holds no template.", hint="Write it below the front matter."))
    config = keys.get("config")
    params, refused = params_of(config if isinstance(config, dict) else {}, ignored=("version", "apiKey"))
    defaults = _section(keys, "input").get("default")
    unknown = [str(key) for key in keys if key not in RESERVED and "." not in str(key)]
    tools = keys.get("tools")
    return Prompt(
        name=file.name,
        path=file.path,
        messages=tuple(_shown(body, first_line)),
        description=str(keys.get("description") or ""),
        model=_model(keys.get("model")),
        params=params,
        variables=schema_variables(json_schema(_section(keys, "input").get("schema"), file.path), defaults or {}),
        tools=tuple(tool for tool in tools if isinstance(tool, dict)) if isinstance(tools, list) else (),
        response_format=_response_format(_section(keys, "output"), file.path),
        metadata={key: keys[key] for key in keys if key in {"ext", "toolDefs", "variant"} or "." in str(key)},
        partials=_partials(file, body, first_line),
        language="dotprompt",
        script=body,
        format="dotprompt",
        warnings=(*warnings, *refused, *left_out(unknown), *_named_tools(tools)),
    )


def split(
    text: str, path: str, tags: MutableMapping[str, str] | None = None
) -> tuple[dict[str, Any], str, int, tuple[str, ...]]:
    """The keys, the template and its first line; and a warning where the front matter cannot be read."""
    try:
        keys, body, first_line = front_matter(text, path, {} if tags is None else tags)
    except FileError as error:
        warning = f"its front matter cannot be read, so the whole file is the template: {error.problems[0]}"
        return {}, text, 1, (warning,)
    if not keys and body == text:
        return {}, text, 1, ()
    ahead = body[: len(body) - len(body.lstrip())]
    return keys, body.strip(), first_line + ahead.count("\n"), ()


def _section(keys: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = keys.get(name)
    return value if isinstance(value, dict) else {}


def _model(name: Any) -> str | None:
    if not isinstance(name, str) or not name:
        return None
    provider, slash, rest = name.partition("/")
    return f"{_PROVIDERS.get(provider, provider)}{slash}{rest}"


def extensions(keys: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Keys with a dot in them, by what stands before the last one."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in keys.items():
        namespace, dot, name = str(key).rpartition(".")
        if dot:
            found.setdefault(namespace, {})[name] = value
    return found


def json_schema(schema: Any, path: str, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Picoschema, or JSON Schema, as JSON Schema; `known` are schemas that it may name. Raises InvalidPrompt."""
    if not schema:
        return {}
    from dotpromptz.picoschema import picoschema_to_json_schema  # 600 ms: pydantic; only a file with a schema pays it

    async def resolve(name: str) -> Any:
        return (known or {}).get(name)

    try:
        found = _awaited(picoschema_to_json_schema(schema, resolve))
    except Exception as error:  # noqa: BLE001 - it raises whatever a stranger's schema makes it stumble over
        message = f"its schema is no Picoschema: {' '.join(str(error).split())[:200]}."
        raise InvalidPrompt(Problem(path, message)) from None
    return dict(found or {})


def _awaited(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that waits for nothing: no schema is looked up elsewhere."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    coroutine.close()
    raise ValueError("it names a schema that is defined elsewhere")


def _response_format(output: Mapping[str, Any], path: str) -> dict[str, Any] | None:
    schema = output.get("schema")
    if output.get("format") not in ("json", None) or (output.get("format") is None and not schema):
        return None
    return schema_format(json_schema(schema, path))


def _named_tools(tools: Any) -> tuple[str, ...]:
    named = [tool for tool in tools if isinstance(tool, str)] if isinstance(tools, list) else []
    return (f"tools that are defined in code are not sent: {', '.join(named)}",) if named else ()


def _partials(file: PromptText, body: str, first_line: int) -> dict[str, str]:
    try:
        analysis = analyse(body, "dotprompt")
    except TemplateProblem as error:
        message = f"is no Handlebars template: {error.message.rstrip('.')}."
        raise InvalidPrompt(Problem(file.path, message, first_line + error.line - 1)) from None
    partials = Partials(file.path, file.include)
    partials.follow(analysis, lambda line: first_line + line - 1, "dotprompt")
    if partials.problems:
        raise InvalidPrompt(partials.problems)
    return partials.found


def _shown(body: str, first_line: int) -> Iterator[Message]:
    """The messages as the template shows them: cut at the roles that stand outside of blocks."""
    role, start, found = "user", 0, False
    for at, end, name in _cuts(body):
        if body[start:at].strip():
            found = True
            yield _message(role, body, start, at, first_line)
        role, start = name, end
    if body[start:].strip() or not found:
        yield _message(role, body, start, len(body), first_line)


def _cuts(body: str) -> Iterator[tuple[int, int, str]]:
    marks = [*_ROLE.finditer(body), *_HISTORY.finditer(body)]
    for mark in sorted(marks, key=lambda mark: mark.start()):
        depth = sum(-1 if block[1] == "/" else 1 for block in _BLOCK.finditer(body, 0, mark.start()))
        if depth > 0:
            continue
        if mark.re is _HISTORY:
            yield mark.end(), mark.end(), "assistant"
        elif mark[1] in _ROLES:
            yield mark.start(), mark.end(), _ROLES[mark[1]]


def _message(role: str, body: str, start: int, end: int, first_line: int) -> Message:
    text = body[start:end]
    ahead = len(text) - len(text.lstrip("\n"))
    return Message(role, text.strip("\n"), line=first_line + body.count("\n", 0, start + ahead))
