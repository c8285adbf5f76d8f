"""Planned cases -> answers and scores, each request asked once; then fresh samples of the suspects."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from promptctl.models.call import Answer, Call, CallFailed, Failure, Reply
from promptctl.models.client import Client
from promptctl.scoring.combine import flat
from promptctl.scoring.result import Context, Score
from promptctl.verdict.confirm import Confirmation
from promptctl.verdict.suspect import Ask
from promptctl.verdict.suspect import Side as Which
from promptctl.workflows.plan import CaseRun, PromptRun, Side


class Scorer(Protocol):
    """Scores answers, some of which need further calls first: those in `follow`, whose answers `answered` takes."""

    @property
    def follow(self) -> deque[Call]:
        """Calls to be asked in the same stream as the answers; whoever asks them takes them out."""
        ...

    def begin(self, prompt: PromptRun, run: CaseRun, context: Context, done: Callable[[Score], None]) -> None:
        """Score one answer: `done` is told at once, or when what it needs was answered."""
        ...

    def answered(self, call: Call, answer: Answer) -> None:
        """An answer came, perhaps to one of `follow`."""
        ...


@dataclass(slots=True)
class Needs:
    """What is known of the first answers before anybody is asked.

    `known` are answers by fingerprint, `missing` the calls without one, `renew` the fingerprints to ask again because
    their pair lies more than max_age apart, and `apart` the cases (prompt and id) that this concerns.
    """

    known: dict[str, Reply]
    missing: dict[str, Call]
    renew: set[str]
    apart: set[tuple[str, str]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Asking:
    """The rules of this run; times in seconds since the epoch. Answers at or after `since` are this run's."""

    repeat: int
    max_age: float
    now: float
    since: float
    unaffected_too: bool
    network: bool


def needs(prompts: Sequence[PromptRun], client: Client, rules: Asking) -> Needs:
    """Which first answers are known, which are missing, and which pairs have drifted apart in time."""
    calls = [call for prompt in prompts for run in prompt.cases for call in _first_calls(run, rules.repeat)]
    known = client.known(calls)
    found = Needs(known, {}, set())
    for prompt in prompts:
        for run in prompt.cases:
            _case_needs(prompt, run, rules, found)
    return found


def _case_needs(prompt: PromptRun, run: CaseRun, rules: Asking, found: Needs) -> None:
    calls = _first_calls(run, rules.repeat)
    if run.unaffected and not rules.unaffected_too:
        return
    missing = {call.fingerprint: call for call in calls if call.fingerprint not in found.known}
    found.missing.update(missing)
    dates = [found.known[call.fingerprint].created for call in calls if call.fingerprint in found.known]
    if missing and rules.network:
        dates.append(rules.now)
    if run.old is None or run.unaffected or not dates or max(dates) - min(dates) <= rules.max_age:
        return
    found.apart.add((prompt.pair.name, run.case.id))
    if rules.network:
        stale = [call.fingerprint for call in calls if call.fingerprint in found.known]
        found.renew.update(print_ for print_ in stale if found.known[print_].created < rules.since)


def _first_calls(run: CaseRun, repeat: int) -> list[Call]:
    return [side.sample(k) for side in run.sides() if side.call is not None for k in range(repeat)]


def ask_first(
    prompts: Sequence[PromptRun],
    client: Client,
    rules: Asking,
    found: Needs,
    scorer: Scorer,
) -> Iterator[Answer]:
    """Ask what is missing, score every answer as it comes, and yield it (so that progress can be shown)."""
    waiting: dict[str, list[tuple[PromptRun, CaseRun, Side, int]]] = {}
    for prompt in prompts:
        for run in prompt.cases:
            for side in run.sides():
                _reserve(prompt, run, side, rules.repeat, waiting)

    for call, answer in client.ask(_wanted(prompts, rules, found), renew=found.renew, follow=scorer.follow):
        scorer.answered(call, answer)
        for prompt, run, side, k in waiting.pop(call.fingerprint, ()):
            _take(prompt, side, k, call, answer)
            for which, reply, other in _ready(run, side, k):
                context = Context(reply, run.case.vars, run.case.expected, which.sample(k), other)
                scorer.begin(prompt, run, context, partial(which.add_score, k))
            yield answer
    for prompt in prompts:
        for run in prompt.cases:
            if run.unaffected and run.old is not None:
                run.old.answers, run.old.scores = run.new.answers, run.new.scores


def _reserve(
    prompt: PromptRun,
    run: CaseRun,
    side: Side,
    repeat: int,
    waiting: dict[str, list[tuple[PromptRun, CaseRun, Side, int]]],
) -> None:
    if side.call is None:
        return
    for k in range(repeat):
        waiting.setdefault(side.sample(k).fingerprint, []).append((prompt, run, side, k))


def _wanted(prompts: Sequence[PromptRun], rules: Asking, found: Needs) -> Iterator[Call]:
    """The calls in the order of the cases, so that a budget that ends leaves whole pairs behind it."""
    seen: set[str] = set()
    for prompt in prompts:
        for run in prompt.cases:
            for call in _first_calls(run, rules.repeat):
                unknown = call.fingerprint not in found.known
                if call.fingerprint in seen or (run.unaffected and unknown and not rules.unaffected_too):
                    continue
                seen.add(call.fingerprint)
                yield call


def _take(prompt: PromptRun, side: Side, k: int, call: Call, answer: Answer) -> None:
    side.add(k, answer)
    if isinstance(answer, Reply):
        prompt.used[call.fingerprint] = (call, answer)


