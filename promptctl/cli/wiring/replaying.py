"""`promptctl replay` from a request to its exit code."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from promptctl.cli.progress import Progress
from promptctl.cli.shell import say
from promptctl.cli.wiring.chosen import say_undeclared
from promptctl.cli.wiring.local import local_models
from promptctl.cli.wiring.repository import patterns_in, say_problems, say_where_none, settings_in_force
from promptctl.cli.wiring.stored import NO_RUN, open_stored
from promptctl.errors import CouldNotFindOut, Interrupted, NothingSelected, PromptctlError, StoreError, UserError
from promptctl.settings import Settings
from promptctl.snapshot import PromptPair, Snapshot, compare, open_snapshots, recordings_beside, select, settings_at
from promptctl.versions.git import Repository
from promptctl.versions.revisions import resolve
from promptctl.versions.source import WORKTREE, Place, Revisions, Source
from promptctl.workflows.request import ReplayRequest

if TYPE_CHECKING:
    from promptctl.cli.output import Outputs
    from promptctl.models.call import Call
    from promptctl.models.client import Client
    from promptctl.reports.view import ReplayReport
    from promptctl.store import Store
    from promptctl.workflows.bench import Places
    from promptctl.workflows.replay import Parts, Planned, Run, Sides

SAID = 3  # reasons of failures, on stderr


def run_replay(
    request: ReplayRequest,
    outputs: "Outputs",
    *,
    resume: str | None = None,
    quiet: bool = False,
    root: Path | None = None,
) -> int:
    """`promptctl replay`, from a request to its exit code."""
    from promptctl.workflows.replay import plan

    with Repository.open(root or Path.cwd()) as repo:
        run, request, revisions = _identity(repo, request, resume)
        settings = settings_in_force(repo, request, revisions)
        old, new = open_snapshots(repo, revisions, settings, os.environ)
        sides = _sides(repo, request, revisions, old, new)
        say_problems(old, new)
        say_where_none(old, new)
        with _parts(repo, request, settings, sides, run, quiet=quiet) as parts:
            planned = plan(sides, request, parts.replay, run)
            parts.client.workers = request.workers or _workers_worth(planned, settings)
            if request.dry_run:
                return _dry_run(planned, parts, sides, run, outputs)
            return _replayed(repo, request, sides, run, planned, parts, outputs)


def _identity(
    repo: Repository,
    request: ReplayRequest,
    resume: str | None,
) -> tuple["Run", ReplayRequest, Revisions]:
    """A new run, or the one that goes on: with its own flags, revisions and date; budgets may be given anew."""
    from promptctl.store import RunState
    from promptctl.workflows.replay import Run

    now = time.time()
    if resume is None:
        stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%d-%H%M%S")
        run = Run(f"{stamp}-{os.urandom(3).hex()}", now, now)
        return run, request, resolve(repo, request.revisions, staged=request.staged)
    with open_stored(repo, settings_at(repo, WORKTREE, os.environ)) as store:
        found = store.find_run(None if resume == "last" else resume)
    if found is None:
        raise NothingSelected(f"no run to go on with{'' if resume == 'last' else f': {resume}'}.", hint=NO_RUN)
    ended = found.state is RunState.FINISHED
    merged = ReplayRequest.from_json(found.request).going_on(request, found.id, ended=ended)
    began = datetime.fromisoformat(found.created).timestamp()
    return Run(found.id, now, began), merged, _revisions(found.request["resolved"])


def _revisions(value: Mapping[str, Any]) -> Revisions:
    """The revisions of a stored run: commits as they were, whatever a branch names today."""

    def source(item: Mapping[str, Any] | None) -> Source | None:
        return None if item is None else Source(Place(item["place"]), item["revision"], item["commit"])

    old, new = source(value["old"]), source(value["new"])
    if old is None or new is None:
        raise UserError("the stored run names no revisions.", hint="Start it again with `promptctl replay`.")
    return Revisions(old, new, source(value["base"]))


def _revisions_json(revisions: Revisions) -> dict[str, Any]:
    def item(source: Source | None) -> dict[str, Any] | None:
        if source is None:
            return None
        return {"place": source.place.value, "revision": source.revision, "commit": source.commit}

    return {"old": item(revisions.old), "new": item(revisions.new), "base": item(revisions.base)}


def _sides(repo: Repository, request: ReplayRequest, revisions: Revisions, old: Snapshot, new: Snapshot) -> "Sides":
    """The prompts to replay, and their inputs where these come from elsewhere."""
    from promptctl.workflows.replay import Sides, default_selection

    pairs = compare(repo, old, new)
    if request.select:
        words = patterns_in(repo, request.select)
        try:
            chosen = select(pairs, words)
        except NothingSelected as error:
            say_undeclared(repo, new.settings, words, error)
    elif request.aa or request.ask_all or revisions.same:
        chosen = pairs
    else:
        chosen = default_selection(pairs)
    inputs = {} if request.inputs is None else _inputs_from(repo, request.inputs, new, chosen)
    return Sides(revisions, old, new, chosen, inputs)


def _inputs_from(
    repo: Repository,
    wanted: str,
    new: Snapshot,
    pairs: Sequence[PromptPair],
) -> dict[str, tuple[str, bytes] | None]:
    """`--inputs FILE-OR-REV`: a file for every prompt, or each one's own at a revision (None: it has none there)."""
    path = Path(wanted)
    if path.is_file():
        return {pair.name: (wanted, path.read_bytes()) for pair in pairs}
    try:
        commit = repo.commit(wanted)
    except PromptctlError as error:
        hint = "Give a file of inputs (.jsonl, .csv, .yaml) or a revision."
        raise UserError(f"--inputs {wanted}: neither a file nor a revision.", hint=hint) from error
    there = Snapshot(repo, Source(Place.COMMIT, wanted, commit), new.settings)
    names = {pair.name: next((n for n in (pair.name, pair.old_name) if n in there.files), None) for pair in pairs}
    return {name: None if at is None else there.inputs(at) for name, at in names.items()}


