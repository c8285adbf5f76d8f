"""Numbers of both sides -> a small histogram as inline SVG, with the sentence that says the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from promptctl.reports.html.markup import line, tag

_WIDE, _HIGH, _BASE = 280, 84, 76
_BINS = 28
_CLIP = 0.99  # of all values; the last bin holds those beyond

Say = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Plot:
    """What is plotted: one value a case and side. `span` fixes the axis, where the values do not."""

    title: str
    old: Sequence[float]
    new: Sequence[float]
    say: Say
    span: tuple[float, float] | None = None


def figure(plot: Plot) -> str:
    """The new side as bars, the old one as a line above them, medians marked; empty where nobody knows the values."""
    if not plot.new and not plot.old:
        return ""
    low, high = plot.span or _span([*plot.old, *plot.new])
    medians = _medians(plot)
    caption = tag("figcaption", f"<b>{line(plot.title)}</b> <span>{line(medians)}</span>")
    if high <= low:
        return tag("figure", f"{caption}<p>{line(f'every answer: {plot.say(low)}')}</p>", class_="plot")
    sides = [_shares(values, low, high) for values in (plot.old, plot.new)]
    top = max((share for side in sides for share in side), default=0.0) or 1.0
    drawn = "".join(
        (
            f'<path class="bars" d="{_bars(sides[1], top)}"/>',
            f'<path class="steps" d="{_steps(sides[0], top)}"/>' if plot.old else "",
            f'<path class="axis" d="M0 {_BASE}.5H{_WIDE}"/>',
            *(_median(values, low, high, name) for name, values in (("old", plot.old), ("new", plot.new))),
        )
    )
    svg = (
        f'<svg viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label="{line(f"{plot.title}: {medians}")}" '
        f'preserveAspectRatio="none">{drawn}</svg>'
    )
    beyond = "" if plot.span else f"{plot.say(high)}{'+' if max([*plot.old, *plot.new]) > high else ''}"
    ends = tag("p", f"<span>{line(plot.say(low))}</span><span>{line(beyond or plot.say(high))}</span>", class_="ends")
    return tag("figure", f"{caption}{svg}{ends}", class_="plot")


def _medians(plot: Plot) -> str:
    old, new = (plot.say(median(values)) if values else "unknown" for values in (plot.old, plot.new))
    return f"median {new}" if not plot.old else f"median {old} → {new}"


def median(values: Sequence[float]) -> float:
    """The middle value; of two middle ones the lower, which was measured."""
    return sorted(values)[(len(values) - 1) // 2]


def _span(values: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(values)
    low, high = ordered[0], ordered[min(len(ordered) - 1, int(_CLIP * len(ordered)))]
    return (low, high) if high > low else (low, ordered[-1])


def _shares(values: Sequence[float], low: float, high: float) -> list[float]:
    counts = [0] * _BINS
    for value in values:
        place = int((value - low) / (high - low) * _BINS)
        counts[max(0, min(place, _BINS - 1))] += 1
    return [count / max(1, len(values)) for count in counts]


def _bars(shares: Sequence[float], top: float) -> str:
    wide = _WIDE / _BINS
    return "".join(
        f"M{place * wide + 0.5:.1f} {_BASE}V{_height(share, top):.1f}h{wide - 1:.1f}V{_BASE}z"
        for place, share in enumerate(shares)
        if share
    )


def _steps(shares: Sequence[float], top: float) -> str:
    wide = _WIDE / _BINS
    return f"M0 {_BASE}" + "".join(
        f"V{_height(share, top):.1f}H{(place + 1) * wide:.1f}" for place, share in enumerate(shares)
    )


def _height(share: float, top: float) -> float:
    return _BASE - 2 - share / top * (_BASE - 8) if share else float(_BASE)


def _median(values: Sequence[float], low: float, high: float, name: str) -> str:
    if not values:
        return ""
    at = min(1.0, (median(values) - low) / (high - low)) * _WIDE
    return f'<path class="median {name}" d="M{at:.1f} {_BASE + 1}l3.5 6h-7z"/>'
