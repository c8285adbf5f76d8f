"""One case -> the lines that show a person what broke: the input, old beside new, and why."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from promptctl.inputs.case import MISSING
from promptctl.reports.findings import failed_assertions, fresh_line, side_error
from promptctl.reports.phrases import excuse_words, standing, value_text
from promptctl.reports.safe import one_line, right_to_left, shortened
from promptctl.reports.terminal_canvas import Canvas, beside_label, juxtaposed
from promptctl.reports.view import CaseView, SideView
from promptctl.reports.words import alone, beside

_INDENT = 4
_LABEL = 14  # cells of the longest label shown whole
_VARS = 4
_ASSERTIONS = 5
_CLOSEST = 36
_GAP = 3
_STACKED, _BESIDE = 6, 8  # lines of an answer
_DELETED, _INSERTED = "red", "green"
_MARKS_OLD, _MARKS_NEW = ("[-", "-]"), ("{+", "+}")


def case_lines(case: CaseView, canvas: Canvas) -> list[Text]:
    """The whole story of one case, its heading first."""
    inputs = list(_inputs(case))
    gutter = 2 + max([8, *(canvas.text(label).cell_len for label, _ in inputs)])
    lines = _heading(case, canvas)
    for label, value in inputs:
        body = canvas.text(value)
        lines += canvas.labelled((label, "dim"), body, indent=_INDENT, gutter=gutter, limit=2)
    lines += _answers(case, canvas, gutter)
    return lines + _why(case, canvas, gutter)


def brief_lines(cases: Iterable[CaseView], canvas: Canvas, indent: int) -> list[Text]:
    """Two lines a case at most: its id and why it failed."""
    lines: list[Text] = []
    for case in cases:
        sign, style = _SIGNS.get(case.status, ("·", "dim"))
        line = canvas.text((f"{sign} ", style), (shortened(one_line(case.id), 40), "bold"), "  ", _reason(case))
        lines += canvas.paragraph(line, indent, limit=2, hang=2)
    return lines


def _reason(case: CaseView) -> str:
    if case.status == "unscored":
        return "the answer changed"
    failed = failed_assertions(case.new)
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    said = f"{failed[0].type}  {failed[0].reason}{more}" if failed else side_error(case.new)
    return shortened(said or "its samples fail more often than they pass", 400)


def _heading(case: CaseView, canvas: Canvas) -> list[Text]:
    sign, style = _SIGNS.get(case.status, ("·", "dim"))
    became = ", ".join(said for said in (standing(case), fresh_line(case)) if said)
    tags = " ".join(f"#{one_line(tag)}" for tag in case.tags)
    line = canvas.text((f"{sign} ", style), (shortened(one_line(case.id), 60), "bold"))
    line.append_text(canvas.text(f"  {became}" if became else "", (f"  {shortened(tags, 60)}" if tags else "", "dim")))
    return canvas.paragraph(line, 2, hang=2)


_SIGNS = {
    "regressed": ("✗", "bold red"),
    "fail": ("✗", "red"),
    "error": ("!", "magenta"),
    "improved": ("✓", "green"),
    "flaky": ("±", "yellow"),
}


def _inputs(case: CaseView) -> Iterator[tuple[str, str]]:
    shown = list(case.vars.items())
    for name, value in shown[:_VARS]:
        yield shortened(one_line(str(name)), _LABEL), shortened(one_line(value_text(value)), 400)
    if len(shown) > _VARS:
        rest = ", ".join(one_line(str(name)) for name, _ in shown[_VARS:])
        yield "…", shortened(f"and {len(shown) - _VARS} more: {rest}", 200)
    if case.expected is not MISSING and case.expected is not None:
        yield "expected", shortened(one_line(value_text(case.expected)), 400)


def _answers(case: CaseView, canvas: Canvas, gutter: int) -> list[Text]:
    if case.new is None:
        return []
    new_label = _label("new", case.new, canvas)
    if case.old is None:
        _, new = _bodies(case, canvas, canvas.measure - _INDENT - gutter, _STACKED)
        return beside_label(new_label, new, _INDENT, gutter)
    old_label = _label("old", case.old, canvas)
    turned = any(right_to_left(side.output or "") for side in (case.old, case.new))
    if not canvas.two_columns or turned:
        old, new = _bodies(case, canvas, canvas.measure - _INDENT - gutter, _STACKED)
        return beside_label(old_label, old, _INDENT, gutter) + beside_label(new_label, new, _INDENT, gutter)
    half = (canvas.width - _INDENT - _GAP) // 2
    old, new = _bodies(case, canvas, half - gutter, _BESIDE)
    left = beside_label(old_label, old, _INDENT, gutter)
    right = beside_label(new_label, new, 0, 7)
    # Short answers stand close together: the eye compares them without travelling across a wide terminal.
    across = max(_INDENT + _CLOSEST, *(line.cell_len for line in left)) + _GAP
    return juxtaposed(left, right, across)


def _label(name: str, side: SideView, canvas: Canvas) -> Text:
    sign, style = {True: ("✓", "green"), False: ("✗", "red"), None: ("", "")}[side.passed]
    return canvas.text((f"{name} ", "dim"), (sign, style))


def _bodies(case: CaseView, canvas: Canvas, width: int, height: int) -> tuple[list[Text], list[Text]]:
    """Both answers in lines of `width` cells, at most `height` of them."""
    old, new = case.old, case.new
    limit = max(100, width * height * 3 // 4)  # characters: the rest of the room goes to the ends of lines
    bodies = _body(old, canvas, limit), _body(new, canvas, limit)
    if old is not None and new is not None and (old.output or "").strip() and (new.output or "").strip():
        bodies = _compared(old.output or "", new.output or "", canvas, limit)
    return canvas.wrapped(bodies[0], width, height), canvas.wrapped(bodies[1], width, height)


def _compared(old: str, new: str, canvas: Canvas, limit: int) -> tuple[Text, Text]:
    if old == new:
        return canvas.pieces(alone(old, limit), "", ("", ""), marked=False), canvas.text(
            ("the same answer", "italic dim")
        )
    both = beside(old, new, limit)
    return (
        canvas.pieces(both.old, _DELETED, _MARKS_OLD, marked=both.alike),
        canvas.pieces(both.new, _INSERTED, _MARKS_NEW, marked=both.alike),
    )


def _body(side: SideView | None, canvas: Canvas, limit: int) -> Text:
    if side is None:
        return Text()
    if side.output is None:
        return canvas.text((shortened(side_error(side) or "no answer", 400), "italic"))
    if not side.output.strip():
        return canvas.text(("an empty answer" if not side.output else "an answer of white space alone", "italic dim"))
    return canvas.pieces(alone(side.output, limit), "", ("", ""), marked=False)


def _why(case: CaseView, canvas: Canvas, gutter: int) -> list[Text]:
    if case.status == "unscored":
        return []
    failed = failed_assertions(case.new)
    lines: list[Text] = []
    for place, assertion in enumerate(failed[:_ASSERTIONS]):
        body = canvas.text((assertion.type, "bold"), f"  {shortened(assertion.reason, 600)}")
        label = ("why" if place == 0 else "", "dim")
        lines += canvas.labelled(label, body, indent=_INDENT, gutter=gutter, limit=3)
    if len(failed) > _ASSERTIONS:
        more = canvas.text((f"and {len(failed) - _ASSERTIONS} more assertions failed", "dim"))
        lines += canvas.labelled("", more, indent=_INDENT, gutter=gutter)
    if case.excuse is not None:
        word = "waived" if case.excuse.until else "accepted"
        body = canvas.text(shortened(one_line(excuse_words(case.excuse)), 400))
        lines += canvas.labelled((word, "dim"), body, indent=_INDENT, gutter=gutter, limit=3)
    return lines