@dataclass(frozen=True, slots=True)
class _Wired:
    """A replay's parts and those that the wiring itself still needs."""

    replay: "Parts"
    store: "Store"
    client: "Client"
    progress: Progress


@contextmanager
def _parts(
    repo: Repository,
    request: ReplayRequest,
    settings: Settings,
    sides: "Sides",
    run: "Run",
    *,
    quiet: bool,
) -> Iterator[_Wired]:
    """Store, recordings, client, scorers and progress; all closed again at the end."""
    from promptctl.models.client import Client, Limits, Policy
    from promptctl.models.costs import bounded
    from promptctl.models.facts import facts
    from promptctl.workflows import recorded
    from promptctl.workflows.bench import Bench
    from promptctl.workflows.details import Details
    from promptctl.workflows.excusing import Excusing
    from promptctl.workflows.judging import Scoring
    from promptctl.workflows.replay import Parts, Watcher

    recordings = recorded.gather(sides.pairs, sides.old, sides.new)
    limits = Limits(settings.replay.max_calls, settings.replay.max_cost_usd, settings.replay.time_limit)
    capped = settings.replay.max_cost_usd is not None

    def bound(call: "Call") -> "Call":
        return bounded(call, facts(call.model)) if capped else call

    with (
        open_stored(repo, settings, say_so=False) as store,  # `_replayed` says it beside the report
        local_models(quiet=quiet) as local,
        Scoring(
            Bench(
                settings.judge,
                _judge_places(repo, request, settings, sides),
                endpoint=local.endpoint(settings),
                bound=bound,
            ),
            allow_new=request.allow_code,
            allow_old=settings.allow_code,
        ) as scoring,
        Client(
            store=store,
            recordings=recordings.answers,
            mode=request.mode,
            policy=Policy(settings.replay.concurrency, settings.replay.timeout, settings.replay.retries),
            limits=limits,
            since=run.first_started if request.fresh else None,
            environ=os.environ,
            providers=settings.providers,
            prices=settings.prices,
            resolve=local.resolver(settings),
        ) as client,
        Progress(clock=time.monotonic, stats=lambda: client.stats, quiet=quiet) as progress,
    ):
        client.say = progress.say
        for problem in recordings.problems:
            progress.say(str(problem))
        yield _Wired(
            replay=Parts(
                settings=settings,
                client=client,
                details=Details(store, run.id),
                scoring=scoring,
                endpoint=local.endpoint(settings),
                bound=bound,
                clock=time.time,
                watcher=Watcher(progress.say, progress.expect, lambda asked: progress.answered(asked=asked)),
                brought=recordings.brought,
                excusing=Excusing.between(sides.old, sides.new, datetime.fromtimestamp(run.started, UTC).date()),
            ),
            store=store,
            client=client,
            progress=progress,
        )


