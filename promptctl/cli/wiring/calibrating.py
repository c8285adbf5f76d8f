"""`promptctl judge calibrate` from its flags to its exit code."""

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from promptctl.cli.shell import say
from promptctl.cli.wiring.local import local_models
from promptctl.cli.wiring.stored import open_stored
from promptctl.documents import suggestion
from promptctl.errors import CouldNotFindOut, NothingSelected, UserError
from promptctl.settings import Settings
from promptctl.settings.reading import JUDGE_PROMPTS
from promptctl.snapshot import Snapshot, settings_at
from promptctl.versions.git import Repository
from promptctl.versions.source import WORKTREE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from promptctl.inputs.labels import Label
    from promptctl.models.client import Client
    from promptctl.reports.calibration import JudgeView
    from promptctl.store import Store
    from promptctl.workflows.bench import Bench
    from promptctl.workflows.calibrate import Answers, Wanted
    from promptctl.workflows.calibration import Calibration

LABELS = ".promptctl/labels.jsonl"  # what `promptctl review` writes


@dataclass(frozen=True, slots=True)
class CalibrationRequest:
    """The flags of `promptctl judge calibrate`."""

    labels: Path | None
    prompts: tuple[str, ...]
    metric: str | None
    rubric: str | None
    type: str
    threshold: float | None
    provider: str | None
    offline: bool
    fresh: bool
    max_cost: float | None
    max_calls: int | None
    lock: bool


def judge_prompts() -> tuple[str, ...]:
    """The judge prompts that the package ships."""
    return JUDGE_PROMPTS


def judge_prompt(name: str) -> str:
    """One of them. Raises NothingSelected."""
    from promptctl.workflows.bench import packaged_text

    if name not in JUDGE_PROMPTS:
        raise NothingSelected(f"no judge prompt '{name}'.", hint=suggestion(name, JUDGE_PROMPTS))
    return packaged_text(name).decode()


def run_calibration(request: CalibrationRequest, *, as_json: bool) -> int:
    """Read, ask, compare, keep, show."""
    from promptctl.reports.calibration import calibration_json, calibration_text
    from promptctl.reports.json import dumps
    from promptctl.workflows.calibrate import calibrated, examples, judged

    with Repository.open(Path.cwd()) as repo:
        settings = _settings(repo, request)
        snapshot = Snapshot(repo, WORKTREE, settings)
        labels = _labels(repo, request)
        with _asking(repo, request, settings, snapshot) as (store, client, bench):
            found = examples(labels, _wanted(request), snapshot, _answers(store, labels))
            if not found:
                raise NothingSelected("no label is about what was chosen.", hint="-p names the prompt of the labels.")
            judges = calibrated(judged(found, bench, client), bench, _now())
            spent = client.stats.spent_usd
        locks = _keep(repo, snapshot, judges) if request.lock else []
    views = [view for view, _ in judges]
    typer.echo(dumps(calibration_json(views, locks, spent)) if as_json else calibration_text(views))
    for path in locks:
        say(f"{path}: written. Commit it: a replay reads who may gate from it.")
    return _exit_code(views)


def _settings(repo: Repository, request: CalibrationRequest) -> Settings:
    settings = settings_at(repo, WORKTREE, os.environ)
    given = {"max_cost_usd": request.max_cost, "max_calls": request.max_calls}
    chosen: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    return replace(settings, replay=replace(settings.replay, **chosen))


def _labels(repo: Repository, request: CalibrationRequest) -> "tuple[Label, ...]":
    from promptctl.inputs.labels import read_labels

    path = request.labels or repo.root / LABELS
    shown = str(request.labels or LABELS)
    try:
        data = path.read_bytes()
    except OSError as error:
        hint = 'One label a line: {"output": "...", "label": "pass"}. `promptctl review` writes them too.'
        raise UserError(f"{shown}: cannot be read: {error.strerror or error}.", hint=hint) from None
    labels = read_labels(shown, data)
    if not labels:
        raise NothingSelected(f"{shown} holds no label.")
    return labels


