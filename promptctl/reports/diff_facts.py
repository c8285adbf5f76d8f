"""PromptDiff -> the plain rows that every form of a diff shows: values, messages, counts of words."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from promptctl.prompts.diff import (
    ABSENT,
    Change,
    MessageDiff,
    MessageOp,
    Op,
    PromptDiff,
    Said,
    Segment,
    ValueDiff,
    response_said,
    tool_said,
    word_diff,
)
from promptctl.reports.numbers import UNKNOWN, change, count, dollars, plural

_WORDS = 24  # characters of a value from which both sides are shown word by word


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One value that differs; None where a side does not have it. `where` is the part and the path in it.

    `said` is a sentence that tells it better than both values beside each other.
    """

    where: str
    old: str | None
    new: str | None
    said: str = ""


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
    tools = [row for tool in diff.tools for row in _told(_rows("tools.", tool), tool_said(tool))]
    schema = [row for value in diff.schema for row in _told(_rows("", value), response_said(value))]
    params = [row for value in diff.params for row in _rows("", value)]
    others = [row for values in (diff.assertions, _others(diff)) for value in values for row in _rows("", value)]
    renamed = {one.old for one in diff.variables.renamed} | {one.new for one in diff.variables.renamed}
    names = [
        *(ValueRow("variable", one.old, one.new) for one in diff.variables.renamed),
        *(ValueRow("variable", None, name) for name in diff.variables.added if name not in renamed),
        *(ValueRow("variable", name, None) for name in diff.variables.removed if name not in renamed),
    ]
    return [*params, *tools, *schema, *others, *names]


def _others(diff: PromptDiff) -> list[ValueDiff]:
    """The rest without what the texts show already, and without the format of what came or went."""
    alone = diff.change in {Change.ADDED, Change.REMOVED}
    hidden = {"script"} if any(one.op is not MessageOp.EQUAL for one in diff.messages) else set[str]()
    return [value for value in diff.other if value.path not in hidden | ({"format"} if alone else set())]


def _told(rows: Iterable[ValueRow], said: Sequence[Said]) -> list[ValueRow]:
    """Rows with their sentences, where each has one that says more than its values."""
    found = list(rows)
    if len(found) != len(said):
        return found
    return [replace(row, said="" if _is_text(row) else one.sentence) for row, one in zip(found, said, strict=True)]


def _is_text(row: ValueRow) -> bool:
    """Whether both sides are best shown word by word."""
    return row.old is not None and row.new is not None and max(len(row.old), len(row.new)) > _WORDS


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
    """Messages that differ, in order, then the included templates that do.

    Where includes came or went, the resolved messages say what became of the text, and the templates only which.
    """
    messages = [_message(message) for message in diff.messages if message.op is not MessageOp.EQUAL]
    came_or_went = any(partial.op != "changed" for partial in diff.partials)
    shown = diff.resolved is not None and came_or_went
    partials = [
        TextBlock(
            f"included {partial.path}{'' if partial.op == 'changed' else f', {partial.op}'}",
            () if shown and partial.op != "changed" else partial.segments,
        )
        for partial in diff.partials
    ]
    found = diff.resolved.messages if diff.resolved is not None and came_or_went else ()
    resolved = [replace(block, title=f"{block.title}, resolved") for block in map(_message, found)]
    return [*messages, *partials, *resolved]


def _message(message: MessageDiff) -> TextBlock:
    return TextBlock(_title(message), message.segments, tuple(_extras(message)))


def _title(message: MessageDiff) -> str:
    old = None if message.old_index is None else message.old_index + 1
    new = None if message.new_index is None else message.new_index + 1
    if old is None or new is None:
        return f"message {new or old} {message.new_role or message.old_role}, {message.op.value}"
    role = message.new_role or ""
    roles = role if message.old_role == role else f"{message.old_role} → {role}"
    how = {
        MessageOp.MOVED: f", moved from {old}",
        MessageOp.SPLIT: f", split from {old}",
        MessageOp.MERGED: f", merged from {old}",
        MessageOp.ROLE: ", the same words in another role",
    }
    form = ", in form alone" if message.form_only and not message.whitespace_only else ""
    blank = ", in white space alone" if message.whitespace_only else ""
    return f"message {new} {roles}{how.get(message.op, '')}{form}{blank}"


def _extras(message: MessageDiff) -> Iterator[ValueRow]:
    old = {} if message.old is None else message.old.extra
    new = {} if message.new is None else message.new.extra
    for key in dict.fromkeys((*old, *new)):
        before, after = _written(old.get(key, ABSENT)), _written(new.get(key, ABSENT))
        if before != after:
            yield ValueRow(key, before, after)


def words_moved(diff: PromptDiff) -> Stat:
    """Words that came and went, in messages and included templates; not those that moved, or changed in form alone."""
    texts = [
        *(message.segments for message in diff.messages if message.op is not MessageOp.EQUAL),
        *(partial.segments for partial in diff.partials),
    ]
    segments = [segment for text in texts for segment in text if segment.move is None and segment.fold is None]
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
        (len(diff.variables.added) + len(diff.variables.removed) - len(diff.variables.renamed), "variable"),
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


def cost_said(diff: PromptDiff) -> str:
    """`$0.0002 → $0.0004 a call, $240 → $480 a month`; empty where nobody counted, unknown where a price is."""
    call, month = costs_said(diff)
    if not call or call == UNKNOWN:
        return call
    return f"{call} a call, {month} a month" if month else f"{call} a call"


def costs_said(diff: PromptDiff) -> tuple[str, str]:
    """What a call costs, and what a month does; empty where it is not known how many calls there are."""
    cost = diff.cost
    if cost is None:
        return "", ""
    if cost.old is None and cost.new is None:
        return UNKNOWN, ""
    call = _costs(diff, cost.old, cost.new)
    alone = cost.old_month is None and cost.new_month is None
    return call, "" if alone else _costs(diff, cost.old_month, cost.new_month)


def _costs(diff: PromptDiff, old: float | None, new: float | None) -> str:
    if diff.change is Change.ADDED or old == new:
        return dollars(new)
    return dollars(old) if diff.change is Change.REMOVED else f"{dollars(old)} → {dollars(new)}"


def compared(row: ValueRow) -> tuple[Segment, ...]:
    """Both values of a row word by word."""
    return word_diff(row.old or "", row.new or "")
