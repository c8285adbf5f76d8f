"""Running git, whose messages are to be English: one command after the other, or a child that is spoken with."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from promptctl.errors import NotARepository

if TYPE_CHECKING:
    import subprocess

_SAFE = (
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.untrackedCache=false"),
    *("-c", "protocol.ext.allow=never"),  # a partial clone fetches what it lacks
)
_ENGLISH = {"LANGUAGE": "C", "LC_ALL": "C"}


@dataclass(frozen=True, slots=True)
class Git:
    """Git in a folder; `environment` is what its processes get on top of ours."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, arguments: Sequence[str], env: Mapping[str, str] | None = None) -> tuple[int, bytes, str]:
        """Status, output and messages of one command. Raises NotARepository where git cannot be run."""
        child = self.start(arguments, env)
        out, err = child.communicate()
        return child.returncode, out, os.fsdecode(err)

    def start(self, arguments: Sequence[str], env: Mapping[str, str] | None = None) -> "subprocess.Popen[bytes]":
        """A child with a pipe for each of its streams. Raises NotARepository where git cannot be run."""
        import subprocess  # 6 ms

        window = 0
        if sys.platform == "win32":  # pragma: no cover
            window = subprocess.CREATE_NO_WINDOW
            os.environ.setdefault("NoDefaultCurrentDirectoryInExePath", "1")  # a git.exe of the repository is not git
        try:
            return subprocess.Popen(  # noqa: S603 - no argument comes from outside unguarded
                ["git", *_SAFE, *arguments],  # noqa: S607 - git is what PATH calls git
                cwd=self.folder,
                env={**os.environ, **_ENGLISH, **self.environment, **(env or {})},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                creationflags=window,
            )
        except OSError as error:  # on Windows it does not say whether the folder or the program is meant
            if not self.folder.is_dir():
                raise NotARepository(f"{self.folder}: no such folder.") from error
            if isinstance(error, FileNotFoundError):
                raise NotARepository("git was not found.", hint="Install git, or put it on PATH.") from error
            why = f"git cannot be run in {self.folder}: {error.strerror or error}."
            raise NotARepository(why, hint="Look at what PATH calls git, and at the folder's permissions.") from error
