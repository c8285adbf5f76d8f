"""Which files are prompts, what they are called, and which files belong to them."""

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from promptctl.errors import InvalidPrompt, Problem, UserError
from promptctl.prompts.formats import SEVERAL, PromptText, detected, members
from promptctl.prompts.formats.detection import EXTENSIONS, UNCERTAIN
from promptctl.snapshot.patterns import Pattern, is_config, means
from promptctl.snapshot.siblings import inputs_beside, is_sibling, recordings_beside
from promptctl.versions.source import FileEntry

# A file that is a folder's prompt together with files beside it.
_KERNEL, _KERNEL_CONFIG = "skprompt.txt", "config.json"
_FABRIC, _FABRIC_USER = "system.md", "user.md"

Read = Callable[[str], bytes]
Beside = Callable[[str, str], str | None]
Matching = Callable[[str, str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class PromptFile:
    """A prompt's file and the files that belong to it.

    `inputs` is the file beside it; one that the prompt declares is known once it is read: see `Snapshot.inputs_file`.
    `root` is the folder that its name and its partials start from. `format` is set where the settings, or the files
    beside it, say it. `beside` are files that make the prompt together with it, or claim its name; `member` is which
    prompt of its file.
    """

    name: str
    path: str
    blob: str
    inputs: FileEntry | None = None
    recordings: FileEntry | None = None
    root: str = ""
    format: str | None = None
    beside: tuple[FileEntry, ...] = ()
    member: str | None = None

    @property
    def stem(self) -> str:
        """What its inputs and recordings are called after."""
        if self.format == "fabric" or posixpath.basename(self.path) == _KERNEL:
            return posixpath.dirname(self.path)
        stem = self.path.rpartition(".")[0]
        return f"{stem}.{self.member}" if self.member else stem

    @property
    def content(self) -> tuple[str, ...]:
        """The blobs of all files that make it."""
        return (self.blob, *(entry.blob for entry in self.beside))


@dataclass(frozen=True, slots=True)
class Naming:
    """How files are looked at: the entries of `prompts:`, the globs of `formats:`, and how a file is read.

    `read` raises UserError; `beside` gives the text of a file by the path of a prompt's file and its path from there,
    `matching` such paths by a glob.
    """

    patterns: Sequence[Pattern]
    formats: Mapping[str, str]
    read: Read
    beside: Beside
    matching: Matching

    def format_of(self, path: str) -> str | None:
        """The format that the settings give a file."""
        return next((name for glob, name in self.formats.items() if means(glob, path)), None)


def prompt_files(
    listing: Mapping[str, FileEntry], naming: Naming
) -> tuple[dict[str, PromptFile], dict[str, list[Problem]]]:
    """The prompts among some files, by name, and what is wrong with some of them."""
    files: dict[str, PromptFile] = {}
    problems: dict[str, list[Problem]] = {}
    for path, entry in listing.items():
        for file in _prompts_in(path, entry, listing, naming):
            if file.name in files:
                message = f"is called '{file.name}', as {files[file.name].path} is."
                problems.setdefault(file.name, []).append(Problem(path, message, hint="Rename one of them."))
                # Part of what the name stands for: else the prompt would look unchanged.
                first = files[file.name]
                files[file.name] = replace(first, beside=(*first.beside, entry))
                continue
            inputs = [beside for place in inputs_beside(file.stem) if (beside := listing.get(place))]
            if len(inputs) > 1:
                message = f"has two files of inputs: {inputs[0].path} and {inputs[1].path}."
                problems.setdefault(file.name, []).append(Problem(path, message, hint="Keep one of them."))
            files[file.name] = PromptFile(
                file.name,
                path,
                entry.blob,
                inputs[0] if inputs else None,
                listing.get(recordings_beside(file.stem)),
                file.root,
                file.format,
                file.beside,
                file.member,
            )
    return dict(sorted(files.items())), problems


def _prompts_in(path: str, entry: FileEntry, listing: Mapping[str, FileEntry], naming: Naming) -> Iterator[PromptFile]:
    """The prompts of one file, as far as names tell; none where it is no prompt."""
    for pattern in naming.patterns:
        if not pattern.holds(path):
            continue
        if pattern.format is not None:
            yield from _members(path, entry, pattern.format, path, naming, pattern.member, root=pattern.prefix)
            return
        root = pattern.root_of(path)
        below = path.removeprefix(f"{root}/") if root else path
        declared = naming.format_of(path) or ("promptfooconfig" if is_config(path) else None)
        if not may_be_prompt(below, declared):
            continue
        if declared in SEVERAL:
            stem = path if declared == "python" else below.rpartition(".")[0]
            yield from _members(path, entry, declared, stem, naming, None, root=root)
            return
        file = _one(path, below, entry, declared, listing, naming, root=root)
        if file is not None:
            yield file
        return


def may_be_prompt(below: str, declared: str | None) -> bool:
    """Whether the name of a file, from its folder of prompts on, lets it be a prompt."""
    base = below.rpartition("/")[2]
    hidden = any(part.startswith(("_", ".")) for part in below.split("/"))
    if hidden or is_sibling(base) or base.lower() == "readme.md":
        return False
    return declared is not None or base.lower().endswith(EXTENSIONS)


def _one(
    path: str,
    below: str,
    entry: FileEntry,
    declared: str | None,
    listing: Mapping[str, FileEntry],
    naming: Naming,
    *,
    root: str,
) -> PromptFile | None:
    folder, _, base = path.rpartition("/")
    inside = below.rpartition("/")[0]
    if base == _KERNEL and inside and declared is None:
        config = listing.get(f"{folder}/{_KERNEL_CONFIG}")
        return PromptFile(inside, path, entry.blob, root=root, beside=(config,) if config else ())
    if base == _KERNEL_CONFIG and f"{folder}/{_KERNEL}" in listing:
        return None
    if base in {_FABRIC, _FABRIC_USER} and inside and (declared == "fabric" or _is_pattern(folder, listing)):
        user = listing.get(f"{folder}/{_FABRIC_USER}")
        if base == _FABRIC_USER:
            return None
        return PromptFile(inside, path, entry.blob, root=root, format="fabric", beside=(user,) if user else ())
    if declared is None and path.lower().endswith(UNCERTAIN) and not _is_json_prompt(path, naming):
        return None
    return PromptFile(below.rpartition(".")[0] or below, path, entry.blob, root=root, format=declared)


def _is_pattern(folder: str, listing: Mapping[str, FileEntry]) -> bool:
    """Whether a folder is one prompt, as fabric has it: system.md, perhaps user.md, and no other prompt."""
    prefix = f"{folder}/"
    if f"{prefix}{_FABRIC}" not in listing:
        return False
    others = (path.removeprefix(prefix) for path in listing if path.startswith(prefix))
    return not any(
        "/" not in base
        and base not in {_FABRIC, _FABRIC_USER}
        and may_be_prompt(base, None)
        and not base.endswith(UNCERTAIN)
        for base in others
    )


def _is_json_prompt(path: str, naming: Naming) -> bool:
    try:
        return detected(path, naming.read(path)) is not None
    except UserError:
        return False


def _members(
    path: str, entry: FileEntry, file_format: str, stem: str, naming: Naming, wanted: str | None, *, root: str
) -> Iterator[PromptFile]:
    """The prompts of a file that may hold several; the file itself where it cannot be read, so that it is named."""
    names: Sequence[str | None]
    if wanted is not None:
        names = (wanted,)
    else:
        try:
            text = PromptText(
                path,
                path,
                naming.read(path),
                beside=partial(naming.beside, path),
                matching=partial(naming.matching, path),
            )
            names = members(text, file_format)
        except (InvalidPrompt, UserError):
            names = (None,)
    for name in names:
        full = stem if name is None else f"{stem}:{name}"
        yield PromptFile(full, path, entry.blob, root=root, format=file_format, member=name)
