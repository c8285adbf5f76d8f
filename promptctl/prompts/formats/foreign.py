"""What the formats of other tools have in common: OpenAI messages, parameters by other names, lenient templates.

A file that another tool reads is not refused for what promptctl does not know: it is left out, and a warning names it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from promptctl.documents import printable, shown
from promptctl.errors import InvalidPrompt, Problem
from promptctl.prompts.analysis import TemplateProblem, analyse, texts_of
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.partials import Partials
from promptctl.prompts.prompt import JINJA, LITERAL, ROLES, Message, Prompt, Variable
from promptctl.settings import param_problems

_EXTRA = ("name", "tool_calls", "tool_call_id", "cache_control", "refusal", "audio")
# Roles by the names that other providers and older interfaces give them.
_ROLES = {"human": "user", "ai": "assistant", "model": "assistant", "bot": "assistant", "function": "tool"}
# Parameters of other interfaces -> LiteLLM's name.
PARAMS: Mapping[str, str] = {
    "maxOutputTokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "maxTokens": "max_tokens",
    "max_tokens_to_sample": "max_tokens",
    "topP": "top_p",
    "topK": "top_k",
    "stopSequences": "stop",
    "frequencyPenalty": "frequency_penalty",
    "presencePenalty": "presence_penalty",
    "maxCompletionTokens": "max_completion_tokens",
    "toolChoice": "tool_choice",
    "reasoningEffort": "reasoning_effort",
    "parallelToolCalls": "parallel_tool_calls",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A prompt's parts as another tool's file has them; see `Prompt`. `left_out` names what is not understood."""

    messages: Sequence[Message]
    language: str = JINJA
    description: str = ""
    model: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Variable] = field(default_factory=dict)
    tools: Sequence[Mapping[str, Any]] = ()
    response_format: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = ()


def prompt_from(file: PromptText, found: Found, file_format: str) -> Prompt:
    """The prompt. A text that does not parse in its language is taken literally, with a warning.

    Raises InvalidPrompt where there is no message, and where a partial is missing.
    """
    if not found.messages:
        raise InvalidPrompt(Problem(file.path, "holds no message.", hint="Write the prompt's text into it."))
    partials = Partials(file.path, file.include)
    warnings = list(found.warnings)
    messages = [
        _parsed(message, number, found.language, partials, warnings) for number, message in enumerate(found.messages, 1)
    ]
    if partials.problems:
        raise InvalidPrompt(partials.problems)
    return Prompt(
        name=file.name,
        path=file.path,
        messages=tuple(messages),
        description=found.description,
        model=found.model,
        params=found.params,
        variables=found.variables,
        tools=tuple(found.tools),
        response_format=found.response_format,
        metadata=found.metadata,
        partials=partials.found,
        language=found.language,
        format=file_format,
        warnings=tuple(warnings),
    )


def _parsed(message: Message, number: int, language: str, partials: Partials, warnings: list[str]) -> Message:
    own = message.language or language
    if own == LITERAL:
        return message
    for text in texts_of(message):
        try:
            analysis = analyse(text, own)
        except TemplateProblem as error:
            reason = printable(error.message, limit=200).rstrip(".")
            place = f"message {number} ({message.role}), line {error.line} of it,"
            warnings.append(f"{place} is no {own} template ({reason}); the message is taken literally")
            return replace(message, language=LITERAL)
        start = message.line
        partials.follow(analysis, lambda line, start=start: None if start is None else start + line - 1, own)  # type: ignore[misc] # a default binds it
    return message


def messages_of(raw: Any, path: str, line: int | None = None) -> tuple[Message, ...]:
    """OpenAI messages out of JSON or YAML. Raises InvalidPrompt with every mistake."""
    if not isinstance(raw, list):
        raise InvalidPrompt(Problem(path, f"its messages must be a list, not {shown(raw)}.", line))
    problems: list[Problem] = []
    messages = [_message(item, number, path, line, problems) for number, item in enumerate(raw, 1)]
    if problems:
        raise InvalidPrompt(problems)
    return tuple(messages)


def role_of(role: str) -> str | None:
    """The role by its name here; None where it is none."""
    known = _ROLES.get(role.lower(), role.lower())
    return known if known in ROLES else None


def _message(item: Any, number: int, path: str, line: int | None, problems: list[Problem]) -> Message:
    def refuse(message: str, hint: str = "") -> Message:
        problems.append(Problem(path, f"message {number}: {message}", line, hint))
        return Message("user", "")

    if not isinstance(item, dict):
        return refuse(f"must be an object with role and content, not {shown(item)}.")
    role = role_of(item["role"]) if isinstance(item.get("role"), str) else None
    if role is None:
        return refuse(f"unknown role {shown(item.get('role'))}.", f"One of {', '.join(ROLES)}.")
    content = item.get("content")
    extra = {key: item[key] for key in _EXTRA if item.get(key) is not None}
    if isinstance(content, str):
        return Message(role, content, extra, line)
    if content is None and (extra.get("tool_calls") or item.get("function_call")):
        return Message(role, "", extra, line)
    if isinstance(content, list) and content and all(isinstance(part, dict) and "type" in part for part in content):
        return Message(role, _text_alone(content), extra, line)
    return refuse(f"its content must be a text or a list of content parts, not {shown(content)}.")


def _text_alone(parts: list[dict[str, Any]]) -> str | tuple[Mapping[str, Any], ...]:
    """Content parts; one text alone is that text, as providers take it."""
    if len(parts) == 1 and parts[0].keys() == {"type", "text"} and isinstance(parts[0]["text"], str):
        return str(parts[0]["text"])
    return tuple(parts)


def params_of(
    raw: Mapping[str, Any], *, names: Mapping[str, str] = PARAMS, ignored: Iterable[str] = ()
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Parameters by LiteLLM's names, and a warning that names those that may not be set, or are unknown.

    `ignored` are keys that mean something else in this format. Values are never shown.
    """
    renamed = {
        names.get(key, key): value for key, value in raw.items() if key not in set(ignored) and value is not None
    }
    refused = [key for key, value in renamed.items() if param_problems({key: value}, "")]
    params = {key: value for key, value in renamed.items() if key not in refused}
    return params, left_out(refused)


def left_out(names: Iterable[str]) -> tuple[str, ...]:
    """A warning that names what is not taken over."""
    found = sorted(map(printable, names))
    return (
        (f"left out, since a prompt may not set it or promptctl does not know it: {', '.join(found)}",) if found else ()
    )
