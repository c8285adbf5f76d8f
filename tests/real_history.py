"""A git history read file by file: every version of every file, and the versions that follow each other."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from promptctl.errors import InvalidPrompt
from promptctl.prompts.diff import diff, from_json, patch, to_json
from promptctl.prompts.formats import PromptText, read_prompt
from promptctl.prompts.prompt import Prompt

SHARED = Path(__file__).parents[2] / "shared"
BUNDLE = SHARED / "real/fabric-prompts.bundle"


@dataclass(frozen=True, slots=True)
class Step:
    """One file in one commit: its path and blob before and after; None where it is absent."""

    commit: str
    old: tuple[str, str] | None
    new: tuple[str, str] | None


@dataclass(slots=True)
class Figures:
    """What came out, counted, and what went wrong, in words."""

    versions: int = 0
    prompts: int = 0
    refused: dict[str, list[str]] = field(default_factory=dict)
    pairs: int = 0
    changed: int = 0
    broken: list[str] = field(default_factory=list)


def git(folder: Path, *arguments: str, given: bytes | None = None) -> bytes:
    return subprocess.run(["git", *arguments], cwd=folder, input=given, capture_output=True, check=True).stdout


def clone(bundle: Path, folder: Path) -> Path:
    git(folder, "clone", "-q", "--bare", str(bundle), "real.git")
    return folder / "real.git"


def steps(repo: Path) -> Iterator[Step]:
    """What each commit did to each file, renames followed, against every parent."""
    raw = git(repo, "log", "--raw", "-z", "-M", "--no-abbrev", "--format=%x01%H", "-m", "--root", "--all")
    commit = ""
    fields = iter(raw.decode("utf-8", "surrogateescape").split("\0"))
    for text in fields:
        meta = text.lstrip("\n")
        if meta.startswith("\x01"):
            commit, _, meta = meta[1:].partition("\n")
        if not meta.startswith(":"):
            continue
        _, _, old, new, status = meta.split()
        path = next(fields)
        later = next(fields) if status.startswith(("R", "C")) else path
        yield Step(commit, (path, old) if old.strip("0") else None, (later, new) if new.strip("0") else None)


def contents(repo: Path, blobs: list[str]) -> dict[str, bytes]:
    out = git(repo, "cat-file", "--batch", given="".join(f"{blob}\n" for blob in blobs).encode())
    found, place = {}, 0
    for blob in blobs:
        end = out.index(b"\n", place)
        size = int(out[place:end].split()[2])
        found[blob] = out[end + 1 : end + 1 + size]
        place = end + 1 + size + 1
    return found


def read(path: str, data: bytes) -> Prompt | str | None:
    """The prompt; why it is refused; None where the file is none by its name. Anything else raises."""
    declared = "fabric" if path.endswith("system.md") else None
    try:
        return read_prompt(PromptText("p", path, data), declared)
    except InvalidPrompt as error:
        said = str(error)
        return None if "no prompt format" in said else said


def laws(old: Prompt | None, new: Prompt | None) -> Iterator[str]:
    """Which law two versions break: patch, its JSON form, and that a version does not differ from itself."""
    found = diff(old, new)
    if patch(old, found) != new:
        yield "patch"
    if from_json(to_json(found)) != found:
        yield "json"
    if patch(old, from_json(to_json(found))) != new:
        yield "patch of json"
    if new is not None:
        none = diff(new, new)
        if none.has_content or none.warnings != new.warnings or none.remarks:
            yield "diff(a, a)"


def measured(repo: Path, every: int = 1) -> Figures:
    """Each version of each file, and each `every`th pair of versions that follow each other."""
    figures = Figures()
    taken = list(steps(repo))
    seen = {side for step in taken for side in (step.old, step.new) if side}
    data = contents(repo, sorted({blob for _, blob in seen}))
    prompts: dict[tuple[str, str], Prompt | None] = {}
    for path, blob in sorted(seen):
        figures.versions += 1
        found = read(path, data[blob])
        prompts[path, blob] = found if isinstance(found, Prompt) else None
        figures.prompts += isinstance(found, Prompt)
        if not isinstance(found, Prompt):
            reason = "no prompt by its name" if found is None else found.partition(": ")[2]
            figures.refused.setdefault(reason, []).append(f"{path} {blob[:10]}")
    pairs = {(step.old, step.new) for step in taken}
    for old, new in sorted(pairs, key=str)[::every]:
        one, other = prompts.get(old) if old else None, prompts.get(new) if new else None
        if one is None and other is None:
            continue
        figures.pairs += 1
        figures.changed += diff(one, other).has_content
        figures.broken += [f"{law}: {old} -> {new}" for law in laws(one, other)]
    return figures
