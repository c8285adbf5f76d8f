"""A prompt's cases, their comparison and its verdict -> what the reports show."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from promptctl.reports.view import (
    CaseView,
    DeltaView,
    GateView,
    MetricSideView,
    MetricView,
    PromptView,
    SideView,
    TokensView,
    TotalsView,
)
from promptctl.settings import Settings
from promptctl.snapshot import PromptPair
from promptctl.verdict.compare import Comparison, Delta, SideTotals, compare
from promptctl.verdict.gate import judge
from promptctl.verdict.metrics import Metric
from promptctl.verdict.pair import Pair, Status, Verdict
from promptctl.verdict.reasons import more_inputs
from promptctl.verdict.slices import slice_sentences
from promptctl.verdict.status import case_status
from promptctl.verdict.suspect import Fresh as Samples
from promptctl.workflows.asking import Fresh
from promptctl.workflows.plan import PromptRun

NOTHING = dict.fromkeys(("inputs", *(status.value for status in Status), "scored", "confirmed", "changed"), 0)


def unaffected(pair: PromptPair, reason: str, *, warning: str | None = None) -> PromptView:
    """A prompt that is listed and not replayed."""
    return PromptView(
        prompt=pair.name,
        verdict=Verdict.UNAFFECTED.value,
        reasons=(reason,),
        counts=dict(NOTHING),
        old_name=pair.old_name,
        old_path=pair.old_path,
        warnings=() if warning is None else (warning,),
    )


def prompt_view(
    prompt: PromptRun,
    fresh: Fresh | None,
    settings: Settings,
    apart: Fresh | None = None,
    *,
    alpha: float,
    confirms: bool,
    cases: Iterable[CaseView],
) -> PromptView:
    """One prompt's replay, judged. `alpha` is its share of the run's; `apart` are the excused suspects."""
    comparison = compare(
        prompt.facts.done() if prompt.stopped else prompt.facts,
        None if fresh is None else fresh.confirmation.result(),
        no_confirm=not confirms,
        added=prompt.old is None,
        aa=prompt.aa,
        alpha=alpha,
        max_samples=settings.confirm.max_samples,
        excuses=prompt.excused.by_case,
        excused=None if apart is None else apart.confirmation.result(),
    )
    lapsed = prompt.excused.lapsed(case.id for case in comparison.told if case.status is Status.REGRESSED)
    judgement = judge(comparison, settings.gate)
    return PromptView(
        prompt=prompt.pair.name,
        verdict=judgement.verdict.value,
        reasons=(*judgement.reasons, *lapsed, *prompt.notes, *_forgeable(prompt)),
        counts=comparison.counts,
        old_name=prompt.pair.old_name,
        old_path=prompt.pair.old_path,
        old=None if comparison.old is None else _totals(comparison.old),
        new=_totals(comparison.new),
        delta=None if comparison.delta is None else _delta(comparison.delta),
        gates=tuple(GateView(gate.gate, gate.limit, gate.actual, gate.ok) for gate in judgement.gates),
        cases=cases,
        warnings=tuple(dict.fromkeys(prompt.warnings)),
        advice=_advice(prompt, comparison),
        metrics=tuple(map(_metric, prompt.metrics.metrics())),
    )


def _advice(prompt: PromptRun, comparison: Comparison) -> tuple[str, ...]:
    """How the tags fared, what the inputs and assertions cannot tell, and how many inputs would tell more."""
    if not comparison.affected:
        return ()
    slices = comparison.slices
    return (*slice_sentences(slices), *prompt.health.advice(slices), *more_inputs(comparison))


def _forgeable(prompt: PromptRun) -> tuple[str, ...]:
    """What must be said where answers come from recordings that the new side alone has."""
    count = len(prompt.used.forgeable)
    if not count:
        return ()
    answers = "1 answer comes" if count == 1 else f"{count} answers come"
    said = f"{answers} from recordings that the new side itself brought: they are as trustworthy as their author."
    return (f"{said} `--audit 5%` asks some of them again.",)


def settled_case(view: CaseView, pair: Pair, fresh: Fresh | None) -> CaseView:
    """A suspect as it is shown when fresh answers have decided, or could not. `fresh` is the confirmation it is in."""
    confirmed = None if fresh is None else fresh.confirmation.result()
    status = case_status(pair, confirmed)
    new = view.new
    if status.status is Status.ERROR and new is not None:
        reason = None if fresh is None else fresh.failed.get(view.id)
        new = replace(new, error=new.error or reason or status.reason)
    samples = Samples() if confirmed is None else confirmed.fresh.get(view.id, Samples())
    return replace(
        view,
        status=status.status.value,
        confirmed=status.confirmed,
        suspected=status.suspected,
        excuse=view.excuse if status.status is Status.REGRESSED else None,
        old=_with_fresh(view.old, samples.old_passes, samples.old_n, samples.old_score),
        new=_with_fresh(new, samples.new_passes, samples.new_n, samples.new_score),
    )


def _with_fresh(side: SideView | None, passes: int, samples: int, score: float | None) -> SideView | None:
    if side is None:
        return None
    return replace(side, samples=side.samples + samples, fresh_passes=passes, fresh_samples=samples, fresh_score=score)


def _totals(side: SideTotals) -> TotalsView:
    used = side.usage
    return TotalsView(
        pass_rate=side.pass_rate,
        score=side.score,
        cost_usd=used.cost_usd,
        latency_p50=used.latency_p50,
        latency_p95=used.latency_p95,
        tokens=TokensView(used.input_tokens, used.output_tokens, used.reasoning_tokens, used.cached_tokens),
    )


def _delta(delta: Delta) -> DeltaView:
    return DeltaView(
        pass_rate=delta.pass_rate,
        ci=delta.ci,
        p_value=delta.p_value,
        level=delta.level,
        method=delta.method.value,
        mde=delta.mde,
        unseen_upper=delta.unseen_upper,
    )


def _metric(metric: Metric) -> MetricView:
    old, new = (
        None if side is None else MetricSideView(side.score, side.passes, side.results)
        for side in (metric.old, metric.new)
    )
    return MetricView(metric.name, old, new)


def notes(prompts: Sequence[PromptRun], apart: int, *, network: bool) -> tuple[str, ...]:
    """What the reader must know of the run as a whole; `apart` counts the cases answered more than max_age apart."""
    said: list[str] = []
    if apart:
        cases = "1 case" if apart == 1 else f"{apart} cases"
        asked = "both sides were asked again" if network else "a change of the provider may look like the edit's"
        said.append(f"{cases}: old and new answers were given further apart than cache.max_age; {asked}.")
    answered_by = _models(prompts)
    if answered_by:
        said.append(answered_by)
    said += _fallbacks(prompts)
    return tuple(said)


def _fallbacks(prompts: Sequence[PromptRun]) -> list[str]:
    """Which answers are another model's than the one that was asked."""
    counts: dict[tuple[str, str], int] = {}
    for prompt in prompts:
        for names, count in prompt.used.fallbacks.items():
            counts[names] = counts.get(names, 0) + count
    return [
        f"{count} answer{'s are' if count > 1 else ' is'} of the fallback {fallback}: {asked} could not answer."
        for (asked, fallback), count in sorted(counts.items())
    ]


def _models(prompts: Sequence[PromptRun]) -> str:
    """Whether one model's name was answered by several versions of it in this run."""
    seen: dict[str, set[str]] = {}
    for prompt in prompts:
        for asked, names in prompt.used.models.items():
            seen.setdefault(asked, set()).update(names)
    mixed = {asked: names for asked, names in seen.items() if len(names) > 1}
    return "; ".join(f"{asked} was answered by {', '.join(sorted(names))}" for asked, names in sorted(mixed.items()))