def _workers_worth(planned: "Planned", settings: Settings) -> int:
    """How many processes this replay is worth, were none of its answers known."""
    from promptctl.models.policy import workers_for
    from promptctl.workflows.replay import most_answers

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return workers_for(most_answers(planned), settings.replay.concurrency, cores)


def _judge_places(repo: Repository, request: ReplayRequest, settings: Settings, sides: "Sides") -> "Places":
    """Judge prompts that the settings name are read where these are; for A...B all come from the merge base."""
    from promptctl.workflows.bench import Places

    base = None if sides.revisions.base is None else Snapshot(repo, sides.revisions.base, settings)
    if base is not None:
        return Places(base, sides.new, base)
    source = WORKTREE
    if request.settings_revision is not None:
        source = Source(Place.COMMIT, request.settings_revision, repo.commit(request.settings_revision))
    return Places(Snapshot(repo, source, settings), sides.new)


def _dry_run(planned: "Planned", wired: _Wired, sides: "Sides", run: "Run", outputs: "Outputs") -> int:
    """`--dry-run`: what a replay would ask and cost, in place of a report."""
    from promptctl.reports.forecast import forecast_json, forecast_text
    from promptctl.workflows.forecast import forecast

    found = forecast(planned, sides.revisions, wired.replay, run)
    warnings = [*(one.warnings for one in planned.prompts), *(one.warnings for one in planned.rest)]
    for line in dict.fromkeys(chain.from_iterable(warnings)):
        wired.progress.say(line)
    typer.echo(forecast_json(found) if outputs.stdout == "json" else forecast_text(found))
    return 0


def _replayed(
    repo: Repository,
    request: ReplayRequest,
    sides: "Sides",
    run: "Run",
    planned: "Planned",
    wired: _Wired,
    outputs: "Outputs",
) -> int:
    """Ask, judge, keep, show."""
    from promptctl.reports.document import to_document
    from promptctl.workflows.replay import created, replay

    store = wired.store
    store.start_run(run.id, created(run), {**request.to_json(), "resolved": _revisions_json(sides.revisions)})
    try:
        report = replay(sides, request, wired.replay, run, planned)
    except KeyboardInterrupt:
        wired.client.stop()
        store.interrupt_run(run.id)
        wired.progress.end()
        raise Interrupted(
            f"interrupted; what was answered is kept. Go on with: promptctl replay --resume {run.id}"
        ) from None
    except StoreError as error:
        go_on = f"Go on with: promptctl replay --resume {run.id}"
        raise StoreError(error.message, hint=f"{error.hint} {go_on}".strip()) from error
    if request.audit is not None:
        report = _audited(request, planned, wired, report)
    wired.progress.end()
    _say_failures(wired)
    store.finish_run(run.id, to_document(report), report.verdict, report.exit_code)
    outputs.write(report)
    kept = not request.record or _record(repo, planned, wired)
    said = [*store.warnings]
    if outputs.stdout == "json":  # its keys are fixed: what the other formats show beside them is said
        said = [*(warning for prompt in report.prompts for warning in prompt.warnings), *report.notes, *said]
    for line in dict.fromkeys(said):
        wired.progress.say(line)
    return report.exit_code if kept else report.exit_code or CouldNotFindOut.exit_code


