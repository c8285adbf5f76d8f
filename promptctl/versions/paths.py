"""Paths below a repository, as git writes them."""

import posixpath
from collections.abc import Sequence


def is_inside(path: str) -> bool:
    """Whether a path stays inside the repository: relative, no `..`, nothing of git's own."""
    parts = path.split("/")
    return "\0" not in path and not {"", ".", ".."} & set(parts) and ".git" not in path.lower().split("/")


def is_near(path: str, folders: Sequence[str]) -> bool:
    """Whether a path lies below one of the folders, or one of them in it."""
    return any(not one or f"{path}/".startswith(f"{one}/") or one.startswith(f"{path}/") for one in map(clean, folders))


def clean(folder: str) -> str:
    """A folder as git names it; "" is the repository."""
    path = posixpath.normpath(folder)
    return "" if path == "." else path
