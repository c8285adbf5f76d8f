"""PromptView -> the part of the page that needs no script: verdict, evidence, numbers, plots, the edit."""

from collections.abc import Callable, Iterable, Iterator
from math import isfinite

from promptctl.reports.edit import EditLine, EditText, EditValue, EditView
from promptctl.reports.findings import error_groups
from promptctl.reports.html.markup import line, tag, text
from promptctl.reports.html.plots import Plot, figure
from promptctl.reports.numbers import UNKNOWN, change, count, dollars, duration, percent, plural
from promptctl.reports.phrases import METRICS, SIGNS, counts_line, evidence, gate_line, unseen
from promptctl.reports.view import CaseView, MetricView, PromptView, TotalsView

_KINDS = {" ": "both", "-": "old", "+": "new", "<": "from", ">": "to", "…": "gap"}
_STATUSES = ("regressed", "error", "flaky", "improved", "fail", "unscored", "pass", "unaffected")
_WIDE = 600
_LISTED = 20


def badge(verdict: str) -> str:
    """The verdict with its sign; colour is never the only one to say it."""
    known = verdict if verdict in SIGNS else "unaffected"
    return f'<span class="badge {known}"><span aria-hidden="true">{SIGNS[known]}</span> {line(verdict)}</span>'


def prompt_section(prompt: PromptView, place: int) -> Iterator[str]:
    """One prompt, whole."""
    yield f'<section class="prompt" id="prompt-{place}" aria-labelledby="prompt-{place}-name">'
    heading = f"{tag('h2', line(prompt.prompt), id=f'prompt-{place}-name')} {badge(prompt.verdict)}{_history(prompt)}"
    yield tag("header", heading)
    yield from (tag("p", line(reason, 2_000), class_="reason") for reason in prompt.reasons[:_LISTED])
    yield from (tag("p", f"Warning: {line(said, 2_000)}", class_="warn") for said in prompt.warnings[:_LISTED])
    yield _bar(prompt)
    yield from _numbers(prompt)
    yield from _evidence(prompt)
    yield from _metrics(prompt)
    yield from _errors(prompt)
    yield from _plots(prompt)
    if prompt.advice:
        yield tag("h3", "Advice")
        yield tag("ul", "".join(tag("li", line(said, 2_000)) for said in prompt.advice[:_LISTED]), class_="values")
    if prompt.edit is not None and not prompt.edit.is_empty:
        yield from _edit(prompt.edit, place)
    yield "</section>"


def _history(prompt: PromptView) -> str:
    if prompt.old_name is not None:
        return f" <small>renamed from {line(prompt.old_name)}</small>"
    if prompt.old_path is not None:
        return f" <small>moved from {line(prompt.old_path)}</small>"
    return " <small>added</small>" if prompt.old is None and prompt.new is not None else ""


def _bar(prompt: PromptView) -> str:
    """What became of the inputs, as one bar and in words."""
    counts = [(status, prompt.counts.get(status, 0)) for status in _STATUSES]
    inputs = sum(number for _, number in counts)
    if not inputs:
        return ""
    drawn, at = [], 0.0
    for status, number in counts:
        wide = number / inputs * _WIDE
        if number:
            drawn.append(f'<rect class="s-{status}" x="{at:.2f}" width="{max(wide, 1.5):.2f}" height="10"/>')
        at += wide
    said = f"{plural(inputs, 'input')}: {counts_line(prompt.counts, added=prompt.old is None)}"
    box = f'viewBox="0 0 {_WIDE} 10" preserveAspectRatio="none" aria-hidden="true"'
    return f'<svg class="bar" {box}>{"".join(drawn)}</svg>{tag("p", line(said), class_="counts")}'


def _numbers(prompt: PromptView) -> Iterator[str]:
    new = prompt.new
    if new is None:
        return
    old = prompt.old or TotalsView()
    cards = [
        _card("pass rate", old.pass_rate, new.pass_rate, percent, net=_net(prompt)),
        _card("latency p50", old.latency_p50, new.latency_p50, duration),
        _card("latency p95", old.latency_p95, new.latency_p95, duration),
        _card("cost", old.cost_usd, new.cost_usd, dollars),
        _card("tokens in", old.tokens.input, new.tokens.input, _count),
        _card("tokens out", old.tokens.output, new.tokens.output, _count),
    ]
    if old.tokens.reasoning or new.tokens.reasoning:
        cards.append(_card("reasoning tokens", old.tokens.reasoning, new.tokens.reasoning, _count))
    if old.tokens.cached or new.tokens.cached:
        cards.append(_card("cached tokens", old.tokens.cached, new.tokens.cached, _count))
    yield tag("dl", "".join(cards), class_="cards")


def _net(prompt: PromptView) -> str:
    delta = prompt.delta
    return "" if delta is None or delta.pass_rate is None else evidence(delta).partition(" (")[0]


def _count(number: float | None) -> str:
    return count(None if number is None else int(number))


def _card(name: str, old: float | None, new: float | None, say: Callable[[float | None], str], *, net: str = "") -> str:
    if old is None and new is None:
        body = UNKNOWN
    else:
        before = "" if old is None else f"<span>was {line(say(old))}</span>"
        moved = net or change(old, new)
        body = f"<b>{line(say(new))}</b>{f' <i>{line(moved)}</i>' if moved else ''}{before}"
    return f"<div><dt>{line(name)}</dt><dd>{body}</dd></div>"


