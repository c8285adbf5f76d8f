"""Labels of people, judgements of judges -> how well they agree, and who may gate."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from promptctl.errors import InvalidInputs, Problem, UserError
from promptctl.inputs.case import MISSING, Case
from promptctl.inputs.files import read_cases
from promptctl.inputs.labels import Label
from promptctl.models.call import Reply
from promptctl.models.client import Client
from promptctl.prompts.prompt import Prompt
from promptctl.reports.calibration import Disagreement, JudgeView
from promptctl.scoring.assertion import Assertion
from promptctl.scoring.combine import flat, scoring
from promptctl.scoring.registry import parse, parse_all
from promptctl.scoring.result import Context, Score
from promptctl.scoring.talk import via_of
from promptctl.snapshot import Snapshot
from promptctl.verdict.agreement import Agreement
from promptctl.workflows.bench import Bench, Judge
from promptctl.workflows.calibration import Calibration
from promptctl.workflows.conversations import Conversations
from promptctl.workflows.judging import criterion_digest, judge_name

Answers = Mapping[tuple[str, str, str], tuple[str, Mapping[str, Any], Any]]
"""(prompt, case, side) -> output, vars and expected, as the last run has them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is calibrated: the assertions of prompts, or one assertion of its own. `spec` is that one, raw."""

    prompts: tuple[str, ...] = ()
    metric: str | None = None
    spec: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled answer and the assertion that it was labelled for."""

    label: Label
    assertion: Assertion
    context: Context
    folder: str


@dataclass(slots=True)
class _Tally:
    """What one judge said so far."""

    judge: Judge
    type: str
    criteria: set[str] = field(default_factory=set)
    cells: list[int] = field(default_factory=lambda: [0, 0, 0, 0])  # both pass, judge only, people only, both fail
    errors: list[str] = field(default_factory=list)
    apart: list[Disagreement] = field(default_factory=list)


def examples(labels: Sequence[Label], wanted: Wanted, snapshot: Snapshot, answers: Answers) -> list[Example]:
    """The labels with what they are about. Raises InvalidInputs for labels that mean nothing that can be judged."""
    problems: dict[str, Problem] = {}
    found: list[Example] = []
    prompts = _Prompts(snapshot)
    for label in labels:
        if wanted.prompts and label.prompt is not None and label.prompt not in wanted.prompts:
            continue
        try:
            found.append(_example(label, wanted, prompts, answers))
        except UserError as error:
            problem = Problem(label.where, error.message, hint=error.hint)
            problems.setdefault(error.message, problem)
    if problems:
        raise InvalidInputs(list(problems.values()))
    return found


