"""Google's dotprompt: Handlebars whose helpers make messages (`role`, `history`) and parts of them (`media`).

The helpers leave marks in the rendered text, at which it is cut into messages. A mark is chosen so that no value holds
it: text that looks like a role is text.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dotpromptz_handlebars import HelperFn, HelperOptions, SafeString

from promptctl.prompts.budget import current
from promptctl.prompts.languages import Analysis, Script, TemplateProblem, Text, Values, handlebars
from promptctl.prompts.languages.mark import mark_for
from promptctl.prompts.prompt import RenderedMessage

HISTORY = "history"
ROLES: Mapping[str, str] = {"user": "user", "model": "assistant", "system": "system", "tool": "tool"}

_OPEN, _CLOSE = "\ue0d0", "\ue0d1"


@dataclass(slots=True)
class Part:
    """A piece of a message: a text, a medium by its address, or the place of a section that somebody else fills."""

    text: str = ""
    url: str | None = None
    content_type: str | None = None
    section: str | None = None


@dataclass(slots=True)
class Turn:
    """A message with dotprompt's own role; `history` says that it was handed in."""

    role: str
    parts: list[Part] = field(default_factory=list)
    history: Mapping[str, Any] | None = None


def candidates(name: str) -> Iterator[str]:
    """A partial's file: `_name.prompt`, or as it is written."""
    folder, slash, last = name.rpartition("/")
    yield f"{folder}{slash}_{last}.prompt"
    yield name


def analyse(text: str) -> Analysis:
    """The names; `history` is one that may be absent."""
    return handlebars.analyse_with(text, _HELPERS, optional=(HISTORY,))


def compiled(text: str, partials: Mapping[str, str]) -> Text:
    """The text of all messages."""
    script = messages(text, partials)
    return lambda values: "\n".join(str(message.content) for message in script(values))


def messages(text: str, partials: Mapping[str, str]) -> Script:
    """The template as a function from its values to messages: an undefined variable is an error."""
    rendered = turns(text, partials, strict=True)
    return lambda values: tuple(_rendered(turn) for turn in rendered(values) if _says_something(turn))


def turns(text: str, partials: Mapping[str, str], *, strict: bool) -> Any:
    """The template as a function from values to turns. dotprompt itself is not strict: nothing is printed for nothing.

    Among the values `history` is a list of messages, and names that begin with @ are context (`@state`, `@auth`).
    """
    render = handlebars.engine(text, partials, helpers=_HELPERS, strict=strict, paths=candidates)

    def rendered(values: Values) -> list[Turn]:
        mark = mark_for(values, _OPEN)
        context = {name.removeprefix("@"): value for name, value in values.items() if name.startswith("@")}
        own = {name: value for name, value in values.items() if not name.startswith("@")}
        history = own.pop(HISTORY, None) or []
        if not isinstance(history, list | tuple) or not all(isinstance(one, Mapping) for one in history):
            raise TemplateProblem(f"{HISTORY!r} must be a list of messages", 1)
        return _with_history(list(_cut(render(own, {**context, "%mark": mark}), mark, history)), history)

    return rendered


def _marked(kind: str, args: list[Any], options: HelperOptions) -> str:
    return SafeString(f"{options.data['%mark']}{kind}{json.dumps(args)}{_CLOSE}")


def _role_helper(args: list[Any], options: HelperOptions) -> str:
    return _marked("role", [str(args[0])], options) if args else ""


def _history(_args: list[Any], options: HelperOptions) -> str:
    return _marked(HISTORY, [], options)


def _section(args: list[Any], options: HelperOptions) -> str:
    return _marked("section", [str(args[0])], options) if args else ""


def _media(_args: list[Any], options: HelperOptions) -> str:
    url, kind = options.hash_value("url"), options.hash_value("contentType")
    return _marked("media", [str(url), str(kind) if kind else None], options) if url else ""


def _if_equals(args: list[Any], options: HelperOptions) -> str:
    if len(args) < 2:
        return ""
    return options.fn() if _equal(args) else options.inverse()


def _unless_equals(args: list[Any], options: HelperOptions) -> str:
    if len(args) < 2:
        return ""
    return options.inverse() if _equal(args) else options.fn()


def _equal(args: list[Any]) -> bool:
    """As in JavaScript's ===: true is not 1."""
    one, other = args[:2]
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _json(args: list[Any], options: HelperOptions) -> str:
    if not args:
        return ""
    try:
        indent = int(options.hash_value("indent") or 0)
    except (TypeError, ValueError):
        indent = 0
    current().work(current().weight(args[0]))
    text = json.dumps(args[0], indent=min(indent, 16) or None, separators=(",", ": " if indent else ":"))
    return SafeString(text)


_HELPERS: Mapping[str, HelperFn] = {
    "role": _role_helper,
    HISTORY: _history,
    "section": _section,
    "media": _media,
    "json": _json,
    "ifEquals": _if_equals,
    "unlessEquals": _unless_equals,
}


def _cut(text: str, mark: str, history: Any) -> Iterator[Turn]:
    """The rendered text, cut at its marks."""
    turn = Turn("user")
    for number, piece in enumerate(re.split(f"{re.escape(mark)}([a-z]+)(\\[[^{_CLOSE}]*\\]){_CLOSE}", text)):
        if number % 3 == 0 and piece:
            turn.parts.append(Part(piece))
        elif number % 3 == 1:
            kind = piece
        elif number % 3 == 2:
            arguments = json.loads(piece)
            if kind == "media":
                turn.parts.append(Part(url=arguments[0], content_type=arguments[1]))
            elif kind == "section":
                turn.parts.append(Part(section=arguments[0]))
            elif kind == "role" and not _has_content(turn):
                turn = Turn(_role(arguments[0]))
            else:
                yield turn
                yield from (Turn(str(one.get("role", "user")), history=one) for one in history if kind == HISTORY)
                turn = Turn("model" if kind == HISTORY else _role(arguments[0]))
    yield turn


def _has_content(turn: Turn) -> bool:
    return any(part.text.strip() or part.url is not None or part.section is not None for part in turn.parts)


def _role(name: str) -> str:
    if name not in ROLES:
        raise TemplateProblem(f"unknown role {name[:40]!r}; one of {', '.join(ROLES)}", 1)
    return name


def _with_history(found: list[Turn], history: Any) -> list[Turn]:
    """Where no `history` stands in the template: before the last message of the user."""
    turns = [turn for turn in found if turn.parts or turn.history is not None]
    if not history or any(turn.history is not None for turn in turns):
        return turns
    given = [Turn(str(one.get("role", "user")), history=one) for one in history]
    before = len(turns) - 1 if turns and turns[-1].role == "user" else len(turns)
    return [*turns[:before], *given, *turns[before:]]


def _says_something(turn: Turn) -> bool:
    return turn.history is not None or _has_content(turn)


def _rendered(turn: Turn) -> RenderedMessage:
    if turn.history is not None:
        extra = {key: value for key, value in turn.history.items() if key not in {"role", "content", "metadata"}}
        return RenderedMessage(ROLES.get(turn.role, turn.role), turn.history.get("content") or "", extra)
    sent = [part for part in turn.parts if part.section is None]
    role = ROLES[turn.role]
    if all(part.url is None for part in sent):
        return RenderedMessage(role, "".join(part.text for part in sent))
    parts: list[Mapping[str, Any]] = [
        {"type": "text", "text": part.text}
        if part.url is None
        else {"type": "image_url", "image_url": {"url": part.url}}
        for part in sent
        if part.text.strip() or part.url is not None
    ]
    return RenderedMessage(role, tuple(parts))
