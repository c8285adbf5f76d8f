"""A repository -> one that is set up: settings, schemas, and a sample prompt, its own prompts or those of promptfoo."""

import os
import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path, PurePosixPath

from promptctl.errors import InvalidPrompt, PromptctlError, UserError
from promptctl.prompts.formats.telling import OTHERS, PROMPT_FOLDERS
from promptctl.settings import Settings
from promptctl.snapshot import PromptFile, Snapshot, settings_at
from promptctl.versions.git import Repository
from promptctl.versions.source import WORKTREE
from promptctl.workflows.adopt_promptfoo import Adopted, adopt
from promptctl.workflows.samples import sample_files
from promptctl.workflows.scaffold import (
    FILE,
    SAMPLE_MODEL,
    STATE,
    Step,
    schema_line,
    settings_text,
    state_files,
    write_once,
)

DEFAULT = "prompts"
SAMPLE = "prompts/support/triage"
SAMPLE_INPUTS = 12
MAX_FOLDERS = 20_000  # looked at for prompts
_GLOB = frozenset("*?[]")

_SAMPLE_HEAD = """\
# A sample. Change it, see `promptctl diff`, then find out with `promptctl replay` whether it got worse.
# Its model runs on this machine. Another one: `model: openai/gpt-5-mini`, with OPENAI_API_KEY in the environment.
"""


@dataclass(frozen=True, slots=True)
class Initialised:
    """What was done. `found` counts the prompts that can be read; `problems` say which cannot, or not as meant.

    `carried` are promptfoo's prompts, `left` names what was not; `adopted` are the folders that were there. `example`
    is a prompt to begin with and `inputs` its stored inputs, None where there are none yet.
    """

    steps: tuple[Step, ...]
    found: int
    adopted: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    example: str | None = None
    inputs: str | None = None


def initialise(repo: Repository, config: Path | None = None) -> Initialised:
    """Set the repository up; what is there is never touched. `config` is a promptfoo config to carry over.

    Raises UserError where a file cannot be written, and InvalidSettings where the settings that are there are wrong.
    """
    carried = None if config is None else adopt(config, repo.root)
    there = settings_at(repo, WORKTREE) if repo.entry(WORKTREE, FILE) is not None else None

    if carried is not None:
        return _with_promptfoo(repo, there, carried)
    adopted = () if there is not None else _adoptable(repo)
    prompts = there.prompts if there is not None else _distinct(repo, adopted) or (DEFAULT,)
    known = _prompts(repo, prompts)
    empty = DEFAULT in prompts and not known.files and not known.problems
    files = {FILE: settings_text(prompts, SAMPLE_MODEL if empty else None), **state_files()}
    steps = write_once(repo.root, {**files, **(_sample() if empty else {})})
    return _result(repo, steps, prompts, adopted=adopted)


def _prompts(repo: Repository, folders: Sequence[str]) -> Snapshot:
    return Snapshot(repo, WORKTREE, Settings(prompts=tuple(folders)))


def _result(repo: Repository, steps: Sequence[Step], prompts: Sequence[str], *, adopted: Sequence[str]) -> Initialised:
    """What the prompts look like now."""
    snapshot = _prompts(repo, prompts)
    problems = [*_ignored_files(repo.root), *map(str, snapshot.problems)]
    readable: list[PromptFile] = []
    for name, file in snapshot.files.items():
        try:
            prompt = snapshot.prompt(name)
        except InvalidPrompt as error:
            problems += error.lines()
            continue
        readable.append(file)
        problems += [f"{file.path}: {warning}" for warning in prompt.warnings]
    example = next((file for file in readable if file.inputs is not None), next(iter(readable), None))
    return Initialised(
        steps=tuple(steps),
        found=len(readable),
        adopted=tuple(adopted),
        problems=tuple(dict.fromkeys(problems)),
        example=None if example is None else example.path,
        inputs=None if example is None or example.inputs is None else example.inputs.path,
    )


def _ignored_files(root: Path) -> tuple[str, ...]:
    """A list of ignored files that is older than this promptctl may hide what belongs in git."""
    path = root / STATE / ".gitignore"
    if not path.is_file():
        return ()
    text = path.read_text("utf-8", "replace")
    hidden = [name for line, name in (("!schemas/", "the schemas"), ("!waivers.yaml", "waivers")) if line not in text]
    if not hidden:
        return ()
    what = " and ".join(hidden)
    return (f"{STATE}/.gitignore: keeps {what} out of git. Remove it and run init again, or leave it so.",)


