"""ReplayReport -> Markdown for a pull request: the verdict first, the broken cases, and never too long to post."""

import re
from collections.abc import Iterable, Iterator, Sequence

from promptctl.inputs.case import MISSING
from promptctl.reports.findings import (
    answers_changed,
    answers_changed_count,
    broken,
    broken_count,
    count_of,
    error_groups,
    failed_assertions,
    fresh_line,
    of_status,
    side_error,
)
from promptctl.reports.markdown_page import Page, folded
from promptctl.reports.phrases import (
    SIGNS,
    by_severity,
    change,
    cost_line,
    count,
    counts_line,
    dollars,
    duration,
    gate_line,
    latency_line,
    place,
    plural,
    rate_and_evidence,
    rate_line,
    signed,
    spent_line,
    standing,
    tokens_line,
    unseen,
    value_text,
)
from promptctl.reports.safe import markdown_fence, markdown_span, shortened
from promptctl.reports.view import CaseView, PromptView, ReplayReport, SideView, SourceView, TotalsView
from promptctl.reports.words import Piece, alone, beside

LIMIT = 65_536  # characters of a comment on GitHub
_CASES = 10
_ROWS = 60
_NOTES = 20
_INSIDE_A_WORD = re.compile(r"(?<=\w)_+(?=[^\W_])")  # of max_regressions: no emphasis there
_IDS = 30
_ANSWER = 600
_VERDICTS = {
    "passed": "passed",
    "regressed": "**regressed**",
    "inconclusive": "inconclusive",
    "error": "**error**",
    "unaffected": "unaffected",
}


def render_markdown(report: ReplayReport, *, limit: int = LIMIT, cases: int = _CASES) -> str:
    """Under `limit` characters however large the run: what matters most comes first, what no longer fits is counted."""
    prompts = by_severity(report.prompts)
    page = Page(limit, end=_end(report))
    page.add(_headline(report))
    page.add(_table(prompts))
    for prompt in prompts:
        if page.full:
            page.leave_out()
        else:
            _section(prompt, page, cases)
    return page.text()


def plain(text: str) -> str:
    """A sentence of ours that may quote a stranger: as code where anything in it could act as markup."""
    line = " ".join(text.split())
    return line if _tame(line) else markdown_span(line)


def _tame(line: str) -> bool:
    inside = _INSIDE_A_WORD.sub("", line)
    words = all(character.isalnum() or character in " .,;:%()+-−→'\"/$=?" for character in inside)
    return line.isprintable() and words and "://" not in line and "www." not in line.lower()


def _headline(report: ReplayReport) -> str:
    sides = f"{_place(report.old)} → {_place(report.new)}"
    verdict = _VERDICTS.get(report.verdict, "unknown")
    heading = f"### {SIGNS.get(report.verdict, '·')} promptctl: {verdict.strip('*')}\n\n{sides}"
    if not report.prompts:
        return f"{heading}\n\nNothing to replay: no prompt differs."
    inputs = sum(prompt.counts.get("inputs", 0) for prompt in report.prompts)
    return f"{heading}, {plural(len(report.prompts), 'prompt')}, {plural(inputs, 'input')}"


def _place(source: SourceView) -> str:
    return markdown_span(shortened(place(source), 200))


def _table(prompts: Sequence[PromptView]) -> str:
    if not prompts:
        return ""
    rows = [
        "| | prompt | inputs | broken | fixed | pass rate | points | p95 | cost | tokens out |",
        "|---|---|--:|--:|--:|---|--:|--:|--:|--:|",
        *(_row(prompt) for prompt in prompts[:_ROWS]),
    ]
    if len(prompts) > _ROWS:
        rows.append(f"| | and {plural(len(prompts) - _ROWS, 'more prompt')} | | | | | | | | |")
    return "\n".join(rows)


def _row(prompt: PromptView) -> str:
    old, new = prompt.old or TotalsView(), prompt.new or TotalsView()
    net = "" if prompt.delta is None or prompt.delta.pass_rate is None else signed(prompt.delta.pass_rate * 100)
    cells = (
        SIGNS.get(prompt.verdict, "·"),
        f"{markdown_span(shortened(prompt.prompt, 100), cell=True)} {_VERDICTS.get(prompt.verdict, 'unknown')}",
        f"{prompt.counts.get('inputs', 0):,}",
        f"{prompt.counts.get('regressed', 0):,}",
        f"{prompt.counts.get('improved', 0):,}",
        rate_line(prompt.old, prompt.new),
        net,
        _now(duration(new.latency_p95), new.latency_p95, change(old.latency_p95, new.latency_p95)),
        "" if prompt.new is None else _now(dollars(new.cost_usd), 0, change(old.cost_usd, new.cost_usd)),
        _now(count(new.tokens.output), new.tokens.output, change(old.tokens.output, new.tokens.output)),
    )
    return f"| {' | '.join(cells)} |"


