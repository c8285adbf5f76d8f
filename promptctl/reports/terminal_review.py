"""Cases under review -> a list, and the lines of one that one scrolls through: old beside new, reasons, inputs."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from promptctl.inputs.case import MISSING
from promptctl.reports.findings import failed_assertions, fresh_line, side_error
from promptctl.reports.numbers import plural
from promptctl.reports.phrases import excuse_words, standing, value_text
from promptctl.reports.review import Item
from promptctl.reports.safe import one_line, printable, right_to_left, shortened
from promptctl.reports.terminal_canvas import Canvas, juxtaposed
from promptctl.reports.view import CaseView, SideView
from promptctl.reports.words import Piece, alone, beside

_BRIEF = 60  # characters of an answer in the list
_ANSWER = 6_000  # characters of an answer, around its changes
_VALUE = 2_000  # of a variable
_LINES = 400  # of each
_GUTTER = 11
_GAP = 3
_DELETED, _INSERTED = "red", "green"
_MARKS_OLD, _MARKS_NEW = ("[-", "-]"), ("{+", "+}")


def review_text(run: str, items: Iterable[Item], *, width: int) -> str:
    """A line a case, and how many are pending. Inert, whatever the answers hold."""
    lines: list[str] = []
    pending = 0
    for item in items:
        pending += item.pending
        lines += _lines(item, width)
    if not lines:
        return f"Run {one_line(run)}: no answer changed, nothing to decide."
    total = plural(len([line for line in lines if not line.startswith("    ")]), "case")
    return "\n".join([*lines, f"Run {one_line(run)}: {total}, {pending} pending."])


def _lines(item: Item, width: int) -> list[str]:
    case = item.case
    label = f", labelled {item.label}" if item.label else ""
    head = f"{_settled(item):<8}  {one_line(item.prompt)}  {one_line(case.id)}  {_became(case)}{label}"
    answers = f"    {_brief(case.old)} → {_brief(case.new)}"
    notes = [fitted(f"    note: {one_line(note)}", width) for note in item.notes]
    return [fitted(head, width), fitted(answers, width), *notes]


def _brief(side: SideView | None) -> str:
    if side is None:
        return "(none)"
    if side.output is None:
        return "no answer"
    return shortened(one_line(side.output[: _BRIEF * 4]), _BRIEF) or "(empty)"


def review_lines(item: Item, *, width: int, color: bool, encoding: str = "utf-8") -> list[str]:
    """The whole case in lines of at most `width` cells, with colours of the terminal where it has them. Inert text."""
    canvas = Canvas(width, color=color, encoding=encoding)
    lines = [*_answers(item.case, canvas), Text(), *_why(item.case, canvas), *_decided(item, canvas), Text()]
    return canvas.rendered([*lines, *_inputs(item.case, canvas)]).split("\n")


def title(item: Item) -> str:
    """What the case is, and where it stands: one inert line."""
    case = item.case
    said = ", ".join(part for part in (_became(case), fresh_line(case)) if part)
    return f"{one_line(item.prompt)}  {shortened(one_line(case.id), 60)}  {said}"


def state(item: Item) -> str:
    """What was decided."""
    return f"{_settled(item)}, labelled {item.label}" if item.label else _settled(item)


def fitted(text: str, cells: int) -> str:
    """A line in at most so many cells, its end cut."""
    line = Text(text)
    if line.cell_len <= cells:
        return text
    line.truncate(max(0, cells - 1))
    return f"{line.plain.rstrip()}…"


def _settled(item: Item) -> str:
    return item.decision or ("waived" if item.case.excuse is not None else "pending")


def _became(case: CaseView) -> str:
    return f"regressed, {standing(case)}" if case.status == "regressed" else standing(case)


def _answers(case: CaseView, canvas: Canvas) -> list[Text]:
    if case.new is None:
        return []
    old, new = _bodies(case, canvas)
    heads = _head("old", case.old, canvas), _head("new", case.new, canvas)
    if case.old is None:
        return [heads[1], *canvas.wrapped(new, canvas.width, _LINES)]
    turned = any(right_to_left(side.output or "") for side in (case.old, case.new))
    if not canvas.two_columns or turned:
        left = [heads[0], *canvas.wrapped(old, canvas.width, _LINES)]
        return [*left, Text(), heads[1], *canvas.wrapped(new, canvas.width, _LINES)]
    half = (canvas.width - _GAP) // 2
    left = [heads[0], *canvas.wrapped(old, half, _LINES)]
    return juxtaposed(left, [heads[1], *canvas.wrapped(new, half, _LINES)], half + _GAP)


def _head(name: str, side: SideView | None, canvas: Canvas) -> Text:
    sign, style = {True: ("✓", "green"), False: ("✗", "red"), None: ("", "")}[None if side is None else side.passed]
    return canvas.text((f"{name} answer ", "bold"), (sign, style))


def _bodies(case: CaseView, canvas: Canvas) -> tuple[Text, Text]:
    old, new = case.old, case.new
    if old is not None and new is not None and old.output and new.output and old.output != new.output:
        both = beside(old.output, new.output, _ANSWER)
        return (
            canvas.pieces(both.old, _DELETED, _MARKS_OLD, marked=both.alike),
            canvas.pieces(both.new, _INSERTED, _MARKS_NEW, marked=both.alike),
        )
    same = old is not None and new is not None and old.output is not None and old.output == new.output
    right = canvas.text(("the same answer", "italic dim")) if same else _body(new, canvas)
    return _body(old, canvas), right


def _body(side: SideView | None, canvas: Canvas) -> Text:
    if side is None:
        return Text()
    if side.output is None:
        return canvas.text((shortened(one_line(side_error(side) or "no answer"), _VALUE), "italic"))
    if not side.output.strip():
        return canvas.text(("an empty answer" if not side.output else "an answer of white space alone", "italic dim"))
    pieces: tuple[Piece, ...] = alone(side.output, _ANSWER)
    return canvas.pieces(pieces, "", ("", ""), marked=False)


def _why(case: CaseView, canvas: Canvas) -> list[Text]:
    lines: list[Text] = []
    for number, failed in enumerate(failed_assertions(case.new)):
        body = canvas.text((failed.type, "bold"), f"  {shortened(one_line(failed.reason), _VALUE)}")
        lines += canvas.labelled(("why" if number == 0 else "", "dim"), body, indent=0, gutter=_GUTTER, limit=20)
    if case.excuse is not None:
        until = f"until {case.excuse.until} " if case.excuse.until else ""
        body = canvas.text(one_line(f"{until}{excuse_words(case.excuse)}"))
        lines += canvas.labelled(("waived" if until else "accepted", "dim"), body, indent=0, gutter=_GUTTER, limit=6)
    return lines


def _decided(item: Item, canvas: Canvas) -> list[Text]:
    lines: list[Text] = []
    if item.decision is not None:
        said = canvas.text((item.decision, "bold"), one_line(f" by {item.by} on {(item.at or '')[:10]}"))
        lines += canvas.labelled(("decided", "dim"), said, indent=0, gutter=_GUTTER, limit=2)
    for note in item.notes:
        lines += canvas.labelled(("note", "dim"), canvas.text(one_line(note)), indent=0, gutter=_GUTTER, limit=20)
    return lines


def _inputs(case: CaseView, canvas: Canvas) -> list[Text]:
    lines: list[Text] = []
    for name, value in _values(case):
        body = canvas.text(printable(value[:_VALUE]) + (" …" if len(value) > _VALUE else ""))
        label = (shortened(one_line(name), _GUTTER - 1), "dim")
        lines += canvas.labelled(label, body, indent=0, gutter=_GUTTER, limit=_LINES)
    return lines


def _values(case: CaseView) -> Iterator[tuple[str, str]]:
    if case.expected is not MISSING:
        yield "expected", value_text(case.expected)
    for name, value in case.vars.items():
        yield str(name), value_text(value)