# An existing folder


def _adoptable(repo: Repository) -> tuple[str, ...]:
    """The folders that hold prompts: prompts/ at the root, else those with such a name anywhere."""
    candidates = [DEFAULT] if (repo.root / DEFAULT).is_dir() else []
    if not candidates or not _holds_prompts(repo, DEFAULT):
        candidates = sorted(_folders(repo.root))
    return tuple(folder for folder in candidates if _GLOB.isdisjoint(folder) and _holds_prompts(repo, folder))


def _distinct(repo: Repository, folders: tuple[str, ...]) -> tuple[str, ...]:
    """The folders; or globs for the same files whose names begin further up, where two prompts had the same name."""
    clashes = len(_prompts(repo, folders).problems) if len(folders) > 1 else 0
    if not clashes:
        return folders
    common = posixpath.commonpath([posixpath.dirname(folder) for folder in folders])
    globs = tuple(dict.fromkeys(posixpath.join(common, "**", posixpath.basename(folder)) for folder in folders))
    wide = _prompts(repo, globs)
    inside = all(any(file.path.startswith(f"{one}/") for one in folders) for file in wide.files.values())
    return globs if inside and len(wide.problems) < clashes else folders


def _holds_prompts(repo: Repository, folder: str) -> bool:
    try:
        snapshot = _prompts(repo, (folder,))
    except PromptctlError:
        return False
    return bool(snapshot.files or snapshot.problems)


def _folders(root: Path) -> Iterator[str]:
    """Folders with a prompts folder's name, outside of hidden folders and other people's code."""
    for here, folders, _ in islice(os.walk(root), MAX_FOLDERS):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in OTHERS)
        for name in [name for name in folders if name.lower() in PROMPT_FOLDERS]:
            folders.remove(name)  # what lies below belongs to it
            yield Path(here, name).relative_to(root).as_posix()


# A sample


def _sample() -> dict[str, str | bytes]:
    """The packaged ticket prompt and its first inputs."""
    files = sample_files()
    lines = files["tickets.inputs.jsonl"].splitlines(keepends=True)[:SAMPLE_INPUTS]
    text = files["tickets.yaml"].decode().replace("tickets.inputs.jsonl", f"{PurePosixPath(SAMPLE).name}.inputs.jsonl")
    body = text.splitlines(keepends=True)
    while body and body[0].startswith("#"):
        del body[0]
    path = f"{SAMPLE}.yaml"
    return {path: schema_line(path) + _SAMPLE_HEAD + "".join(body), f"{SAMPLE}.inputs.jsonl": b"".join(lines)}


# promptfoo


def _with_promptfoo(repo: Repository, there: Settings | None, carried: Adopted) -> Initialised:
    """Its prompts go to a folder of their own where prompts/ holds promptfoo's files already."""
    folder = _target(repo.root, there)
    prompts = there.prompts if there is not None else (folder,)
    files: dict[str, str | bytes] = {FILE: settings_text([folder], None), **state_files()}
    names = []
    for prompt in carried.prompts:
        path = f"{_free(repo.root, folder, prompt.name)}.yaml"
        names.append(path)
        files[path] = schema_line(path) + prompt.text
        if prompt.inputs is not None:
            files[f"{path.removesuffix('.yaml')}.inputs.jsonl"] = prompt.inputs
    done = _result(repo, write_once(repo.root, files), prompts, adopted=())
    return replace(done, carried=tuple(names), left=carried.left)


def _target(root: Path, there: Settings | None) -> str:
    if there is not None:
        folders = [pattern for pattern in there.prompts if _GLOB.isdisjoint(pattern) and pattern != "."]
        if not folders:
            raise UserError(f"{FILE}: `prompts:` names no folder to write to.", hint="Add one, such as prompts.")
        return folders[0]
    taken = root / DEFAULT
    return DEFAULT if not taken.exists() or not any(taken.iterdir()) else "promptctl-prompts"


def _free(root: Path, folder: str, name: str) -> str:
    """The path without its extension; beside a file of the same name but another kind, a folder further down."""
    others = [path for path in (root / folder).glob(f"{name}.*") if path.name in _rivals(name)]
    return f"{folder}/promptfoo/{name}" if others else f"{folder}/{name}"


def _rivals(name: str) -> frozenset[str]:
    from promptctl.prompts.formats import EXTENSIONS

    return frozenset(f"{name}{extension}" for extension in EXTENSIONS if extension != ".yaml")
