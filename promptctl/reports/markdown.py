"""ReplayReport -> Markdown for a pull request: the verdict first, the broken cases, and never too long to post."""

import re
from collections.abc import Sequence

from promptctl.reports.findings import (
    answers_changed,
    answers_changed_count,
    broken,
    broken_count,
    count_of,
    error_groups,
    of_status,
)
from promptctl.reports.markdown_cases import case_block, cases_table
from promptctl.reports.markdown_edit import edit_block
from promptctl.reports.markdown_page import Page, folded
from promptctl.reports.numbers import change, count, dollars, duration, place, plural, signed
from promptctl.reports.phrases import (
    METRICS,
    SIGNS,
    by_severity,
    cost_line,
    counts_line,
    gate_line,
    latency_line,
    metric_line,
    rate_and_evidence,
    rate_line,
    spent_line,
    tokens_line,
    unseen,
)
from promptctl.reports.safe import markdown_span, shortened
from promptctl.reports.view import CaseView, PromptView, ReplayReport, SourceView, TotalsView

LIMIT = 65_536  # characters of a comment on GitHub
_CASES = 10
_ROWS = 60
_NOTES = 20
_INSIDE_A_WORD = re.compile(r"(?<=\w)_+(?=[^\W_])")  # of max_regressions: no emphasis there
_BRIEF = 40  # broken cases in a table, after those that are shown whole
_IDS = 30
_EDIT_SPARE = 20_000  # characters that an edit leaves for what it broke
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
    if prompt.edit is not None and not prompt.edit.is_empty:
        page.add(edit_block(prompt.edit), spare=_EDIT_SPARE)
    most = cases + _BRIEF + _IDS
    found, count = broken(prompt, most), broken_count(prompt)
    if not found:
        found, count = answers_changed(prompt, most), answers_changed_count(prompt)
    shown = page.add_all(case_block(case) for case in found[:cases])
    rest, left = found[shown:], count - shown
    if left > 0 and not page.add(_more(rest, left)):
        page.add(folded(plural(left, "more case"), _ids(rest, left)))
    page.add(_errors(prompt))
    page.add(_limits(prompt))
    page.add(_details(prompt))


def _history(prompt: PromptView) -> str:
    if prompt.old_name is not None:
        return f", renamed from {markdown_span(shortened(prompt.old_name, 200))}"
    if prompt.old_path is not None:
        return f", moved from {markdown_span(shortened(prompt.old_path, 200))}"
    return ", added" if prompt.old is None and prompt.new is not None else ""


def _more(cases: Sequence[CaseView], count: int) -> str:
    """The broken cases that are not shown whole: some in a table, the rest by id."""
    ids = f"\n\n{_ids(cases[_BRIEF:], count - _BRIEF)}" if count > _BRIEF else ""
    return folded(plural(count, "more case"), f"{cases_table(cases[:_BRIEF])}{ids}")


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
    lines += [
        f"- metric {markdown_span(shortened(one.metric, 60))}: {metric_line(one)}" for one in prompt.metrics[:METRICS]
    ]
    if len(prompt.metrics) > METRICS:
        lines.append(f"- and {plural(len(prompt.metrics) - METRICS, 'metric')} more: `promptctl report --format json`")
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