def _ready(run: CaseRun, side: Side, k: int) -> Iterator[tuple[Side, Reply, Reply | None]]:
    """What can be scored now that this answer is there; one that is compared with the other side's waits for that."""
    mine, opposite = side.answer(k), run.opposite(side)
    if run.unaffected or opposite is None or opposite.call is None or not _compares(run):
        if isinstance(mine, Reply):
            yield side, mine, mine if run.unaffected and opposite is not None else None
        return
    other = opposite.answer(k)
    if other is None:
        return
    for which, one, against in ((side, mine, other), (opposite, other, mine)):
        if isinstance(one, Reply):
            yield which, one, against if isinstance(against, Reply) else None


def _compares(run: CaseRun) -> bool:
    return any(assertion.kind.compares for assertion in flat(run.assertions))


@dataclass(slots=True)
class Fresh:
    """The fresh samples of one prompt's suspects: the confirmation, what went wrong in it, when they were given.

    `begin` starts the confirmation (again); `dates` are those of the samples of a case, by fingerprint.
    """

    prompt: PromptRun
    begin: Callable[[], Confirmation]
    runs: dict[str, CaseRun]
    confirmation: Confirmation = field(init=False)
    failed: dict[str, str] = field(default_factory=dict)
    dates: dict[str, dict[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget what was recorded."""
        self.confirmation = self.begin()
        self.failed, self.dates = {}, {}


def confirm(
    fresh: Sequence[Fresh],
    client: Client,
    rules: Asking,
    found: Needs,
    scorer: Scorer,
) -> Iterator[Answer]:
    """Ask every suspect again, fresh, on both sides.

    Where a case's samples turn out to lie more than max_age apart (a confirmation that was cut short went on later),
    the prompt's confirmation starts anew and asks them again.
    """
    yield from _confirm(fresh, client, rules, frozenset(), scorer)
    again, renew = [], set()
    for one in fresh:
        apart = [case for case, dates in one.dates.items() if max(dates.values()) - min(dates.values()) > rules.max_age]
        found.apart.update((one.prompt.pair.name, case) for case in apart)
        stale = {print_ for case in apart for print_, created in one.dates[case].items() if created < rules.since}
        if stale and rules.network:
            renew |= stale
            one.restart()
            again.append(one)
    yield from _confirm(again, client, rules, renew, scorer)


def _confirm(
    fresh: Sequence[Fresh],
    client: Client,
    rules: Asking,
    renew: AbstractSet[str],
    scorer: Scorer,
) -> Iterator[Answer]:
    """Batch by batch over all prompts at once."""
    while batch := [(one, ask) for one in fresh for ask in one.confirmation.next()]:
        asks: dict[str, list[tuple[Fresh, Ask]]] = {}
        calls: dict[str, Call] = {}
        for one, ask in batch:
            call = fresh_call(one.runs[ask.id], ask, rules.repeat)
            calls[call.fingerprint] = call
            asks.setdefault(call.fingerprint, []).append((one, ask))
        for call, answer in client.ask(calls.values(), renew=renew, follow=scorer.follow):
            scorer.answered(call, answer)
            for one, ask in asks.pop(call.fingerprint, ()):
                _record(one, ask, call, answer, scorer)
                yield answer


def fresh_call(run: CaseRun, ask: Ask, repeat: int) -> Call:
    """A confirmation sample: numbered after the first samples, and bound to the other side's request."""
    if run.old is None or run.old.call is None or run.new.call is None:
        raise AssertionError("a suspect was answered on both sides")
    side, other = (run.new, run.old) if ask.side is Which.NEW else (run.old, run.new)
    return side.sample(repeat + ask.round, against=other.call.request if other.call else None)


def _record(one: Fresh, ask: Ask, call: Call, answer: Answer, scorer: Scorer) -> None:
    run = one.runs[ask.id]
    if isinstance(answer, CallFailed):
        fatal = ask.side is Which.NEW and answer.failure in {Failure.CONTEXT_LENGTH, Failure.CONTENT_POLICY}
        if not fatal:
            one.failed.setdefault(ask.id, _why(ask, call, answer))
        one.confirmation.record(ask, *((False, 0.0) if fatal else (None, None)))
        return
    one.prompt.used[call.fingerprint] = (call, answer)
    one.dates.setdefault(ask.id, {})[call.fingerprint] = answer.created
    context = Context(answer, run.case.vars, run.case.expected, call, _first(run.old))
    scorer.begin(one.prompt, run, context, partial(_scored, one, ask))


def _first(side: Side | None) -> Reply | None:
    """What a fresh answer is compared with, on whichever side: one and the same, so that both have equal chances."""
    return next((answer for answer in side.answers if isinstance(answer, Reply)), None) if side else None


def _scored(one: Fresh, ask: Ask, score: Score) -> None:
    if score.error is not None or score.passed is None:
        one.failed.setdefault(ask.id, f"a fresh sample could not be scored: {score.error}")
        one.confirmation.record(ask, None, None)
        return
    one.confirmation.record(ask, score.passed, score.score)


def _why(ask: Ask, call: Call, answer: CallFailed) -> str:
    if answer.failure is Failure.MISSING:
        side = "new" if ask.side is Which.NEW else "old"
        return f"confirmation sample {call.sample} of the {side} side is missing: nobody recorded it"
    return f"its confirmation was cut short: {answer.reason}"
