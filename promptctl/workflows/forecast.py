"""A planned replay -> what it would ask, and what that would cost."""

from collections.abc import Iterable, Mapping

from promptctl.models.call import Call, Origin, Reply
from promptctl.models.costs import ceiling, expected_cost, most_output_tokens
from promptctl.models.facts import facts, price
from promptctl.reports.forecast import Forecast, PromptForecast
from promptctl.reports.sides import SourceView
from promptctl.settings import Price, Settings
from promptctl.versions.source import Revisions
from promptctl.workflows.plan import PromptRun
from promptctl.workflows.replay import Planned

BYTES_A_TOKEN = 4  # a rule of thumb for English; the upper bound counts every byte
USUAL_ANSWER = 256  # tokens, where no answer of the prompt is known and its limit is higher


def forecast(planned: Planned, revisions: Revisions, settings: Settings) -> Forecast:
    """The first answers by where they come from, and the cost of those to be asked. Confirmation comes on top."""
    taken: set[str] = set()
    return Forecast(
        old=SourceView(revisions.old.revision, revisions.old.commit),
        new=SourceView(revisions.new.revision, revisions.new.commit),
        prompts=tuple(_prompt(prompt, planned, settings.prices, taken) for prompt in planned.prompts),
    )


def _prompt(prompt: PromptRun, planned: Planned, prices: Mapping[str, Price], taken: set[str]) -> PromptForecast:
    """Distinct requests are counted where they come first: nobody is asked twice."""
    found, rules = planned.found, planned.rules
    calls: dict[str, Call] = {}
    for run in prompt.cases:
        if run.unaffected and not rules.unaffected_too:
            continue
        for side in run.sides():
            samples = () if side.call is None else (side.sample(k) for k in range(rules.repeat))
            calls.update((call.fingerprint, call) for call in samples if call.fingerprint not in taken)
    taken.update(calls)
    known = {key: found.known[key] for key in calls if key in found.known and key not in found.renew}
    asked = [call for key, call in calls.items() if key not in known]
    return PromptForecast(
        prompt=prompt.pair.name,
        inputs=len(prompt.cases),
        unaffected=sum(1 for run in prompt.cases if run.unaffected),
        calls=len(asked),
        from_cache=sum(1 for reply in known.values() if reply.origin is Origin.CACHE),
        from_recordings=sum(1 for reply in known.values() if reply.origin is Origin.RECORDING),
        input_tokens=sum(_input_tokens(call) for call in asked),
        expected_usd=_sum(_expected(call, known.values(), prices) for call in asked),
        max_usd=_sum(ceiling(call, prices) for call in asked),
        unknown_prices=tuple(sorted({call.model for call in asked if price(call.model, prices) is None})),
    )


def _input_tokens(call: Call) -> int:
    return max(1, sum(len(str(message.get("content", "")).encode()) for message in call.messages) // BYTES_A_TOKEN)


def _expected(call: Call, known: Iterable[Reply], prices: Mapping[str, Price]) -> float | None:
    outputs = [reply.usage.output for reply in known if reply.usage.output is not None]
    limit = most_output_tokens(call, facts(call.model))
    usual = sum(outputs) / len(outputs) if outputs else USUAL_ANSWER
    return expected_cost(_input_tokens(call), min(usual, limit), price(call.model, prices))


def _sum(costs: Iterable[float | None]) -> float | None:
    total = 0.0
    for cost in costs:
        if cost is None:
            return None
        total += cost
    return total
