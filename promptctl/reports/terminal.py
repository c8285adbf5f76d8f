"""ReplayReport -> the report in a terminal: the verdict first, then what broke, then what could not be seen."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from promptctl.reports.findings import (
    answers_changed,
    answers_changed_count,
    broken,
    broken_count,
    count_of,
    error_groups,
    fresh_line,
    of_status,
)
from promptctl.reports.numbers import place, plural
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
    spent_line,
    tokens_line,
    unseen,
)
from promptctl.reports.safe import one_line, shortened
from promptctl.reports.terminal_canvas import STYLES, Canvas, Part
from promptctl.reports.terminal_cases import brief_lines, case_lines
from promptctl.reports.terminal_summary import summary_lines
from promptctl.reports.view import PromptView, ReplayReport

CASES = 10  # broken cases a prompt, where nothing else is asked for
_BRIEF = 40  # broken cases of a line each, after those that are shown whole
_IDS = 12
_GUTTER = 11


def render_replay(
    report: ReplayReport, *, width: int = 80, color: bool = False, encoding: str = "utf-8", cases: int = CASES
) -> str:
    """The report as text of at most `width` cells a line. `encoding`: what the terminal can show; signs follow it."""
    canvas = Canvas(width, color=color, encoding=encoding)
    return canvas.rendered(replay_lines(report, canvas, cases))


def replay_lines(report: ReplayReport, canvas: Canvas, cases: int = CASES) -> list[Text]:
    lines = _headline(report, canvas)
    prompts = by_severity(report.prompts)
    if len(prompts) > 1:
        lines += [Text(), *summary_lines(prompts, canvas)]
    for prompt in prompts:
        lines += _section(prompt, canvas, cases, alone=len(prompts) == 1)
    return lines + _footer(report, canvas)


def _headline(report: ReplayReport, canvas: Canvas) -> list[Text]:
    sides = canvas.text(f"{one_line(place(report.old))} → {one_line(place(report.new))}   ")
    verdict = canvas.text(_verdict(report.verdict))
    extent = canvas.text((f"   {_extent(report)}", "dim"))
    return canvas.paragraph(sides.append_text(verdict).append_text(extent))


def _verdict(verdict: str) -> Part:
    return f"{SIGNS.get(verdict, '·')} {one_line(verdict)}", STYLES.get(verdict, "")


def _extent(report: ReplayReport) -> str:
    if not report.prompts:
        return "nothing to replay: no prompt differs"
    inputs = sum(prompt.counts.get("inputs", 0) for prompt in report.prompts)
    return f"{plural(len(report.prompts), 'prompt')}, {plural(inputs, 'input')}"


def _section(prompt: PromptView, canvas: Canvas, cases: int, *, alone: bool) -> list[Text]:
    if prompt.verdict == "unaffected" and not alone and not prompt.warnings:
        return []
    lines = [Text(), *_title(prompt, canvas)]
    for reason in prompt.reasons:
        lines += canvas.paragraph(canvas.text(shortened(one_line(reason), 2000)), 2)
    lines += _facts(prompt, canvas)
    lines += _broken(prompt, canvas, cases)
    lines += _errors(prompt, canvas)
    lines += _asides(prompt, canvas)
    return lines + _limits(prompt, canvas)


def _title(prompt: PromptView, canvas: Canvas) -> list[Text]:
    line = canvas.text(
        (f"{SIGNS.get(prompt.verdict, '·')} ", STYLES.get(prompt.verdict, "")),
        (shortened(one_line(prompt.prompt), 200), "bold"),
        "  ",
        (one_line(prompt.verdict), STYLES.get(prompt.verdict, "")),
        (_history(prompt), "dim"),
    )
    return canvas.paragraph(line)


def _history(prompt: PromptView) -> str:
    if prompt.old_name is not None:
        return f"  renamed from {shortened(one_line(prompt.old_name), 200)}"
    if prompt.old_path is not None:
        return f"  moved from {shortened(one_line(prompt.old_path), 200)}"
    return "  added" if prompt.old is None and prompt.new is not None else ""


def _facts(prompt: PromptView, canvas: Canvas) -> list[Text]:
    if prompt.verdict == "unaffected" and prompt.new is None:
        return []
    inputs = prompt.counts.get("inputs", 0)
    facts = (
        ("inputs", f"{inputs:,}: {counts_line(prompt.counts, added=prompt.old is None)}" if inputs else ""),
        ("pass rate", rate_and_evidence(prompt.old, prompt.new, prompt.delta)),
        ("latency", latency_line(prompt.old, prompt.new)),
        ("cost", cost_line(prompt.old, prompt.new)),
        ("tokens", tokens_line(prompt.old, prompt.new)),
    )
    metrics = [("metric", f"{shortened(one_line(one.metric), 60)}: {metric_line(one)}") for one in prompt.metrics]
    if len(metrics) > METRICS:
        metrics[METRICS:] = [("", f"and {plural(len(metrics) - METRICS, 'metric')} more: --format json")]
    return _rows(canvas, [(label, "dim", said, "") for label, said in (*facts, *metrics)])


def _limits(prompt: PromptView, canvas: Canvas) -> list[Text]:
    rows = [
        ("not seen", "dim", unseen(prompt.delta, prompt.reasons), ""),
        *(("gate", "dim", f"✗ {gate_line(gate)}", "red") for gate in prompt.gates if not gate.ok),
        *(("warning", "yellow", warning, "") for warning in prompt.warnings),
        *(("advice", "dim", advice, "") for advice in prompt.advice),
    ]
    return _rows(canvas, rows)


def _rows(canvas: Canvas, rows: Sequence[tuple[str, str, str, str]]) -> list[Text]:
    said = [row for row in rows if row[2]]
    lines = [Text()] if said else []
    for label, label_style, text, style in said:
        body = canvas.text((one_line(text), style))
        lines += canvas.labelled((label, label_style), body, indent=2, gutter=_GUTTER, limit=8)
    return lines


def _broken(prompt: PromptView, canvas: Canvas, limit: int) -> list[Text]:
    found = broken(prompt, limit)
    lines: list[Text] = []
    for case in found or answers_changed(prompt, limit):
        lines += [Text(), *case_lines(case, canvas)]
    left = (broken_count(prompt) if found else answers_changed_count(prompt)) - limit
    if left > 0:
        rest = (broken if found else answers_changed)(prompt, limit + _BRIEF)[limit:]
        lines += [Text(), *brief_lines(rest, canvas, 2)]
    if left > _BRIEF:
        what = "broken" if found else "changed"
        more = f"… and {plural(left - _BRIEF, f'{what} case')} more: promptctl report -o report.html"
        lines += canvas.paragraph(canvas.text((more, "dim")), 2)
    return lines


def _errors(prompt: PromptView, canvas: Canvas) -> list[Text]:
    lines: list[Text] = []
    for group in error_groups(prompt):
        side = f" ({group.sides})" if group.sides else ""
        head = canvas.text(("! ", STYLES["error"]), (plural(group.count, "case"), "bold"), f"{side}: {group.reason}")
        lines += [Text(), *canvas.paragraph(head, 2, limit=6)]
        lines += canvas.paragraph(canvas.text((id_list(group.ids, group.count), "dim")), 4, limit=3)
    return lines


def _asides(prompt: PromptView, canvas: Canvas) -> list[Text]:
    rows = (
        ("improved", "green", _ids_of(prompt, "improved"), ""),
        ("flaky", "yellow", ", ".join(_flaky(prompt)), ""),
    )
    return _rows(canvas, rows) + _failing(prompt, canvas)


def _failing(prompt: PromptView, canvas: Canvas) -> list[Text]:
    """What failed before too, each with its reason."""
    failing = () if prompt.old is None else of_status(prompt, "fail", 2 * _IDS)
    if not failing:
        return []
    lines = [Text(), *canvas.paragraph(canvas.text(("fail on both sides", "dim")), 2)]
    lines += brief_lines(failing[:_IDS], canvas, 2)
    if (left := count_of(prompt, "fail") - _IDS) > 0:
        more = id_list([case.id for case in failing[_IDS:]], left)
        lines += canvas.paragraph(canvas.text((f"… and {more}", "dim")), 2, limit=3)
    return lines


def _ids_of(prompt: PromptView, status: str) -> str:
    cases = of_status(prompt, status, _IDS)
    return id_list([case.id for case in cases], count_of(prompt, status))


def _flaky(prompt: PromptView) -> Iterator[str]:
    for case in of_status(prompt, "flaky", _IDS):
        fresh = fresh_line(case)
        name = shortened(one_line(case.id), 40)
        yield f"{name} ({fresh})" if fresh else name
    if (left := count_of(prompt, "flaky") - _IDS) > 0:
        yield f"and {left:,} more"


def id_list(ids: Sequence[str], count: int) -> str:
    """The first ids of `count`, and how many more there are."""
    shown = ", ".join(shortened(one_line(name), 40) for name in ids[:_IDS])
    return shown if count <= _IDS else f"{shown} and {count - _IDS:,} more"


def _footer(report: ReplayReport, canvas: Canvas) -> list[Text]:
    lines = [Text()]
    for note in report.notes:
        lines += canvas.labelled(("note", "yellow"), canvas.text(one_line(note)), indent=0, gutter=6, limit=8)
    if report.prompts:
        spent = spent_line(report.totals)
        lines += canvas.paragraph(canvas.text(f"{spent}."))
    if report.run:
        stored = canvas.text(
            (f"Run {shortened(one_line(report.run), 100)}; promptctl report --format markdown shows it again.", "dim")
        )
        lines += canvas.paragraph(stored)
    return lines
