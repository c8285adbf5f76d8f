"""What changed in the prompts between two revisions, as one value that every format shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from promptctl.prompts.diff import Change, PromptDiff
from promptctl.prompts.diff import to_json as prompt_json
from promptctl.reports.diff_facts import (
    ValueRow,
    cost_said,
    text_blocks,
    tokens_said,
    value_rows,
    values_said,
    words_moved,
)
from promptctl.reports.diff_lines import Kind, Line, unified
from promptctl.reports.markdown_page import Page
from promptctl.reports.numbers import place, plural
from promptctl.reports.safe import markdown_fence, markdown_span, shortened
from promptctl.reports.sides import SourceView

SCHEMA = "promptctl.diff/1"
_LIMIT = 65_536  # characters of a comment on GitHub
_BLOCK = 12_000  # characters of one message
_ROWS = 60


@dataclass(frozen=True, slots=True)
class DiffItem:
    """One prompt at its `path`, the new one where there is. `diff` is None where a side cannot be read.

    `change` is added, removed, modified or renamed. `problems` says why it cannot, a line each. `inputs_changed`: its
    stored inputs differ.
    """

    name: str
    change: str
    old_name: str | None = None
    old_path: str | None = None
    diff: PromptDiff | None = None
    problems: tuple[str, ...] = ()
    inputs_changed: bool = False
    path: str = ""


@dataclass(frozen=True, slots=True)
class DiffReport:
    """Every prompt that differs between `old` and `new`."""

    old: SourceView
    new: SourceView
    prompts: tuple[DiffItem, ...] = ()


def to_json(report: DiffReport) -> dict[str, Any]:
    """`diff --format json`. Print it with `reports.json.dumps`."""
    return {
        "schema": SCHEMA,
        "old": {"revision": report.old.revision, "commit": report.old.commit},
        "new": {"revision": report.new.revision, "commit": report.new.commit},
        "prompts": [_item(item) for item in report.prompts],
    }


def _item(item: DiffItem) -> dict[str, Any]:
    found = prompt_json(item.diff or PromptDiff(item.name, Change.MODIFIED, item.path))
    found["tokens"] = found["tokens"] or {"old": None, "new": None, "approximate": False}
    named = {"prompt": item.name, "old_name": item.old_name, "old_path": item.old_path, "change": item.change}
    said = {"inputs_changed": item.inputs_changed, "warnings": [*item.problems, *found["warnings"]]}
    return {**found, **named, **said}


def also_said(item: DiffItem) -> str:
    """What differs apart from the text: `2 params, 1 assertion, inputs`."""
    values = "" if item.diff is None else values_said(item.diff)
    return ", ".join(part for part in (values, "inputs" if item.inputs_changed else "") if part)


def to_markdown(report: DiffReport, *, limit: int = _LIMIT) -> str:
    """`diff --format markdown`: a table, then each prompt's values and messages in `diff` fences. Inert, bounded."""
    page = Page(limit)
    sides = f"{_span(place(report.old))} → {_span(place(report.new))}"
    extent = plural(len(report.prompts), "prompt differs", "prompts differ") if report.prompts else "no prompt differs"
    page.add(f"### promptctl diff: {extent}\n\n{sides}")
    page.add(_table(report.prompts))
    for item in report.prompts:
        if page.full:
            page.leave_out()
        else:
            page.add_all(_blocks(item))
    return page.text()


def _table(items: Sequence[DiffItem]) -> str:
    priced = any(item.diff is not None and item.diff.cost is not None for item in items)
    titles = ["prompt", "change", "words", "also", "tokens", *(["input cost"] if priced else [])]
    rows = [_row(item)[: len(titles)] for item in items[:_ROWS]]
    if len(items) > _ROWS:
        rows.append([f"and {plural(len(items) - _ROWS, 'more prompt')}", *[""] * (len(titles) - 1)])
    head = [f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}"]
    return "\n".join([*head, *(f"| {' | '.join(row)} |" for row in rows)]) if items else ""


def _row(item: DiffItem) -> list[str]:
    name = markdown_span(shortened(item.name, 100), cell=True)
    if item.diff is None:
        return [name, item.change, "unreadable", "", "", ""]
    words = words_moved(item.diff)
    moved = f"+{words.added:,} −{words.removed:,}"
    return [name, item.change, moved, also_said(item), tokens_said(item.diff), cost_said(item.diff)]


def _blocks(item: DiffItem) -> Iterator[str]:
    source = f", was {_span(item.old_path or item.old_name or '')}" if item.old_path or item.old_name else ""
    yield f"#### {_span(item.name)} {item.change}{source}"
    yield from (f"- {markdown_span(shortened(problem, 1000))}" for problem in item.problems)
    if item.diff is None:
        return
    rows = "\n".join(line for row in value_rows(item.diff) for line in _value(row))
    if rows:
        yield _fence(rows)
    for block in text_blocks(item.diff):
        changed = "\n".join(
            [*(line for row in block.rows for line in _value(row)), *map(_line, unified(block.segments))]
        )
        yield f"{_span(block.title)}\n\n{_fence(changed)}" if changed else _span(block.title)
    yield from (f"- warning: {markdown_span(shortened(warning, 1000))}" for warning in item.diff.warnings)
    yield from (f"- note: {markdown_span(shortened(remark, 1000))}" for remark in item.diff.remarks)


def _value(row: ValueRow) -> list[str]:
    if row.said:
        return [f"{'+' if row.old is None else '-' if row.new is None else '!'} {' '.join(row.said.split())}"]
    sides = (("-", row.old), ("+", row.new))
    return [f"{sign} {row.where}: {' '.join(value.split())}" for sign, value in sides if value is not None]


def _line(line: Line) -> str:
    if line.kind is Kind.GAP:
        return f"@@ {plural(line.left_out, 'line')} @@"
    return f"{line.kind.value} {line.text}".rstrip()


def _span(text: str) -> str:
    return markdown_span(shortened(text, 200))


def _fence(text: str) -> str:
    return markdown_fence(text if len(text) <= _BLOCK else f"{text[:_BLOCK]}\n… ({len(text):,} characters)", "diff")
