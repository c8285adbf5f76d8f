"""Prompt, Message, Variable: the values that a prompt file stands for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ROLES = ("system", "user", "assistant", "tool", "developer")
PLACEHOLDER = "placeholder"
JINJA = "jinja"
LITERAL = "literal"

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message, not rendered yet.

    `content` is template text, or a list of OpenAI content parts (whose `text` values are template text). `extra` holds
    the other keys of an OpenAI message (name, tool_calls, tool_call_id). `line` is where it begins in its file.
    `language` is that of its templates, where it differs from the prompt's.

    The role `placeholder` stands for messages that a variable brings, a list of them: `content` is its name, and
    `extra` may hold `optional: true`.
    """

    role: str
    content: str | tuple[Mapping[str, Any], ...]
    extra: Mapping[str, Any] = field(default_factory=dict)
    line: int | None = field(default=None, compare=False)
    language: str | None = None


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
    itself. `inputs` is the path as declared, relative to the prompt's folder.

    `metadata` are keys of another tool's file that say something of the prompt, yet are not sent to a model (an agent's
    allowed tools, say).

    `language` names what its templates are written in, a key of `languages.MODULES`; `literal` is a plain text that is
    no template. `script` is the whole template of a file whose messages come out only when it is rendered (roles inside
    loops, say): it is what is rendered, and `messages` then show what it holds.
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
    metadata: Mapping[str, Any] = field(default_factory=dict)
    partials: Mapping[str, str] = field(default_factory=dict)
    language: str = JINJA
    script: str | None = None
    format: str = "yaml"
    warnings: tuple[str, ...] = field(default=(), compare=False)

    def language_of(self, message: Message) -> str:
        """What a message's templates are written in."""
        return message.language or self.language


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A message ready to be sent: an OpenAI message as `role`, `content` and the other keys."""

    role: str
    content: str | Sequence[Mapping[str, Any]]
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The OpenAI shape."""
        return {"role": self.role, "content": self.content, **self.extra}
