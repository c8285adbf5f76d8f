"""Old and new prompts, the same stored inputs -> a report: did the behaviour get worse?"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial

from promptctl.errors import InvalidInputs, InvalidPrompt, NothingSelected, Problem, UserError
from promptctl.inputs.files import read_cases
from promptctl.models.call import Answer, CallFailed, Origin
from promptctl.models.client import Client
from promptctl.models.facts import price
from promptctl.prompts.prompt import Prompt
from promptctl.reports.view import CaseView, PromptView, ReplayReport, RunTotals, SourceView
from promptctl.settings import Settings
from promptctl.snapshot import Change, PromptPair, Snapshot
from promptctl.verdict.gate import exit_code, overall
from promptctl.verdict.pair import Status, Verdict
from promptctl.verdict.status import case_status
from promptctl.verdict.suspect import is_suspect
from promptctl.versions.source import Revisions
from promptctl.workflows import assemble
from promptctl.workflows.asking import Apart, Asking, Fresh, ask_first, confirm
from promptctl.workflows.asserted import unknown_variables
from promptctl.workflows.cases import chosen_cases
from promptctl.workflows.details import SUSPECT, Details
from promptctl.workflows.doubted import doubted, level, said_of
from promptctl.workflows.early import Early
from promptctl.workflows.edit import edit_of
from promptctl.workflows.excusing import NONE, Excused, Excusing
from promptctl.workflows.judging import Scoring
from promptctl.workflows.outcomes import case_view, first_text, named, verified
from promptctl.workflows.outcomes import pair as case_pair
from promptctl.workflows.plan import Bound, CaseRun, Endpoint, Making, PromptRun, Sampling
from promptctl.workflows.request import Mode, ReplayRequest
from promptctl.workflows.used import Used

NOBODY = Excusing(NONE, NONE, date.min)  # is excused
SILENT = frozenset({"rename", "description", "volume", "fallbacks", "metadata"})  # what no provider ever sees


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared: both snapshots and the pairs of prompts that were chosen.

    `inputs` are those that come from elsewhere, by prompt; None where there the prompt has none.
    """

    revisions: Revisions
    old: Snapshot
    new: Snapshot
    pairs: tuple[PromptPair, ...]
    inputs: Mapping[str, tuple[str, bytes] | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who is told what happens: messages, how many answers will be asked for, each answer and whether it was."""

    say: Callable[[str], None]
    expect: Callable[[int], None]
    answered: Callable[[bool], None]


@dataclass(frozen=True, slots=True)
class Run:
    """One replay's identity: its id, when it began (and when a resumed one first began), in seconds since the epoch."""

    id: str
    started: float
    first_started: float


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts a replay is made of, as the wiring put them together.

    `brought` are the fingerprints of recordings that the new side alone has; `details` takes what cases show;
    `excusing` knows the waivers.
    """

    settings: Settings
    client: Client
    details: Details
    scoring: Scoring
    endpoint: Endpoint
    bound: Bound
    clock: Callable[[], float]
    watcher: Watcher
    brought: frozenset[str] = frozenset()
    excusing: Excusing = NOBODY


@dataclass(frozen=True, slots=True)
class Planned:
    """A replay before anybody is asked."""

    prompts: tuple[PromptRun, ...]
    rest: tuple[PromptView, ...]
    rules: Asking


def plan(sides: Sides, request: ReplayRequest, parts: Parts, run: Run) -> Planned:
    """Read and check; ask nobody. Raises for everything that the user can mend before a call is paid."""
    rest: list[PromptView] = []
    prompts: list[PromptRun] = []
    problems: list[Problem] = []
    for chosen in sides.pairs:
        try:
            planned = _plan_prompt(chosen, sides, request, parts)
        except (InvalidPrompt, InvalidInputs) as error:
            problems += error.problems
            continue
        if isinstance(planned, PromptRun):
            prompts.append(planned)
        else:
            rest.append(planned)
    if problems:
        raise InvalidPrompt(problems)
    _found_cases(prompts, request)
    _check_prices(prompts, request, parts)
    return Planned(tuple(prompts), tuple(rest), _rules(request, parts.settings, sides, run))


def _plan_prompt(chosen: PromptPair, sides: Sides, request: ReplayRequest, parts: Parts) -> PromptRun | PromptView:
    if chosen.new is None:
        return assemble.unaffected(chosen, "removed: nothing to replay")
    notes: list[str] = []
    new = sides.new.prompt(chosen.new.name)
    old = _old_prompt(chosen, sides, notes)
    inputs = sides.inputs[chosen.name] if chosen.name in sides.inputs else sides.new.inputs(chosen.new.name)
    if inputs is None:
        if _is_named(chosen, request):
            raise InvalidInputs(Problem(new.path, "no stored inputs.", hint=_where_inputs(chosen.name, new.path)))
        return assemble.unaffected(chosen, "no inputs", warning=_where_inputs(chosen.name, new.path))
    path, data = inputs
    parts.scoring.beside = sides.new.beside
    cases = chosen_cases(path, data, request, check_assertions=partial(parts.scoring.case_problems, new))
    prompt = PromptRun(
        chosen,
        old,
        new,
        cases,
        assertions=parts.scoring.assertions(new),
        own=lambda case: parts.scoring.case_assertions(new, case.assertions, f"{path}: {case.id}"),
        coded=cases.coded,
        notes=notes,
        warnings=[*new.warnings, *(f"left out: {problem}" for problem in cases.index.problems)],
        used=Used(parts.brought, keep=request.record or request.audit is not None),
        excused=Excused(parts.excusing.pardon(chosen.name)),
    )
    if prompt.excused.any_named:
        every = read_cases(cases.index.path, cases.data, skip=cases.index.skipped)
        prompt.warnings += prompt.excused.gone(case.id for case in every)
    if not len(cases):
        prompt.notes.append(f"none of its {cases.index.count} inputs is chosen")
    if len(cases) < cases.total:
        prompt.notes.append(f"a sample of {len(cases)} of {cases.total} inputs, seed {request.seed}")
    sampling = Sampling(parts.settings.replay.repeat, aa=_measures_noise(request, sides))
    problems = unknown_variables(new, cases)
    try:
        prompt.plan(Making(sampling, request.model, parts.endpoint, parts.bound, cases.index.names, request.fallbacks))
    except InvalidPrompt as error:
        problems = [*error.problems, *problems]
    if problems:
        raise InvalidPrompt(problems)
    prompt.notes += parts.scoring.prepare(prompt, sides.old, sides.new)
    return prompt


def _old_prompt(chosen: PromptPair, sides: Sides, notes: list[str]) -> Prompt | None:
    """The old side, None for an added prompt. One that could not even be read before is replayed alone, and said."""
    if chosen.old is None:
        return None
    try:
        return sides.old.prompt(chosen.old.name)
    except InvalidPrompt as error:
        notes.append(f"the old side cannot be read ({error.lines()[0]}): the new side is replayed alone")
        return None


def _is_named(chosen: PromptPair, request: ReplayRequest) -> bool:
    """Whether the user asked for this very prompt; a glob or a folder means what can be replayed of it."""
    files = [file for file in (chosen.old, chosen.new) if file is not None]
    words = {word for file in files for word in (file.name, file.path)}
    return not words.isdisjoint(pattern.removeprefix("./") for pattern in request.select)


def _where_inputs(name: str, path: str) -> str:
    stem = path.rsplit(".", 1)[0]
    return f"Store inputs for '{name}' in {stem}.inputs.jsonl, one a line: " + '{"vars": {...}, "expected": ...}'


def _found_cases(prompts: Sequence[PromptRun], request: ReplayRequest) -> None:
    """A selection of inputs that matches nothing is the user's mistake, never a pass."""
    absent = [wanted for wanted in request.only if not any(wanted in prompt.cases.named for prompt in prompts)]
    if absent and prompts:
        raise NothingSelected(
            f"no input has the id {', '.join(repr(wanted) for wanted in absent)}.",
            hint="The ids stand in the prompts' inputs files; `promptctl list` names these.",
        )
    if request.tags and prompts and not any(len(prompt.cases) for prompt in prompts):
        which = "no input of --input" if request.only else "no input"
        raise NothingSelected(f"{which} has the tag {', '.join(repr(tag) for tag in request.tags)}.")


def _check_prices(prompts: Sequence[PromptRun], request: ReplayRequest, parts: Parts) -> None:
    """A limit on the cost cannot be kept where a price is unknown, a judge's too: said before any call."""
    settings = parts.settings
    if settings.replay.max_cost_usd is None or request.mode is not Mode.NORMAL:
        return
    models = {model for prompt in prompts for model in prompt.models} | parts.scoring.models
    unknown = sorted(model for model in models if price(model, settings.prices) is None)
    if unknown:
        raise UserError(
            f"the limit on the cost cannot be kept: the price of {', '.join(unknown)} is unknown.",
            hint="Set it in .promptctl.yaml under `prices:` (input_per_million, output_per_million).",
        )


def _measures_noise(request: ReplayRequest, sides: Sides) -> bool:
    return request.aa or sides.revisions.same


def _rules(request: ReplayRequest, settings: Settings, sides: Sides, run: Run) -> Asking:
    return Asking(
        repeat=settings.replay.repeat,
        max_age=settings.cache.max_age,
        since=run.first_started,
        unaffected_too=request.ask_all or settings.gate.min_pass_rate is not None or _measures_noise(request, sides),
        network=request.mode is Mode.NORMAL,
    )


def replay(sides: Sides, request: ReplayRequest, parts: Parts, run: Run, planned: Planned) -> ReplayReport:
    """Ask what is missing, confirm what looks broken, and say what it means."""
    prompts, apart = planned.prompts, Apart()
    finish = partial(_finish, request=request, parts=parts)
    parts.watcher.expect(most_answers(planned))
    early = _early(prompts, request, parts.settings)
    _watch(ask_first(prompts, parts.client, planned.rules, apart, parts.scoring, finish, early), parts.watcher)
    parts.details.flush()
    if early is not None:
        early.settle(prompts)

    fresh = doubted(prompts, parts.settings, early) if request.confirm else {}
    if fresh:
        if (doubts := said_of(list(fresh.values()))) is not None:
            parts.watcher.say(doubts)
        _watch(confirm(list(fresh.values()), parts.client, planned.rules, apart, parts.scoring), parts.watcher)

    views = [
        _view(sides, request, parts, prompts, prompt, *(fresh.get((prompt.pair.name, one)) for one in (False, True)))
        for prompt in prompts
    ]
    notes = assemble.notes(prompts, len(apart), network=planned.rules.network)
    gone = parts.excusing.notes(sides.new.files)
    return _report(sides, (*views, *planned.rest), parts, run, (*notes, *gone))


def _early(prompts: Sequence[PromptRun], request: ReplayRequest, settings: Settings) -> Early | None:
    return Early(prompts, alpha=settings.gate.alpha, repeat=settings.replay.repeat) if request.early_stop else None


def most_answers(planned: Planned) -> int:
    """How many first answers there will be, at most."""
    sides = sum(len(prompt.cases) * (1 if prompt.old is None else 2) for prompt in planned.prompts)
    return sides * planned.rules.repeat


def _finish(prompt: PromptRun, run: CaseRun, *, request: ReplayRequest, parts: Parts) -> None:
    """Keep a case that is done: its facts in memory, the rest in the store."""
    pair = case_pair(run)
    excuse = prompt.excused.note(run.case.id, first_text(run.new))
    repeats = prompt.facts.put(run.place, pair)
    prompt.health.add(pair, verified(run), repeats=repeats)
    prompt.metrics.add(named(run), pair.weight)
    status = case_status(pair, None, no_confirm=not request.confirm)
    waits = request.confirm and is_suspect(pair)
    view = case_view(
        run,
        status=SUSPECT if waits else status.status.value,
        confirmed=status.confirmed,
        suspected=status.suspected,
        reason=None,
        excuse=excuse if waits or status.status is Status.REGRESSED else None,
    )
    parts.details.add(prompt.pair.name, run.place, view, run.old, run.new)
    parts.watcher.expect(sum(len(side.answers) for side in run.sides()) - parts.settings.replay.repeat * _sides(run))


def _sides(run: CaseRun) -> int:
    return 1 if run.old is None else 2


def _watch(answers: Iterator[Answer], watcher: Watcher) -> None:
    for answer in answers:
        watcher.answered(answer.attempts > 0 if isinstance(answer, CallFailed) else answer.origin is Origin.PROVIDER)


def _view(
    sides: Sides,
    request: ReplayRequest,
    parts: Parts,
    prompts: Sequence[PromptRun],
    prompt: PromptRun,
    fresh: Fresh | None,
    apart: Fresh | None,
) -> PromptView:
    """One prompt's part of the report. `apart` are the fresh samples of the excused cases."""
    name = prompt.pair.name

    def settled(place: int, view: CaseView) -> CaseView:
        return assemble.settled_case(view, prompt.facts[place], fresh if view.excuse is None else apart)

    parts.details.settle(name, settled)
    view = assemble.prompt_view(
        prompt,
        fresh,
        parts.settings,
        apart,
        alpha=level(prompts, parts.settings),
        confirms=request.confirm,
        cases=parts.details.cases(name),
    )
    return replace(view, edit=edit_of(prompt, sides.old, sides.new))


def _report(
    sides: Sides, views: tuple[PromptView, ...], parts: Parts, run: Run, notes: tuple[str, ...]
) -> ReplayReport:
    verdicts = [Verdict(view.verdict) for view in views]
    stats = parts.client.stats
    totals = RunTotals(
        calls=stats.calls,
        from_cache=stats.from_cache,
        from_recordings=stats.from_recordings,
        unaffected=sum(view.counts.get("unaffected", 0) for view in views),
        spent_usd=stats.spent_usd,
        wall_s=round(parts.clock() - run.started, 3),
    )
    return ReplayReport(
        run=run.id,
        created=created(run),
        exit_code=exit_code(verdicts, parts.settings.gate),
        verdict=overall(verdicts),
        old=SourceView(sides.revisions.old.revision, sides.revisions.old.commit),
        new=SourceView(sides.revisions.new.revision, sides.revisions.new.commit),
        prompts=tuple(sorted(views, key=lambda view: view.prompt)),
        totals=totals,
        notes=notes,
    )


def default_selection(pairs: Sequence[PromptPair]) -> tuple[PromptPair, ...]:
    """Without a selection: every prompt that differs in what is sent, asserted or stored beside it."""
    return tuple(pair for pair in pairs if pair.change is not Change.UNCHANGED and pair.parts - SILENT)


def created(run: Run) -> str:
    """When a run first began: ISO 8601, UTC, to the microsecond, since a fresh run counts answers from then on."""
    return datetime.fromtimestamp(run.first_started, UTC).isoformat().replace("+00:00", "Z")
