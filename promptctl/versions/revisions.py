"""What the user typed, as for `git diff` -> the two Sources that are compared."""

import re
from collections.abc import Sequence

from promptctl.errors import Mistakes, UserError
from promptctl.versions.git import Repository
from promptctl.versions.source import INDEX, WORKTREE, Place, Revisions, Source


def resolve(repo: Repository, revisions: Sequence[str], *, staged: bool = False) -> Revisions:
    """Nothing, REV, `A B`, `A..B` or `A...B` -> Revisions. An empty end of a range is HEAD, as in git.

    Raises UnknownRevision for one that git does not know, UserError for what makes no comparison.
    """
    if len(revisions) > 2:
        given = " ".join(revisions)
        raise UserError(f"{len(revisions)} revisions are too many: {given}.", hint="Give one, two, A..B or A...B.")
    ranges = [(revision, found) for revision in revisions if (found := _separator(revision))]
    if ranges and (len(revisions) == 2 or staged):
        with_it = "--staged" if staged else "another revision"
        raise UserError(
            f"'{ranges[0][0]}' is two revisions already, and stands beside {with_it}.", hint="Leave one out."
        )
    if ranges:
        return _range(repo, *ranges[0])
    if staged:
        if len(revisions) == 2:
            raise UserError("--staged compares one revision with the index.", hint="Leave out one of the two.")
        return Revisions(_at(repo, *revisions or ("HEAD",)), INDEX)
    if len(revisions) == 2:
        return Revisions(*_both(repo, *revisions))
    return Revisions(_at(repo, *revisions or ("HEAD",)), WORKTREE)


def _range(repo: Repository, text: str, separator: re.Match[str]) -> Revisions:
    left, right = text[: separator.start()] or "HEAD", text[separator.end() :] or "HEAD"
    old, new = _both(repo, left, right)
    if separator[0] == "..":
        return Revisions(old, new)
    commit = repo.merge_base(left, right)
    base = Source(Place.COMMIT, commit[:12], commit)
    return Revisions(base, new, base)


def _separator(revision: str) -> re.Match[str] | None:
    """Where `..` or `...` stands; dots inside braces (`HEAD^{/fix..}`) and in a text search (`:/fix..`) are none."""
    if revision.startswith(":/"):
        return None
    outside = re.sub(r"\{[^}]*\}", lambda braces: "x" * len(braces[0]), revision)
    return re.search(r"\.{2,3}", outside)


def _both(repo: Repository, old: str, new: str) -> tuple[Source, Source]:
    """Raises UserError with both, where neither is known."""
    found, mistakes = [], Mistakes()
    for revision in dict.fromkeys((old, new)):
        with mistakes.noted():
            found.append(_at(repo, revision))
    mistakes.finish()
    return found[0], found[-1]


def _at(repo: Repository, revision: str) -> Source:
    if revision in {"HEAD", "@"} and repo.head() is None:
        raise UserError(
            "no commit yet: there is nothing to compare with.", hint="Commit the prompts first: git commit."
        )
    return Source(Place.COMMIT, revision, repo.commit(revision))
