"""A prompt -> its messages with what they include in its place, where that takes no rendering."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from promptctl.prompts.diff.inheritance import NotStatic, flattened
from promptctl.prompts.diff.marks import marks
from promptctl.prompts.diff.messages import MessageOp, diff_messages, text_of
from promptctl.prompts.diff.prompt_diff import ResolvedDiff
from promptctl.prompts.prompt import JINJA, PLACEHOLDER, Message, Prompt

_MAX_CHARACTERS = 5 * 1024 * 1024
_MAX_INCLUDES = 2_000
_INCLUDE = re.compile(
    r"include\s+(?P<quote>['\"])(?P<path>[^'\"]+)(?P=quote)(?P<missing>\s+ignore\s+missing)?(\s+with(out)?\s+context)?"
)
_ELSEWHERE = re.compile(r"(include|extends|import|from|block)\b")
_PARTIAL = re.compile(r"\{\{~?>\s*(?P<path>[^\s}~]+)\s*~?\}\}|(?P<other>\{\{~?#?>[^}]*\}\})")
_HANDLEBARS = frozenset({"handlebars", "mustache", "dotprompt"})


@dataclass(slots=True)
class _Room:
    """What may still be included."""

    characters: int = _MAX_CHARACTERS
    includes: int = _MAX_INCLUDES

    def take(self, text: str) -> str:
        self.characters -= len(text)
        self.includes -= 1
        if self.characters < 0 or self.includes < 0:
            raise NotStatic
        return text


def resolved_messages(prompt: Prompt) -> tuple[Message, ...] | None:
    """The messages with their includes in place; None where it takes values to tell, or nothing is included."""
    if not prompt.partials:
        return None
    room = _Room()
    try:
        return tuple(_message(prompt, message, room) for message in prompt.messages)
    except (NotStatic, RecursionError):
        return None


def resolved_diff(old: Prompt, new: Prompt) -> ResolvedDiff | None:
    """What differs once includes are in place; None where neither side includes anything, or nothing can be said."""
    if not old.partials and not new.partials:
        return None
    before = resolved_messages(old) if old.partials else old.messages
    after = resolved_messages(new) if new.partials else new.messages
    if before is None or after is None:
        return None
    differing = tuple(found for found in diff_messages(before, after) if found.op is not MessageOp.EQUAL)
    return ResolvedDiff(_characters(before), _characters(after), differing)


def _characters(messages: tuple[Message, ...]) -> int:
    return sum(len(text_of(message)) for message in messages)


def _message(prompt: Prompt, message: Message, room: _Room) -> Message:
    if message.role == PLACEHOLDER:
        return message
    language = prompt.language_of(message)
    if isinstance(message.content, str):
        return replace(message, content=_resolved(message.content, language, prompt.partials, room, ()))
    parts = tuple(
        {**part, "text": _resolved(part["text"], language, prompt.partials, room, ())}
        if isinstance(part.get("text"), str)
        else part
        for part in message.content
    )
    return replace(message, content=parts)


def _resolved(text: str, language: str, partials: Mapping[str, str], room: _Room, above: tuple[str, ...]) -> str:
    if language == JINJA:
        return "".join(_jinja(flattened(text, partials), partials, room, above))
    if language in _HANDLEBARS:
        return "".join(_handlebars(text, language, partials, room, above))
    return text


def _jinja(text: str, partials: Mapping[str, str], room: _Room, above: tuple[str, ...]) -> Iterator[str]:
    place, strip = 0, False
    for mark in marks(text, JINJA):
        statement = mark.statement
        include = None if statement is None else _INCLUDE.fullmatch(statement)
        if statement is not None and include is None and _ELSEWHERE.match(statement):
            raise NotStatic
        if include is None:
            continue
        before = text[place : mark.start]
        before = before.lstrip() if strip else before
        yield before.rstrip() if mark.text[2] == "-" else before
        path = include["path"].removeprefix("./")
        yield _included(path, JINJA, partials, room, above, missing=bool(include["missing"]))
        place, strip = mark.end, mark.text[-3] == "-"
    rest = text[place:]
    yield rest.lstrip() if strip else rest


def _handlebars(
    text: str, language: str, partials: Mapping[str, str], room: _Room, above: tuple[str, ...]
) -> Iterator[str]:
    place = 0
    for found in _PARTIAL.finditer(text):
        if found["path"] not in partials:  # with arguments, or named by a value
            raise NotStatic
        yield text[place : found.start()]
        yield _included(found["path"], language, partials, room, above, missing=False)
        place = found.end()
    yield text[place:]


def _included(
    path: str, language: str, partials: Mapping[str, str], room: _Room, above: tuple[str, ...], *, missing: bool
) -> str:
    if path not in partials and missing:
        return ""
    if not partials.get(path) or path in above:  # git's driver has no text of what is included
        raise NotStatic
    return room.take(_resolved(partials[path], language, partials, room, (*above, path)))
