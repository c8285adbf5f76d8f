"""The templates of a file's messages: parsed, placed in their file, their partials found."""

import re
from collections.abc import Callable, Mapping, Sequence

from promptctl.documents import Fields, printable
from promptctl.errors import Problem
from promptctl.prompts.analysis import TemplateProblem, analyse, image_url
from promptctl.prompts.partials import Include, Partials
from promptctl.prompts.prompt import JINJA, PLACEHOLDER, Message

LineOf = Callable[[int], int | None]

# `content: |`: only a literal block keeps its lines where they are in the file.
_LITERAL_BLOCK = re.compile(r":\s+(?:[&!]\S+\s+)*\|[-+0-9]*\s*(?:#.*)?$")


def check_templates(
    messages: Sequence[Message], fields: Fields, include: Include, lines: Sequence[str], *, language: str = JINJA
) -> Mapping[str, str]:
    """The partials of all messages; mistakes are added to the fields' own. `language` is the prompt's."""
    partials = Partials(fields.where, include)
    for index, message in enumerate(messages):
        if message.role == PLACEHOLDER:
            continue
        own = message.language or language
        if isinstance(message.content, str):
            place = _placed(fields, lines, message, index, "content")
            _check(message.content, own, f"message {index + 1} ({message.role})", partials, place)
            continue
        for number, part in enumerate(message.content):
            for key, text in (("text", part.get("text")), ("image_url", image_url(part))):
                if isinstance(text, str):
                    place = _placed(fields, lines, message, index, "content", number, key)
                    _check(text, own, f"message {index + 1} ({message.role})", partials, place)
    fields.problems.extend(partials.problems)
    return partials.found


def _check(text: str, language: str, name: str, partials: Partials, line_of: LineOf) -> None:
    try:
        template = analyse(text, language)
    except TemplateProblem as error:
        message = f"the template of {name} does not parse: {printable(error.message, limit=200).rstrip('.')}."
        partials.problems.append(Problem(partials.where, message, line_of(error.line)))
        return
    partials.follow(template, line_of, language)


def _placed(fields: Fields, lines: Sequence[str], message: Message, index: int, *path: str | int) -> LineOf:
    line = fields.document.lines.get(("messages", index, *path))
    if line is None:  # the text below front matter: its lines are the file's
        return lambda number: None if message.line is None else message.line + number - 1
    if 0 < line <= len(lines) and _LITERAL_BLOCK.search(lines[line - 1]):
        return lambda number: line + number
    return lambda _number: line
