"""Files -> a new git repository with a history, without touching anybody's configuration."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from promptctl.errors import UserError

AUTHOR = ("promptctl", "promptctl@localhost")
# Neither hooks nor signing nor line endings of the user's: the commits are ours, and must be the same everywhere.
_OURS = (
    *("-c", "init.defaultBranch=main"),
    *("-c", "commit.gpgSign=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.autocrlf=false"),
    *("-c", "core.fsmonitor=false"),
)


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: its message, and the files that it writes, by path relative to the repository's root."""

    message: str
    files: Mapping[str, bytes]


def create(folder: Path, commits: Sequence[Commit], environ: Mapping[str, str]) -> None:
    """Make `folder`, which is empty or absent, a git repository with these commits.

    Raises UserError where git or the disk refuses.
    """
    # Inside a hook GIT_DIR and its kin point at another repository.
    env = {name: value for name, value in environ.items() if not name.startswith("GIT_")} | _identity()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _git(folder, env, "init", "--quiet", "--template=")
        for commit in commits:
            _write(folder, commit.files)
            _git(folder, env, "add", "--all")
            _git(folder, env, "commit", "--quiet", "--no-verify", "-m", commit.message)
    except FileNotFoundError as error:
        if error.filename != "git":
            raise
        raise UserError("git is not installed.", hint="See https://git-scm.com/downloads.") from None
    except OSError as error:
        raise UserError(f"{folder}: cannot be written: {error.strerror or error}.") from None


def installed(environ: Mapping[str, str]) -> str | None:
    """The version of the git that is on PATH; None where there is none that works."""
    path = shutil.which("git", path=environ.get("PATH"))
    if path is None:
        return None
    try:
        done = subprocess.run([path, "--version"], capture_output=True, check=False, env=dict(environ))  # noqa: S603 - found on PATH
    except OSError:
        return None
    said = os.fsdecode(done.stdout).split()
    return said[2] if done.returncode == 0 and len(said) > 2 else None


def _identity() -> dict[str, str]:
    """Who commits, said by the environment; the configuration of user and machine is left aside."""
    name, mail = AUTHOR
    said = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", name), ("EMAIL", mail))
    }
    return said | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _git(folder: Path, env: Mapping[str, str], *args: str) -> None:
    done = subprocess.run(  # noqa: S603 - a fixed program with our own arguments
        ["git", *_OURS, *args],  # noqa: S607 - the user's git, wherever it is
        cwd=folder,
        env=dict(env),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = " ".join(os.fsdecode(done.stderr or done.stdout).split()) or f"exit code {done.returncode}"
        raise UserError(f"git {args[0]} failed in {folder}: {said}")
