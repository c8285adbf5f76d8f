"""One case -> Markdown: old beside new, why it broke, and the input, folded."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from promptctl.inputs.case import MISSING
from promptctl.reports.findings import failed_assertions, fresh_line, side_error
from promptctl.reports.markdown_page import folded
from promptctl.reports.numbers import plural
from promptctl.reports.phrases import excuse_words, standing, value_text
from promptctl.reports.safe import markdown_fence, markdown_span, shortened
from promptctl.reports.view import CaseView, SideView
from promptctl.reports.words import Piece, alone, beside

_ANSWER = 600
_BRIEF = 100


def case_block(case: CaseView) -> str:
    """The whole story of a case."""
    said = ", ".join(words for words in (standing(case), fresh_line(case)) if words)
    tags = " ".join(markdown_span(shortened(tag, 40)) for tag in case.tags[:10])
    heading = " ".join(part for part in (f"**{markdown_span(shortened(case.id, 200))}**", said, tags) if part)
    blocks = [heading, _answers(case), _why(case), folded("Inputs", _inputs(case))]
    return "\n\n".join(block for block in blocks if block)


def _answers(case: CaseView) -> str:
    old, new = case.old, case.new
    if new is None:
        return ""
    if old is None:
        return f"| new {_sign(new)} |\n|---|\n| {_cell(_body(new))} |"
    left, right = _body(old), _body(new)
    if old.output and new.output and old.output != new.output:
        both = beside(old.output, new.output, _ANSWER)
        left, right = (both.old, both.new) if both.alike else (_unmarked(both.old), _unmarked(both.new))
    return f"| old {_sign(old)} | new {_sign(new)} |\n|---|---|\n| {_cell(left)} | {_cell(right)} |"


def _sign(side: SideView) -> str:
    return {True: "✓", False: "✗", None: ""}[side.passed]


def _body(side: SideView) -> tuple[Piece, ...]:
    if side.output is None:
        return alone(side_error(side) or "no answer", _ANSWER)
    return alone(side.output, _ANSWER)


def _unmarked(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    return tuple(Piece(piece.text) for piece in pieces)


def _cell(pieces: Sequence[Piece]) -> str:
    """Code spans, the changed words in bold: in a code span nothing lives, and a table's cell shows no fence."""
    spans = [_marked(line, changed=changed) for changed, text in _runs(pieces) for line in _lines(text)]
    return " ".join(spans).replace(" <br> ", "<br>") or "*(empty)*"


def _runs(pieces: Sequence[Piece]) -> Iterator[tuple[bool, str]]:
    """Neighbours that changed, or did not, together: between two spans a blank would show that is not there."""
    for changed, run in groupby(pieces, key=lambda piece: piece.changed):
        yield changed, "".join(piece.text for piece in run)


def _lines(text: str) -> Iterator[str]:
    for position, line in enumerate(text.split("\n")):
        if position:
            yield "\n"
        if line.strip():
            yield line


def _marked(line: str, *, changed: bool) -> str:
    if line == "\n":
        return "<br>"
    span = markdown_span(line, cell=True)
    return f"**{span}**" if changed else span


def _why(case: CaseView) -> str:
    failed = failed_assertions(case.new) if case.status != "unscored" else ()
    lines = [
        f"- {markdown_span(shortened(failure.type, 100))}: {markdown_span(shortened(failure.reason, 600))}"
        for failure in failed[:5]
    ]
    if len(failed) > 5:
        lines.append(f"- and {plural(len(failed) - 5, 'more assertion')}")
    if case.excuse is not None:
        word = "waived" if case.excuse.until else "accepted"
        lines.append(f"- {word} {markdown_span(shortened(excuse_words(case.excuse), 400))}")
    return "\n".join(lines)


def _inputs(case: CaseView) -> str:
    rows = [
        f"{shortened(str(name), 60)}: {shortened(value_text(value), 400)}"
        for name, value in list(case.vars.items())[:12]
    ]
    if len(case.vars) > 12:
        rows.append(f"and {len(case.vars) - 12} more")
    if case.expected is not MISSING and case.expected is not None:
        rows.append(f"expected: {shortened(value_text(case.expected), 400)}")
    return markdown_fence("\n".join(rows)) if rows else ""


def cases_table(cases: Iterable[CaseView]) -> str:
    """A row a case, short: what one scans once the first ones have been read."""
    rows = [f"| {_name(case)} | {_brief(case.old)} | {_brief(case.new)} | {_reason(case)} |" for case in cases]
    return "\n".join(["| case | old | new | why |", "|---|---|---|---|", *rows]) if rows else ""


def _name(case: CaseView) -> str:
    return markdown_span(shortened(case.id, 60), cell=True)


def _brief(side: SideView | None) -> str:
    if side is None:
        return ""
    said = side_error(side) or "no answer" if side.output is None else side.output[: 4 * _BRIEF]
    return markdown_span(shortened(" ".join(said.split()), _BRIEF), cell=True)


def _reason(case: CaseView) -> str:
    failed = failed_assertions(case.new) if case.status != "unscored" else ()
    return "; ".join(
        f"{markdown_span(shortened(one.type, 40), cell=True)} {markdown_span(shortened(one.reason, _BRIEF), cell=True)}"
        for one in failed[:2]
    )
