"""Prompts and inputs on both sides -> the calls that could tell whether the behaviour changed."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from promptctl.errors import InvalidPrompt, Problem, UserError
from promptctl.inputs.case import Case
from promptctl.models.call import Answer, Call, Reply
from promptctl.prompts.prompt import JINJA, Prompt
from promptctl.scoring.assertion import Assertion
from promptctl.scoring.result import Score
from promptctl.snapshot import PromptPair
from promptctl.verdict.health import HealthTally
from promptctl.verdict.metrics import MetricTally
from promptctl.workflows.excusing import Excused
from promptctl.workflows.facts import Facts
from promptctl.workflows.used import Used

LIMITED = "no max_tokens is set: 4096 is sent on both sides, so that --max-cost can be kept"

Endpoint = Callable[[str], str | None]
Bound = Callable[[Call], Call]


class Cases(Protocol):
    """The cases of a prompt, read again each time."""

    @property
    def named(self) -> frozenset[str]:
        """The ids of `--input` that its file has, chosen or not."""
        ...

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Case]: ...

    def at(self, numbers: Sequence[int]) -> Mapping[int, Case]:
        """Those of these numbers, from 0."""
        ...


@dataclass(slots=True)
class Side:
    """One side of one case: what is asked, or why it cannot be; then the answers and scores, one a sample.

    `numbers` are those of the answers' samples, `scored` those of the scores, both rising.
    """

    call: Call | None
    problem: str | None = None
    answers: list[Answer] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    first_sample: int = 0
    stride: int = 1
    numbers: list[int] = field(default_factory=list)
    scored: list[int] = field(default_factory=list)

    def answer(self, number: int) -> Answer | None:
        """The answer of a sample; None where it has not come."""
        at = bisect_left(self.numbers, number)
        return self.answers[at] if at < len(self.numbers) and self.numbers[at] == number else None

    def add(self, number: int, answer: Answer) -> None:
        """Keep a sample's answer. In the order of the samples, not of their arrival: every replay shows the same."""
        at = bisect_left(self.numbers, number)
        self.numbers.insert(at, number)
        self.answers.insert(at, answer)

    def drop(self, number: int) -> None:
        """Forget a sample's answer: it is asked for again."""
        at = bisect_left(self.numbers, number)
        del self.numbers[at], self.answers[at]

    def add_score(self, number: int, score: Score) -> None:
        """Keep a sample's score, in the same order."""
        at = bisect_left(self.scored, number)
        self.scored.insert(at, number)
        self.scores.insert(at, score)

    def replies(self) -> Iterator[tuple[int, Reply]]:
        """The samples that were answered."""
        for number, answer in zip(self.numbers, self.answers, strict=True):
            if isinstance(answer, Reply):
                yield number, answer

    def sample(self, number: int, against: str | None = None) -> Call:
        """Sample `number` of this side's request; a prompt's `seed` moves with it, else each sample were the same."""
        if self.call is None:
            raise AssertionError("a side that cannot be rendered is not asked")
        actual = self.first_sample + number * self.stride
        params = self.call.params
        if actual and isinstance(params.get("seed"), int):
            moved = {**params, "seed": params["seed"] + actual}
            return replace(self.call, params=moved, sample=actual, against=against)
        if actual == self.call.sample and against is None:
            return self.call
        return self.call.resampled(actual, against=against)


@dataclass(slots=True)
class CaseRun:
    """One case on its way through a replay; it is dropped when its facts are kept. `old` is None for an added prompt.

    `place` is its place among the prompt's cases. `left` counts the answers, then the scores, that are waited for;
    `renewed` says that some answers were asked for again, for their age.
    """

    case: Case
    old: Side | None
    new: Side
    assertions: Sequence[Assertion]
    unaffected: bool = False
    place: int = 0
    left: int = 0
    renewed: bool = False

    def sides(self) -> tuple[Side, ...]:
        """The sides that are asked apart; an unaffected case has one answer for both."""
        return (self.new,) if self.old is None or self.unaffected else (self.old, self.new)

    def opposite(self, side: Side) -> Side | None:
        """The side that this one's answers are compared with; None for an added prompt."""
        return self.old if side is self.new else self.new


@dataclass(frozen=True, slots=True)
class Sampling:
    """How many first samples a side gets, and whether both sides of equal requests are asked apart."""

    repeat: int = 1
    aa: bool = False


@dataclass(frozen=True, slots=True)
class Making:
    """What a prompt's calls depend on beside the prompt. `names` are the variables that any of its inputs has."""

    sampling: Sampling
    model: str | None
    endpoint: Endpoint
    bound: Bound
    names: frozenset[str]
    fallbacks: bool = False


