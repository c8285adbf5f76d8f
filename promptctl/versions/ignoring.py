"""Which files git would leave out."""

from promptctl.versions.git import Repository


def is_ignored(repo: Repository, path: str) -> bool:
    """Whether git ignores a file that is on disk and not tracked; `path` is relative to the root, and no pattern."""
    listed = repo.output(["ls-files", "--others", "--ignored", "--exclude-standard", "-z", "--", path])
    return bool(listed)
