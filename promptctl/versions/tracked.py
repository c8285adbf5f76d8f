"""Which paths of the working tree git itself brought."""

import sys
from collections.abc import Collection

from promptctl.versions.git import Repository


def tracked(repo: Repository, paths: Collection[str]) -> list[str]:
    """Those of these paths, relative to the root, that the index holds: as files, symbolic links or submodules."""
    # There one file has many names, and the index may hold any of them.
    caseless = sys.platform in {"win32", "darwin"}
    fold = str.casefold if caseless else str
    out = repo.output(["ls-files", "-z", "--", *(() if caseless else paths)])
    wanted = {fold(path) for path in paths}
    return sorted(path for path in out.split("\0") if fold(path) in wanted)
