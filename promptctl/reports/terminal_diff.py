"""DiffReport -> what changed in the prompts, as git would show it, with the words that differ marked."""

from collections.abc import Iterable, Sequence

from rich.text import Text

from promptctl.prompts.diff import PromptDiff
from promptctl.reports.diff_facts import (
    TextBlock,
    ValueRow,
    compared,
    costs_said,
    text_blocks,
    tokens_said,
    value_rows,
    words_moved,
)
from promptctl.reports.diff_lines import Kind, Line, pairs, unified
from promptctl.reports.diff_view import DiffItem, DiffReport, also_said
from promptctl.reports.numbers import place, plural
from promptctl.reports.safe import one_line, shortened
from promptctl.reports.terminal_canvas import Canvas, Column, beside_label, juxtaposed, pad, table

_ROWS = 24  # lines of a value that came or went
_SHORT = 24  # characters of a value that stands beside its other version on one line
_SIGNS = {"+": "green", "-": "red", "~": "yellow"}
_STYLES = {
    Kind.OLD: "red",
    Kind.NEW: "green",
    Kind.BOTH: "",
    Kind.GAP: "dim",
    Kind.FROM: "magenta",
    Kind.TO: "cyan",
}
_STRONG = {Kind.OLD: "bold red reverse", Kind.NEW: "bold green reverse"}
_MARKS = {Kind.OLD: ("[-", "-]"), Kind.NEW: ("{+", "+}")}
_CHANGES = {"added": "green", "removed": "red", "renamed": "yellow", "modified": "yellow"}


def render_diff(
    report: DiffReport,
    *,
    width: int = 80,
    color: bool = False,
    encoding: str = "utf-8",
    side_by_side: bool = False,
    stat: bool = False,
) -> str:
    """Unified by default; old beside new with `side_by_side`; a line a prompt with `stat`."""
    canvas = Canvas(width, color=color, encoding=encoding)
    lines = _headline(report, canvas)
    if stat:
        return canvas.rendered([*lines, Text(), *_stat_table(report.prompts, canvas)])
    for item in report.prompts:
        lines += [Text(), *_item(item, canvas, beside=side_by_side)]
    return canvas.rendered(lines)


def _headline(report: DiffReport, canvas: Canvas) -> list[Text]:
    sides = f"{one_line(place(report.old))} → {one_line(place(report.new))}"
    extent = plural(len(report.prompts), "prompt differs", "prompts differ") if report.prompts else "no prompt differs"
    return canvas.paragraph(canvas.text(sides, (f"   {extent}", "dim")))


def _item(item: DiffItem, canvas: Canvas, *, beside: bool) -> list[Text]:
    lines = _title(item, canvas)
    for problem in item.problems:
        lines += canvas.labelled(("!", "magenta"), canvas.text(one_line(problem)), indent=2, gutter=2, limit=8)
    return lines if item.diff is None else [*lines, *prompt_lines(item.diff, canvas, beside=beside)]


def prompt_lines(diff: PromptDiff, canvas: Canvas, *, beside: bool = False) -> list[Text]:
    """What changed in one prompt: values, then texts, then warnings and remarks."""
    lines: list[Text] = []
    for row in value_rows(diff):
        lines += _value(row, canvas)
    for block in text_blocks(diff):
        lines += _block(block, canvas, beside=beside)
    for warning in diff.warnings:
        lines += canvas.labelled(("warning", "yellow"), canvas.text(one_line(warning)), indent=2, gutter=9, limit=8)
    for remark in diff.remarks:
        lines += canvas.labelled(("note", "cyan"), canvas.text(one_line(remark)), indent=2, gutter=9, limit=8)
    return lines


def _title(item: DiffItem, canvas: Canvas) -> list[Text]:
    source = f" from {shortened(one_line(item.old_name), 200)}" if item.old_name else ""
    moved = f"  was {shortened(one_line(item.old_path), 200)}" if item.old_path else ""
    tokens = "" if item.diff is None else tokens_said(item.diff)
    return canvas.paragraph(
        canvas.text(
            (shortened(one_line(item.name), 200), "bold"),
            "  ",
            (one_line(item.change), _CHANGES.get(item.change, "")),
            (f"{source}{moved}{f'  tokens {tokens}' if tokens else ''}", "dim"),
        ),
        hang=2,
    )


