"""What a replay found, as one value that every format shows and the store keeps."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from promptctl.reports.edit import EditView
from promptctl.reports.sides import SourceView as SourceView  # noqa: PLC0414 - a part of every report


@dataclass(frozen=True, slots=True)
class TokensView:
    """Tokens; None where the provider did not say."""

    input: int | None = None
    output: int | None = None
    reasoning: int | None = None
    cached: int | None = None


@dataclass(frozen=True, slots=True)
class AssertionView:
    """One assertion's result; an assert-set nests its members."""

    type: str
    passed: bool
    score: float
    reason: str
    error: str | None = None
    assertions: tuple["AssertionView", ...] | None = None


@dataclass(frozen=True, slots=True)
class SideView:
    """One side of one case: its first answer, and how many samples stand behind it (confirmation included)."""

    output: str | None = None
    passed: bool | None = None
    score: float | None = None
    samples: int = 0
    origin: str | None = None  # JSON: "from"
    model: str | None = None
    cost_usd: float | None = None
    latency_ms: float | None = None
    tokens: TokensView = TokensView()
    error: str | None = None
    assertions: tuple[AssertionView, ...] = ()
    fresh_passes: int = 0  # kept, not in the public JSON
    fresh_score: float | None = None  # the mean score of the fresh samples where scores decide; kept, as fresh_passes
    fresh_samples: int = 0  # kept, not in the public JSON


@dataclass(frozen=True, slots=True)
class ExcuseView:
    """Why a regressed case does not count. `until` is an ISO date; None for an answer that was accepted."""

    by: str
    made: str
    reason: str = ""
    until: str | None = None
    brought: bool = False


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case. `vars`, `expected` and `excuse` are kept for people's formats and are not in the public JSON."""

    id: str
    status: str
    confirmed: bool = False
    suspected: bool = False
    changed: bool = False
    tags: tuple[str, ...] = ()
    old: SideView | None = None
    new: SideView | None = None
    vars: Mapping[str, Any] = field(default_factory=dict)
    expected: Any = None
    excuse: ExcuseView | None = None


@runtime_checkable
class StoredCases(Protocol):
    """Cases that are read from the store each time: a run may have more of them than fit into memory."""

    def __iter__(self) -> Iterator[CaseView]: ...

    def of_status(self, status: str) -> Iterator[CaseView]:
        """Those of one status alone."""
        ...


@dataclass(frozen=True, slots=True)
class TotalsView:
    """All answers of one side of a prompt, as the provider gave them."""

    pass_rate: float | None = None
    score: float | None = None
    cost_usd: float | None = None
    latency_p50: float | None = None  # JSON: latency_ms.p50
    latency_p95: float | None = None
    tokens: TokensView = TokensView()


@dataclass(frozen=True, slots=True)
class DeltaView:
    """The difference, and the evidence for it. `ci` is the 95% interval of `pass_rate`."""

    pass_rate: float | None = None
    ci: tuple[float, float] | None = None
    p_value: float | None = None
    level: float | None = None
    method: str = "none"
    mde: float | None = None
    unseen_upper: float | None = None


@dataclass(frozen=True, slots=True)
class GateView:
    """One gate's say."""

    gate: str
    limit: float | int
    actual: float | int | None
    ok: bool


@dataclass(frozen=True, slots=True)
class MetricSideView:
    """A metric on one side: the mean score of its results, how many there are, and how many of them pass."""

    score: float
    passes: int
    results: int


@dataclass(frozen=True, slots=True)
class MetricView:
    """A named score of the assertions, old beside new; None where a side has no result of that name."""

    metric: str
    old: MetricSideView | None = None
    new: MetricSideView | None = None


@dataclass(frozen=True, slots=True)
class PromptView:
    """One prompt's replay. `counts` has the keys of the contract, in its order.

    `cases` are read one after the other, as often as one likes, in the order of the inputs; see `StoredCases`.
    `advice` says what the inputs and assertions cannot tell and how the tags fared; it decides nothing, nor do
    `metrics`. `warnings`, and `edit` (what changed in the prompt itself), are not in the public JSON.
    """

    prompt: str
    verdict: str
    reasons: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    old_name: str | None = None
    old_path: str | None = None
    old: TotalsView | None = None
    new: TotalsView | None = None
    delta: DeltaView | None = None
    gates: tuple[GateView, ...] = ()
    cases: Iterable[CaseView] = ()
    warnings: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    metrics: tuple[MetricView, ...] = ()
    edit: EditView | None = None


@dataclass(frozen=True, slots=True)
class RunTotals:
    """What this run itself did and spent. `spent_usd` is None where a price is unknown."""

    calls: int = 0
    from_cache: int = 0
    from_recordings: int = 0
    unaffected: int = 0
    spent_usd: float | None = 0.0
    wall_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """One run. `created` is ISO 8601, UTC. `notes` (what the reader must know of the run) is not in the public JSON."""

    run: str
    created: str
    exit_code: int
    verdict: str
    old: SourceView
    new: SourceView
    prompts: tuple[PromptView, ...] = ()
    totals: RunTotals = RunTotals()
    notes: tuple[str, ...] = ()
