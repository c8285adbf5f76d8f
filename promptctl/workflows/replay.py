"""Old and new prompts, the same stored inputs -> a report: did the behaviour get worse?"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from promptctl.errors import InvalidInputs, InvalidPrompt, NothingSelected, Problem, UserError
from promptctl.inputs.case import Case
from promptctl.inputs.sampling import sample
from promptctl.models.call import Answer, CallFailed, Origin
from promptctl.models.client import Client
from promptctl.models.facts import price
from promptctl.prompts.prompt import Prompt
from promptctl.reports.view import PromptView, ReplayReport, RunTotals, SourceView
from promptctl.scoring.assertion import Assertion
from promptctl.settings import Settings
from promptctl.snapshot import Change, PromptPair, Snapshot
from promptctl.verdict.confirm import Confirmation
from promptctl.verdict.gate import exit_code, overall
from promptctl.verdict.pair import Pair, Verdict
from promptctl.verdict.suspect import suspects
from promptctl.versions.source import Revisions
from promptctl.workflows import assemble
from promptctl.workflows.asking import Asking, Fresh, Needs, ask_first, confirm, needs
from promptctl.workflows.edit import edit_of
from promptctl.workflows.judging import Scoring
from promptctl.workflows.outcomes import pair as case_pair
from promptctl.workflows.plan import Bound, Endpoint, PromptRun, Sampling, plan_cases
from promptctl.workflows.request import Mode, ReplayRequest

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

    `brought` are the fingerprints of recordings that the new side alone has.
    """

    settings: Settings
    client: Client
    scoring: Scoring
    endpoint: Endpoint
    bound: Bound
    clock: Callable[[], float]
    watcher: Watcher
    brought: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Planned:
    """A replay before anybody is asked."""

    prompts: tuple[PromptRun, ...]
    rest: tuple[PromptView, ...]
    found: Needs
    rules: Asking


def plan(sides: Sides, request: ReplayRequest, parts: Parts, run: Run) -> Planned:
    """Read, render and compare; ask nobody. Raises for everything that the user can mend before a call is paid."""
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
    _check_prices(prompts, request, parts.settings)
    rules = _rules(request, parts.settings, sides, run)
    return Planned(tuple(prompts), tuple(rest), needs(prompts, parts.client, rules), rules)


def _plan_prompt(chosen: PromptPair, sides: Sides, request: ReplayRequest, parts: Parts) -> PromptRun | PromptView:
    if chosen.new is None:
        return assemble.unaffected(chosen, "removed: nothing to replay")
    warnings: list[str] = []
    new = sides.new.prompt(chosen.new.name)
    old = _old_prompt(chosen, sides, warnings)
    inputs = sides.inputs[chosen.name] if chosen.name in sides.inputs else sides.new.inputs(chosen.new.name)
    if inputs is None:
        if _is_named(chosen, request):
            raise InvalidInputs(Problem(new.path, "no stored inputs.", hint=_where_inputs(chosen.name, new.path)))
        return assemble.unaffected(chosen, "no inputs", warning=_where_inputs(chosen.name, new.path))
    prompt = PromptRun(chosen, old, new, warnings=[*warnings, *new.warnings])
    cases = _cases(prompt, inputs, request, parts.scoring)
    sampling = Sampling(parts.settings.replay.repeat, aa=_measures_noise(request, sides))
    plan_cases(prompt, cases, sampling=sampling, model=request.model, endpoint=parts.endpoint, bound=parts.bound)
    prompt.notes += parts.scoring.prepare(prompt, sides.old, sides.new)
    return prompt


def _old_prompt(chosen: PromptPair, sides: Sides, warnings: list[str]) -> Prompt | None:
    """The old side, None for an added prompt. One that could not even be read before is replayed alone, and said."""
    if chosen.old is None:
        return None
    try:
        return sides.old.prompt(chosen.old.name)
    except InvalidPrompt as error:
        warnings.append(f"the old side cannot be read ({error.lines()[0]}): the new side is replayed alone")
        return None


def _is_named(chosen: PromptPair, request: ReplayRequest) -> bool:
    """Whether the user asked for this very prompt; a glob or a folder means what can be replayed of it."""
    files = [file for file in (chosen.old, chosen.new) if file is not None]
    words = {word for file in files for word in (file.name, file.path)}
    return not words.isdisjoint(pattern.removeprefix("./") for pattern in request.select)


def _where_inputs(name: str, path: str) -> str:
    stem = path.rsplit(".", 1)[0]
    return f"Store inputs for '{name}' in {stem}.inputs.jsonl, one a line: " + '{"vars": {...}, "expected": ...}'


def _cases(
    prompt: PromptRun,
    inputs: tuple[str, bytes],
    request: ReplayRequest,
    scoring: Scoring,
) -> list[tuple[Case, Sequence[Assertion]]]:
    """The chosen cases, each with the prompt's assertions and its own."""
    from promptctl.inputs.files import check_cases, read_cases
    from promptctl.scoring.registry import assertion_problems

    path, data = inputs
    index = check_cases(path, data, check_assertions=assertion_problems, skip_invalid=request.skip_invalid)
    prompt.warnings += [f"left out: {problem}" for problem in index.problems]
    cases = [case for case in read_cases(path, data, skip=index.skipped) if _chosen(case, request)]
    if request.sample is not None and request.sample < len(cases):
        prompt.notes.append(f"a sample of {request.sample} of {len(cases)} inputs, seed {request.seed}")
        drawn = sample(cases, request.sample, request.seed)
        cases = [case for case in cases if case.id in drawn]
    own = scoring.assertions(prompt.new)
    return [
        (case, (*own, *scoring.case_assertions(prompt.new, case.assertions, f"{path}: {case.id}"))) for case in cases
    ]


