"""--early-stop: cases in a seeded random order, a fresh pair for every suspect at once, an end when that is enough."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from promptctl.models.call import Answer, Call, CallFailed, Reply
from promptctl.scoring.result import Context, Score
from promptctl.verdict.confirm import place
from promptctl.verdict.early import EarlyStop
from promptctl.verdict.pair import Pair
from promptctl.verdict.suspect import Ask, Side, is_suspect
from promptctl.workflows.asking import Scorer, first_reply, fresh_call, is_fatal
from promptctl.workflows.outcomes import pair as case_pair
from promptctl.workflows.plan import CaseRun, PromptRun

_TOGETHER = 16  # cases that are read together


@dataclass(slots=True)
class _Waiting:
    """A fresh pair that is asked for."""

    prompt: PromptRun
    run: CaseRun
    graded: bool
    scores: dict[Side, float] = field(default_factory=dict)


class Early:
    """The early stops of one run. `alpha` is the run's; each prompt with an old side has its share of it."""

    def __init__(self, prompts: Sequence[PromptRun], *, alpha: float, repeat: int) -> None:
        # Whether a prompt's requests changed is known only when all were rendered: all of them share the rate.
        compared = max(1, sum(prompt.old is not None for prompt in prompts))
        self._stops = {prompt.pair.name: EarlyStop(alpha=alpha / compared) for prompt in prompts}
        self._repeat = repeat
        self._waiting: dict[str, tuple[_Waiting, Side]] = {}

    def of(self, prompt: PromptRun) -> EarlyStop:
        """The evidence against a prompt."""
        return self._stops[prompt.pair.name]

    def p_value(self, prompt: PromptRun) -> float:
        """What the confirmation goes on from: 1 where the prompt was not stopped."""
        stop = self.of(prompt)
        return stop.p_value if stop.stopped else 1.0

    def settle(self, prompts: Sequence[PromptRun]) -> None:
        """All first answers are there: note of every prompt that was stopped what that saved."""
        for prompt in prompts:
            prompt.stopped = self.of(prompt).stopped and sum(1 for _ in prompt.facts.done()) < len(prompt.facts)
            if prompt.stopped:
                prompt.notes.append(_saved(prompt, self.of(prompt)))

    def runs(self, prompt: PromptRun) -> Iterator[CaseRun]:
        """The cases in the order of the draw, until a regression is established."""
        order = array("L", (number for _, number in sorted((place(c.id, 0), n) for n, c in enumerate(prompt.cases))))
        for start in range(0, len(order), _TOGETHER):
            numbers = order[start : start + _TOGETHER]
            found = prompt.cases.at(numbers)
            for number in numbers:
                if self.of(prompt).stopped:
                    return
                yield prompt.run(number, found[number])

    def finished(self, prompt: PromptRun, run: CaseRun) -> Sequence[Call]:
        """A case is done: the fresh pair to ask for, if it is a suspect that may still stop the prompt."""
        pair = case_pair(run)
        if pair.id in prompt.excused.by_case or not is_suspect(pair) or not self.of(prompt).wants(_noise(pair)):
            return ()
        waiting = _Waiting(prompt, run, pair.graded)
        calls = []
        for side in (Side.NEW, Side.OLD):
            call = fresh_call(run, Ask(pair.id, side, 0), self._repeat)
            self._waiting[call.fingerprint] = (waiting, side)
            calls.append(call)
        return calls

    def take(self, call: Call, answer: Answer, scorer: Scorer) -> bool:
        """Whether an answer was waited for; one that cannot be had leaves its pair out."""
        found = self._waiting.pop(call.fingerprint, None)
        if found is None:
            return False
        waiting, side = found
        if isinstance(answer, CallFailed):
            if is_fatal(side, answer):
                self._put(waiting, side, 0.0)
            return True
        self._score(waiting, side, call, answer, scorer)
        return True

    def _score(self, waiting: _Waiting, side: Side, call: Call, reply: Reply, scorer: Scorer) -> None:
        prompt, run = waiting.prompt, waiting.run
        prompt.used.add(call, reply)
        context = Context(reply, run.case.vars, run.case.expected, call, first_reply(run.old))
        scorer.begin(prompt, run, context, partial(self._scored, waiting, side))

    def _scored(self, waiting: _Waiting, side: Side, score: Score) -> None:
        if score.error is None and score.passed is not None:
            worth = float(score.passed) if score.score is None or not waiting.graded else score.score
            self._put(waiting, side, worth)

    def _put(self, waiting: _Waiting, side: Side, worth: float) -> None:
        waiting.scores[side] = worth
        if len(waiting.scores) == 2:
            self.of(waiting.prompt).add(waiting.scores[Side.OLD], waiting.scores[Side.NEW])


def _noise(pair: Pair) -> tuple[object, ...]:
    """What a suspect may share its noise with others by."""
    return tuple(one for one in (pair.cluster, pair.request) if one is not None)


def _saved(prompt: PromptRun, stop: EarlyStop) -> str:
    """What an early stop saved: as many calls and dollars as the cases that were asked took on average."""
    done = list(prompt.facts.done())
    left = len(prompt.facts) - len(done)
    sides = [side for pair in done if not pair.unaffected for side in (pair.old, pair.new) if side is not None]
    costs = [cost for side in sides for cost in side.costs]
    calls = round(left * len(costs) / max(1, len(done)))
    known = [cost for cost in costs if cost is not None]
    dollars = f" and ${left * sum(known) / max(1, len(done)):.4g}" if known and len(known) == len(costs) else ""
    inputs = "1 input was" if left == 1 else f"{left} inputs were"
    evidence = f"{stop.pairs} fresh pairs, anytime-valid evidence E = {1 / stop.p_value:,.0f}"
    return (
        f"Stopped early: a regression is established after {len(done)} of {len(prompt.facts)} inputs ({evidence}); "
        f"{inputs} not asked, which saved about {calls} calls{dollars}"
    )
