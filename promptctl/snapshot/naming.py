"""Which files are prompts, what they are called, and which files belong to them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from promptctl.errors import Problem
from promptctl.versions.source import FileEntry

PROMPTS = (".yaml", ".yml", ".md", ".txt", ".j2", ".jinja2", ".jinja")
INPUTS = (".jsonl", ".csv", ".yaml", ".yml")
# In a glob over the whole repository only these are read: what a prompt, its siblings or a partial may be.
_READ = (*PROMPTS, *INPUTS, ".html", ".json", ".xml", ".tmpl", ".tpl")
_SIBLING = re.compile(r"\.(inputs|recordings)\.[^.]+$")
_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class PromptFile:
    """A prompt's file and the files that belong to it.

    `inputs` is the file beside it; one that the prompt declares is known once it is read: see `Snapshot.inputs_file`.
    `root` is the folder that its name and its partials start from.
    """

    name: str
    path: str
    blob: str
    inputs: FileEntry | None = None
    recordings: FileEntry | None = None
    root: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A folder or a glob of `prompts:`. `prefix` is what stands before the first wildcard; '' is the repository."""

    text: str
    prefix: str

    def holds(self, path: str) -> bool:
        """Whether a file lies in the folder, or is what the glob means."""
        if not _WILD.search(self.text):
            return self.text in {".", path} or path.startswith(f"{self.text}/")
        parts, wanted = path.split("/"), self.text.split("/")
        if _matches(parts, wanted):
            return True
        # packages/*/prompts means folders.
        return not _WILD.search(wanted[-1]) and any(_matches(parts[:end], wanted) for end in range(1, len(parts)))


def patterns(texts: Sequence[str]) -> tuple[Pattern, ...]:
    """The folders and globs of `prompts:`, as given."""
    return tuple(Pattern(text, _prefix(text)) for text in texts)


def folders(found: Sequence[Pattern]) -> tuple[str, ...]:
    """What must be listed to see every file of these patterns."""
    return tuple(dict.fromkeys(pattern.prefix or "." for pattern in found))


def is_read(path: str) -> bool:
    """Whether a file of a whole repository can matter at all."""
    return path.lower().endswith(_READ) or path.startswith("_") or "/_" in path


def prompt_files(
    listing: Mapping[str, FileEntry],
    found: Sequence[Pattern],
) -> tuple[dict[str, PromptFile], dict[str, list[Problem]]]:
    """The prompts among some files, by name, and what is wrong with some of them."""
    files: dict[str, PromptFile] = {}
    problems: dict[str, list[Problem]] = {}
    for path, entry in listing.items():
        named = _named(path, found)
        if named is None:
            continue
        name, root = named
        if name in files:
            message = f"is called '{name}', as {files[name].path} is."
            problems.setdefault(name, []).append(Problem(path, message, hint="Rename one of them."))
            continue
        stem = _stem(path)
        inputs = [beside for extension in INPUTS if (beside := listing.get(f"{stem}.inputs{extension}"))]
        if len(inputs) > 1:
            message = f"has two files of inputs: {inputs[0].path} and {inputs[1].path}."
            problems.setdefault(name, []).append(Problem(path, message, hint="Keep one of them."))
        recordings = listing.get(f"{stem}.recordings.jsonl")
        files[name] = PromptFile(name, path, entry.blob, inputs[0] if inputs else None, recordings, root)
    return dict(sorted(files.items())), problems


def siblings(path: str) -> Iterator[str]:
    """Where a prompt's inputs may lie."""
    return (f"{_stem(path)}.inputs{extension}" for extension in INPUTS)


def recordings_beside(path: str) -> str:
    """Where a prompt's recordings lie."""
    return f"{_stem(path)}.recordings.jsonl"


def _named(path: str, found: Sequence[Pattern]) -> tuple[str, str] | None:
    """A prompt's name and the folder that it starts from; None for a file that is no prompt."""
    if not path.lower().endswith(PROMPTS):
        return None
    for pattern in found:
        below = path.removeprefix(f"{pattern.prefix}/") if pattern.prefix else path
        if pattern.holds(path) and _is_prompt(below):
            return _stem(below), pattern.prefix
    return None


def _is_prompt(below: str) -> bool:
    base = below.rpartition("/")[2]
    hidden = any(part.startswith(("_", ".")) for part in below.split("/"))
    return not hidden and not _SIBLING.search(base) and base.lower() != "readme.md"


def _stem(path: str) -> str:
    return path.rpartition(".")[0]


def _prefix(text: str) -> str:
    if text == ".":
        return ""
    parts = text.split("/")
    wild = next((index for index, part in enumerate(parts) if _WILD.search(part)), None)
    if wild is None and text.lower().endswith(PROMPTS):
        return "/".join(parts[:-1])  # one file by its path
    return "/".join(parts[:wild])


def _matches(parts: Sequence[str], wanted: Sequence[str]) -> bool:
    """A glob, part by part: `**` is any number of folders. Each place is tried once, so no glob is slow."""
    reached = {0}
    for pattern in wanted:
        if pattern == "**":
            reached = set(range(min(reached), len(parts) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(parts) and fnmatchcase(parts[at], pattern)}
        if not reached:
            return False
    return len(parts) in reached
