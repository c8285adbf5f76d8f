"""What is staged, by git alone and as fast as it can be said: for hooks, which mostly have nothing to do."""

import os
from collections.abc import Mapping
from pathlib import Path

from promptctl.versions.discovery import around, child_environment


def staged_paths(start: Path, environ: Mapping[str, str]) -> tuple[Path, list[str]] | None:
    """The root of the working tree around `start`, and the paths that differ between HEAD and the index.

    None where git cannot say (no repository, git's own errors): whoever asks finds out the long way.
    """
    found = around(start)
    if found is None:
        return None
    env = {**environ, **child_environment(start, environ)}
    # Raw differences of blob ids: no filter, external diff or file-system monitor of the repository is run.
    differ = _paths(found[0], env, "diff-index", "--cached", "--name-only", "-z", "--no-renames", "HEAD")
    paths = _paths(found[0], env, "ls-files", "--cached", "-z") if differ is None else differ  # before the first commit
    return None if paths is None else (found[0], paths)


def _paths(root: Path, env: Mapping[str, str], *words: str) -> list[str] | None:
    import subprocess  # 6 ms

    command = ["git", "-c", "core.fsmonitor=false", *words]
    try:
        done = subprocess.run(command, cwd=root, env=env, capture_output=True, check=False)  # noqa: S603 - fixed words
    except OSError:
        return None
    return None if done.returncode else [os.fsdecode(path) for path in done.stdout.split(b"\0") if path]
