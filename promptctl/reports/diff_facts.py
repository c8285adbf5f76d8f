"""PromptDiff -> the plain rows that every form of a diff shows: values, messages, counts of words."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from promptctl.prompts.diff import ABSENT, MessageDiff, MessageOp, Op, PromptDiff, Segment, ValueDiff, word_diff
from promptctl.reports.phrases import change, count, plural


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One value that differs; None where a side does not have it. `where` is the part and the path in it."""

    where: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A message or an included template that differs."""

    title: str
    segments: tuple[Segment, ...]
    rows: tuple[ValueRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Stat:
    """How much changed, in words."""

    added: int
    removed: int


def value_rows(diff: PromptDiff) -> list[ValueRow]:
    """Parameters, tools, schema, assertions and the rest; a value with changes inside is told by those."""
    parts = (
        ("", diff.params),
        ("tools.", diff.tools),
        ("", diff.schema),
        ("", diff.assertions),
        ("", diff.other),
    )
    rows = [row for prefix, values in parts for value in values for row in _rows(prefix, value)]
    came, went = diff.variables.added, diff.variables.removed
    names = [*(ValueRow("variable", None, name) for name in came), *(ValueRow("variable", name, None) for name in went)]
    return [*rows, *names]


def _rows(prefix: str, value: ValueDiff) -> Iterator[ValueRow]:
    if not value.changes:
        yield ValueRow(f"{prefix}{value.path}", _written(value.old), _written(value.new))
        return
    for inner in value.changes:
        joint = "" if inner.path.startswith("[") else "."
        yield from _rows(f"{prefix}{value.path}{joint}", inner)


def _written(value: Any) -> str | None:
    if value is ABSENT:
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def text_blocks(diff: PromptDiff) -> list[TextBlock]:
    """Messages that differ, in order, then the included templates that do."""
    messages = [_message(message) for message in diff.messages if message.op is not MessageOp.EQUAL]
    partials = [
        TextBlock(f"included {partial.path}{'' if partial.op == 'changed' else f', {partial.op}'}", partial.segments)
        for partial in diff.partials
    ]
    return [*messages, *partials]


def _message(message: MessageDiff) -> TextBlock:
    return TextBlock(_title(message), message.segments, tuple(_extras(message)))


def _title(message: MessageDiff) -> str:
    old = None if message.old_index is None else message.old_index + 1
    new = None if message.new_index is None else message.new_index + 1
    if old is None or new is None:
        return f"message {new or old} {message.new_role or message.old_role}, {message.op.value}"
    role = message.new_role or ""
    roles = role if message.old_role == role else f"{message.old_role} → {role}"
    if message.op is MessageOp.MOVED:
        return f"message {new} {roles}, moved from {old}"
    return f"message {new} {roles}"


def _extras(message: MessageDiff) -> Iterator[ValueRow]:
    old = {} if message.old is None else message.old.extra
    new = {} if message.new is None else message.new.extra
    for key in dict.fromkeys((*old, *new)):
        before, after = _written(old.get(key, ABSENT)), _written(new.get(key, ABSENT))
        if before != after:
            yield ValueRow(key, before, after)


def words_moved(diff: PromptDiff) -> Stat:
    """Words that came and went, in messages and included templates."""
    segments = [segment for block in text_blocks(diff) for segment in block.segments]
    return Stat(_words(segments, Op.INSERT), _words(segments, Op.DELETE))


def _words(segments: Iterable[Segment], op: Op) -> int:
    return sum(len(segment.text.split()) for segment in segments if segment.op is op)


def values_said(diff: PromptDiff) -> str:
    """`2 params, 1 assertion`: which parts differ apart from the text."""
    parts: Sequence[tuple[int, str]] = (
        (len(diff.params), "param"),
        (len(diff.tools), "tool"),
        (len(diff.schema), "schema"),
        (len(diff.assertions), "assertion"),
        (len(diff.variables.added) + len(diff.variables.removed), "variable"),
        (len(diff.other), "other key"),
    )
    return ", ".join(plural(number, noun) for number, noun in parts if number)


def tokens_said(diff: PromptDiff) -> str:
    """`900 → 930 (+3.3%)`; empty where nobody counted."""
    tokens = diff.tokens
    if tokens is None:
        return ""
    about = "about " if tokens.approximate else ""
    if tokens.old is None or tokens.new is None:
        return f"{about}{count(tokens.new if tokens.old is None else tokens.old)}"
    moved = change(tokens.old, tokens.new)
    return f"{about}{count(tokens.old)} → {count(tokens.new)}{f' ({moved})' if moved else ''}"


def compared(row: ValueRow) -> tuple[Segment, ...]:
    """Both values of a row word by word."""
    return word_diff(row.old or "", row.new or "")
