"""PromptDiff -> EditView: what the semantic diff shows, bounded, to stand in a replay's report."""

from collections.abc import Iterable, Iterator

from promptctl.prompts.diff import PromptDiff
from promptctl.prompts.diff.matching import Steps
from promptctl.prompts.diff.words import hunks
from promptctl.reports.diff_facts import TextBlock, ValueRow, text_blocks, value_rows, values_said, words_moved
from promptctl.reports.diff_lines import Line, unified
from promptctl.reports.edit import EditLine, EditText, EditValue, EditView
from promptctl.reports.safe import one_line, shortened

_LINES = 300  # of one text
_LINE = 2_000  # characters of one line
_VALUE = 1_000
_PARTS = 60  # texts, and values, of one prompt
_RANGES = 50


def edit_view(found: PromptDiff, *, inputs_changed: bool, old: bytes = b"", new: bytes = b"") -> EditView:
    """The edit as a report shows it. `old` and `new` are the prompt's files: they tell which lines changed."""
    words = words_moved(found)
    return EditView(
        path=found.path,
        change=found.change.value,
        added=words.added,
        removed=words.removed,
        also=", ".join(part for part in (values_said(found), "inputs" if inputs_changed else "") if part),
        values=_values(value_rows(found)),
        texts=tuple(_text(block) for block in text_blocks(found)[:_PARTS]),
        warnings=_sentences(found.warnings),
        remarks=_sentences(found.remarks),
        ranges=tuple(changed_lines(old, new))[:_RANGES],
    )


def changed_lines(old: bytes, new: bytes) -> Iterator[tuple[int, int]]:
    """The lines of `new` that came or changed, from 1, inclusive; where lines only went, the one that follows."""
    before, after = (data.decode("utf-8", "replace").split("\n") for data in (old, new))
    at = 0
    for hunk in hunks(before, after, Steps()):
        if not hunk.equal:
            first = min(at + 1, len(after))
            yield first, max(first, at + len(hunk.new))
        at += len(hunk.new)


def _values(rows: Iterable[ValueRow]) -> tuple[EditValue, ...]:
    return tuple(
        EditValue(_short(row.where), _maybe(row.old), _maybe(row.new), _short(row.said)) for row in list(rows)[:_PARTS]
    )


def _maybe(text: str | None) -> str | None:
    return None if text is None else _short(text)


def _short(text: str) -> str:
    return shortened(one_line(text[: 4 * _VALUE]), _VALUE)


def _sentences(said: Iterable[str]) -> tuple[str, ...]:
    return tuple(_short(sentence) for sentence in list(said)[:_PARTS])


def _text(block: TextBlock) -> EditText:
    lines = unified(block.segments)
    shown = tuple(_line(line) for line in lines[:_LINES])
    rest = (EditLine("…", (), len(lines) - _LINES),) if len(lines) > _LINES else ()
    return EditText(_short(block.title), (*shown, *rest), _values(block.rows))


def _line(line: Line) -> EditLine:
    pieces, room = [], _LINE
    for piece in line.pieces:
        if room > 0:
            # Marks where a whole line changed would say nothing: its sign tells it.
            pieces.append((piece.text[:room], piece.changed and line.mixed))
        room -= len(piece.text)
    cut = ((f" … ({len(line.text):,} characters)", False),) if room < 0 else ()
    return EditLine(line.kind.value, (*pieces, *cut), line.left_out)