def _chosen(case: Case, request: ReplayRequest) -> bool:
    if request.only and case.id not in request.only:
        return False
    return not request.tags or bool(set(request.tags) & set(case.tags))


def _found_cases(prompts: Sequence[PromptRun], request: ReplayRequest) -> None:
    """A selection of inputs that matches nothing is the user's mistake, never a pass."""
    ids = {run.case.id for prompt in prompts for run in prompt.cases}
    absent = [wanted for wanted in request.only if wanted not in ids]
    if absent and prompts:
        raise NothingSelected(
            f"no input has the id {', '.join(repr(wanted) for wanted in absent)}.",
            hint="The ids stand in the prompts' inputs files; `promptctl list` names these.",
        )
    if request.tags and prompts and not ids:
        raise NothingSelected(f"no input has the tag {', '.join(repr(tag) for tag in request.tags)}.")


def _check_prices(prompts: Sequence[PromptRun], request: ReplayRequest, settings: Settings) -> None:
    """A limit on the cost cannot be kept where a price is unknown: said before any call."""
    if settings.replay.max_cost_usd is None or request.mode is not Mode.NORMAL:
        return
    models = {side.call.model for prompt in prompts for run in prompt.cases for side in run.sides() if side.call}
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
        now=run.started,
        since=run.first_started,
        unaffected_too=request.ask_all or settings.gate.min_pass_rate is not None or _measures_noise(request, sides),
        network=request.mode is Mode.NORMAL,
    )


def replay(sides: Sides, request: ReplayRequest, parts: Parts, run: Run, planned: Planned) -> ReplayReport:
    """Ask what is missing, confirm what looks broken, and say what it means."""
    prompts, settings = planned.prompts, parts.settings
    parts.watcher.expect(len(planned.found.missing) + len(planned.found.renew))
    _watch(ask_first(prompts, parts.client, planned.rules, planned.found, parts.scoring), parts.watcher)

    pairs = {prompt.pair.name: [case_pair(case) for case in prompt.cases] for prompt in prompts}
    fresh = _fresh(prompts, pairs, settings) if request.confirm else []
    if fresh:
        _say_suspects(fresh, parts.watcher)
        _watch(confirm(fresh, parts.client, planned.rules, planned.found, parts.scoring), parts.watcher)

    by_name = {one.prompt.pair.name: one for one in fresh}
    views = [
        assemble.prompt_view(
            prompt,
            pairs[prompt.pair.name],
            by_name.get(prompt.pair.name),
            settings,
            alpha=_alpha(prompts, settings),
            confirms=request.confirm,
            brought=parts.brought,
        )
        for prompt in prompts
    ]
    shown = [
        replace(view, edit=edit_of(prompt, sides.old, sides.new)) for view, prompt in zip(views, prompts, strict=True)
    ]
    return _report(sides, (*shown, *planned.rest), parts, run, planned)


def _watch(answers: Iterator[Answer], watcher: Watcher) -> None:
    for answer in answers:
        watcher.answered(answer.attempts > 0 if isinstance(answer, CallFailed) else answer.origin is Origin.PROVIDER)


def _fresh(prompts: Sequence[PromptRun], pairs: Mapping[str, Sequence[Pair]], settings: Settings) -> list[Fresh]:
    """The suspects of every prompt. Each of m compared prompts has its share of alpha: alpha / m."""
    found: list[Fresh] = []
    for prompt in prompts:
        suspected = suspects(pairs[prompt.pair.name])
        if not prompt.comparable or not suspected:
            continue
        begin = partial(
            Confirmation,
            suspected,
            alpha=_alpha(prompts, settings),
            max_samples=settings.confirm.max_samples,
        )
        found.append(Fresh(prompt, begin, {case.case.id: case for case in prompt.cases}))
    return found


def _alpha(prompts: Sequence[PromptRun], settings: Settings) -> float:
    return settings.gate.alpha / max(1, sum(1 for prompt in prompts if prompt.comparable))


def _say_suspects(fresh: Sequence[Fresh], watcher: Watcher) -> None:
    count = sum(one.confirmation.result().suspects for one in fresh)
    cases = "1 case passed before and fails" if count == 1 else f"{count} cases passed before and fail"
    watcher.say(f"{cases} now: asking again, fresh, on both sides")


def _report(
    sides: Sides,
    views: tuple[PromptView, ...],
    parts: Parts,
    run: Run,
    planned: Planned,
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
        notes=assemble.notes(planned.prompts, planned.found, network=planned.rules.network),
    )


def default_selection(pairs: Sequence[PromptPair]) -> tuple[PromptPair, ...]:
    """Without a selection: every prompt that differs in what is sent, asserted or stored beside it."""
    return tuple(pair for pair in pairs if pair.change is not Change.UNCHANGED and pair.parts - SILENT)


def created(run: Run) -> str:
    """When a run first began: ISO 8601, UTC, to the microsecond, since a fresh run counts answers from then on."""
    return datetime.fromtimestamp(run.first_started, UTC).isoformat().replace("+00:00", "Z")
