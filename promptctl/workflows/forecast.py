"""A planned replay -> what it would ask, and what that would cost."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice

from promptctl.inputs.digests import DigestSet
from promptctl.models.call import Call, Origin, Reply
from promptctl.models.costs import ceiling, expected_cost, most_output_tokens
from promptctl.models.facts import facts, price
from promptctl.reports.forecast import Forecast, PromptForecast
from promptctl.reports.sides import SourceView
from promptctl.scoring.combine import flat
from promptctl.settings import Price
from promptctl.versions.source import Revisions
from promptctl.workflows.asking import LOOKED_UP, Asking, first_calls
from promptctl.workflows.plan import CaseRun, PromptRun
from promptctl.workflows.replay import Parts, Planned, Run

BYTES_A_TOKEN = 4  # a rule of thumb for English; the upper bound counts every byte
# Requests for one answer, where these are more than one; pairwise makes two for a pair of answers.
JUDGE_CALLS = {"g-eval": 2, "context-faithfulness": 2, "answer-relevance": 5, "similar": 2}
USUAL_ANSWER = 256  # tokens, where no answer of the prompt is known and its limit is higher


def forecast(planned: Planned, revisions: Revisions, parts: Parts, run: Run) -> Forecast:
    """The first answers by where they come from, and the cost of those to be asked. Confirmation comes on top."""
    taken = DigestSet()
    return Forecast(
        old=SourceView(revisions.old.revision, revisions.old.commit),
        new=SourceView(revisions.new.revision, revisions.new.commit),
        prompts=tuple(_prompt(prompt, planned.rules, parts, run, taken) for prompt in planned.prompts),
        rest=tuple((view.prompt, "; ".join(view.reasons)) for view in planned.rest),
    )


def _prompt(prompt: PromptRun, rules: Asking, parts: Parts, run: Run, taken: DigestSet) -> PromptForecast:
    """Distinct requests are counted where they come first: nobody is asked twice."""
    tally = _Tally(parts.settings.prices, network=rules.network)
    runs = prompt.runs()
    while batch := list(islice(runs, LOOKED_UP)):
        calls = [(case, [call for *_, call in first_calls(case, rules.repeat)]) for case in batch]
        known = parts.client.known([call for _, found in calls for call in found])
        for case, found in calls:
            tally.unaffected += case.unaffected
            if case.unaffected and not rules.unaffected_too:
                continue
            tally.judge_calls += _judge_calls(case, rules.repeat)
            renewed = _renewed(case, found, known, rules, run)
            for call in found:
                if taken.add(int(call.fingerprint[:16], 16)):
                    tally.add(call, None if call.fingerprint in renewed else known.get(call.fingerprint))
    return tally.forecast(prompt)


def _renewed(
    case: CaseRun, calls: Sequence[Call], known: Mapping[str, Reply], rules: Asking, run: Run
) -> AbstractSet[str]:
    """What would be asked again since old and new answers lie too far apart."""
    dates = {call.fingerprint: known[call.fingerprint].created for call in calls if call.fingerprint in known}
    if len(case.sides()) < 2 or not dates or not rules.network:
        return frozenset()
    now = [run.started] if len(dates) < len(calls) else []
    if max([*dates.values(), *now]) - min(dates.values()) <= rules.max_age:
        return frozenset()
    return {fingerprint for fingerprint, created in dates.items() if created < rules.since}


def _judge_calls(run: CaseRun, repeat: int) -> int:
    """At most: equal answers share their judgements, and what was judged before is known."""
    asked = sum(JUDGE_CALLS.get(one.type.removeprefix("not-"), 1) for one in flat(run.assertions) if one.kind.asks)
    return asked * repeat * len(run.sides())


class _Tally:
    """What is counted of one prompt's calls, as they come."""

    def __init__(self, prices: Mapping[str, Price], *, network: bool) -> None:
        self.judge_calls = self.fallback_calls = self.missing = 0
        self._network = network
        self.unaffected = self.calls = self.from_cache = self.from_recordings = self.input_tokens = 0
        self._prices = prices
        self._most: float | None = 0.0
        self._unknown: set[str] = set()
        self._outputs = self._answers = 0
        # By model and the limit of its answers: how many calls, and their input tokens.
        self._asked: dict[tuple[str, int], list[int]] = {}

    def add(self, call: Call, reply: Reply | None) -> None:
        """One call; `reply` is the answer that is known and may stay."""
        if reply is not None:
            self.from_cache += reply.origin is Origin.CACHE
            self.from_recordings += reply.origin is Origin.RECORDING
            if reply.usage.output is not None:
                self._outputs += reply.usage.output
                self._answers += 1
            return
        if not self._network:
            self.missing += 1
            return
        tokens = _input_tokens(call)
        self.calls += 1
        self.fallback_calls += len(call.fallbacks)
        self.input_tokens += tokens
        for one in (call, *call.fallbacks):
            self._most = _plus(self._most, ceiling(one, self._prices))
            if price(one.model, self._prices) is None:
                self._unknown.add(one.model)
        asked = self._asked.setdefault((call.model, most_output_tokens(call, facts(call.model))), [0, 0])
        asked[0] += 1
        asked[1] += tokens

    def forecast(self, prompt: PromptRun) -> PromptForecast:
        """What it comes to."""
        usual = self._outputs / self._answers if self._answers else USUAL_ANSWER
        expected: float | None = 0.0
        for (model, limit), (count, tokens) in self._asked.items():
            cost = expected_cost(tokens, count * min(usual, limit), price(model, self._prices))
            expected = _plus(expected, cost)
        return PromptForecast(
            prompt=prompt.pair.name,
            inputs=len(prompt.cases),
            unaffected=self.unaffected,
            calls=self.calls,
            from_cache=self.from_cache,
            from_recordings=self.from_recordings,
            input_tokens=self.input_tokens,
            expected_usd=expected,
            max_usd=self._most,
            unknown_prices=tuple(sorted(self._unknown)),
            judge_calls=self.judge_calls if self._network else 0,
            missing=self.missing,
            fallback_calls=self.fallback_calls,
        )


def _plus(total: float | None, cost: float | None) -> float | None:
    return None if total is None or cost is None else total + cost


def _input_tokens(call: Call) -> int:
    return max(1, sum(len(str(message.get("content", "")).encode()) for message in call.messages) // BYTES_A_TOKEN)