class _Prompts:
    """The prompts that labels name, with their cases, each read once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._read: dict[str, tuple[Prompt, tuple[Assertion, ...], Mapping[str, Case]]] = {}

    def __getitem__(self, name: str) -> tuple[Prompt, tuple[Assertion, ...], Mapping[str, Case]]:
        if name not in self._read:
            prompt = self._snapshot.prompt(name)
            own = parse_all(prompt.assertions, prompt.path) if prompt.assertions else ()
            inputs = self._snapshot.inputs(name)
            cases = {case.id: case for case in read_cases(*inputs)} if inputs else {}
            self._read[name] = prompt, own, cases
        return self._read[name]


def _example(label: Label, wanted: Wanted, prompts: _Prompts, answers: Answers) -> Example:
    name = label.prompt or (wanted.prompts[0] if len(wanted.prompts) == 1 else None)
    case, folder = Case(label.id or "", label.vars or {}, label.expected), ""
    own: tuple[Assertion, ...] = ()
    if name is not None:
        prompt, own, cases = prompts[name]
        folder = posixpath.dirname(prompt.path)
        known = cases.get(label.id or "")
        if known is not None:
            case = known
            own = (*own, *parse_all(known.assertions, prompt.path, error=InvalidInputs))
    output, values, expected = _answer(label, name, case, answers)
    assertion = _assertion(label, wanted, own, name)
    return Example(label, assertion, Context(Reply(output), values, expected), folder)


def _answer(label: Label, name: str | None, case: Case, answers: Answers) -> tuple[str, Mapping[str, Any], Any]:
    values = case.vars if label.vars is None else label.vars
    expected = case.expected if label.expected is MISSING else label.expected
    if label.output is not None:
        return label.output, values, expected
    if name is None:
        raise UserError(f"the label of '{label.id}' names no prompt.", hint="Give -p NAME, or 'prompt' in the label.")
    stored = answers.get((name, label.id or "", label.side))
    if stored is None:
        message = f"no stored run has an answer of the {label.side} side to '{label.id}' of {name}."
        raise UserError(message, hint="Replay it first, or write 'output' into the label.")
    return stored


def _assertion(label: Label, wanted: Wanted, own: Sequence[Assertion], name: str | None) -> Assertion:
    """The one assertion that a label is about."""
    if label.rubric is not None:
        return parse({**(wanted.spec or {"type": "llm-rubric"}), "value": label.rubric}, label.where)
    if wanted.spec is not None:
        return parse(wanted.spec, label.where)
    if name is None:
        hint = "Give -p NAME, or --rubric TEXT; or 'prompt' or 'rubric' in each label."
        raise UserError("nothing says what the labelled answers were judged by.", hint=hint)
    metric = label.metric or wanted.metric
    judged = [one for one in flat(own) if judge_name(one) is not None and not one.kind.compares]
    chosen = [one for one in judged if metric is None or one.metric == metric]
    if len(chosen) == 1:
        return chosen[0]
    if not chosen:
        what = "no assertion that a judge decides" if not judged else f"no such assertion with the metric '{metric}'"
        raise UserError(f"{name} has {what}.", hint="A judge decides llm-rubric and its kin.")
    names = ", ".join(sorted({one.metric or one.type for one in chosen}))
    raise UserError(
        f"{name} has {len(chosen)} assertions that a judge decides ({names}).",
        hint="Say which the labels mean: --metric NAME, or 'metric' in each label and assertion.",
    )


def judged(found: Sequence[Example], bench: Bench, client: Client) -> Iterator[tuple[Example, Score]]:
    """Every example with its score, as the judgements come."""
    talks = Conversations()
    scores: list[tuple[Example, Score]] = []
    for example in found:
        asked = partial(bench.asked, values=example.context.vars, folder=example.folder, of=None)
        alone = (example.assertion,)
        talks.begin(scoring(alone, example.context), asked, lambda *_: None, partial(_note, scores, example))
    for call, answer in client.ask((), follow=talks.calls):
        talks.answered(call, answer)
        yield from scores
        scores.clear()
    yield from scores


def _note(scores: list[tuple[Example, Score]], example: Example, score: Score) -> None:
    scores.append((example, score))


def calibrated(
    found: Iterator[tuple[Example, Score]], bench: Bench, created: str
) -> list[tuple[JudgeView, Calibration]]:
    """What was found of each judge."""
    tallies: dict[tuple[str, str], _Tally] = {}
    for example, score in found:
        name = judge_name(example.assertion) or ""
        judge = bench.judge(name, via_of(example.assertion.options), example.folder)
        tally = tallies.setdefault((judge.digest, judge.name), _Tally(judge, judge.name))
        tally.criteria.add(criterion_digest(example.assertion))
        _count(tally, example, score)
    return [_found(tally, created) for tally in tallies.values()]


def _count(tally: _Tally, example: Example, score: Score) -> None:
    label = example.label
    if score.error is not None or score.passed is None:
        tally.errors.append(f"{label.where}: {score.error or 'the assertion needs expected, which the label has not'}")
        return
    tally.cells[2 * (not score.passed) + (not label.passed)] += 1
    if score.passed != label.passed:
        reason = score.assertions[0].reason if score.assertions else ""
        name = label.id or label.where
        tally.apart.append(Disagreement(name, label.passed, score.passed, reason, example.context.output))


def _found(tally: _Tally, created: str) -> tuple[JudgeView, Calibration]:
    agreement = Agreement(*tally.cells)
    judge = tally.judge
    view = JudgeView(
        type=tally.type,
        prompt=judge.path,
        model=judge.model,
        digest=judge.digest,
        agreement=agreement,
        errors=tuple(tally.errors),
        apart=tuple(tally.apart),
    )
    calibration = Calibration(
        type=tally.type,
        prompt=judge.path,
        model=judge.model,
        labels=agreement.n,
        base_rate=agreement.base_rate or 0.0,
        kappa=agreement.kappa,
        ci=agreement.interval,
        standing=agreement.standing,
        criteria=tuple(sorted(tally.criteria)),
        created=created,
    )
    return view, calibration
