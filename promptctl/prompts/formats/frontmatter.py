"""A Markdown file -> Prompt: with YAML front matter, or plain."""

import re
from collections.abc import MutableMapping

from promptctl.documents import Document, Fields, decode, parse_yaml
from promptctl.errors import FileError, InvalidPrompt, Problem
from promptctl.prompts.formats.fields import prompt_of
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.formats.text import plain
from promptctl.prompts.prompt import Message, Prompt

_BEFORE = re.compile(r"(?:[ \t]*\n|<!--.*?-->)*", re.DOTALL)
_LICENCE = re.compile(r"(?:[ \t]*\n|#[^\n]*\n|<!--.*?-->)*", re.DOTALL)
_OPEN = re.compile(r"---[ \t]*(?:\n|$)")
_CLOSE = re.compile(r"^---[ \t]*(?:\n|\Z)", re.MULTILINE)
_ROLE = re.compile(r"^(system|user|assistant):[ \t]*$", re.MULTILINE)


def read(file: PromptText) -> Prompt:
    """The prompt; FileError with every mistake."""
    text = decode(file.data, file.path)
    parts = split(text, file.path, file.tags)
    if parts is None:
        return plain(file, text)
    document, body, first_line = parts
    messages, problems = _messages(body, first_line, file.path)
    fields = Fields(document if document.value is not None else Document({}), file.path, problems=problems)
    if not messages and not problems and "messages" not in fields:
        fields.problem("has no text below its front matter.", hint="Write the prompt's text below the second '---'.")
    # What is missing is named above; the keys are read all the same, for their own mistakes.
    if not messages and "messages" not in fields:
        messages = (Message("user", ""),)
    return prompt_of(file, fields, lines=text.split("\n"), body=messages, file_format="frontmatter")


def split(text: str, path: str, tags: MutableMapping[str, str]) -> tuple[Document, str, int] | None:
    """The front matter, the text below it, and that text's first line; None where there is no front matter.

    `tags` takes those of its YAML that are unknown.
    """
    own: dict[str, str] = {}
    start = _end(_BEFORE, text)
    certain = _OPEN.match(text, start)
    # After a heading, --- may as well be a rule: it opens front matter only if keys follow.
    opening = certain or _OPEN.match(text, _end(_LICENCE, text))
    if opening is None:
        return None
    closing = _CLOSE.search(text, opening.end())
    first_line = text.count("\n", 0, opening.end()) + 1
    if closing is None:
        if certain is None:
            return None
        message = "its front matter has no end."
        raise InvalidPrompt(Problem(path, message, first_line - 1, "Write '---' alone on a line below it."))
    try:
        document = parse_yaml(text[opening.end() : closing.start()], path, first_line=first_line, tags=own)
    except FileError:
        if certain is None:
            return None
        raise
    if certain is None and not isinstance(document.value, dict):
        return None
    tags.update(own)
    return document, text[closing.end() :], text.count("\n", 0, closing.end()) + 1


def _end(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.match(text)
    return found.end() if found else 0


def _messages(body: str, first_line: int, path: str) -> tuple[tuple[Message, ...], list[Problem]]:
    """The body's messages, cut at the lines that name a role: before rendering, so that no value can make one."""
    messages: list[Message] = []
    problems: list[Problem] = []
    role, start, named = "user", 0, False
    for marker in [*_ROLE.finditer(body), None]:
        content = body[start:] if marker is None else body[start : marker.start()]
        text = _without_blank_ends(content)
        line = first_line + body.count("\n", 0, start)
        if text:
            messages.append(Message(role, text, line=line + content.count("\n", 0, content.index(text))))
        elif named:
            problems.append(
                Problem(path, f"there is no text below '{role}:'.", line, "Write it, or take the line out.")
            )
        if marker is not None:
            role, start, named = marker[1], marker.end(), True
    return tuple(messages), problems


def _without_blank_ends(text: str) -> str:
    return re.sub(r"\A(?:[ \t]*\n)+|\s+\Z", "", text)
