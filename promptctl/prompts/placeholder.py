"""A message of the role `placeholder` + values -> the messages that its variable brings, as they are."""

from collections.abc import Mapping
from typing import Any

from promptctl.prompts.prompt import ROLES, Message, RenderedMessage
from promptctl.prompts.render_error import RenderError

_SHAPE = frozenset({"role", "content"})


def placed(message: Message, values: Mapping[str, Any]) -> tuple[RenderedMessage, ...]:
    """The messages, none where an optional variable is absent; RenderError where they are no messages."""
    name = str(message.content)
    given = values.get(name)
    if given is None and message.extra.get("optional"):
        return ()
    if name not in values:
        raise RenderError(f"undefined variable {name!r}", name)
    if not isinstance(given, list | tuple) or not all(map(_is_message, given)):
        raise RenderError(f"variable {name!r} must be a list of messages, each with role and content", name)
    return tuple(_message(one) for one in given)


def _message(one: Mapping[str, Any]) -> RenderedMessage:
    return RenderedMessage(one["role"], one["content"], {key: one[key] for key in one if key not in _SHAPE})


def _is_message(value: Any) -> bool:
    if not isinstance(value, Mapping) or value.get("role") not in ROLES or "content" not in value:
        return False
    content = value["content"]
    return isinstance(content, str) or (content is None and "tool_calls" in value) or _are_parts(content)


def _are_parts(content: Any) -> bool:
    return isinstance(content, list) and all(isinstance(part, Mapping) and "type" in part for part in content)
