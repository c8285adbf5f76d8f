"""Two Snapshots -> every prompt of either, paired, and what differs.

Cheap first: a prompt whose file, inputs and partials have equal blobs on both sides is unchanged, and is not parsed.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import Enum

from promptctl.errors import InvalidInputs, InvalidPrompt
from promptctl.prompts.prompt import Prompt
from promptctl.snapshot.includes import included
from promptctl.snapshot.naming import PromptFile
from promptctl.snapshot.snapshot import Snapshot
from promptctl.versions.git import Repository
from promptctl.versions.source import FileEntry

Files = Mapping[str, PromptFile]


class Change(Enum):
    """What happened to a prompt. A prompt that moved is RENAMED, whatever else changed; `parts` says what."""

    ADDED = "added"
    REMOVED = "removed"
    MODIFIED = "modified"
    RENAMED = "renamed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class PromptPair:
    """One prompt on both sides. `name` is the new one, or the old one where it was removed.

    `parts` name what differs: text, model, params, tools, schema, variables, assertions, inputs, description,
    fallbacks, volume, metadata, rename; or unreadable (a side cannot be parsed), added, removed.
    """

    name: str
    change: Change
    old: PromptFile | None
    new: PromptFile | None
    parts: frozenset[str] = frozenset()

    @property
    def old_name(self) -> str | None:
        """The old name, where it differs."""
        return self.old.name if self.old and self.new and self.old.name != self.name else None

    @property
    def old_path(self) -> str | None:
        """The old path, where it differs, under the same name too."""
        return self.old.path if self.old and self.new and self.old.path != self.new.path else None


def compare(repo: Repository, old: Snapshot, new: Snapshot) -> tuple[PromptPair, ...]:
    """Every prompt of both sides, by name; unchanged ones too.

    Where a prompt has no partner on the other side, one that moved away and was a prompt there under that side's own
    settings is its partner: under the same name, or where git calls the one a rename of the other.
    """
    fled = {name: file for name, file in new.former.items() if not old.exists(file.path)}
    before = {name: file for name, file in old.former.items() if not new.exists(file.path)} | dict(old.files)
    after = fled | dict(new.files)
    moved = _moved(repo, old, new, before, after)
    changed = _changed(old, new)
    pairs = []
    for name, file in new.files.items():
        one = before.get(moved.get(name, name))
        if one is None:
            pairs.append(PromptPair(name, Change.ADDED, None, file, frozenset({"added"})))
        else:
            pairs.append(_pair(old, new, one, file, changed))
    kept = {pair.old.name for pair in pairs if pair.old}
    became = {moved.get(name, name): file for name, file in fled.items()}
    for name, file in old.files.items():
        if name in kept:
            continue
        if name in became:
            pairs.append(_pair(old, new, file, became[name], changed))
        else:
            pairs.append(PromptPair(name, Change.REMOVED, file, None, frozenset({"removed"})))
    return tuple(sorted(pairs, key=lambda pair: (pair.name, pair.change.value)))


def compare_one(repo: Repository, old: Snapshot, new: Snapshot, name: str) -> PromptPair | None:
    """The pair of one prompt, by its new name, or by its old one where it was removed; None where neither side has it.

    A prompt that is gone under this name on the new side because it moved is not removed there: None as well.
    """
    moved = _moved(repo, old, new, old.files, new.files)
    file = new.files.get(name)
    if file is None:
        gone = old.files.get(name)
        renamed = gone is None or name in moved.values()
        return None if renamed else PromptPair(name, Change.REMOVED, gone, None, frozenset({"removed"}))
    before = old.files.get(moved.get(name, name))
    if before is None:
        return PromptPair(name, Change.ADDED, None, file, frozenset({"added"}))
    return _pair(old, new, before, file, _changed(old, new))


def _changed(old: Snapshot, new: Snapshot) -> frozenset[str]:
    """The paths whose content differs."""
    before = {path: entry.blob for path, entry in old.listing.items()}
    after = {path: entry.blob for path, entry in new.listing.items()}
    return frozenset(path for path, _ in before.items() ^ after.items())


def _moved(repo: Repository, old: Snapshot, new: Snapshot, before: Files, after: Files) -> dict[str, str]:
    """New name -> old name: git's renames of these prompts' files, then those whose inputs moved."""
    # Of a file that holds several prompts none can be told to have moved.
    added = [file for name, file in after.items() if name not in before and file.member is None]
    removed = {file.path: name for name, file in before.items() if name not in after and file.member is None}
    if not added or not removed:
        return {}
    renames = repo.renames(old.listing, new.listing, new.source)
    by_text = {file.name: removed[path] for file in added if (path := renames.get(file.path)) in removed}
    owners = {file.inputs.path: name for name, file in before.items() if file.inputs and file.path in removed}
    by_inputs = {
        file.name: owners[path] for file in added if file.inputs and (path := renames.get(file.inputs.path)) in owners
    }
    return _told_apart(before, by_text, by_inputs)


def _told_apart(before: Files, by_text: Mapping[str, str], by_inputs: Mapping[str, str]) -> dict[str, str]:
    """The renames by content, and those by inputs of what has none.

    Of old files that are all the same git takes any: there the inputs tell which one moved, and who thereby loses a
    partner gets one of the same that became free.
    """
    moved = {
        name: owner
        for name, owner in by_inputs.items()
        if name in by_text and before[owner].blob == before[by_text[name]].blob
    }
    free = [name for name in by_text.values() if name not in moved.values()]
    left = [(name, old) for name, old in by_text.items() if name not in moved]
    for name, old in sorted(left, key=lambda pair: pair[1] not in free):  # first who keeps its own
        same = [other for other in free if before[other].blob == before[old].blob]
        if same:
            moved[name] = old if old in same else same[0]
            free.remove(moved[name])
    for name, owner in by_inputs.items():
        if name not in moved and owner not in moved.values():
            moved[name] = owner
    return moved


def _pair(old: Snapshot, new: Snapshot, before: PromptFile, after: PromptFile, changed: AbstractSet[str]) -> PromptPair:
    moved = before.path != after.path
    if moved or before.content != after.content or _needs_reading(old, new, after, changed):
        before, after, parts = _read(old, new, before, after)
    else:
        parts = _inputs_parts(old, new, before.inputs, after.inputs)
    if moved:
        return PromptPair(after.name, Change.RENAMED, before, after, parts | {"rename"})
    return PromptPair(after.name, Change.MODIFIED if parts else Change.UNCHANGED, before, after, parts)


def _needs_reading(old: Snapshot, new: Snapshot, file: PromptFile, changed: AbstractSet[str]) -> bool:
    """Whether a prompt whose file is the same on both sides may differ all the same."""
    defaults = (old.settings.model, old.settings.params) != (new.settings.model, new.settings.params)
    try:
        data = new.data(file.name)
    except InvalidPrompt:
        return True
    # It may declare its inputs, which can lie anywhere.
    if defaults or b"inputs" in data or reads_beside(file, new):
        return True
    paths = included(data, lambda path: new.include(file.root, path), file.root)
    return paths is None or not paths.isdisjoint(changed)


def reads_beside(file: PromptFile, side: Snapshot) -> bool:
    """Whether a prompt may read files of its folder that nothing but its content names."""
    try:
        return file.format == "promptfooconfig" or b"${file:" in side.data(file.name)
    except InvalidPrompt:
        return False


def _read(
    old: Snapshot,
    new: Snapshot,
    before: PromptFile,
    after: PromptFile,
) -> tuple[PromptFile, PromptFile, frozenset[str]]:
    one, other = _parsed(old, before), _parsed(new, after)
    before, after = _with_inputs(old, before), _with_inputs(new, after)
    inputs = _inputs_parts(old, new, before.inputs, after.inputs)
    if isinstance(one, InvalidPrompt) or isinstance(other, InvalidPrompt):
        same = before.content == after.content and str(one) == str(other)
        return before, after, inputs if same else frozenset({"unreadable"})
    return before, after, differences(one, other) | inputs


def _parsed(side: Snapshot, file: PromptFile) -> Prompt | InvalidPrompt:
    try:
        return side.prompt(file.name)
    except InvalidPrompt as error:
        return error


def _with_inputs(side: Snapshot, file: PromptFile) -> PromptFile:
    try:
        # What git ignores has no old side to differ from.
        return replace(file, inputs=side.inputs_file(file.name, ignored=False))
    except InvalidInputs:
        return replace(file, inputs=None)  # who asks for them meets the mistake


def _inputs_parts(
    old: Snapshot,
    new: Snapshot,
    before: FileEntry | None,
    after: FileEntry | None,
) -> frozenset[str]:
    return frozenset() if _same_inputs(old, new, before, after) else frozenset({"inputs"})


def _same_inputs(old: Snapshot, new: Snapshot, before: FileEntry | None, after: FileEntry | None) -> bool:
    if before is None or after is None:
        return before is after
    if before.blob == after.blob:
        return True
    # A checkout with CRLF has other blobs for the same lines.
    one = old.repo.read(old.source, before.path, limit=1 << 30)
    other = new.repo.read(new.source, after.path, limit=1 << 30)
    return one.replace(b"\r\n", b"\n") == other.replace(b"\r\n", b"\n")


def differences(one: Prompt, other: Prompt) -> frozenset[str]:
    """What differs between two prompts: see `PromptPair.parts`."""
    differs = {
        "text": _texts(one) != _texts(other),
        "model": one.model != other.model,
        "params": one.params != other.params,
        "tools": one.tools != other.tools,
        "schema": one.response_format != other.response_format,
        "variables": one.variables != other.variables,
        "assertions": one.assertions != other.assertions,
        "description": one.description != other.description,
        "fallbacks": one.fallbacks != other.fallbacks,
        "volume": one.volume != other.volume,
        "metadata": one.metadata != other.metadata,
    }
    return frozenset(part for part, different in differs.items() if different)


def _texts(prompt: Prompt) -> tuple[object, ...]:
    return prompt.messages, prompt.partials, prompt.language, prompt.script
