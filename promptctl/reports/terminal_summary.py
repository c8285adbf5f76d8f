"""Several prompts, runs or files -> one table, a line each."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from rich.text import Text

from promptctl.reports.numbers import change, count, dollars, duration, signed
from promptctl.reports.phrases import SIGNS, rate_line
from promptctl.reports.safe import one_line
from promptctl.reports.terminal_canvas import STYLES, Canvas, Column, table
from promptctl.reports.view import PromptView, TotalsView

_PROMPTS = (
    Column(""),
    Column("prompt", flexible=True),
    Column("verdict"),
    Column("inputs", right=True, rank=1),
    Column("broken", right=True),
    Column("fixed", right=True, rank=1),
    Column("pass rate", rank=1),
    Column("points", right=True),
    Column("p50", right=True, rank=4),
    Column("p95", right=True, rank=2),
    Column("cost", right=True, rank=3),
    Column("tokens out", right=True, rank=5),
)


def summary_lines(prompts: Sequence[PromptView], canvas: Canvas) -> list[Text]:
    """A line a prompt: verdict, counts, rates and what it costs."""
    return table(canvas, _PROMPTS, [_prompt_row(prompt, canvas) for prompt in prompts])


def _prompt_row(prompt: PromptView, canvas: Canvas) -> list[Text]:
    style = STYLES.get(prompt.verdict, "")
    counts = prompt.counts
    old, new = prompt.old or TotalsView(), prompt.new or TotalsView()
    net = "" if prompt.delta is None or prompt.delta.pass_rate is None else signed(prompt.delta.pass_rate * 100)
    return [
        canvas.text((SIGNS.get(prompt.verdict, "·"), style)),
        canvas.text((one_line(prompt.prompt), "" if prompt.verdict != "unaffected" else "dim")),
        canvas.text((one_line(prompt.verdict), style)),
        canvas.text(count(counts.get("inputs", 0))),
        canvas.text((_some(counts.get("regressed", 0)), "red")),
        canvas.text((_some(counts.get("improved", 0)), "green")),
        canvas.text(rate_line(prompt.old, prompt.new)),
        canvas.text(net),
        canvas.text(_now(duration(new.latency_p50), new.latency_p50, change(old.latency_p50, new.latency_p50))),
        canvas.text(_now(duration(new.latency_p95), new.latency_p95, change(old.latency_p95, new.latency_p95))),
        canvas.text(_cost(prompt, old, new)),
        canvas.text(_now(count(new.tokens.output), new.tokens.output, change(old.tokens.output, new.tokens.output))),
    ]


def _some(number: int) -> str:
    return f"{number:,}" if number else ""


def _now(text: str, value: float | None, moved: str) -> str:
    if value is None:
        return ""
    return f"{text} {moved}" if moved else text


def _cost(prompt: PromptView, old: TotalsView, new: TotalsView) -> str:
    if prompt.new is None:
        return ""
    return _now(dollars(new.cost_usd), 0, change(old.cost_usd, new.cost_usd))


def render_table(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    width: int = 80,
    color: bool = False,
    encoding: str = "utf-8",
    right: frozenset[str] = frozenset(),
    ranks: Mapping[str, int] = MappingProxyType({}),
) -> str:
    """A plain table. Columns of text give way where the terminal is narrow.

    `right`: titles of numbers; `ranks`: titles that are left out before anything is cut, the highest first.
    """
    canvas = Canvas(width, color=color, encoding=encoding)
    columns = [
        Column(title, right=title in right, rank=ranks.get(title, 0), flexible=title not in right) for title in titles
    ]
    cells = [[canvas.text((one_line(value), STYLES.get(value, ""))) for value in row] for row in rows]
    return canvas.rendered(table(canvas, columns, cells))


def render_runs(rows: Sequence[Sequence[str]], *, width: int = 80, color: bool = False, encoding: str = "utf-8") -> str:
    """`runs list`: run, created, verdict, old, new, prompts, cases, spent."""
    if not rows:
        return "No runs stored yet. promptctl replay stores one.\n"
    titles = ("run", "created", "verdict", "old", "new", "prompts", "cases", "spent")
    right = frozenset({"run", "created", "prompts", "cases", "spent"})  # a run's id is typed again: never cut
    ranks = {"prompts": 4, "cases": 3, "spent": 2, "created": 1}
    return render_table(titles, rows, width=width, color=color, encoding=encoding, right=right, ranks=ranks)


def render_prompts(
    rows: Sequence[Sequence[str]], *, width: int = 80, color: bool = False, encoding: str = "utf-8"
) -> str:
    """`list`: prompt, model, messages, variables, inputs, path."""
    if not rows:
        return "No prompts found. promptctl init writes a sample.\n"
    titles = ("prompt", "model", "messages", "variables", "inputs", "path")
    right = frozenset({"messages", "inputs"})
    return render_table(titles, rows, width=width, color=color, encoding=encoding, right=right)