def _say_failures(wired: _Wired) -> None:
    """Why calls have no answer: a reason is said once, with how many it concerns, whatever the report shows of it."""
    failures = wired.client.stats.failures
    for reason, count in sorted(failures.items(), key=lambda item: -item[1])[:SAID]:
        wired.progress.say(f"{count} call{'s' if count > 1 else ''} without an answer: {reason}")


def _record(repo: Repository, planned: "Planned", wired: _Wired) -> bool:
    """Write the recordings; whether all of them could be. What could not is said: the answers are in the store."""
    from promptctl import __version__
    from promptctl.models.recordings import Receipt
    from promptctl.versions.identity import who
    from promptctl.workflows import recorded

    receipt, kept = Receipt(who(repo), __version__), True
    for prompt in planned.prompts:
        if not prompt.used.answers or prompt.pair.new is None:
            continue
        try:
            path, count = recorded.write(repo.root, prompt.pair.new, prompt.used.answers.values(), receipt)
        except CouldNotFindOut as error:
            say(str(error))
            kept = False
        else:
            wired.progress.say(f"{path}: {count} answers recorded")
    return kept


def _audited(request: ReplayRequest, planned: "Planned", wired: _Wired, report: "ReplayReport") -> "ReplayReport":
    """Some of the recorded answers asked again, past cache and recordings, within what is left of the limits."""
    from random import Random, SystemRandom

    from promptctl.models.client import Mode
    from promptctl.workflows import audit

    used = [
        audit.Recorded(prompt.pair.name, call, reply)
        for prompt in planned.prompts
        for call, reply in prompt.used.answers.values()
    ]
    chosen = audit.drawn(used, request.audit or 0.0, Random(request.seed) if request.seed else SystemRandom())  # noqa: S311 - a seed that was asked for
    done, limits = wired.client.stats, wired.client.limits
    left = replace(
        limits,
        max_calls=None if limits.max_calls is None else max(0, limits.max_calls - done.calls),
        max_cost_usd=None if limits.max_cost_usd is None else max(0.0, limits.max_cost_usd - (done.spent_usd or 0.0)),
    )
    with replace(wired.client, mode=Mode.NORMAL, recordings={}, since=time.time(), limits=left) as client:
        found = audit.audited(chosen, client.ask)
        spent = client.stats
    for line in audit.lines(found):
        wired.progress.say(line)
    return audit.with_audit(report, found, calls=spent.calls, spent_usd=spent.spent_usd)


def answers_used(repo: Repository, request: ReplayRequest) -> dict[str, set[str]]:
    """The file of recordings of each prompt that would be replayed -> the fingerprints that a replay takes from it.

    Nothing is asked, and nothing is kept: the replay is a frozen one, on a store that is thrown away.
    """
    from tempfile import TemporaryDirectory

    from promptctl.workflows.replay import plan, replay

    run, request, revisions = _identity(repo, request, None)
    settings = settings_in_force(repo, request, revisions)
    old, new = open_snapshots(repo, revisions, settings, os.environ)
    sides = _sides(repo, request, revisions, old, new)
    with TemporaryDirectory() as folder:
        apart = replace(settings, cache=replace(settings.cache, url=f"sqlite:///{folder}/answers.db"))
        with _parts(repo, request, apart, sides, run, quiet=True) as wired:
            planned = plan(sides, request, wired.replay, run)
            replay(sides, request, wired.replay, run, planned)
    return {
        recordings_beside(prompt.pair.new.stem): set(prompt.used.answers)
        for prompt in planned.prompts
        if prompt.pair.new is not None
    }
