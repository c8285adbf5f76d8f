"""What is set up and what is missing, one check a fact. LiteLLM is looked at, never imported."""

import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from promptctl import __version__
from promptctl.errors import InvalidInputs, InvalidPrompt, PromptctlError
from promptctl.models.endpoints import target_of
from promptctl.models.facts import LOCAL
from promptctl.prompts.prompt import Prompt
from promptctl.settings import FILE, Settings, read_settings
from promptctl.snapshot import Snapshot, settings_text
from promptctl.versions.creation import installed
from promptctl.versions.git import Repository
from promptctl.versions.source import WORKTREE
from promptctl.workflows.origin import check_origin

LITELLM = ((1, 100), (1, 106))  # from, up to but not including: as pyproject.toml says
_COMPROMISED = frozenset({"1.82.7", "1.82.8"})
_BROKEN = frozenset({"1.106.0", "1.106.1", "1.106.2"})
_PIN = "pip install 'litellm>=1.100,<1.106'"
_ENCODINGS = 3  # that LiteLLM brings: cl100k_base, o200k_base, p50k_base
_BUILT_IN = "smollm2"
NAMED = 3  # things that one line names; of the others it says how many


class State(Enum):
    """What a check found. Only what is missing makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what was looked at, what was found, what to do about it."""

    name: str
    state: State
    message: str
    hint: str = ""

    def to_json(self) -> dict[str, str]:
        """One entry of `promptctl doctor --format json`."""
        return {"name": self.name, "state": self.state.value, "message": self.message, "hint": self.hint}


def diagnose(
    start: Path,
    environ: Mapping[str, str],
    version_of: Callable[[str], str] = metadata.version,
) -> tuple[Check, ...]:
    """Every check, in the order in which one builds on the other. Works outside of a repository too."""
    return tuple(_checks(start, environ, version_of))


def healthy(checks: Sequence[Check]) -> bool:
    """Whether nothing that is needed is missing."""
    return all(check.state is not State.MISSING for check in checks)


def _checks(start: Path, environ: Mapping[str, str], version_of: Callable[[str], str]) -> Iterator[Check]:
    yield Check("promptctl", State.OK, f"{__version__}, Python {platform.python_version()}, {platform.system()}")
    yield _litellm(version_of)
    yield _encodings()
    yield _git(environ)
    try:
        repo = Repository.open(start, environ)
    except PromptctlError as error:
        yield Check("repository", State.WARNING, error.message, error.hint)
        yield _local(environ, needed=False)
        return
    with repo:
        yield from _repository(repo, environ)


# What is installed


def _litellm(version_of: Callable[[str], str]) -> Check:
    try:
        version = version_of("litellm")
    except metadata.PackageNotFoundError:
        return Check("litellm", State.MISSING, "not installed", _PIN)
    if version in _COMPROMISED:
        return Check("litellm", State.MISSING, f"{version} was published by an attacker", f"Change your keys; {_PIN}")
    if version in _BROKEN:
        return Check("litellm", State.MISSING, f"{version} fails at every call with tools", _PIN)
    low, high = LITELLM
    if not low <= _numbers(version) < high:
        return Check("litellm", State.WARNING, f"{version} is outside of what promptctl is tested with", _PIN)
    return Check("litellm", State.OK, version)


def _numbers(version: str) -> tuple[int, ...]:
    major, _, rest = version.partition(".")
    return tuple(int(part) if part.isdigit() else 0 for part in (major, rest.partition(".")[0]))


def _encodings() -> Check:
    spec = find_spec("litellm")
    folders = [Path(place) for place in (spec.submodule_search_locations or ())] if spec is not None else []
    found = [
        file
        for folder in folders
        for file in (folder / "litellm_core_utils" / "tokenizers").glob("*")
        if file.is_file() and len(file.name) == 40  # the SHA-1 of the address that tiktoken would fetch
    ]
    if len(found) < _ENCODINGS:
        message = f"{len(found)} of {_ENCODINGS} encodings on disk: tokens may not be counted offline"
        return Check("tiktoken", State.WARNING, message, _PIN)
    return Check("tiktoken", State.OK, f"{len(found)} encodings on disk, no network needed")


def _git(environ: Mapping[str, str]) -> Check:
    version = installed(environ)
    if version is None:
        return Check("git", State.MISSING, "not found on PATH", "Install it: https://git-scm.com/downloads")
    return Check("git", State.OK, version)


def _local(environ: Mapping[str, str], *, needed: bool) -> Check:
    from promptctl.models.local import cached_weights, missing, models_folder

    return local_check(missing(_BUILT_IN, environ), cached_weights(_BUILT_IN, models_folder(environ)), needed=needed)


def local_check(reason: str | None, weights: Path | None, *, needed: bool) -> Check:
    """The built-in model: `reason` says why it cannot be used, `weights` where it is, once it was fetched."""
    name = f"{LOCAL}{_BUILT_IN}"
    if reason is not None:
        what, _, hint = reason.partition(": ")
        if needed:
            return Check("local model", State.MISSING, what, hint)
        return Check("local model", State.OK, f"{name} is not installed; nothing here needs it", hint)
    if weights is None:
        return Check("local model", State.OK, f"{name}: its weights, 93 MB, come at first use")
    return Check("local model", State.OK, f"{name}: {weights} ({weights.stat().st_size / 1e6:.0f} MB)")


# The repository


