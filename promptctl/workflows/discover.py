"""A repository -> the prompts that nobody has declared yet, and what to write under `prompts:` to have them."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os.path import commonpath

from promptctl.errors import InvalidPrompt, Problem, UserError
from promptctl.prompts.formats import PromptText
from promptctl.prompts.formats.telling import PROMPT_FOLDERS, may_tell, told
from promptctl.settings import Settings
from promptctl.snapshot import Snapshot
from promptctl.versions.git import Repository
from promptctl.versions.source import WORKTREE

MAX_FILES = 50_000
_GLOB = frozenset("*?[]")
# Formats whose files are told by their names alone: a glob of names means them, and nothing else.
_NAMED = (".prompty", ".prompt", ".mdc", ".prompt.md", ".agent.md", ".chatmode.md", ".instructions.md", "SKILL.md")


@dataclass(frozen=True, slots=True)
class Discovered:
    """`entries` are what `prompts:` should hold too; `names` the prompts that they bring, as `snapshot` reads them.

    `problems` name what looks like a prompt and cannot be read: expressions in Python code, above all.
    """

    snapshot: Snapshot
    entries: tuple[str, ...]
    names: tuple[str, ...]
    problems: tuple[Problem, ...]


def discover(repo: Repository, declared: Snapshot) -> Discovered:
    """Look through every file that git tracks or would, but for other people's code.

    A plain text counts only in a folder that is called prompts, prompt or prompt_templates.
    """
    known = {file.path for file in declared.files.values()}
    beside = {entry.path for file in declared.files.values() for entry in (*file.beside, file.inputs) if entry}
    problems: list[Problem] = []
    paths = repo.files(WORKTREE, ["."], only=lambda path: may_tell(path) and path not in known | beside)
    if len(paths) > MAX_FILES:
        message = f"has {len(paths):,} files that may hold prompts; the first {MAX_FILES:,} were looked at."
        problems.append(Problem("the repository", message))
    formats = {path: found for path in list(paths)[:MAX_FILES] if (found := _told(repo, path))}

    members = {path: _members(repo, path, problems) for path, found in formats.items() if found == "python"}
    entries = (*_files(formats, paths), *_code(members))
    if declared.settings.prompts == Settings().prompts and declared.listing:
        entries = (*Settings().prompts, *entries) if entries else ()  # once there are entries, the default is none
    kept = declared.settings.prompts if declared.listing else ()
    wide = Snapshot(repo, WORKTREE, replace(declared.settings, prompts=tuple(dict.fromkeys((*kept, *entries)))))
    fresh = tuple(name for name, file in wide.files.items() if file.path not in known)
    clashes = [problem for problem in wide.problems if problem not in declared.problems]
    return Discovered(wide, entries, fresh, (*problems, *clashes))


def _told(repo: Repository, path: str) -> str | None:
    try:
        return told(path, repo.read(WORKTREE, path))
    except UserError:
        return None  # too large, or a link that leads nowhere: no prompt of anybody's


def _members(repo: Repository, path: str, problems: list[Problem]) -> tuple[str, ...]:
    from promptctl.prompts.formats.python_code import survey  # 10 ms: ast

    try:
        found = survey(PromptText(path, path, repo.read(WORKTREE, path)))
    except (InvalidPrompt, UserError):
        return ()  # code of another Python: whoever declares it is told
    problems += found.problems
    return found.members


def _code(members: Mapping[str, Sequence[str]]) -> list[str]:
    """`path.py:NAME` for a module with one prompt, the module for several."""
    return [f"{path}:{names[0]}" if len(names) == 1 else path for path, names in members.items() if names]


def _files(formats: Mapping[str, str], paths: Mapping[str, object]) -> list[str]:
    """Folders of prompts, configs, and for the rest a glob for each kind of name, or the file itself."""
    entries: dict[str, None] = {}
    kinds: dict[str, list[str]] = {}
    for path, found in formats.items():
        folder = _prompt_folder(path)
        if found == "python":
            continue
        if found == "promptfooconfig":
            entries.setdefault(path)
        elif folder is not None:
            entries.setdefault(folder)
        else:
            kinds.setdefault(next((name for name in _NAMED if path.endswith(name)), path), []).append(path)
    folders = tuple(f"{entry}/" for entry in entries)
    for kind, found_paths in kinds.items():
        alone = [path for path in found_paths if not path.startswith(folders)]
        entries.update(dict.fromkeys(_globs(kind, alone, paths)))
    return [entry for entry in entries if _GLOB.isdisjoint(entry) or "*" in entry]


def _prompt_folder(path: str) -> str | None:
    """The outermost folder with a prompts folder's name, where no part of its path is hidden."""
    parts = path.split("/")
    at = next((place for place, part in enumerate(parts[:-1]) if part.lower() in PROMPT_FOLDERS), None)
    if at is None or any(part.startswith((".", "_")) for part in parts[at:]):
        return None
    return "/".join(parts[: at + 1])


def _globs(kind: str, found: Sequence[str], paths: Mapping[str, object]) -> list[str]:
    """One glob for all files of a kind, where it means no others; else each by its path."""
    if len(found) < 2 or kind not in _NAMED:
        return list(found)
    common = commonpath([posixpath.dirname(path) for path in found])
    below = [path.removeprefix(f"{common}/") for path in paths if not common or path.startswith(f"{common}/")]
    meant = [one for one in below if one.endswith(kind)]
    hidden = any(part.startswith((".", "_")) for one in meant for part in one.split("/"))
    if hidden or len(meant) != len(found) or not _GLOB.isdisjoint(common):
        return list(found)
    return [posixpath.join(common, "**", kind if kind[0] != "." else f"*{kind}")]
