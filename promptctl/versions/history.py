"""A branch's commits, newest first, with the files that each touched."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from promptctl.versions.git import Repository
from promptctl.versions.source import Place, Source

# What a repository without files is called, by the length of its ids: git knows both without having them.
_EMPTY_TREES = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
_RECORD = re.compile("\x01(?=[0-9a-f]{40,64}\x00)")
_FORMAT = "--format=%x01%H%x00%P%x00%an%x00%aI%x00%s"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: `date` is the author's, ISO 8601 with an offset; `paths` are the files that it touched.

    Of a merge these are the files that differ from every parent.
    """

    oid: str
    parents: tuple[str, ...]
    author: str
    date: str
    subject: str
    paths: frozenset[str]

    def source(self) -> Source:
        """The files as this commit has them."""
        return Source(Place.COMMIT, self.oid[:12], self.oid)

    def before(self) -> Source:
        """The files as its first parent has them; none before the first commit."""
        if not self.parents:
            return Source(Place.COMMIT, "nothing", _EMPTY_TREES[len(self.oid)])
        return Source(Place.COMMIT, self.parents[0][:12], self.parents[0])


def commits(repo: Repository, newest: str, folders: Sequence[str]) -> list[Commit]:
    """The commits from `newest` (a full id) back that touched a file below these folders; "" is the repository."""
    paths = [folder for folder in folders if folder not in {"", "."}]
    chosen = paths if len(paths) == len(folders) else []
    # A signature would be checked by a program that the repository's configuration names.
    options = ["-z", _FORMAT, "--name-only", "-c", "--no-renames", "--topo-order", "--no-show-signature"]
    out = repo.output(["log", *options, "--no-ext-diff", "--no-textconv", newest, "--", *chosen])
    return [_commit(record) for record in _RECORD.split(out) if record]


def _commit(record: str) -> Commit:
    oid, parents, author, date, rest = record.split("\0", 4)
    subject, _, names = rest.partition("\n")
    paths = (path for path in names.split("\0") if path)
    return Commit(oid, tuple(parents.split()), author, date, subject.rstrip("\0"), frozenset(paths))


def moved_from(repo: Repository, commit: Commit, path: str) -> str | None:
    """Where the file that stands at `path` since this commit stood before, by git's own judgement; None: nowhere."""
    if not commit.parents:
        return None
    options = ["-r", "-M", "--raw", "-z", "--no-ext-diff", "--no-textconv", "--diff-filter=R"]
    fields = repo.output(["diff-tree", *options, commit.parents[0], commit.oid]).split("\0")
    renames = zip(fields[1::3], fields[2::3], strict=False)
    return next((old for old, new in renames if new == path), None)
