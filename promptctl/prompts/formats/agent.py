"""Files that coding agents read -> Prompt: SKILL.md, AGENTS.md, *.prompt.md, *.instructions.md, Cursor's .mdc and kin.

Their text goes to the model as it stands: a system message, but that of a `.prompt.md`, which the user sends. Keys of
their front matter that no model sees are metadata, which `diff` compares.
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from promptctl.documents import Document, decode, parse_yaml, plain_value
from promptctl.errors import FileError, InvalidPrompt, Problem
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.formats.foreign import Found, prompt_from
from promptctl.prompts.prompt import LITERAL, Message, Prompt

_FENCE = re.compile(r"\A(?:[ \t]*\n|<!--.*?-->)*---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_PAIR = re.compile(r"([A-Za-z][\w-]*)[ \t]*:[ \t]*(.*)")


def read(file: PromptText) -> Prompt:
    """The prompt; FileError with every mistake. Front matter that is no YAML is read line by line, with a warning."""
    text = decode(file.data, file.path)
    found = _FENCE.match(text)
    keys, warnings = _keys(file, found[1], text.count("\n", 0, found.start(1)) + 1) if found else ({}, ())
    body = text[found.end() :] if found else text
    name = PurePosixPath(file.path).name.lower()
    if name == "skill.md":
        _check_skill(keys, file.path)
    if not body.strip():
        raise InvalidPrompt(Problem(file.path, "holds no text.", hint="Write it below the front matter."))
    sent_by_user = name.endswith(".prompt.md")
    content = body.strip("\n") + "\n"
    line = text.count("\n", 0, text.index(content.rstrip("\n"), found.end() if found else 0)) + 1
    model, description = keys.pop("model", None), keys.pop("description", None)
    parts = Found(
        [Message("user" if sent_by_user else "system", content, line=line)],
        language="dollar" if sent_by_user and "${" in body else LITERAL,
        description=description if isinstance(description, str) else "",
        model=None,
        metadata={**keys, **({} if model is None else {"model": model})},
        warnings=warnings,
    )
    return prompt_from(file, parts, "agent")


def _check_skill(keys: Mapping[str, Any], path: str) -> None:
    absent = [key for key in ("name", "description") if not isinstance(keys.get(key), str)]
    if absent:
        hint = "An agent chooses a skill by its name and description."
        raise InvalidPrompt([Problem(path, f"its front matter has no '{key}'.", hint=hint) for key in absent])


def _keys(file: PromptText, text: str, first_line: int) -> tuple[dict[str, Any], tuple[str, ...]]:
    try:
        document = parse_yaml(text, file.path, first_line=first_line, tags=file.tags)
    except FileError as error:
        keys = _line_by_line(text)
        if not keys:
            raise
        return keys, (f"its front matter is no YAML, and is read line by line: {error.problems[0]}",)
    return _mapping(document, file.path)


def _mapping(document: Document, path: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    if document.value is None:
        return {}, ()
    if not isinstance(document.value, dict):
        raise InvalidPrompt(Problem(path, "its front matter must hold 'key: value' lines.", document.lines.get(())))
    return dict(document.value), ()


def _line_by_line(text: str) -> dict[str, Any]:
    """`key: value`, as editors read `globs: **/*.ts`, which YAML takes for an alias."""
    pairs = (_PAIR.fullmatch(line.rstrip()) for line in text.split("\n"))
    return {pair[1]: _value(pair[2]) for pair in pairs if pair}


def _value(text: str) -> Any:
    bare = text.strip()
    if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "\"'":
        return bare[1:-1]
    try:
        return plain_value(bare)
    except ValueError:
        return bare