def _wanted(request: CalibrationRequest) -> "Wanted":
    from promptctl.scoring.registry import KINDS
    from promptctl.workflows.calibrate import Wanted

    kind = KINDS.get(request.type.removeprefix("not-"))
    if kind is None or "rubricPrompt" not in kind.options or kind.compares:
        known = [name for name, one in KINDS.items() if "rubricPrompt" in one.options and not one.compares]
        raise UserError(f"--type {request.type}: no judge decides it.", hint=suggestion(request.type, known))
    given = {"threshold": request.threshold, "provider": request.provider}
    more = {key: value for key, value in given.items() if value is not None}
    if request.rubric is None and not more and request.type == "llm-rubric":
        return Wanted(request.prompts, request.metric)
    if request.rubric is None:
        raise UserError("--type, --threshold and --provider belong to --rubric.", hint="Give it too.")
    return Wanted(request.prompts, request.metric, {"type": request.type, "value": request.rubric, **more})


@contextmanager
def _asking(
    repo: Repository, request: CalibrationRequest, settings: Settings, snapshot: Snapshot
) -> "Iterator[tuple[Store, Client, Bench]]":
    """The store, the client and the judges; closed again at the end."""
    from promptctl.models.cache import Mode
    from promptctl.models.client import Client, Limits, Policy
    from promptctl.models.costs import bounded
    from promptctl.models.facts import facts
    from promptctl.workflows.bench import Bench, Places

    capped = settings.replay.max_cost_usd is not None
    with (
        open_stored(repo, settings) as store,
        local_models(quiet=False) as local,
        Client(
            store=store,
            mode=Mode.OFFLINE if request.offline else Mode.NORMAL,
            policy=Policy(settings.replay.concurrency, settings.replay.timeout, settings.replay.retries),
            limits=Limits(settings.replay.max_calls, settings.replay.max_cost_usd),
            since=time.time() if request.fresh else None,
            environ=os.environ,
            providers=settings.providers,
            prices=settings.prices,
            resolve=local.resolver(settings),
        ) as client,
    ):
        bench = Bench(
            settings.judge,
            Places(snapshot, snapshot),
            endpoint=local.endpoint(settings),
            bound=(lambda call: bounded(call, facts(call.model))) if capped else (lambda call: call),
        )
        yield store, client, bench


def _answers(store: "Store", labels: "Sequence[Label]") -> "Answers":
    """The answers of stored runs, for labels that name a case alone; a label may name its run."""
    from promptctl.inputs.case import MISSING
    from promptctl.reports.document import from_document
    from promptctl.store import RunState
    from promptctl.workflows.details import RunCases

    found: dict[tuple[str, str, str], tuple[str, Mapping[str, Any], Any]] = {}
    for run in dict.fromkeys(label.run for label in labels if label.output is None):
        record = store.find_run(run, state=None if run else RunState.FINISHED)
        if record is None or record.document is None:
            continue
        for prompt in from_document(record.document, partial(RunCases, store, record.id)).prompts:
            for case in prompt.cases:
                for name, side in (("old", case.old), ("new", case.new)):
                    if side is not None and side.output is not None:
                        expected = MISSING if case.expected is None else case.expected
                        found[prompt.prompt, case.id, name] = (side.output, case.vars, expected)
    return found


def _keep(repo: Repository, snapshot: Snapshot, judges: "Sequence[tuple[JudgeView, Calibration]]") -> list[str]:
    """Write what was found beside each judge's prompt -> the files. A judge that was never heard is left out."""
    from promptctl.workflows.calibration import lock_path, lock_text, read_lock

    by_path: dict[str, dict[str, Calibration]] = {}
    for view, calibration in judges:
        if view.agreement.n and not view.errors:
            by_path.setdefault(lock_path(view.prompt), {})[view.digest] = calibration
    for path, found in by_path.items():
        text = lock_text(read_lock(snapshot, path), found)
        try:
            (repo.root / path).write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise CouldNotFindOut(f"{path}: cannot be written: {error.strerror or error}.") from None
    return list(by_path)


def _exit_code(views: "Sequence[JudgeView]") -> int:
    from promptctl.verdict.agreement import Standing

    if any(view.errors for view in views):
        return 3
    return 0 if all(view.agreement.standing is Standing.GATES for view in views) else 1


def _now() -> str:
    return datetime.fromtimestamp(time.time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