def _repository(repo: Repository, environ: Mapping[str, str]) -> Iterator[Check]:
    if repo.head() is None:
        hint = "git add -A && git commit"
        yield Check("repository", State.WARNING, f"{repo.root}, no commit yet: nothing to compare with", hint)
    else:
        yield Check("repository", State.OK, str(repo.root))
    text = settings_text(repo, WORKTREE)
    try:
        settings = read_settings(text, environ=environ)
    except PromptctlError as error:
        yield Check("settings", State.MISSING, _several(error.lines()), f"promptctl schema settings, for {FILE}")
        yield _local(environ, needed=False)
        return
    found = "no file: the defaults" if text is None else FILE
    yield Check("settings", State.OK, found, "promptctl init writes one" if text is None else "")
    yield from _prompts(repo, settings, environ)
    yield _store(repo, settings)


def _prompts(repo: Repository, settings: Settings, environ: Mapping[str, str]) -> Iterator[Check]:
    snapshot = Snapshot(repo, WORKTREE, settings)
    problems = [str(problem) for problem in snapshot.problems]
    prompts: list[Prompt] = []
    for name in snapshot.files:
        try:
            prompts.append(snapshot.prompt(name))
        except InvalidPrompt as error:
            problems += error.lines()
    folders = ", ".join(settings.prompts)
    if not prompts and not problems:
        yield Check(
            "prompts", State.WARNING, f"none under {folders}", "promptctl init, or name your folder: `prompts:`"
        )
    else:
        yield Check("prompts", State.OK, f"{_count(len(prompts), 'prompt')} under {folders}")
    if unreadable := tuple(dict.fromkeys(problems)):
        yield Check("unreadable", State.MISSING, _several(unreadable), "promptctl list names them all")
    yield from _inputs(snapshot, prompts)
    models = [model for prompt in prompts for model in (prompt.model, *prompt.fallbacks) if model is not None]
    yield from _models(prompts, dict.fromkeys(models), settings, environ)
    yield _local(environ, needed=any(model.startswith(LOCAL) for model in models))


def _inputs(snapshot: Snapshot, prompts: Sequence[Prompt]) -> Iterator[Check]:
    from promptctl.inputs.files import check_cases

    count, without, problems = 0, list[str](), list[str]()
    for prompt in prompts:
        try:
            found = snapshot.inputs(prompt.name)
            count += 0 if found is None else check_cases(*found).count
        except (InvalidInputs, InvalidPrompt) as error:
            problems += error.lines()
            continue
        if found is None:
            without.append(prompt.name)
    if problems:
        yield Check("inputs", State.MISSING, _several(problems))
    if without:
        hint = 'NAME.inputs.jsonl beside the prompt, a line each: {"vars": {...}, "expected": ...}'
        yield Check("inputs", State.WARNING, f"none for {_several(without)}: replay cannot judge it", hint)
    if prompts and not problems and not without:
        yield Check("inputs", State.OK, f"{_count(count, 'input')} for {_count(len(prompts), 'prompt')}")


def _models(
    prompts: Sequence[Prompt], models: Mapping[str, None], settings: Settings, environ: Mapping[str, str]
) -> Iterator[Check]:
    unnamed = [prompt.name for prompt in prompts if prompt.model is None]
    if unnamed:
        yield Check("model", State.MISSING, f"none for {_several(unnamed)}", f"`model:` in the prompt or in {FILE}")
    for model in models:
        if not model.startswith(LOCAL):
            yield _key(model, settings, environ)


def _key(model: str, settings: Settings, environ: Mapping[str, str]) -> Check:
    """Whether a model can be asked; a key's value is never looked at, let alone shown."""
    target = target_of(model, settings.providers, environ)
    at = f" at {target.api_base}" if target.api_base else ""
    if not target.key_names:
        return Check("model", State.OK, f"{model}{at}: needs no key of its own")
    there = next((name for name in target.key_names if environ.get(name)), None)
    if there is not None:
        return Check("model", State.OK, f"{model}{at}: {there} is set")
    if target.api_key is not None:
        return Check("model", State.OK, f"{model}{at}: on this machine, no key needed")
    return Check("model", State.MISSING, f"{model}{at}: no key", f"export {target.key_names[0]}=...")


def _store(repo: Repository, settings: Settings) -> Check:
    from promptctl.store import open_store
    from promptctl.store.location import is_shared, store_path

    try:
        check_origin(repo, settings.cache.url)
        path = None if is_shared(settings.cache.url) else store_path(settings.cache.url, repo.root)
        if path is None and not is_shared(settings.cache.url):
            return Check("store", State.WARNING, "in memory: what a run is answered is not kept", "Set cache.url")
        if path is not None and not path.exists():
            shown = path.relative_to(repo.root).as_posix() if path.is_relative_to(repo.root) else str(path)
            return Check("store", State.OK, f"none yet: the first replay makes {shown}")
        with open_store(settings.cache.url, repo.root, read_only=True) as store:
            shown = store.name
            store.check()
            stats = store.answer_stats()
            runs = len(store.list_runs(limit=1_000))
            warnings = store.warnings
    except PromptctlError as error:
        return Check("store", State.MISSING, error.message, error.hint)
    if warnings:
        return Check("store", State.WARNING, _several(warnings))
    message = f"{shown}, {_size(stats.bytes)}, {_count(stats.answers, 'answer')}, {_count(runs, 'run')}"
    return Check("store", State.OK, message)


def _size(count: int) -> str:
    return f"{count / 1024:.0f} KiB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MiB"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _several(items: Sequence[str]) -> str:
    more = len(items) - NAMED
    return "; ".join(items[:NAMED]) + (f"; and {more} more" if more > 0 else "")
