"""EditView -> Markdown: what changed in the prompt, in a `diff` fence, open where it is short."""

from collections.abc import Iterator

from promptctl.reports.edit import EditLine, EditValue, EditView
from promptctl.reports.markdown_page import folded
from promptctl.reports.numbers import plural
from promptctl.reports.safe import markdown_fence, markdown_span, shortened

_OPEN = 14  # lines that need no folding
_LONGEST = 5_000  # characters
_LINE = 400


def edit_block(edit: EditView) -> str:
    """One line that says how much changed, then the changed lines; `promptctl diff` has what is left out."""
    lines = list(_lines(edit))
    notes = [f"- {markdown_span(shortened(said, 400))}" for said in (*edit.warnings, *edit.remarks)[:10]]
    words = f"+{edit.added:,} −{edit.removed:,} words" if edit.added or edit.removed else ""
    also = markdown_span(shortened(edit.also, 200)) if edit.also else ""
    said = ", ".join(part for part in (markdown_span(shortened(edit.path, 200)), words, also) if part)
    fence = markdown_fence(_bounded(lines), "diff") if lines else ""
    if len(lines) > _OPEN:
        fence = folded("What changed in the prompt", fence)
    return "\n\n".join(part for part in (f"Prompt: {said}", fence, "\n".join(notes)) if part)


def _bounded(lines: list[str]) -> str:
    kept: list[str] = []
    room = _LONGEST
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            kept.append(f"@@ {plural(len(lines) - len(kept), 'more line')}: promptctl diff @@")
            break
        kept.append(line)
    return "\n".join(kept)


def _lines(edit: EditView) -> Iterator[str]:
    for value in edit.values:
        yield from _value(value)
    for block in edit.texts:
        yield f"@@ {' '.join(shortened(block.title, _LINE).split())} @@"
        for value in block.values:
            yield from _value(value)
        yield from map(_line, block.lines)


def _value(value: EditValue) -> Iterator[str]:
    where = shortened(value.where, 100)
    if value.said:
        sign = "+" if value.old is None else "-" if value.new is None else "!"
        yield f"{sign} {shortened(value.said, _LINE)}"
        return
    for sign, side in (("-", value.old), ("+", value.new)):
        if side is not None:
            yield f"{sign} {where}: {shortened(' '.join(side.split()), _LINE)}"


def _line(line: EditLine) -> str:
    if line.kind == "…":
        return f"@@ {plural(line.left_out, 'line')} @@"
    return f"{line.kind} {shortened(line.text, _LINE)}".rstrip()
