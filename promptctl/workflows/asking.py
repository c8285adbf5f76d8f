"""Cases -> answers and scores as they come, each request asked once; then fresh samples of the suspects."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Protocol

from promptctl.inputs.digests import DigestSet, digest_of
from promptctl.models.call import Answer, Call, CallFailed, Failure, Reply
from promptctl.scoring.combine import flat
from promptctl.scoring.result import Context, Score
from promptctl.verdict.confirm import Confirmation
from promptctl.verdict.suspect import Ask
from promptctl.verdict.suspect import Side as Which
from promptctl.workflows.plan import CaseRun, PromptRun, Side

LOOKED_UP = 64  # cases whose answers are looked up together

Finish = Callable[[PromptRun, CaseRun], None]


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


class Asker(Protocol):
    """Who answers: a `Client`."""

    def known(self, calls: Sequence[Call]) -> Mapping[str, Reply]:
        """The answers that need not be asked for."""
        ...

    def ask(
        self, calls: Iterator[Call], *, renew: AbstractSet[str] = ..., follow: deque[Call] | None = ...
    ) -> Iterator[tuple[Call, Answer]]:
        """Every call with its answer, as they come."""
        ...


class Stopping(Protocol):
    """Chooses the order of the cases, has suspects asked again at once, and may end a prompt: `early.Early`."""

    def runs(self, prompt: PromptRun) -> Iterator[CaseRun]:
        """The cases to ask, as long as more are wanted."""
        ...

    def finished(self, prompt: PromptRun, run: CaseRun) -> Sequence[Call]:
        """A case is done; the calls that follow from it."""
        ...

    def take(self, call: Call, answer: Answer, scorer: Scorer) -> bool:
        """Whether an answer to one of these calls was waited for."""
        ...


@dataclass(frozen=True, slots=True)
class Asking:
    """The rules of this run; times in seconds since the epoch. Answers at or after `since` are this run's.

    `unaffected_too`: an unaffected case is asked for, too, where nobody knows its answer.
    """

    repeat: int
    max_age: float
    since: float
    unaffected_too: bool
    network: bool


class Apart:
    """The cases whose answers were given more than max_age apart: how many they are."""

    def __init__(self) -> None:
        self._cases = DigestSet()

    def __len__(self) -> int:
        return len(self._cases)

    def add(self, prompt: PromptRun, case_id: str) -> None:
        """One more; a case counts once."""
        self._cases.add(digest_of(f"{prompt.pair.name}\0{case_id}"))


def first_calls(run: CaseRun, repeat: int) -> list[tuple[Side, int, Call]]:
    """The first samples of a case, side by side."""
    return [(side, k, side.sample(k)) for side in run.sides() if side.call is not None for k in range(repeat)]


def ask_first(
    prompts: Sequence[PromptRun],
    client: Asker,
    rules: Asking,
    apart: Apart,
    scorer: Scorer,
    finish: Finish,
    early: Stopping | None = None,
) -> Iterator[Answer]:
    """Ask for the first answers of all cases, and yield each as it comes (so that progress can be shown).

    Cases are read and rendered as there is room for their calls. One whose answers are there is scored, handed to
    `finish` and forgotten; in memory are those that wait for answers, and no others.
    """
    flow = _Flow(prompts, client, rules, apart, scorer, finish, early)
    for call, answer in client.ask(flow.calls(), renew=flow.renew, follow=scorer.follow):
        scorer.answered(call, answer)
        if early is not None and early.take(call, answer, scorer):
            yield answer
        yield from flow.take(call, answer)


@dataclass(slots=True)
class _Flow:
    """The cases that wait for answers. `renew` is that of `Client.ask`."""

    prompts: Sequence[PromptRun]
    client: Asker
    rules: Asking
    apart: Apart
    scorer: Scorer
    finish: Finish
    early: Stopping | None = None
    waiting: dict[str, list[tuple[PromptRun, CaseRun, Side, int]]] = field(default_factory=dict)
    renew: set[str] = field(default_factory=set)

    def calls(self) -> Iterator[Call]:
        """The calls in the order of the cases, so that a budget that ends leaves whole pairs behind it."""
        for prompt in self.prompts:
            runs = prompt.runs() if self.early is None else self.early.runs(prompt)
            while batch := list(islice(runs, LOOKED_UP if self.early is None else 1)):
                known = self._known(batch)
                for run in batch:
                    yield from self._calls_of(prompt, run, known)

    def _known(self, batch: Sequence[CaseRun]) -> Mapping[str, Reply]:
        """The answers of unaffected cases that are at hand: these are shown, though nobody would ask for them."""
        if self.rules.unaffected_too:
            return {}
        calls = [call for run in batch if run.unaffected for *_, call in first_calls(run, self.rules.repeat)]
        return self.client.known(calls) if calls else {}

    def _calls_of(self, prompt: PromptRun, run: CaseRun, known: Mapping[str, Reply]) -> Iterator[Call]:
        wanted = first_calls(run, self.rules.repeat)
        if run.unaffected and not self.rules.unaffected_too:
            wanted = [one for one in wanted if one[-1].fingerprint in known]
        run.left = len(wanted)
        if not wanted:
            self._score(prompt, run)
            return
        for side, k, call in wanted:
            if self._wait(prompt, run, side, k, call):
                yield call

    def _wait(self, prompt: PromptRun, run: CaseRun, side: Side, k: int, call: Call) -> bool:
        """Wait for an answer; whether nobody else does so yet."""
        waiting = self.waiting.setdefault(call.fingerprint, [])
        waiting.append((prompt, run, side, k))
        return len(waiting) == 1

    def take(self, call: Call, answer: Answer) -> Iterator[Answer]:
        """Give an answer to those who wait for it."""
        for prompt, run, side, k in self.waiting.pop(call.fingerprint, ()):
            side.add(k, answer)
            run.left -= 1
            yield answer
            if not run.left and not self._asks_again(prompt, run):
                self._score(prompt, run)

    def _asks_again(self, prompt: PromptRun, run: CaseRun) -> bool:
        """Whether the sides were answered too far apart, so that a provider's change would be blamed on the edit."""
        dates = [reply.created for side in run.sides() for _, reply in side.replies()]
        if len(run.sides()) < 2 or run.renewed or not dates or max(dates) - min(dates) <= self.rules.max_age:
            return False
        self.apart.add(prompt, run.case.id)
        if not self.rules.network:
            return False
        run.renewed = True
        for side in run.sides():
            self._renew_old(prompt, run, side)
        return bool(run.left)

    def _renew_old(self, prompt: PromptRun, run: CaseRun, side: Side) -> None:
        """Drop the answers that are not of this run, and ask for them again."""
        for k, reply in list(side.replies()):
            if reply.created >= self.rules.since:
                continue
            side.drop(k)
            run.left += 1
            call = side.sample(k)
            self.renew.add(call.fingerprint)
            if self._wait(prompt, run, side, k, call):
                self.scorer.follow.append(call)

    def _score(self, prompt: PromptRun, run: CaseRun) -> None:
        """All first answers of a case are there: score them."""
        found = [(side, k, reply) for side in run.sides() for k, reply in side.replies()]
        run.left = len(found)
        for side, k, reply in found:
            prompt.used.add(side.sample(k), reply)
            other = _compared(run, side, k)
            context = Context(reply, run.case.vars, run.case.expected, side.sample(k), other)
            self.scorer.begin(prompt, run, context, partial(self._scored, prompt, run, side, k))
        if not found:
            self._finish(prompt, run)

    def _scored(self, prompt: PromptRun, run: CaseRun, side: Side, k: int, score: Score) -> None:
        side.add_score(k, score)
        run.left -= 1
        if not run.left:
            self._finish(prompt, run)

    def _finish(self, prompt: PromptRun, run: CaseRun) -> None:
        if run.unaffected and run.old is not None:
            run.old.answers, run.old.scores, run.old.numbers = run.new.answers, run.new.scores, run.new.numbers
        self.finish(prompt, run)
        if self.early is not None:
            self.scorer.follow.extend(self.early.finished(prompt, run))


