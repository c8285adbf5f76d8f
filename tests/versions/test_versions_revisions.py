"""The table of revisions, and what makes no comparison."""

import pytest

from promptctl.errors import FileError, UnknownRevision, UserError
from promptctl.versions.git import Repository
from promptctl.versions.revisions import resolve
from promptctl.versions.source import INDEX, WORKTREE, Place, Source


@pytest.fixture
def branches(repository):
    """Main and side, each one commit ahead of their base; HEAD is main."""
    base = repository.git("rev-parse", "HEAD")
    repository.git("checkout", "-q", "-b", "side")
    repository.write("s", "s")
    side = repository.commit("side")
    repository.git("checkout", "-q", "main")
    repository.write("m", "m")
    main = repository.commit("main..thing")
    with Repository.open(repository.root) as repo:
        yield repo, base, side, main


def commit(revision, sha):
    return Source(Place.COMMIT, revision, sha)


def test_the_table(branches):
    repo, base, side, main = branches
    head, merge_base = commit("HEAD", main), commit(base[:12], base)
    table = {
        (): (head, WORKTREE, None),
        ("side",): (commit("side", side), WORKTREE, None),
        ("side", "main"): (commit("side", side), commit("main", main), None),
        ("side..main",): (commit("side", side), commit("main", main), None),
        ("side..",): (commit("side", side), head, None),
        ("..side",): (head, commit("side", side), None),
        ("main...side",): (merge_base, commit("side", side), merge_base),
        ("...side",): (merge_base, commit("side", side), merge_base),
        ("side...",): (merge_base, head, merge_base),
    }

    for typed, expected in table.items():
        found = resolve(repo, typed)
        assert expected == (found.old, found.new, found.base), typed


def test_staged(branches):
    repo, _, side, main = branches

    assert (commit("HEAD", main), INDEX) == ((r := resolve(repo, [], staged=True)).old, r.new)
    assert (commit("side", side), INDEX) == ((r := resolve(repo, ["side"], staged=True)).old, r.new)


def test_dots_that_are_no_range(branches):
    repo, base, _, main = branches

    assert main == resolve(repo, [":/main..thing"]).old.commit
    assert main == resolve(repo, ["HEAD^{/main..thing}"]).old.commit
    assert (main, main) == ((r := resolve(repo, ["HEAD^{/main..thing}..HEAD"])).old.commit, r.new.commit)
    assert base == resolve(repo, ["main^...side"]).old.commit


def test_the_same_revision_twice(branches):
    repo, *_ = branches

    assert resolve(repo, ["HEAD", "main"]).same
    assert not resolve(repo, []).same
    assert not resolve(repo, ["HEAD...main"]).same


@pytest.mark.parametrize(
    ("typed", "staged", "message"),
    [
        (["a", "b", "c"], False, "3 revisions are too many: a b c"),
        (["a..b", "c"], False, "'a..b' is two revisions already, and stands beside another revision"),
        (["a..b"], True, "'a..b' is two revisions already, and stands beside --staged"),
        (["a", "b"], True, "--staged compares one revision with the index"),
    ],
)
def test_what_makes_no_comparison(branches, typed, staged, message):
    with pytest.raises(UserError, match=message):
        resolve(branches[0], typed, staged=staged)


@pytest.mark.parametrize("typed", ["-p", "--staged..HEAD", "nope", "main..nope", "....", ""])
def test_unknown_revisions(branches, typed):
    with pytest.raises(UnknownRevision):
        resolve(branches[0], [typed])


@pytest.mark.parametrize("typed", [["nope", "neither"], ["nope..neither"], ["nope...neither"]])
def test_two_unknown_revisions_are_both_named(branches, typed):
    with pytest.raises(FileError) as caught:
        resolve(branches[0], typed)

    assert ["unknown revision 'nope'", "unknown revision 'neither'"] == [
        line.partition(".")[0] for line in caught.value.lines()
    ]


def test_no_commit_yet(empty):
    with Repository.open(empty.root) as repo:
        for typed, staged in (([], False), ([], True), (["HEAD"], False), ([".."], False)):
            with pytest.raises(UserError, match=r"no commit yet: .* git commit"):
                resolve(repo, typed, staged=staged)
