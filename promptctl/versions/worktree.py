"""Files on disk, by their path below the repository's root; symbolic links are told, never followed here."""

import os
import stat
from pathlib import Path


class Disk:
    """The working tree at `root`. Folders that are symbolic links hold nothing, as for git."""

    def __init__(self, root: Path) -> None:
        self.root = os.fspath(root)
        self._real: dict[str, bool] = {"": True}

    def path(self, path: str) -> str:
        """Where a file is on this disk."""
        return f"{self.root}/{path}"

    def kind(self, path: str) -> str | None:
        """`file`, `symlink`, or None for anything else (a folder, a pipe, nothing)."""
        folder = path.rpartition("/")[0]
        if not self._is_real(folder):
            return None
        try:
            mode = os.lstat(self.path(path)).st_mode
        except (OSError, ValueError):
            return None
        if stat.S_ISLNK(mode):
            return "symlink"
        return "file" if stat.S_ISREG(mode) else None

    def link(self, path: str) -> str:
        """What a symbolic link says."""
        return os.readlink(self.path(path))  # noqa: PTH115 - as text, as git keeps it

    def _is_real(self, folder: str) -> bool:
        known = self._real.get(folder)
        if known is None:
            try:
                real = stat.S_ISDIR(os.lstat(self.path(folder)).st_mode)
            except (OSError, ValueError):
                real = False
            known = self._real[folder] = real and self._is_real(folder.rpartition("/")[0])
        return known
