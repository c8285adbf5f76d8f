"""What promptctl reads from git: files and folders as they stand at a Source.

Nothing here runs a program that a repository's configuration names: no hooks, file-system monitors, filters, external
diffs or text conversions. Revisions reach git on the standard input of `cat-file`, where nothing is an option.
"""

import os
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from promptctl.documents import printable, suggestion
from promptctl.errors import NotARepository, UnknownRevision, UserError
from promptctl.versions.discovery import child_environment
from promptctl.versions.objects import FILE, FOLDER, SUBMODULE, SYMLINK, GitObject, TreeItem, ask, blob_id, tree_items
from promptctl.versions.paths import clean, is_inside, is_near
from promptctl.versions.process import Git
from promptctl.versions.refusal import GitEnded, no_repository, one_line
from promptctl.versions.source import FileEntry, Place, Source
from promptctl.versions.worktree import Disk

if TYPE_CHECKING:
    import subprocess

MAX_BYTES = 5 * 1024 * 1024
_LINKS = 5  # symbolic links in a row
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Raw = tuple[str, str]  # a mode as git writes it, and an object id


class Repository:
    """A git repository with a working tree. Use it in a `with`: it keeps one child process of git."""

    def __init__(self, git: Git, root: Path, git_dir: Path, objects: Path, algorithm: str) -> None:
        self.root = root
        self.git_dir = git_dir
        self.objects = objects
        self.algorithm = algorithm
        self._git = git
        self._disk = Disk(root)
        self._reader: subprocess.Popen[bytes] | None = None
        self._trees: dict[str, tuple[TreeItem, ...]] = {}
        self._roots: dict[str, str] = {}
        self._index: dict[str, Raw] = {}

    @classmethod
    def open(cls, start: Path, environ: Mapping[str, str] | None = None) -> Self:
        """The repository whose working tree holds `start`. Raises NotARepository, with what to do."""
        environ = os.environ if environ is None else environ
        if not start.is_dir():
            raise NotARepository(f"{start}: no such folder.")
        git = Git(start, child_environment(start, environ))
        asked = ("--is-bare-repository", "--git-dir", "--git-path", "objects", "--show-object-format")
        status, out, err = git.run(["rev-parse", *asked, "--show-toplevel"])
        lines = os.fsdecode(out).removesuffix("\n").split("\n")
        if status or len(lines) != 5:
            raise no_repository(start, err)
        _, git_dir, objects, algorithm, root = lines
        return cls(
            Git(Path(root), git.environment), Path(root), start / git_dir, (start / objects).absolute(), algorithm
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child process."""
        process, self._reader = self._reader, None
        if process is not None:
            for pipe in filter(None, (process.stdin, process.stdout, process.stderr)):
                with suppress(OSError):  # what was not sent is wanted by nobody
                    pipe.close()
            process.wait()

    # Revisions

    def head(self) -> str | None:
        """The commit of HEAD; None where there is no commit yet."""
        found = self._object("HEAD^{commit}")
        return None if found is None else found.oid

    def commit(self, revision: str) -> str:
        """A revision as typed -> the full id of its commit. Raises UnknownRevision."""
        if not revision or revision.startswith("-") or _CONTROL.search(revision):
            raise UnknownRevision(f"'{printable(revision)}' is no revision.", hint="Name a branch, a tag or a commit.")
        try:
            # `:/text` takes all that follows as the text.
            found = self._object(revision if revision.startswith(":/") else revision + "^{commit}")
        except GitEnded as ended:
            if not ended.words:
                raise
            unknown = f"unknown revision '{printable(revision)}': {ended.words}."
            raise UnknownRevision(unknown, hint=self._next_for(revision)) from ended
        if found is None or found.kind != "commit":
            raise UnknownRevision(f"unknown revision '{printable(revision)}'.", hint=self._next_for(revision))
        return found.oid

    def merge_base(self, one: str, other: str) -> str:
        """The best common ancestor of two revisions. Raises UnknownRevision where there is none."""
        status, out, _ = self._git.run(["merge-base", "--end-of-options", self.commit(one), self.commit(other)])
        if status:
            hint = self._shallow() or "Compare them as two revisions: A..B."
            raise UnknownRevision(f"'{one}' and '{other}' have no common ancestor here.", hint=hint)
        return out.decode().split()[0]

    def _next_for(self, revision: str) -> str:
        if re.match(r"(HEAD|@)([~^]|$)", revision) and self.head() is None:
            return "There is no commit yet: git commit."
        if os.path.lexists(revision) or os.path.lexists(self.root / revision):
            return f"Files and prompts stand after --, as in -- {printable(revision)}"
        _, out, _ = self._git.run(["for-each-ref", "--count=2000", "--format=%(refname:short)"])
        near = suggestion(revision, os.fsdecode(out).split()) if out else ""
        return self._shallow() or (near if near.startswith("Did") else "See git log --all; prompts stand after --.")

    def is_shallow(self) -> bool:
        """Whether older commits are missing here."""
        return (self.objects.parent / "shallow").exists()

    def _shallow(self) -> str:
        return "This clone is shallow: git fetch --unshallow." if self.is_shallow() else ""

    # Files

    def files(
        self,
        source: Source,
        folders: Sequence[str],
        *,
        only: Callable[[str], bool] = lambda _: True,
    ) -> dict[str, FileEntry]:
        """All files below these folders (a file stands for itself), by path; an absent folder is empty.

        In the working tree: tracked files and untracked ones, without those that git ignores. `only` spares the reading
        of files that nobody wants. The blob of a symbolic link is that of the file it leads to, inside the repository.
        Submodules hold nothing.
        """
        found = {}
        for path, mode, oid in self._listing(source, folders, only):
            if mode == SYMLINK:
                target = self._target(source, path)
                found[path] = FileEntry(path, self._id(source, *(target or (path, oid))), symlink=True)
            elif mode != SUBMODULE:
                found[path] = FileEntry(path, self._id(source, path, oid))
        return dict(sorted(found.items()))

    def submodules(self, source: Source, folders: Sequence[str]) -> tuple[str, ...]:
        """The submodules below these folders, and those that a folder itself lies in."""
        if source.place is Place.COMMIT:
            below = [path for path, mode, _ in self._below(source, folders) if mode == SUBMODULE]
        elif self._disk.kind(".gitmodules") == "file":
            tops = [clean(folder).partition("/")[0] for folder in folders]
            lines = (line.partition("\t") for line in self._ls_files(["-s"], tops))
            below = [path for meta, _, path in lines if meta.startswith(SUBMODULE) and is_near(path, folders)]
        else:
            below = []
        return tuple(sorted({*below, *self._above(source, folders)}))

    def _above(self, source: Source, folders: Sequence[str]) -> Iterator[str]:
        if source.place is not Place.COMMIT:
            return
        for parts in (clean(folder).split("/") for folder in folders):
            places = ("/".join(parts[:end]) for end in range(1, len(parts)))
            yield from (
                place for place in places if (raw := self._in_commit(source, place)) is not None and raw[0] == SUBMODULE
            )

    def entry(self, source: Source, path: str) -> FileEntry | None:
        """One file, ignored or not; None where there is none, or only a link that leads out of the repository."""
        raw = self._raw(source, path)
        target = None if raw is None else self._target(source, path)
        if raw is None or target is None:
            return None
        return FileEntry(path, self._id(source, *target), symlink=raw[0] == SYMLINK)

    def read(self, source: Source, path: str, *, limit: int = MAX_BYTES) -> bytes:
        """A file's content. Raises UserError where it is absent, too large, or a link out of the repository."""
        target = self._target(source, path)
        if target is None and self._raw(source, path) is None:
            raise UserError(f"{printable(path)}: no such file at {source.revision}.")
        if target is None:
            raise UserError(f"{printable(path)}: a symbolic link that leads to no file of the repository.")
        where, oid = target
        data = self._on_disk(where, limit) if source.place is Place.WORKTREE else self._blob(oid, limit)
        if data is None:
            raise UserError(f"{printable(path)}: larger than {limit / 1024 / 1024:g} MiB.")
        return data

    def renames(
        self,
        old: Mapping[str, FileEntry],
        new: Mapping[str, FileEntry],
        new_source: Source,
    ) -> dict[str, str]:
        """New path -> old path of the files that git calls renamed: half of their content is the same.

        `old` and `new` are listings as `files` gives them; `new` that of `new_source`.
        """
        removed = {path: entry.blob for path, entry in old.items() if path not in new}
        added = {path: entry.blob for path, entry in new.items() if path not in old}
        if not removed or not added:
            return {}
        from promptctl.versions.renames import renames  # tempfile and zlib: only a rename pays them

        contents: dict[str, str | bytes | None] = dict(added)
        if new_source.place is Place.WORKTREE:
            known = set(removed.values())  # a mere move: git has that content
            unknown = [path for path, blob in added.items() if blob not in known]
            # What a new link leads to may be nowhere in git; the link itself is no rename.
            contents |= {path: None if new[path].symlink else self._on_disk(path, MAX_BYTES) for path in unknown}
        candidates = {path: content for path, content in contents.items() if content is not None}
        return renames(self._checked, self.objects, self.algorithm, removed, candidates)

    # One file

    def _raw(self, source: Source, path: str) -> Raw | None:
        if not is_inside(path):
            return None
        raw = self._any(source, path)
        return None if raw is None or raw[0] in {FOLDER, SUBMODULE} else raw

    def _any(self, source: Source, path: str) -> Raw | None:
        if source.place is Place.COMMIT:
            return self._in_commit(source, path)
        if source.place is Place.INDEX:
            if path not in self._index:
                list(self._in_index([path]))
            return self._index.get(path)
        kind = self._disk.kind(path)
        return None if kind is None else (SYMLINK if kind == "symlink" else FILE, "")

    def _id(self, source: Source, path: str, oid: str) -> str:
        """The id of a file's blob; that of a file on disk is computed only where it is asked for."""
        return blob_id(self._disk.path(path), self.algorithm) if source.place is Place.WORKTREE else oid

    def _target(self, source: Source, path: str) -> tuple[str, str] | None:
        """The path and the id of a file, after the symbolic links that lead to it; None where they lead nowhere."""
        for _ in range(_LINKS):
            raw = self._raw(source, path)
            if raw is None:
                return None
            if raw[0] != SYMLINK:
                return path, raw[1]
            on_disk = source.place is Place.WORKTREE
            link = self._disk.link(path) if on_disk else os.fsdecode(self._blob(raw[1], 4096) or b"/")
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), link))
        return None

    def _blob(self, oid: str, limit: int) -> bytes | None:
        found = self._object(oid, limit)
        if found is None:
            raise UserError(f"git has lost the object {oid}.", hint="See git fsck.")
        return found.data

    def _on_disk(self, path: str, limit: int) -> bytes | None:
        with open(self._disk.path(path), "rb") as file:  # noqa: PTH123 - twice as fast as a Path, 400 times a run
            data = file.read(limit + 1)
        return None if len(data) > limit else data

    # All files

    def _listing(
        self,
        source: Source,
        folders: Sequence[str],
        only: Callable[[str], bool],
    ) -> Iterator[tuple[str, str, str]]:
        if source.place is Place.WORKTREE:
            return self._in_worktree(source, folders, only)
        listing = self._below(source, folders) if source.place is Place.COMMIT else self._in_index(folders)
        return (item for item in listing if only(item[0]))

    def _below(self, source: Source, folders: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        waiting: list[tuple[str, Raw]] = []
        for folder in map(clean, folders):
            raw = self._in_commit(source, folder)
            waiting += [(folder, raw)] if raw is not None else []
        while waiting:
            path, (mode, oid) = waiting.pop()
            if mode == FOLDER:
                prefix = f"{path}/" if path else ""
                waiting += [(prefix + item.name, (item.mode, item.oid)) for item in self._tree(oid)]
            else:
                yield path, mode, oid

    def _in_commit(self, source: Source, path: str) -> Raw | None:
        commit = source.commit or self.commit(source.revision)
        if commit not in self._roots:
            found = self._object(commit + "^{tree}", 1 << 30)
            self._roots[commit] = "" if found is None else found.oid
        raw: Raw | None = (FOLDER, self._roots[commit])
        for part in path.split("/") if path else ():
            if raw is None or raw[0] != FOLDER:
                return None
            raw = next(((item.mode, item.oid) for item in self._tree(raw[1]) if item.name == part), None)
        return raw

    def _tree(self, oid: str) -> tuple[TreeItem, ...]:
        if oid not in self._trees:
            data = self._blob(oid, 1 << 30) or b""
            self._trees[oid] = tuple(tree_items(data, len(oid) // 2))
        return self._trees[oid]

    def _in_index(self, folders: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        conflicts = []
        for line in self._ls_files(["-s"], folders):
            meta, _, path = line.partition("\t")
            mode, oid, stage = meta.split()
            if stage != "0":
                conflicts.append(path)
            self._index[path] = (mode, oid)
            yield path, mode, oid
        if conflicts:
            hint = "Resolve it, then git add."
            raise UserError(f"{printable(min(conflicts))}: has a merge conflict in the index.", hint=hint)

    def _in_worktree(
        self,
        source: Source,
        folders: Sequence[str],
        only: Callable[[str], bool],
    ) -> Iterator[tuple[str, str, str]]:
        for path in set(self._ls_files(["--cached", "--others", "--exclude-standard"], folders)):
            if only(path) and (raw := self._raw(source, path)) is not None:
                yield path, *raw

    def _ls_files(self, options: Sequence[str], folders: Sequence[str]) -> list[str]:
        paths = [folder for folder in map(clean, folders) if folder]
        chosen = paths if len(paths) == len(folders) else []
        out = self._checked(["ls-files", "-z", *options, "--", *chosen], {})
        return [line for line in out.split("\0") if line and not line.endswith("/")]

    # Git's processes

    def output(self, arguments: Sequence[str]) -> str:
        """What a git command prints. For the modules of this package: no argument may come from outside unguarded."""
        return self._checked(arguments, {})

    def _checked(self, arguments: Sequence[str], env: Mapping[str, str]) -> str:
        status, out, err = self._git.run(arguments, env)
        if status:
            raise UserError(f"git {arguments[0]} failed: {one_line(err)}", hint="See git status and git fsck.")
        return os.fsdecode(out)

    def _object(self, name: str, limit: int = MAX_BYTES) -> GitObject | None:
        reader = self._reader = self._reader or self._git.start(["cat-file", "--batch"])
        if reader.stdin is None or reader.stdout is None or reader.stderr is None:
            raise AssertionError("it was started with pipes")
        try:
            return ask(reader.stdin, reader.stdout, name, limit)
        except BrokenPipeError:
            words = one_line(os.fsdecode(reader.stderr.read()))
            self.close()
            raise GitEnded(words) from None
        except ValueError:
            raise UserError("git ended while objects were read.", hint="See git fsck.") from None
