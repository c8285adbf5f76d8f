"""Prompt, Message, Variable: the values that a prompt file stands for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message, not rendered yet.

    `content` is template text, or a list of OpenAI content parts (whose `text` values are template text). `extra` holds
    the other keys of an OpenAI message (name, tool_calls, tool_call_id). `line` is where it begins in its file.
    """

    role: str
    content: str | tuple[Mapping[str, Any], ...]
    extra: Mapping[str, Any] = field(default_factory=dict)
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared variable. `type` is string, number, integer, boolean, array or object; None where any will do."""

    name: str
    type: str | None = None
    default: Any = None
    has_default: bool = False
    required: bool = True
    description: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt as read from one file at one revision, the settings' default model and params already applied.

    `assertions` are the raw mappings of `assert:`; `scoring` reads them. `partials` maps the path of every included
    template, relative to the prompts folder, to its text at the same revision, transitively: a Prompt is whole in
    itself. `literal` marks a plain text that is no template. `inputs` is the path as declared, relative to the
    prompt's folder.
    """

    name: str
    path: str
    messages: tuple[Message, ...]
    description: str = ""
    model: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    fallbacks: tuple[str, ...] = ()
    variables: Mapping[str, Variable] = field(default_factory=dict)
    tools: tuple[Mapping[str, Any], ...] = ()
    response_format: Mapping[str, Any] | None = None
    inputs: str | None = None
    assertions: tuple[Mapping[str, Any], ...] = ()
    volume: str | None = None
    partials: Mapping[str, str] = field(default_factory=dict)
    literal: bool = False
    format: str = "yaml"
    warnings: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A message ready to be sent: an OpenAI message as `role`, `content` and the other keys."""

    role: str
    content: str | Sequence[Mapping[str, Any]]
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The OpenAI shape."""
        return {"role": self.role, "content": self.content, **self.extra}