def _evidence(prompt: PromptView) -> Iterator[str]:
    gates = [
        f'<li class="{"ok" if gate.ok else "broken"}">{"✓" if gate.ok else "✗"} gate {line(gate_line(gate))}</li>'
        for gate in prompt.gates[:_LISTED]
    ]
    said = evidence(prompt.delta)
    limits = unseen(prompt.delta, prompt.reasons)
    rows = [
        *([f"<li>net change of the pass rate: {line(said)}</li>"] if said else []),
        *([f"<li>not seen: {line(limits)}</li>"] if limits else []),
        *gates,
    ]
    if rows:
        yield tag("ul", "".join(rows), class_="evidence")


def _metrics(prompt: PromptView) -> Iterator[str]:
    """The named scores, old beside new."""
    if not prompt.metrics:
        return
    head = "".join(f"<th>{name}</th>" for name in ("metric", "old score", "new score", "old passes", "new passes"))
    rows = "".join(
        tag("tr", "".join(tag("td", line(cell, 60)) for cell in _metric(one))) for one in prompt.metrics[:METRICS]
    )
    more = len(prompt.metrics) - METRICS
    left = tag("p", f"and {plural(more, 'metric')} more: promptctl report --format json") if more > 0 else ""
    yield tag("h3", "Metrics") + tag("table", f"<tr>{head}</tr>{rows}", class_="metrics") + left


def _metric(metric: MetricView) -> tuple[str, ...]:
    sides = (metric.old, metric.new)
    scores = [UNKNOWN if side is None else _score(side.score) for side in sides]
    passes = [UNKNOWN if side is None else f"{side.passes:,} of {side.results:,}" for side in sides]
    return (metric.metric, *scores, *passes)


def _errors(prompt: PromptView) -> Iterator[str]:
    rows = []
    for group in error_groups(prompt)[:_LISTED]:
        ids = ", ".join(line(name, 60) for name in group.ids[:6])
        more = f" and {group.count - 6:,} more" if group.count > 6 else ""
        side = f" ({line(group.sides)})" if group.sides else ""
        rows.append(
            f"<li><b>{plural(group.count, 'case')}</b>{side}: {line(group.reason)} <small>{ids}{more}</small></li>"
        )
    if rows:
        yield tag("h3", "Without a result") + tag("ul", "".join(rows), class_="errors")


def _plots(prompt: PromptView) -> Iterator[str]:
    score, latency, tokens, cost = _values(prompt.cases)
    plots = (
        Plot("score", *score, _score, (0.0, 1.0)),
        Plot("latency", *latency, duration),
        Plot("tokens out", *tokens, _count),
        Plot("cost", *cost, dollars),
    )
    drawn = "".join(map(figure, plots))
    if drawn:
        legend = '<p class="legend"><span class="key-old">old</span> <span class="key-new">new</span></p>'
        yield f'<div class="plots-head"><h3>Distributions</h3>{legend}</div>{tag("div", drawn, class_="plots")}'


def _values(cases: Iterable[CaseView]) -> list[tuple[list[float], list[float]]]:
    """Score, latency, tokens and cost of both sides, read in one pass."""
    found: list[tuple[list[float], list[float]]] = [([], []) for _ in range(4)]
    for case in cases:
        for place, side in enumerate((case.old, case.new)):
            if side is None:
                continue
            numbers = (side.score, side.latency_ms, side.tokens.output, side.cost_usd)
            for values, number in zip(found, numbers, strict=True):
                if number is not None and isfinite(number):
                    values[place].append(float(number))
    return found


def _score(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.3g}"


def _edit(edit: EditView, place: int) -> Iterator[str]:
    words = f"+{edit.added:,} −{edit.removed:,} words" if edit.added or edit.removed else ""
    said = ", ".join(part for part in (words, edit.also) if part)
    summary = (
        f"<h3>What changed in the prompt</h3> <small>{line(edit.path, 300)}{', ' if said else ''}{line(said)}</small>"
    )
    yield f'<details class="edit" open id="prompt-{place}-edit"><summary>{summary}</summary>'
    notes = [f'<li class="warn">{line(said)}</li>' for said in edit.warnings]
    notes += [f"<li>{line(said)}</li>" for said in edit.remarks]
    notes += [f"<li>{_value(value)}</li>" for value in edit.values]
    if notes:
        yield tag("ul", "".join(notes), class_="values")
    for block in edit.texts:
        yield from _text(block)
    yield "</details>"


def _value(value: EditValue) -> str:
    if value.said:
        return line(value.said)
    where = f"<code>{line(value.where)}</code>"
    if value.old is None:
        return f"{where} added: <ins>{line(value.new or '')}</ins>"
    if value.new is None:
        return f"{where} removed: <del>{line(value.old)}</del>"
    return f"{where}: <del>{line(value.old)}</del> → <ins>{line(value.new)}</ins>"


def _text(block: EditText) -> Iterator[str]:
    yield tag("h4", line(block.title))
    if block.values:
        yield tag("ul", "".join(f"<li>{_value(value)}</li>" for value in block.values), class_="values")
    if block.lines:
        yield tag("div", "".join(map(_line, block.lines)), class_="text")


def _line(shown: EditLine) -> str:
    kind = _KINDS.get(shown.kind, "both")
    if kind == "gap":
        return f'<div class="gap"><b></b><span>{plural(shown.left_out, "line")}</span></div>'
    mark = {"old": "del", "new": "ins"}.get(kind)
    pieces = "".join(
        f"<{mark}>{text(piece)}</{mark}>" if mark and changed else text(piece) for piece, changed in shown.pieces
    )
    sign = "" if kind == "both" else shown.kind
    return f'<div class="{kind}"><b>{text(sign)}</b><span>{pieces or "<br>"}</span></div>'