def _value(row: ValueRow, canvas: Canvas) -> list[Text]:
    where = shortened(one_line(row.where), 200)
    if row.said:
        sign = "+" if row.old is None else "-" if row.new is None else "~"
        said = canvas.text((f"{sign} ", _SIGNS[sign]), one_line(row.said))
        return canvas.paragraph(said, 2, limit=_ROWS, hang=2)
    if row.old is not None and row.new is not None and max(len(row.old), len(row.new)) > _SHORT:
        lines = canvas.paragraph(canvas.text(("~ ", "yellow"), where), 2, hang=2)
        return lines + _unified(unified(compared(row)), canvas, indent=4)
    if row.old is None:
        return canvas.paragraph(
            canvas.text(("+ ", "green"), f"{where}: ", (row.new or "", "green")), 2, limit=_ROWS, hang=2
        )
    if row.new is None:
        return canvas.paragraph(canvas.text(("- ", "red"), f"{where}: ", (row.old, "red")), 2, limit=_ROWS, hang=2)
    both = canvas.text(("~ ", "yellow"), f"{where}: ", (row.old, "red"), " → ", (row.new, "green"))
    return canvas.paragraph(both, 2, hang=2)


def _block(block: TextBlock, canvas: Canvas, *, beside: bool) -> list[Text]:
    lines = canvas.paragraph(canvas.text((shortened(one_line(block.title), 300), "cyan")), 2)
    for row in block.rows:
        lines += _value(row, canvas)
    found = unified(block.segments)
    return lines + (_beside(found, canvas) if beside else _unified(found, canvas, indent=2))


def _unified(lines: Iterable[Line], canvas: Canvas, *, indent: int) -> list[Text]:
    width = canvas.width - indent - 2
    return [row for line in lines for row in _shown(line, canvas, width, indent)]


def _beside(lines: Sequence[Line], canvas: Canvas) -> list[Text]:
    half = (canvas.width - 5) // 2
    rows: list[Text] = []
    for old, new in pairs(lines):
        left = [] if old is None else _shown(old, canvas, half - 2, 2)
        right = [] if new is None else _shown(new, canvas, half - 2, 0)
        rows += juxtaposed(left, right, half + 4)
    return rows


def _shown(line: Line, canvas: Canvas, width: int, indent: int) -> list[Text]:
    if line.kind is Kind.GAP:
        return [pad(indent).append_text(canvas.text((f"… {plural(line.left_out, 'line')}", "dim")))]
    style = _STYLES[line.kind]
    strong = _STRONG.get(line.kind, "") if line.mixed else style
    body = canvas.pieces(line.pieces, strong, _MARKS.get(line.kind, ("", "")), marked=line.mixed)
    rows = canvas.wrapped(body, width)
    for row in rows:
        row.style = style
    return beside_label(canvas.text((line.kind.value, style)), rows, indent, 2)


def _stat_table(items: Sequence[DiffItem], canvas: Canvas) -> list[Text]:
    priced = any(item.diff is not None and item.diff.cost is not None for item in items)
    titles = (
        Column("prompt", flexible=True),
        Column("change"),
        Column("words"),
        Column("also", rank=3, flexible=True),
        Column("tokens", rank=1),
        *([Column("cost a call", rank=2), Column("cost a month", rank=4)] if priced else []),
    )
    rows = [_stat_row(item, canvas)[: len(titles)] for item in items]
    return table(canvas, titles, rows)


def _stat_row(item: DiffItem, canvas: Canvas) -> list[Text]:
    name, kind = canvas.text(one_line(item.name)), canvas.text((one_line(item.change), _CHANGES.get(item.change, "")))
    if item.diff is None:
        return [name, kind, canvas.text(("unreadable", "magenta")), *(Text() for _ in range(4))]
    words = words_moved(item.diff)
    moved = canvas.text(
        (f"+{words.added:,}" if words.added else "", "green"),
        " " if words.added and words.removed else "",
        (f"−{words.removed:,}" if words.removed else "", "red"),
    )
    counted = map(canvas.text, (tokens_said(item.diff), *costs_said(item.diff)))
    return [name, kind, moved, canvas.text(also_said(item)), *counted]