def _compared(run: CaseRun, side: Side, k: int) -> Reply | None:
    """The other side's answer, which some assertions compare this one with."""
    opposite = run.opposite(side)
    answer = None if opposite is None else (side if run.unaffected else opposite).answer(k)
    return answer if isinstance(answer, Reply) else None


@dataclass(slots=True)
class Fresh:
    """The fresh samples of one prompt's suspects: the confirmation, what went wrong in it, when they were given.

    `begin` starts the confirmation (again); `runs` are the suspects that are drawn, by id; `dates` are those of the
    samples of a case, by fingerprint.
    """

    prompt: PromptRun
    begin: Callable[[], Confirmation]
    runs: Mapping[str, CaseRun]
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
    client: Asker,
    rules: Asking,
    apart: Apart,
    scorer: Scorer,
) -> Iterator[Answer]:
    """Ask every suspect again, fresh, on both sides.

    Where a case's samples turn out to lie more than max_age apart (a confirmation that was cut short went on later),
    the prompt's confirmation starts anew and asks them again.
    """
    _recall(fresh, client)
    yield from _confirm(fresh, client, rules, frozenset(), scorer)
    again, renew = [], set()
    for one in fresh:
        late = [case for case, dates in one.dates.items() if max(dates.values()) - min(dates.values()) > rules.max_age]
        for case in late:
            apart.add(one.prompt, case)
        stale = {print_ for case in late for print_, created in one.dates[case].items() if created < rules.since}
        if stale and rules.network:
            renew |= stale
            one.restart()
            again.append(one)
    yield from _confirm(again, client, rules, renew, scorer)


def _recall(fresh: Sequence[Fresh], client: Asker) -> None:
    """Fetch the old side's first answers of the cases in which some assertion compares with them."""
    runs = [run for one in fresh for run in one.runs.values() if any(two.kind.compares for two in flat(run.assertions))]
    sides = [run.old for run in runs if run.old is not None and run.old.call is not None and not run.old.answers]
    known = client.known([side.sample(0) for side in sides]) if sides else {}
    for side in sides:
        reply = known.get(side.sample(0).fingerprint)
        if reply is not None:
            side.add(0, reply)


def _confirm(
    fresh: Sequence[Fresh],
    client: Asker,
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
        for call, answer in client.ask(iter(calls.values()), renew=renew, follow=scorer.follow):
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
        fatal = is_fatal(ask.side, answer)
        if not fatal:
            one.failed.setdefault(ask.id, _why(ask, call, answer))
        one.confirmation.record(ask, *((False, 0.0) if fatal else (None, None)))
        return
    one.prompt.used.add(call, answer)
    one.dates.setdefault(ask.id, {})[call.fingerprint] = answer.created
    context = Context(answer, run.case.vars, run.case.expected, call, first_reply(run.old))
    scorer.begin(one.prompt, run, context, partial(_scored, one, ask))


def is_fatal(side: Which, failed: CallFailed) -> bool:
    """Whether a fresh sample has no answer for the edit's own doing: it counts as a failed one."""
    return side is Which.NEW and failed.failure in {Failure.CONTEXT_LENGTH, Failure.CONTENT_POLICY}


def first_reply(side: Side | None) -> Reply | None:
    """What a fresh answer is compared with, on whichever side: one and the same, so that both have equal chances."""
    return next((reply for _, reply in side.replies()), None) if side else None


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
