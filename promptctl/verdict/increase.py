"""How much more the new side costs, waits and writes, against what the gates allow."""

from collections.abc import Iterator
from dataclasses import dataclass

from promptctl.settings import GateSettings
from promptctl.verdict.totals import Usage


@dataclass(frozen=True, slots=True)
class Increase:
    """One gate on an increase: `actual` is new / old - 1, a fraction; None where it is unknown or old is 0.

    `known` is False where a side's figure is unknown: then the gate could not be checked, and is not `ok`.
    """

    gate: str
    limit: float
    actual: float | None
    ok: bool
    known: bool = True
    reason: str = ""


def increases(old: Usage, new: Usage, gates: GateSettings) -> Iterator[Increase]:
    """The increases that a gate is set for; `old` and `new` are of the same cases. No case, no increase."""
    if new.answers == 0:
        return
    if gates.max_cost_increase is not None:
        hint = "set prices: for the model"
        costs = (old.cost_usd, new.cost_usd)
        yield _increase("max_cost_increase", "cost", gates.max_cost_increase, costs, hint, cause=_cost_cause(old, new))
    if gates.max_latency_increase is not None:
        latencies = (old.latency_p95, new.latency_p95)
        hint, limit = "the answers carry no latency", gates.max_latency_increase
        yield _increase("max_latency_increase", "p95 latency", limit, latencies, hint, cause=_written_cause(old, new))
    if gates.max_output_tokens_increase is not None:
        tokens = (old.output_tokens, new.output_tokens)
        limit, hint = gates.max_output_tokens_increase, "the answers carry no token counts"
        yield _increase(
            "max_output_tokens_increase", "output tokens", limit, tokens, hint, cause=_written_cause(old, new)
        )


def _increase(
    gate: str, what: str, limit: float, sides: tuple[float | None, float | None], hint: str, *, cause: str = ""
) -> Increase:
    old, new = sides
    if old is None or new is None:
        return Increase(gate, limit, None, ok=False, known=False, reason=f"{gate} could not be checked: {hint}")
    if old == 0:
        ok = new == 0
        return Increase(gate, limit, 0.0 if ok else None, ok=ok, reason="" if ok else f"{what} rose from 0 to {new:g}")
    actual = new / old - 1
    if actual <= limit:
        return Increase(gate, limit, actual, ok=True)
    reason = f"{what} rose by {actual:.1%} ({old:.6g} to {new:.6g}), above {gate} {limit:g}{cause}"
    return Increase(gate, limit, actual, ok=False, reason=reason)


def _written_cause(old: Usage, new: Usage) -> str:
    """Which written tokens grew: reasoning, often unseen, where it is most of the growth."""
    reasoned = _rise(old, new, "reasoning")
    kind = "reasoning" if reasoned > 0 and 2 * reasoned >= _rise(old, new, "output") else "output"
    return _carried(old, new, kind) if _rise(old, new, kind) > 0 else ""


def _cost_cause(old: Usage, new: Usage) -> str:
    """Which class of tokens costs most of the increase, at the usual prices."""
    weighed = {kind: price * _rise(old, new, kind) for kind, price in _PRICES.items()}
    most = max(weighed, key=weighed.__getitem__)
    if weighed[most] <= 0:
        return ": no class of tokens grew; the same tokens cost more"
    return _written_cause(old, new) if most == "output" else _carried(old, new, most)


# Of a token of each class, relative to one of input: written ones cost most, and cached ones are the cheap part of the
# input, so that fewer of them cost more.
_PRICES = {"output": 4.0, "input": 1.0, "cached": -0.75}


def _rise(old: Usage, new: Usage, kind: str) -> float:
    """By how many tokens an answer grew; reasoning that nobody counted before was none."""
    before, now = (usage.each(getattr(usage, f"{kind}_tokens")) for usage in (old, new))
    if now is None or (before is None and kind != "reasoning"):
        return 0.0
    return now - (before or 0.0)


def _carried(old: Usage, new: Usage, kind: str) -> str:
    """`: new answers carry 400 reasoning tokens; old ones carried none`, means of an answer."""
    before, now = (_count(usage.each(getattr(usage, f"{kind}_tokens"))) for usage in (old, new))
    return f": new answers carry {now.replace('none', 'no')} {kind} tokens; old ones carried {before}"


def _count(tokens: float | None) -> str:
    return f"{tokens:,.0f}" if tokens is not None and tokens >= 0.5 else "none"