@dataclass(slots=True)
class PromptRun:
    """One prompt on its way through a replay: its cases one after the other, and the facts of those that are done.

    `assertions` are the prompt's own, `own` reads a case's. `coded` are the cases' assertions that run code. `notes`
    say with what care to read the verdict. `affected` says whether any request changed, of the cases rendered so far;
    `stopped` that not all of them were needed. `health` counts what the inputs and assertions cannot tell,
    `metrics` the named scores.
    """

    pair: PromptPair
    old: Prompt | None
    new: Prompt
    cases: Cases
    assertions: Sequence[Assertion] = ()
    own: Callable[[Case], Sequence[Assertion]] = lambda _case: ()
    coded: tuple[Mapping[str, Any], ...] = ()
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    used: Used = field(default_factory=Used)
    excused: Excused = field(default_factory=Excused)
    affected: bool = False
    stopped: bool = False
    health: HealthTally = field(default_factory=HealthTally)
    metrics: MetricTally = field(default_factory=MetricTally)
    facts: Facts = field(init=False)
    making: Making = field(init=False)
    _old_side: "SideMaker | None" = field(init=False, default=None)
    _new_side: "SideMaker" = field(init=False)

    def plan(self, making: Making) -> None:
        """Make ready for rendering.

        Raises InvalidPrompt for variables that no input has, on either side, and UserError where there is no model.
        """
        self.making = making
        self.facts = Facts(len(self.cases), making.sampling.repeat, aa=making.sampling.aa)
        self._new_side = SideMaker(self.new, making)
        self._old_side = None if self.old is None else SideMaker(self.old, making, of=" of the old side")
        sides = [side for side in (self._old_side, self._new_side) if side is not None]
        if not all(side.is_covered() for side in sides):
            for case in self.cases:
                for side in sides:
                    side.side(case.vars)
        unknown = {name: problem for side in sides for name, problem in side.unknown.items()}
        if unknown:
            raise InvalidPrompt(list(unknown.values()))

    @property
    def comparable(self) -> bool:
        """Whether this prompt is compared at all: it counts among the tests of a run. Known when all is rendered."""
        return self.old is not None and self.affected

    @property
    def aa(self) -> bool:
        """Whether equal requests are asked on both sides."""
        return self.making.sampling.aa

    @property
    def models(self) -> frozenset[str]:
        """Whom its calls ask."""
        sides = [side for side in (self._old_side, self._new_side) if side is not None]
        return frozenset(model for side in sides for model in (side.model, *side.fallbacks))

    def runs(self) -> Iterator[CaseRun]:
        """The cases, rendered on both sides."""
        for place, case in enumerate(self.cases):
            yield self.run(place, case)

    def runs_at(self, places: Sequence[int]) -> Iterator[CaseRun]:
        """The cases at these places."""
        for place, case in self.cases.at(places).items():
            yield self.run(place, case)

    def run(self, place: int, case: Case) -> CaseRun:
        """A case, rendered on both sides; equal requests make it unaffected."""
        sampling = self.making.sampling
        new = self._new_side.side(case.vars)
        old = None if self._old_side is None else self._old_side.side(case.vars)
        equal = _equal(old, new)
        if old is not None and equal and sampling.aa:
            old, new = replace(old, stride=2), replace(new, first_sample=1, stride=2)
        unaffected = equal and not sampling.aa
        self.affected = self.affected or not unaffected
        if LIMITED not in self.warnings and any(side and side.limited for side in (self._old_side, self._new_side)):
            self.warnings.append(LIMITED)
        return CaseRun(case, old, new, (*self.assertions, *self.own(case)), unaffected, place)


def _equal(old: Side | None, new: Side) -> bool:
    if old is None or old.call is None or new.call is None:
        return False
    return old.call.request == new.call.request


class SideMaker:
    """One prompt at one revision, rendered for case after case."""

    def __init__(self, prompt: Prompt, making: Making, of: str = "") -> None:
        from promptctl.prompts.template import Renderer  # 62 ms: jinja2

        chosen = making.model or prompt.model
        if chosen is None:
            raise UserError(
                f"{prompt.path}: no model.",
                hint="Name one with `model:` in the prompt or in .promptctl.yaml, or with --model.",
            )
        self.model = chosen
        self.unknown: dict[str, Problem] = {}
        self.limited = False
        self._prompt = prompt
        self._renderer = Renderer(prompt)
        self._endpoint = making.endpoint(chosen)
        self.fallbacks = {model: making.endpoint(model) for model in prompt.fallbacks if making.fallbacks}
        self._bound = making.bound
        self._names = making.names
        self._of = of

    def is_covered(self) -> bool:
        """Whether every variable that the templates could look up is one of some input's, or has a default."""
        from promptctl.prompts.analysis import variables  # imported already by the renderer

        prompt = self._prompt
        if prompt.script is not None or any(prompt.language_of(message) != JINJA for message in prompt.messages):
            return False
        defaults = {name for name, declared in prompt.variables.items() if declared.has_default}
        return variables(prompt) <= self._names | defaults

    def side(self, values: Mapping[str, object]) -> Side:
        """What is asked with these values. A variable that neither they nor any other input has is noted."""
        from promptctl.prompts.template import RenderError  # imported already by the renderer

        try:
            messages = self._renderer.render(values)
        except RenderError as error:
            if error.variable is not None and error.variable not in self._names:
                self._no_input_has(error.variable)
            return Side(None, f"cannot be rendered: {error.message}")
        call = Call(
            model=self.model,
            messages=tuple(message.to_json() for message in messages),
            params=self._prompt.params,
            tools=self._prompt.tools,
            response_format=self._prompt.response_format,
            endpoint=self._endpoint,
        )
        bounded = self._bound(call)
        self.limited = self.limited or bounded is not call
        others = (replace(call, model=model, endpoint=endpoint) for model, endpoint in self.fallbacks.items())
        return Side(replace(bounded, fallbacks=tuple(map(self._bound, others))) if self.fallbacks else bounded)

    def _no_input_has(self, variable: str) -> None:
        from difflib import get_close_matches

        close = get_close_matches(variable, self._names, 1)
        known = ", ".join(sorted(self._names)[:8]) or "none"
        hint = f"Did you mean '{close[0]}'?" if close else f"The inputs have: {known}."
        message = f"no input has the variable '{variable}'{self._of}."
        self.unknown[variable] = Problem(self._prompt.path, message, hint=hint)
