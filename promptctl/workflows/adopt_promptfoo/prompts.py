"""promptfoo prompts (inline, files, globs) -> messages, each with a name."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from promptctl.documents import parse_json, parse_yaml, printable
from promptctl.errors import FileError
from promptctl.workflows.adopt_promptfoo.files import PREFIX, Folder, loaded, mapping_of
from promptctl.workflows.adopt_promptfoo.leftovers import Leftovers

_TEXT = frozenset({".txt", ".md", ".j2", ""})
_CODE = frozenset({".py", ".js", ".cjs", ".mjs", ".ts", ".mts", ".sh", ".rb"})
_STRUCTURED = frozenset({".json", ".yaml", ".yml"})
_LINES = frozenset({".jsonl", ".csv"})
_KNOWN = _TEXT | _CODE | _STRUCTURED | _LINES
_REMOTE = re.compile(r"(?:langfuse|portkey|helicone|exec|https?|package)://|(?:exec|python):")
_ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})


@dataclass(frozen=True, slots=True)
class FoundPrompt:
    """One prompt of a config. `labels` are what tests may call it."""

    name: str
    messages: tuple[Mapping[str, Any], ...]
    labels: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)


def found_prompts(config: Mapping[str, Any], folder: Folder, left: Leftovers) -> list[FoundPrompt]:
    """Every prompt that can be carried over, under a name that no other one has."""
    entries = config.get("prompts")
    if isinstance(entries, dict):
        entries = [{"id": file, "label": label} for file, label in entries.items()]
    listed = entries if isinstance(entries, list) else [entries] * (entries is not None)
    taken: set[str] = set()
    prompts: list[FoundPrompt] = []
    for number, entry in enumerate(listed, 1):
        for name, messages, labels, params in _entry(entry, f"prompts[{number}]", folder, left):
            unique = _unique(_slug(name), taken)
            prompts.append(FoundPrompt(unique, messages, labels, params))
    return prompts


def surrounded(prompt: FoundPrompt, before: str, after: str, left: Leftovers) -> FoundPrompt:
    """With a prefix and a suffix; they are named where a prompt is more than one text."""
    if not before and not after:
        return prompt
    first, *others = prompt.messages
    if others or first["role"] != "user" or not isinstance(first["content"], str):
        left.note(
            "'options.prefix' and 'suffix' are not carried over: it is no single text", at=f"prompt '{prompt.name}'"
        )
        return prompt
    content = f"{template(before)}{first['content']}{template(after)}"
    return replace(prompt, messages=({**first, "content": content},))


_Raw = tuple[str, tuple[Mapping[str, Any], ...], tuple[str, ...], Mapping[str, Any]]


def _entry(entry: Any, at: str, folder: Folder, left: Leftovers) -> Iterator[_Raw]:
    """One entry of `prompts:`; a file or a glob may hold several prompts."""
    given = mapping_of(entry)
    text = given.get("raw", given.get("id", given.get("file"))) if given else entry
    if not isinstance(text, str) or not text.strip():
        left.note("is no text and no file", at=at)
        return
    for key in given:
        if key not in {"raw", "id", "file", "label", "config"}:
            left.note(f"'{printable(str(key))}' is not carried over", at=at)
    label = given.get("label") if isinstance(given.get("label"), str) else None
    params = mapping_of(given.get("config"))
    try:
        texts = list(_texts(text, folder, inline="raw" in given))
    except FileError as error:
        for line in error.lines():
            left.note(line, at=at)
        return
    except _LeftOut as why:
        left.note(str(why), at=at)
        return
    for name, one in texts:
        try:
            messages = _messages(one)
        except FileError as error:
            left.note(error.lines()[0], at=f"{at} ({name})" if name else at)
            continue
        labels = tuple(found for found in (label, text, name) if found)
        yield label or name or str(given.get("id", "")) or "prompt", messages, labels, params


class _LeftOut(Exception):
    """Why a prompt cannot be carried over."""


def _texts(text: str, folder: Folder, *, inline: bool) -> Iterator[tuple[str, Any]]:
    """The texts (or lists of messages) of an entry, a file's with a name made of the file's."""
    if not inline and _REMOTE.match(text):
        raise _LeftOut(f"'{printable(text)}' is not a file here")
    if inline or not _names_a_file(text, folder):
        yield "", text
        return
    reference = text.removeprefix(PREFIX)
    if _suffix(reference) in _CODE:
        raise _LeftOut(f"'{printable(reference)}' is code; write its prompt as text")
    for path in folder.paths(reference):
        suffix = path.suffix.lower()
        if suffix in _CODE or suffix not in _KNOWN:
            raise _LeftOut(f"'{folder.name(path)}' is no prompt as text")
        parts = list(_parts(folder.text(path), path, suffix, folder))
        for number, part in enumerate(parts, 1):
            yield path.stem if number == 1 else f"{path.stem}-{number}", part


def _names_a_file(text: str, folder: Folder) -> bool:
    if text.startswith(PREFIX):
        return True
    if "\n" in text or "{{" in text or len(text) > 255:
        return False
    return _suffix(text) in _KNOWN - {""} and bool(folder.base.joinpath(text).is_file() or "*" in text)


def _suffix(reference: str) -> str:
    """The extension; `prompt.py:function` has the file's."""
    return Path(reference.split(":", 1)[0]).suffix.lower()


