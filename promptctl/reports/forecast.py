"""What a replay would ask and cost, as a value, as JSON and as lines."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from promptctl.reports.json import dumps
from promptctl.reports.numbers import dollars, place, plural
from promptctl.reports.safe import one_line
from promptctl.reports.sides import SourceView


@dataclass(frozen=True, slots=True)
class PromptForecast:
    """One prompt. `calls` are distinct requests to the provider; costs in US dollars, None where a price is unknown.

    `judge_calls` are the requests to judges that its first answers may lead to, at most; they are not in the costs.
    `fallback_calls` are those to its fallbacks, were its own model never to answer: `max_usd` holds them. `missing` are
    the answers that nobody knows and, offline or frozen, nobody is asked for.
    """

    prompt: str
    inputs: int
    unaffected: int
    calls: int
    from_cache: int
    from_recordings: int
    input_tokens: int
    expected_usd: float | None
    max_usd: float | None
    unknown_prices: tuple[str, ...] = ()
    judge_calls: int = 0
    fallback_calls: int = 0
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Forecast:
    """A replay before anybody is asked. `rest` are the prompts that have nothing to replay, each with the reason."""

    old: SourceView
    new: SourceView
    prompts: tuple[PromptForecast, ...] = ()
    rest: tuple[tuple[str, str], ...] = ()


def forecast_json(forecast: Forecast) -> str:
    """`replay --dry-run --format json`."""
    prompts = [{**asdict(prompt), "unknown_prices": list(prompt.unknown_prices)} for prompt in forecast.prompts]
    document: dict[str, Any] = {
        "schema": "promptctl.plan/1",
        "old": asdict(forecast.old),
        "new": asdict(forecast.new),
        "prompts": prompts,
        "rest": [{"prompt": name, "reason": reason} for name, reason in forecast.rest],
        "totals": {
            **{name: _count(forecast, name) for name in ("inputs", "unaffected", "calls", "from_cache")},
            **{name: _count(forecast, name) for name in ("from_recordings", "input_tokens", "judge_calls")},
            **{name: _count(forecast, name) for name in ("fallback_calls", "missing")},
            "expected_usd": _cost(forecast, lambda prompt: prompt.expected_usd),
            "max_usd": _cost(forecast, lambda prompt: prompt.max_usd),
        },
    }
    return dumps(document)


def forecast_text(forecast: Forecast) -> str:
    """`replay --dry-run`: a line a prompt, then the sum."""
    lines = [f"{one_line(place(forecast.old))} -> {one_line(place(forecast.new))}: nothing was asked."]
    for prompt in forecast.prompts:
        parts = [
            plural(prompt.inputs, "input"),
            f"{prompt.unaffected} unaffected",
            plural(prompt.calls, "call"),
            f"{prompt.from_cache} from cache",
            f"{prompt.from_recordings} from recordings",
        ]
        if prompt.missing:
            parts.append(f"{prompt.missing} missing")
        tokens = f"about {prompt.input_tokens:,} input tokens, " if prompt.calls else ""
        lines.append(
            f"  {one_line(prompt.prompt)}: {', '.join(parts)}; {tokens}{_money(prompt.expected_usd, prompt.max_usd)}"
        )
        lines += [
            f"    the price of {one_line(model)} is unknown: set it under `prices:` in .promptctl.yaml"
            for model in prompt.unknown_prices
        ]
    lines += [f"  {one_line(name)}: {one_line(reason)}" for name, reason in forecast.rest]
    expected = _cost(forecast, lambda prompt: prompt.expected_usd)
    most = _cost(forecast, lambda prompt: prompt.max_usd)
    calls = plural(_count(forecast, "calls"), "call")
    about = f", about {_money(expected, most)}" if expected is not None else "; what they cost is unknown"
    lines.append(f"A replay would send {calls}{about}.")
    missing = _count(forecast, "missing")
    if missing:
        lines.append(f"{plural(missing, 'answer')} would be missing: nobody is asked offline or frozen (exit code 3).")
    instead = _count(forecast, "fallback_calls")
    if instead:
        lines.append(f"Fallbacks would be asked up to {plural(instead, 'time')} more, where a model cannot answer.")
    judged = _count(forecast, "judge_calls")
    if judged:
        lines.append(f"Judges would be asked up to {plural(judged, 'time')} more, for answers that are not known yet.")
    if _count(forecast, "calls"):
        lines.append("Cases that then look broken are asked again, fresh, on both sides: that comes on top.")
    return "\n".join(lines)


def _money(expected: float | None, most: float | None) -> str:
    if expected is None:
        return "cost unknown"
    at_most = "with no known limit" if most is None else f"at most {dollars(most)}"
    return f"{dollars(expected)}, {at_most}"


def _count(forecast: Forecast, name: str) -> int:
    return sum(getattr(prompt, name) for prompt in forecast.prompts)


def _cost(forecast: Forecast, of: Callable[[PromptForecast], float | None]) -> float | None:
    costs = [of(prompt) for prompt in forecast.prompts]
    return None if None in costs else sum(cost for cost in costs if cost is not None)
