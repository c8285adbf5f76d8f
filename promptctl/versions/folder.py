"""Files of a folder, without git: what an application that loads its prompts has. It is asked as a Repository is."""

import posixpath
from collections.abc import Callable, Sequence
from importlib.resources.abc import Traversable

from promptctl.documents import printable
from promptctl.errors import UserError
from promptctl.versions.source import FileEntry, Source

MAX_BYTES = 5 * 1024 * 1024
MAX_FILES = 20_000
_HIDDEN = frozenset({".git", ".promptctl", "__pycache__", "node_modules", ".venv"})


class Folder:
    """A folder on disk, or of an installed package's data, which may lie in a zip.

    A file's blob is its path: nothing is compared here, so nothing is digested.
    """

    def __init__(self, root: Traversable) -> None:
        self.root = root

    def files(
        self, source: Source, folders: Sequence[str], *, only: Callable[[str], bool] = lambda _: True
    ) -> dict[str, FileEntry]:
        """All files below these folders, by path. Raises UserError where there are too many."""
        del source  # there is but one version
        found: dict[str, FileEntry] = {}
        waiting = [(name, self._at(name)) for name in ("" if folder == "." else folder for folder in folders)]
        while waiting:
            path, place = waiting.pop()
            if place is None or (path and posixpath.basename(path) in _HIDDEN):
                continue
            if place.is_dir():
                waiting += [(posixpath.join(path, child.name), child) for child in place.iterdir()]
            elif only(path):
                found[path] = FileEntry(path, path)
            if len(found) > MAX_FILES:
                raise UserError(
                    f"more than {MAX_FILES:,} files below {', '.join(folders)}.", hint="Name a smaller folder."
                )
        return dict(sorted(found.items()))

    def submodules(self, source: Source, folders: Sequence[str]) -> tuple[str, ...]:
        """None: a folder has no such thing."""
        del source, folders
        return ()

    def entry(self, source: Source, path: str) -> FileEntry | None:
        """One file; None where there is none."""
        del source
        place = self._at(path)
        return FileEntry(path, path) if place is not None and place.is_file() else None

    def read(self, source: Source, path: str, *, limit: int = MAX_BYTES) -> bytes:
        """A file's content. Raises UserError where it is absent or too large."""
        del source
        place = self._at(path)
        if place is None or not place.is_file():
            raise UserError(f"{printable(path)}: no such file.")
        with place.open("rb") as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise UserError(f"{printable(path)}: larger than {limit / 1024 / 1024:g} MiB.")
        return data

    def _at(self, path: str) -> Traversable | None:
        place = self.root
        for part in path.split("/") if path else ():
            if part in {"", ".", ".."}:
                return None
            place = place.joinpath(part)
        return place if place.is_dir() or place.is_file() else None
