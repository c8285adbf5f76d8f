"""Where a store comes from: one that git brought along answers nothing."""

from promptctl.errors import UserError
from promptctl.versions.git import Repository
from promptctl.versions.tracked import tracked


def check_origin(repo: Repository, url: str) -> None:
    """Raise UserError where the store of `cache.url`, or a folder above it, is in the repository.

    A pull request that adds one would bring its own answers, and be judged by them.
    """
    from promptctl.store.location import is_shared, paths_of, store_path

    path = None if is_shared(url) else store_path(url, repo.root)
    paths = frozenset[str]() if path is None else paths_of(path, repo.root)
    brought = tracked(repo, paths) if paths else []
    if brought:
        raise UserError(
            f"{brought[0]} is tracked by git: whoever can change the repository could forge the answers in it.",
            hint=f"git rm -r --cached {brought[0]}, or set cache.url to another file.",
        )