def _parts(text: str, path: Path, suffix: str, folder: Folder) -> Iterator[Any]:
    where = folder.name(path)
    if suffix in _STRUCTURED:
        yield loaded(text, path, where)
    elif suffix == ".txt":
        yield from (part for part in (part.strip() for part in re.split(r"(?m)^\s*---\s*$", text)) if part)
    elif suffix == ".jsonl":
        lines = enumerate(text.splitlines(), 1)
        yield from (parse_json(line, where, first_line=number) for number, line in lines if line.strip())
    elif suffix == ".csv":
        yield from _column(text)
    else:
        yield text.strip()


def _column(text: str) -> Iterator[str]:
    """The `prompt` column; a file without one holds a prompt a line."""
    rows = csv.reader(io.StringIO(text))
    header = next(rows, [])
    if "prompt" in header:
        at = header.index("prompt")
        yield from (row[at] for row in rows if len(row) > at and row[at].strip())
        return
    yield from (line for line in text.splitlines() if line.strip())


def _messages(value: Any) -> tuple[Mapping[str, Any], ...]:
    """A chat, where the value is one; else one user message."""
    if isinstance(value, str):
        chat = chat_text(value)
        if chat is None:
            return ({"role": "user", "content": template(value)},)
        value = chat
    if not isinstance(value, list) or not all(_is_message(item) for item in value) or not value:
        from promptctl.errors import Problem

        raise FileError(Problem("", "is structured, but no list of messages with role and content"))
    return tuple({**item, "content": _content(item["content"])} for item in value)


def chat_text(text: str) -> Any | None:
    """A text that is a chat written as JSON or YAML."""
    stripped = text.strip()
    if stripped.startswith("- role:"):
        return parse_yaml(stripped, "the prompt").value
    if stripped.startswith("[") and '"role"' in stripped:
        return parse_json(stripped, "the prompt")
    return None


def _is_message(item: Any) -> bool:
    return isinstance(item, dict) and item.get("role") in _ROLES and isinstance(item.get("content"), str | list)


def _content(content: Any) -> Any:
    return template(content) if isinstance(content, str) else content


def template(text: str) -> str:
    """Nunjucks -> Jinja, where they differ by a name alone: `dump` is `tojson`."""
    return re.sub(r"\|\s*dump\b(?:\(\s*\d*\s*\))?(?=[^{}]*[}%]\})", "| tojson", text)


def _slug(name: str) -> str:
    words = re.sub(r"[^a-z0-9_-]+", "-", name.lower().removeprefix(PREFIX)).strip("-_")
    return words[:60].rstrip("-_") or "prompt"


def _unique(name: str, taken: set[str]) -> str:
    number, unique = 1, name
    while unique in taken:
        number += 1
        unique = f"{name}-{number}"
    taken.add(unique)
    return unique
