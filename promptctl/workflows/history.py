"""A prompt's versions, newest first: through renames and changes of format, past commits that did not change it."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, replace

from promptctl.errors import InvalidPrompt, NothingSelected
from promptctl.prompts.prompt import Prompt
from promptctl.settings import FILE, Settings
from promptctl.snapshot import Change, PromptFile, PromptPair, Snapshot, compare_one, differences, open_snapshots
from promptctl.snapshot.compare import reads_beside
from promptctl.snapshot.includes import included
from promptctl.snapshot.patterns import folders, patterns
from promptctl.versions.git import Repository
from promptctl.versions.history import Commit, commits, moved_from
from promptctl.versions.source import Place, Revisions, Source

# What can differ without any answer or verdict being another.
_NO_MEANING = frozenset({"rename", "description", "volume", "inputs"})


@dataclass(frozen=True, slots=True)
class Version:
    """One commit's doing to a prompt. `old` or `new` is None where there is none, or where it cannot be read."""

    commit: Commit
    pair: PromptPair
    old: Prompt | None
    new: Prompt | None
    problems: tuple[str, ...] = ()

    @property
    def meaningful(self) -> bool:
        """Whether an answer, or what is asked of it, can be another since."""
        return bool(self.pair.parts - _NO_MEANING)


def versions(repo: Repository, settings: Settings, name: str, newest: str) -> Iterator[Version]:
    """What each commit from `newest` (a full id) back did to the prompt of this name.

    Commits that touched none of its files are passed over unread. Raises NothingSelected where no commit has it.
    """
    walk = _Walk(repo, settings, name)
    walk.begin(Snapshot(repo, Source(Place.COMMIT, newest[:12], newest), settings))
    found = False
    while True:
        for commit in commits(repo, newest, walk.folders):
            version = walk.step(commit)
            if version is None:
                continue
            found = True
            moved = walk.followed(version) if version.pair.change is Change.ADDED else None
            yield moved or version
            if moved is not None:
                newest = commit.parents[0]
                break
        else:
            break
    if not found:
        raise NothingSelected(f"no commit has a prompt '{name}'.", hint="`promptctl list` shows those of today.")


class _Walk:
    """Where the prompt stood at the commit that is looked at: the names and the files that it had since."""

    def __init__(self, repo: Repository, settings: Settings, name: str) -> None:
        self.repo = repo
        self.settings = settings
        self.names = [name]
        self.paths: set[str] = set()
        self.stems = {posixpath.join(folder, name) for folder in settings.prompts} | {name}

    def begin(self, newest: Snapshot) -> None:
        """Learn where the prompt stands in the newest version, if it does."""
        file = newest.files.get(self.names[0])
        if file is not None:
            self._add(file, newest)

    @property
    def folders(self) -> tuple[str, ...]:
        """What a commit must touch to be worth a look."""
        return (*folders(patterns(self.settings.prompts)), FILE)

    def step(self, commit: Commit) -> Version | None:
        """What this commit did; None where it did nothing to the prompt."""
        if not any(map(self._is_near, commit.paths)):
            return None
        old, new = open_snapshots(self.repo, Revisions(commit.before(), commit.source()), self.settings)
        pair = next((pair for name in self.names if (pair := compare_one(self.repo, old, new, name))), None)
        if pair is None:
            return None
        self._remember(pair, old, new)
        if pair.change is Change.UNCHANGED:
            return None
        before, problems = _read(old, pair.old)
        after, more = _read(new, pair.new)
        return Version(commit, pair, before, after, (*problems, *more))

    def followed(self, added: Version) -> Version | None:
        """The same as a move, where the file came from outside of the folders that hold prompts today; else None.

        By git's judgement, or by its name in the folder that the settings named then. From there on the prompt
        is looked for in the folder that it came from.
        """
        file = added.pair.new
        origin = (
            (moved_from(self.repo, added.commit, file.path) or self._formerly(added.commit, file)) if file else None
        )
        if file is None or origin is None:
            return None
        below = file.path.removeprefix(f"{file.root}/") if file.root else file.path
        root = origin.removesuffix(below).rstrip("/") if origin.endswith(below) else posixpath.dirname(origin)
        settings = replace(self.settings, prompts=(root or ".",))
        before = Snapshot(self.repo, added.commit.before(), settings)
        source = next((one for one in before.files.values() if one.path == origin), None)
        if source is None:
            return None
        self.settings = settings
        self.names, self.paths, self.stems = [source.name], {origin}, {origin.rpartition(".")[0]}
        old, problems = _read(before, source)
        parts = frozenset({"unreadable"}) if old is None or added.new is None else differences(old, added.new)
        pair = PromptPair(file.name, Change.RENAMED, source, file, parts | {"rename"})
        return Version(added.commit, pair, old, added.new, (*problems, *added.problems))

    def _formerly(self, commit: Commit, file: PromptFile) -> str | None:
        old, new = open_snapshots(self.repo, Revisions(commit.before(), commit.source()), self.settings)
        found = old.former.get(file.name)
        return None if found is None or new.exists(found.path) else found.path

    def _is_near(self, path: str) -> bool:
        # An inputs file may be moved or written beside it, and the file may be in another format before.
        return (
            path == FILE
            or path in self.paths
            or "" in self.stems
            or any(path.startswith((f"{stem}.", f"{stem}/")) for stem in self.stems)
        )

    def _remember(self, pair: PromptPair, old: Snapshot, new: Snapshot) -> None:
        for file, side in ((pair.new, new), (pair.old, old)):
            if file is None:
                continue
            if file.name not in self.names:
                self.names.append(file.name)
            self._add(file, side)

    def _add(self, file: PromptFile, side: Snapshot) -> None:
        self.stems.add(file.path.rpartition(".")[0])
        if reads_beside(file, side):
            self.stems.add(posixpath.dirname(file.path))
        self.paths |= {file.path, *_needed(file, side)}


def _needed(file: PromptFile, side: Snapshot) -> frozenset[str]:
    """The files that a prompt includes; where its text alone does not tell, all of its folder."""
    try:
        data = side.data(file.name)
    except InvalidPrompt:
        return frozenset()
    found = included(data, lambda path: side.include(file.root, path), file.root)
    return frozenset(side.listing) if found is None else found


def _read(side: Snapshot, file: PromptFile | None) -> tuple[Prompt | None, tuple[str, ...]]:
    if file is None:
        return None, ()
    try:
        return side.prompt(file.name), ()
    except InvalidPrompt as error:
        return None, error.lines()
