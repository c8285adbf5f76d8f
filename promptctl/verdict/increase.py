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
        yield _increase("max_cost_increase", "cost", gates.max_cost_increase, (old.cost_usd, new.cost_usd), hint)
    if gates.max_latency_increase is not None:
        latencies = (old.latency_p95, new.latency_p95)
        hint = "the answers carry no latency"
        yield _increase("max_latency_increase", "p95 latency", gates.max_latency_increase, latencies, hint)
    if gates.max_output_tokens_increase is not None:
        tokens = (old.output_tokens, new.output_tokens)
        limit, hint = gates.max_output_tokens_increase, "the answers carry no token counts"
        yield _increase("max_output_tokens_increase", "output tokens", limit, tokens, hint, cause=_cause(old, new))


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


def _cause(old: Usage, new: Usage) -> str:
    """Reasoning tokens are part of the output, and the usual reason why it grows unseen."""
    if not new.reasoning_tokens or new.reasoning_tokens <= (old.reasoning_tokens or 0):
        return ""
    before = f"{old.reasoning_tokens}" if old.reasoning_tokens else "none"
    return f": new answers carry {new.reasoning_tokens} reasoning tokens, old ones {before}"
