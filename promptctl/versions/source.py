"""A place where a version of the files stands: a commit, the index, the working tree."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Place(Enum):
    """The three places git keeps files in."""

    COMMIT = "commit"
    INDEX = "index"
    WORKTREE = "worktree"


@dataclass(frozen=True, slots=True)
class Source:
    """One side of a comparison.

    `revision` is what the user typed (or HEAD, INDEX, WORKTREE); `commit` the full SHA, None but for a commit.
    """

    place: Place
    revision: str
    commit: str | None = None


WORKTREE = Source(Place.WORKTREE, "WORKTREE")
INDEX = Source(Place.INDEX, "INDEX")


@dataclass(frozen=True, slots=True)
class Revisions:
    """What is compared: `old` with `new`. `base` is the merge base of A...B, whose settings are trusted; else None."""

    old: Source
    new: Source
    base: Source | None = None

    @property
    def same(self) -> bool:
        """Whether both sides are one revision (`replay HEAD HEAD`): a suite measured against itself.

        A branch without a commit of its own is at its merge base, as in CI on main: nobody asked for that measurement.
        """
        return self.base is None and (self.old.place, self.old.commit) == (self.new.place, self.new.commit)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file at a Source. `path` is relative to the repository's root with `/`; `blob` is git's object id (hex)."""

    path: str
    blob: str
    symlink: bool = False


class Files(Protocol):
    """Who has files at Sources: a git repository, or a plain folder that has but one version."""

    def files(
        self, source: Source, folders: Sequence[str], *, only: Callable[[str], bool] = ...
    ) -> dict[str, FileEntry]:
        """All files below these folders, by path; an absent folder is empty."""
        ...

    def entry(self, source: Source, path: str) -> FileEntry | None:
        """One file; None where there is none."""
        ...

    def read(self, source: Source, path: str, *, limit: int = ...) -> bytes:
        """A file's content. Raises UserError where it is absent or too large."""
        ...

    def submodules(self, source: Source, folders: Sequence[str]) -> tuple[str, ...]:
        """What lies there in repositories of its own, and is not read."""
        ...