def _now(text: str, value: float | None, moved: str) -> str:
    if value is None:
        return ""
    return f"{text} ({moved})" if moved else text


def _section(prompt: PromptView, page: Page, cases: int) -> None:
    if prompt.verdict == "unaffected" and not prompt.warnings:
        return
    heading = f"#### {SIGNS.get(prompt.verdict, '·')} {markdown_span(shortened(prompt.prompt, 200))}"
    reasons = "\n".join(f"- {plain(shortened(reason, 1000))}" for reason in prompt.reasons[:20])
    if not page.add(f"{heading}{_history(prompt)}\n\n{reasons}".rstrip()):
        return
    found, count = broken(prompt, cases + _IDS), broken_count(prompt)
    if not found:
        found, count = answers_changed(prompt, cases + _IDS), answers_changed_count(prompt)
    shown = page.add_all(_case(case) for case in found[:cases])
    if count > shown:
        page.add(folded(f"{plural(count - shown, 'more case')}", _ids(found[shown:], count - shown)))
    page.add(_errors(prompt))
    page.add(_limits(prompt))
    page.add(_details(prompt))


def _history(prompt: PromptView) -> str:
    if prompt.old_name is not None:
        return f", renamed from {markdown_span(shortened(prompt.old_name, 200))}"
    if prompt.old_path is not None:
        return f", moved from {markdown_span(shortened(prompt.old_path, 200))}"
    return ", added" if prompt.old is None and prompt.new is not None else ""


def _case(case: CaseView) -> str:
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
    spans = [_marked(line, changed=piece.changed) for piece in pieces for line in _lines(piece.text)]
    return " ".join(spans).replace(" <br> ", "<br>") or "*(empty)*"


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


def _ids(cases: Sequence[CaseView], count: int) -> str:
    shown = ", ".join(markdown_span(shortened(case.id, 60)) for case in cases[:_IDS])
    left = count - _IDS
    return f"{shown} and {left:,} more: `promptctl report --format json`" if left > 0 else shown


def _errors(prompt: PromptView) -> str:
    lines = []
    for group in error_groups(prompt)[:20]:
        ids = ", ".join(markdown_span(shortened(name, 60)) for name in group.ids[:8])
        more = f" and {group.count - 8:,} more" if group.count > 8 else ""
        side = f" ({group.sides})" if group.sides else ""
        reason = markdown_span(shortened(group.reason, 600))
        lines.append(f"- {plural(group.count, 'case')} without a result{side}: {reason} ({ids}{more})")
    return "\n".join(lines)


def _limits(prompt: PromptView) -> str:
    lines = [f"- gate {markdown_span(gate_line(gate))}" for gate in prompt.gates if not gate.ok]
    lines += [f"- warning: {plain(shortened(warning, 1000))}" for warning in prompt.warnings[:20]]
    limits = unseen(prompt.delta, prompt.reasons)
    return "\n".join([*lines, *([f"- {limits}"] if limits else [])])


def _details(prompt: PromptView) -> str:
    facts = (
        ("inputs", counts_line(prompt.counts, added=prompt.old is None)),
        ("pass rate", rate_and_evidence(prompt.old, prompt.new, prompt.delta)),
        ("latency", latency_line(prompt.old, prompt.new)),
        ("cost", cost_line(prompt.old, prompt.new)),
        ("tokens", tokens_line(prompt.old, prompt.new)),
    )
    lines = [f"- {label}: {said}" for label, said in facts if said]
    for status, label in (("improved", "improved"), ("flaky", "flaky"), ("fail", "failing on both sides")):
        cases = () if status == "fail" and prompt.old is None else of_status(prompt, status, _IDS)
        if cases:
            lines.append(f"- {label}: {_ids(cases, count_of(prompt, status))}")
    lines += [f"- advice: {plain(shortened(advice, 600))}" for advice in prompt.advice[:20]]
    return folded("Numbers, and the other cases", "\n".join(lines))


def _end(report: ReplayReport) -> str:
    notes = [f"> {plain(shortened(note, 600))}" for note in report.notes[:_NOTES]]
    run = f" Run {markdown_span(shortened(report.run, 100))}." if report.run else ""
    spent = [f"{spent_line(report.totals)}.{run}"] if report.prompts else []
    return "\n\n".join([*notes, *spent])
