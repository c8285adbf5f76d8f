"""Prompts and inputs on both sides -> the calls that could tell whether the behaviour changed."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from promptctl.errors import InvalidPrompt, Problem, UserError
from promptctl.inputs.case import Case
from promptctl.models.call import Answer, Call, Reply
from promptctl.prompts.prompt import Prompt
from promptctl.scoring.assertion import Assertion
from promptctl.scoring.result import Score
from promptctl.snapshot import PromptPair

if TYPE_CHECKING:
    from promptctl.prompts.template import Renderer

LIMITED = "no max_tokens is set: 4096 is sent on both sides, so that --max-cost can be kept"

Endpoint = Callable[[str], str | None]
Bound = Callable[[Call], Call]


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

    def add_score(self, number: int, score: Score) -> None:
        """Keep a sample's score, in the same order."""
        at = bisect_left(self.scored, number)
        self.scored.insert(at, number)
        self.scores.insert(at, score)

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
    """One case on its way through a replay. `old` is None for an added prompt."""

    case: Case
    old: Side | None
    new: Side
    assertions: Sequence[Assertion]
    unaffected: bool = False

    def sides(self) -> tuple[Side, ...]:
        """The sides that are asked apart; an unaffected case has one answer for both."""
        return (self.new,) if self.old is None or self.unaffected else (self.old, self.new)

    def opposite(self, side: Side) -> Side | None:
        """The side that this one's answers are compared with; None for an added prompt."""
        return self.old if side is self.new else self.new


@dataclass(slots=True)
class PromptRun:
    """One prompt on its way through a replay.

    `notes` say with what care to read its verdict; `used` are the answers that it rests on, by fingerprint. `aa`: equal
    requests are asked on both sides.
    """

    pair: PromptPair
    old: Prompt | None
    new: Prompt
    cases: list[CaseRun] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    used: dict[str, tuple[Call, Reply]] = field(default_factory=dict)
    aa: bool = False

    @property
    def affected(self) -> bool:
        """Whether any request changed."""
        return any(not run.unaffected for run in self.cases)

    @property
    def comparable(self) -> bool:
        """Whether this prompt is compared at all: it counts among the tests of a run."""
        return self.old is not None and self.affected


@dataclass(frozen=True, slots=True)
class Sampling:
    """How many first samples a side gets, and whether both sides of equal requests are asked apart."""

    repeat: int = 1
    aa: bool = False


def plan_cases(
    prompt: PromptRun,
    cases: Sequence[tuple[Case, Sequence[Assertion]]],
    *,
    sampling: Sampling,
    model: str | None,
    endpoint: Endpoint,
    bound: Bound,
) -> None:
    """Render every case on both sides and drop the pairs whose requests are equal.

    Raises UserError for a variable that no input has, on either side, and where a prompt has no model.
    """
    from promptctl.prompts.template import Renderer  # 62 ms: jinja2

    prompt.aa = sampling.aa
    names = frozenset(name for case, _ in cases for name in case.vars)
    new_side = _SideMaker(prompt.new, Renderer(prompt.new), model, endpoint, bound, names)
    old_side = None
    if prompt.old is not None:
        old_side = _SideMaker(prompt.old, Renderer(prompt.old), model, endpoint, bound, names, of=" of the old side")
    for case, assertions in cases:
        new = new_side.side(case.vars)
        old = None if old_side is None else old_side.side(case.vars)
        equal = _equal(old, new)
        if old is not None and equal and sampling.aa:
            old, new = replace(old, stride=2), replace(new, first_sample=1, stride=2)
        prompt.cases.append(CaseRun(case, old, new, assertions, unaffected=equal and not sampling.aa))
    if new_side.limited or (old_side is not None and old_side.limited):
        prompt.warnings.append(LIMITED)
    unknown = {**(old_side.unknown if old_side else {}), **new_side.unknown}
    if unknown:
        raise InvalidPrompt(list(unknown.values()))


def _equal(old: Side | None, new: Side) -> bool:
    if old is None or old.call is None or new.call is None:
        return False
    return old.call.request == new.call.request


class _SideMaker:
    """One prompt at one revision, rendered for case after case."""

    def __init__(
        self,
        prompt: Prompt,
        renderer: "Renderer",
        model: str | None,
        endpoint: Endpoint,
        bound: Bound,
        names: frozenset[str],
        of: str = "",
    ) -> None:
        self.prompt = prompt
        self.renderer = renderer
        chosen = model or prompt.model
        if chosen is None:
            raise UserError(
                f"{prompt.path}: no model.",
                hint="Name one with `model:` in the prompt or in .promptctl.yaml, or with --model.",
            )
        self.model = chosen
        self.endpoint = endpoint(chosen)
        self.bound = bound
        self.names = names
        self.of = of
        self.unknown: dict[str, Problem] = {}
        self.limited = False

    def side(self, values: Mapping[str, object]) -> Side:
        from promptctl.prompts.template import RenderError  # imported already by the renderer

        try:
            messages = self.renderer.render(values)
        except RenderError as error:
            if error.variable is not None and error.variable not in self.names:
                self._no_input_has(error.variable)
            return Side(None, f"cannot be rendered: {error.message}")
        call = Call(
            model=self.model,
            messages=tuple(message.to_json() for message in messages),
            params=self.prompt.params,
            tools=self.prompt.tools,
            response_format=self.prompt.response_format,
            endpoint=self.endpoint,
        )
        bounded = self.bound(call)
        self.limited = self.limited or bounded is not call
        return Side(bounded)

    def _no_input_has(self, variable: str) -> None:
        from difflib import get_close_matches

        close = get_close_matches(variable, self.names, 1)
        known = ", ".join(sorted(self.names)[:8]) or "none"
        hint = f"Did you mean '{close[0]}'?" if close else f"The inputs have: {known}."
        message = f"no input has the variable '{variable}'{self.of}."
        self.unknown[variable] = Problem(self.prompt.path, message, hint=hint)
