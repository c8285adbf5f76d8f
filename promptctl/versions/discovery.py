"""Which repository is meant, where git's own environment variables point somewhere too."""

import os
from collections.abc import Mapping
from pathlib import Path


def child_environment(start: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """What git's children get on top of the environment, so that they answer for the repository around `start`.

    Inside a hook git exports GIT_DIR, GIT_INDEX_FILE and others. Where they mean the repository around `start` they are
    kept: under `git commit -a` the index that will be committed is not .git/index. Where they mean another one (a hook
    of repository A runs a test that opens repository B) they are overridden: git would answer for A.
    """
    env = {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        # Paths are paths; a user's own setting of the others would contradict it, which git refuses.
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_GLOB_PATHSPECS": "0",
        "GIT_NOGLOB_PATHSPECS": "0",
        "GIT_ICASE_PATHSPECS": "0",
    }
    found = around(start)
    if found is None:
        if given := environ.get("GIT_DIR"):
            env["GIT_DIR"] = str(Path(given).absolute())  # children run in the root, not here
        if given := environ.get("GIT_WORK_TREE"):
            env["GIT_WORK_TREE"] = str(Path(given).absolute())
        return env
    root, git_dir = found
    named = environ.get("GIT_DIR")
    if named and not _same(Path(named), git_dir):
        return env | _as_found(root, git_dir, environ)
    if named:
        env |= {"GIT_DIR": str(git_dir), "GIT_WORK_TREE": str(Path(environ.get("GIT_WORK_TREE") or root).absolute())}
    if index := environ.get("GIT_INDEX_FILE"):
        path = root / index
        foreign = (path.parent / "HEAD").is_file() and not _same(path.parent, git_dir)
        env["GIT_INDEX_FILE"] = str(git_dir / "index" if foreign else path)
    return env


def around(start: Path) -> tuple[Path, Path] | None:
    """The working tree that holds `start`, and its git directory; None where there is none."""
    here = start.resolve()
    for folder in (here, *here.parents):
        git = folder / ".git"
        if git.is_dir():
            return folder, git
        if git.is_file():  # a linked worktree or a submodule: "gitdir: PATH"
            text = git.read_text(encoding="utf-8", errors="surrogateescape").strip()
            return folder, (folder / text.removeprefix("gitdir:").strip()).resolve()
    return None


def _as_found(root: Path, git_dir: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Overrides for another repository's variables: what was exported cannot be unset, so each gets its right value."""
    env = {"GIT_DIR": str(git_dir), "GIT_WORK_TREE": str(root), "GIT_INDEX_FILE": str(git_dir / "index")}
    pointer = git_dir / "commondir"
    common = git_dir / pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else git_dir
    if "GIT_COMMON_DIR" in environ:
        env["GIT_COMMON_DIR"] = str(common)
    if "GIT_OBJECT_DIRECTORY" in environ:
        env["GIT_OBJECT_DIRECTORY"] = str(common / "objects")
    return env


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)
