"""A case under review -> lines that one scrolls through: the inputs, old beside new word by word, and the reasons."""

from collections.abc import Iterator

from rich.text import Text

from promptctl.inputs.case import MISSING
from promptctl.reports.findings import failed_assertions, fresh_line, side_error
from promptctl.reports.phrases import excuse_words, standing, value_text
from promptctl.reports.review import Item
from promptctl.reports.safe import one_line, printable, right_to_left, shortened
from promptctl.reports.terminal_canvas import Canvas, juxtaposed
from promptctl.reports.view import CaseView, SideView
from promptctl.reports.words import Piece, alone, beside

_ANSWER = 6_000  # characters of an answer, around its changes
_VALUE = 2_000  # of a variable
_LINES = 400  # of each
_GUTTER = 11
_GAP = 3
_DELETED, _INSERTED = "red", "green"
_MARKS_OLD, _MARKS_NEW = ("[-", "-]"), ("{+", "+}")


def review_lines(item: Item, *, width: int, color: bool, encoding: str = "utf-8") -> list[str]:
    """The whole case in lines of at most `width` cells, with colours of the terminal where it has them. Inert text."""
    canvas = Canvas(width, color=color, encoding=encoding)
    lines = [*_answers(item.case, canvas), Text(), *_why(item.case, canvas), *_decided(item, canvas), Text()]
    return canvas.rendered([*lines, *_inputs(item.case, canvas)]).split("\n")


def title(item: Item) -> str:
    """What the case is, and where it stands: one inert line."""
    case = item.case
    became = f"regressed, {standing(case)}" if case.status == "regressed" else standing(case)
    said = ", ".join(part for part in (became, fresh_line(case)) if part)
    return f"{one_line(item.prompt)}  {shortened(one_line(case.id), 60)}  {said}"


def state(item: Item) -> str:
    """What was decided."""
    settled = item.decision or ("waived" if item.case.excuse is not None else "pending")
    return f"{settled}, labelled {item.label}" if item.label else settled


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
