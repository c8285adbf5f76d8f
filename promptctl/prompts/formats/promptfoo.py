"""promptfoo's prompt files -> prompts: a text cut at lines of `---`, JSON lines, a CSV column, or one prompt.

Only where the settings or a promptfooconfig say so: to promptctl a plain text is one message.
"""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from promptctl.documents import decode, parse_json, parse_yaml, printable
from promptctl.errors import FileError, InvalidPrompt, Problem
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.formats.foreign import Found, messages_of, prompt_from
from promptctl.prompts.prompt import Message, Prompt

_RULE = re.compile(r"^[ \t]*---[ \t]*$", re.MULTILINE)
_DUMP = re.compile(r"\|\s*dump\b(?:\(\s*\d*\s*\))?(?=[^{}]*[}%]\})")
MAX_MEMBERS = 1_000


def members(file: PromptText) -> tuple[str, ...]:
    """The labels of the prompts in a file, else their numbers, from 1."""
    return tuple(name for name, _, _ in _texts(decode(file.data, file.path), file.path))


def texts_of(file: PromptText) -> list[tuple[str, Any]]:
    """The names of the prompts in a file, and what each says: a text, or what JSON or YAML make of it."""
    return [(name, value) for name, value, _ in _texts(decode(file.data, file.path), file.path)]


def read(file: PromptText) -> Prompt:
    """The prompt of `file.member`, the first where none is named; FileError with every mistake."""
    found = _texts(decode(file.data, file.path), file.path)
    named = {name: (value, line) for name, value, line in found}
    if not named:
        raise InvalidPrompt(Problem(file.path, "holds no prompt.", hint="Write the prompt's text into it."))
    member = file.member or next(iter(named))
    if member not in named:
        hint = f"It holds: {', '.join(map(printable, list(named)[:10]))}."
        raise InvalidPrompt(Problem(file.path, f"holds no prompt '{printable(member)}'.", hint=hint))
    value, line = named[member]
    return prompt_from(file, Found(chat_or_text(value, file.path, line)), "promptfoo")


def _texts(text: str, path: str) -> list[tuple[str, Any, int | None]]:
    """Name, text or list of messages, and line of each prompt."""
    named: list[tuple[str, Any, int | None]] = []
    taken: dict[str, int] = {}
    for number, (label, value, line) in enumerate(_parts(text, path), 1):
        if number > MAX_MEMBERS:
            raise InvalidPrompt(Problem(path, f"holds more than {MAX_MEMBERS:,} prompts."))
        name = label or str(number)
        taken[name] = taken.get(name, 0) + 1
        named.append((name if taken[name] == 1 else f"{name}#{taken[name]}", value, line))
    return named


def _parts(text: str, path: str) -> Iterator[tuple[str, Any, int | None]]:
    extension = PurePosixPath(path).suffix.lower()
    if extension == ".txt":
        yield from _cut(text)
    elif extension == ".jsonl":
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield "", parse_json(line, path, first_line=number), number
    elif extension == ".csv":
        yield from _rows(text)
    elif extension == ".json":
        yield "", parse_json(text, path), None
    elif extension in {".yaml", ".yml"}:
        yield "", parse_yaml(text, path, tags={}).value, None
    elif text.strip():
        yield "", text.strip(), 1


def _cut(text: str) -> Iterator[tuple[str, Any, int | None]]:
    start = 0
    for rule in [*_RULE.finditer(text), None]:
        part = text[start : len(text) if rule is None else rule.start()]
        if part.strip():
            ahead = len(part) - len(part.lstrip())
            yield "", part.strip(), text.count("\n", 0, start + ahead) + 1
        start = start if rule is None else rule.end()


def _rows(text: str) -> Iterator[tuple[str, Any, int | None]]:
    """The column `prompt`, named by `label`; a file without such a column holds a prompt a line."""
    rows = csv.reader(io.StringIO(text))
    try:
        header = next(rows, [])
        if "prompt" in header:
            at, label = header.index("prompt"), header.index("label") if "label" in header else -1
            for row in rows:
                if len(row) > at and row[at].strip():
                    yield row[label] if 0 <= label < len(row) else "", row[at], rows.line_num
            return
    except csv.Error:
        pass  # no table: a prompt a line
    yield from (("", line, number) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def chat_or_text(value: Any, path: str, line: int | None) -> tuple[Message, ...]:
    """A chat, also one that is written as JSON in a text; else one message of the user. Raises InvalidPrompt."""
    if isinstance(value, str):
        chat = _chat(value, path)
        if chat is None:
            return (Message("user", jinja(value), line=line),)
        value = chat
    if isinstance(value, dict) and isinstance(value.get("messages"), list):
        value = value["messages"]
    if isinstance(value, list):
        return tuple(_in_jinja(message) for message in messages_of(value, path, line))
    raise InvalidPrompt(Problem(path, "is structured, but no list of messages with role and content.", line))


def _chat(text: str, path: str) -> Any | None:
    bare = text.strip()
    if not (bare.startswith("[") and '"role"' in bare):
        return None
    try:
        return parse_json(bare, path, first_line=None)
    except FileError:
        return None  # a template that makes JSON only once it is rendered


def _in_jinja(message: Message) -> Message:
    if not isinstance(message.content, str):
        return message
    return Message(message.role, jinja(message.content), message.extra, message.line)


def jinja(text: str) -> str:
    """Nunjucks as Jinja, where they differ by a name alone: `dump` is `tojson`."""
    return _DUMP.sub("| tojson", text)
