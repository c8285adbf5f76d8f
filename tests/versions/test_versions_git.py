"""Repository against real repositories."""

import os
import re
import subprocess
import sys

import pytest
from git_repository import GitRepository

from promptctl.errors import NotARepository, UnknownRevision, UserError
from promptctl.versions.creation import installed
from promptctl.versions.git import Repository
from promptctl.versions.history import commits
from promptctl.versions.paths import is_inside
from promptctl.versions.source import INDEX, WORKTREE, Place, Source


def at(repo: Repository, revision: str = "HEAD") -> Source:
    return Source(Place.COMMIT, revision, repo.commit(revision))


@pytest.fixture
def repo(repository):
    with Repository.open(repository.root) as opened:
        yield opened


# --- Opening


def test_opens_from_a_subfolder(repository):
    with Repository.open(repository.root / "prompts" / "deep") as repo:
        assert repository.root == repo.root
        assert list(repo.files(at(repo), ["prompts"])) == ["prompts/a.yaml", "prompts/deep/b.md"]
        assert list(repo.files(at(repo), ["prompts"])) == list(repo.files(WORKTREE, ["prompts"]))


def test_no_repository_is_one_line(tmp_path):
    with pytest.raises(NotARepository, match=r"not in a git repository. Go to one, or make one: git init.") as caught:
        Repository.open(tmp_path)

    assert len(str(caught.value).splitlines()) == 1


def test_a_bare_repository_and_the_inside_of_git_hold_no_prompts(tmp_path, repository):
    bare = GitRepository(tmp_path / "bare", "--bare")

    for folder in (bare.root, repository.root / ".git"):
        with pytest.raises(NotARepository, match=r"a bare repository, or the inside of .git"):
            Repository.open(folder)


def test_a_folder_that_is_gone(tmp_path):
    with pytest.raises(NotARepository, match="no such folder"):
        Repository.open(tmp_path / "gone")


def test_no_git_is_said(repository):
    script = (
        "from pathlib import Path\n"
        "from promptctl.errors import NotARepository\n"
        "from promptctl.versions.git import Repository\n"
        "try:\n    Repository.open(Path('.'))\n"
        "except NotARepository as error:\n    print(error)\n"
    )
    env = {key: value for key, value in os.environ.items() if key != "PATH"} | {"PATH": str(repository.root)}

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=repository.root, env=env, capture_output=True, text=True, check=True
    )

    assert done.stdout == "git was not found. Install git, or put it on PATH.\n"
    assert done.stderr == ""


@pytest.mark.skipif(sys.platform == "win32", reason="no such programs, no such names")
@pytest.mark.parametrize("mode", [0o644, 0o755])
def test_a_git_that_cannot_be_run_is_said(repository, tmp_path, monkeypatch, mode):
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_bytes(b"\0")
    git.chmod(mode)
    monkeypatch.setenv("PATH", str(git.parent))

    with pytest.raises(NotARepository, match=r"git cannot be run in .*: (Permission denied|Exec format error)\. Look"):
        Repository.open(repository.root)
    assert installed({"PATH": str(git.parent)}) is None


@pytest.mark.skipif(sys.platform == "win32", reason="no such programs, no such names")
def test_line_breaks_in_a_path_are_refused_and_what_is_none_is_not(tmp_path):
    broken = GitRepository(tmp_path / "a\nb")
    odd = GitRepository(tmp_path / "a\u2028b\x85")

    with pytest.raises(NotARepository, match=r"its path has a line break. Give the folder another name") as caught:
        Repository.open(broken.root)
    assert "\n" not in str(caught.value)
    with Repository.open(odd.root) as repo:
        assert repo.root == odd.root


def test_a_working_tree_that_is_named_from_a_subfolder(repository, monkeypatch):
    monkeypatch.chdir(repository.root / "prompts")
    monkeypatch.setenv("GIT_DIR", "../.git")
    monkeypatch.setenv("GIT_WORK_TREE", "..")

    with Repository.open(repository.root / "prompts") as repo:
        assert [commit.subject for commit in commits(repo, repo.commit("HEAD"), ["prompts"])] == ["first"]
        assert list(repo.files(WORKTREE, ["other"])) == ["other/c.txt"]


def test_a_working_tree_elsewhere_that_is_named_from_outside(repository, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_DIR", "repository/.git")
    monkeypatch.setenv("GIT_WORK_TREE", "repository")

    with Repository.open(tmp_path) as repo:
        assert list(repo.files(WORKTREE, ["other"])) == ["other/c.txt"]


def test_dubious_ownership_gives_gits_own_advice(repository, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")

    with pytest.raises(NotARepository, match=r"git config --global --add safe.directory") as caught:
        Repository.open(repository.root)

    assert len(str(caught.value).splitlines()) == 1


def test_a_broken_repository_says_what_git_says(repository):
    repository.write(".git/config", "[core]\n\trepositoryformatversion = 99\n")

    with pytest.raises(NotARepository, match=r"git cannot open the repository at .*: .*99"):
        Repository.open(repository.root)


def test_sha256_repositories(tmp_path):
    repository = GitRepository(tmp_path / "modern", "--object-format=sha256")
    repository.write("prompts/a.md", "hello")
    repository.commit()

    with Repository.open(repository.root) as repo:
        committed = repo.files(at(repo), ["prompts"])
        assert committed == repo.files(WORKTREE, ["prompts"]) == repo.files(INDEX, ["prompts"])
        assert len(committed["prompts/a.md"].blob) == 64
        repository.git("mv", "prompts/a.md", "prompts/z.md")
        moved = repo.files(WORKTREE, ["prompts"])
        assert repo.renames(committed, moved, WORKTREE) == {"prompts/z.md": "prompts/a.md"}


def test_works_in_a_linked_worktree(repository, tmp_path):
    repository.git("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "side")

    with Repository.open(tmp_path / "linked" / "prompts") as repo:
        assert tmp_path / "linked" == repo.root
        assert repo.read(at(repo, "side"), "other/c.txt") == b"outside\n"
        assert repo.files(at(repo), ["."]) == repo.files(WORKTREE, ["."]) == repo.files(INDEX, ["."])


def test_works_in_a_submodules_checkout_and_skips_it_from_outside(repository, tmp_path):
    outer = GitRepository(tmp_path / "outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repository.root), "prompts")
    outer.write("own.txt", "x")
    outer.commit()

    with Repository.open(outer.root / "prompts") as inside, Repository.open(outer.root) as outside:
        assert outer.root / "prompts" == inside.root
        assert list(inside.files(at(inside), ["prompts"])) == ["prompts/a.yaml", "prompts/deep/b.md"]
        for source in (at(outside), INDEX, WORKTREE):
            assert outside.files(source, ["prompts"]) == {}
            assert outside.entry(source, "prompts") is None


# --- Hooks


HOOK = """#!/bin/sh
exec {python} -c '
import sys
from pathlib import Path
from promptctl.versions.git import Repository
from promptctl.versions.source import INDEX
with Repository.open(Path(sys.argv[1])) as repo:
    staged = repo.files(INDEX, ["prompts"])
    print([repo.read(INDEX, path) for path in staged if path == "prompts/a.yaml"])
' "{start}" > {out} 2>&1
"""


def install_hook(repository: GitRepository, start, out) -> None:
    hook = repository.write(".git/hooks/pre-commit", HOOK.format(python=sys.executable, start=start, out=out))
    hook.chmod(0o755)


@pytest.mark.parametrize("arguments", [["-a"], ["prompts/a.yaml"], ["-p"]])
def test_a_hook_sees_what_will_be_committed(repository, tmp_path, arguments):
    install_hook(repository, ".", tmp_path / "out")
    repository.write("prompts/a.yaml", "new\n")
    if arguments == ["-p"]:
        repository.git("add", "prompts/a.yaml")
        arguments = []

    repository.git("commit", "-q", "-m", "second", *arguments, PYTHONPATH=os.pathsep.join(sys.path))

    assert (tmp_path / "out").read_text() == "[b'new\\n']\n"


def test_a_hook_in_a_linked_worktree(repository, tmp_path):
    linked = tmp_path / "linked"
    repository.git("worktree", "add", "-q", str(linked), "-b", "side")
    install_hook(repository, "prompts/deep", tmp_path / "out")
    (linked / "prompts" / "a.yaml").write_text("linked\n")

    repository.git("commit", "-q", "-a", "-m", "second", cwd=linked, PYTHONPATH=os.pathsep.join(sys.path))

    assert (tmp_path / "out").read_text() == "[b'linked\\n']\n"


def test_a_hook_may_open_another_repository(repository, tmp_path):
    other = GitRepository(tmp_path / "other")
    other.write("prompts/a.yaml", "of the other\n")
    other.commit()
    install_hook(repository, other.root, tmp_path / "out")
    repository.write("prompts/a.yaml", "of this one\n")

    repository.git("commit", "-q", "-a", "-m", "second", PYTHONPATH=os.pathsep.join(sys.path))

    assert (tmp_path / "out").read_text() == "[b'of the other\\n']\n"


def test_variables_of_another_repository_are_overridden(repository, tmp_path):
    other = GitRepository(tmp_path / "other")
    other.write("x", "x")
    other.commit()
    environ = {
        "GIT_DIR": str(other.root / ".git"),
        "GIT_WORK_TREE": str(other.root),
        "GIT_INDEX_FILE": str(other.root / ".git" / "index"),
        "GIT_COMMON_DIR": str(other.root / ".git"),
        "GIT_OBJECT_DIRECTORY": str(other.root / ".git" / "objects"),
    }

    with Repository.open(repository.root, environ) as repo:
        assert repository.root == repo.root
        assert repository.git("rev-parse", "HEAD") == repo.head()
        assert list(repo.files(INDEX, ["other"])) == ["other/c.txt"]


def test_a_git_dir_apart_from_its_working_tree(repository, tmp_path, monkeypatch):
    apart = tmp_path / "apart.git"
    (repository.root / ".git").rename(apart)
    monkeypatch.setenv("GIT_DIR", str(apart))
    monkeypatch.setenv("GIT_WORK_TREE", str(repository.root))

    with Repository.open(repository.root) as repo:
        assert repository.root == repo.root
        assert repo.read(at(repo), "other/c.txt") == b"outside\n"


# --- Revisions


def test_a_commit_by_any_name(repository, repo):
    first = repository.git("rev-parse", "HEAD")
    repository.git("tag", "-a", "v1", "-m", "one")
    repository.write("x", "x")
    second = repository.commit("second thing")

    assert first == repo.commit("v1") == repo.commit("HEAD~1") == repo.commit(first[:8]) == repo.commit(":/first")
    assert second == repo.commit("main") == repo.commit("HEAD^{/second}") == repo.commit("@") == repo.head()


@pytest.mark.parametrize(
    "revision", ["", "-x", "--output=/tmp/x", "a\nHEAD", "a\0b", "HEAD:prompts", "HEAD^{tree}", "nope", ":/nothing so"]
)
def test_what_is_no_commit_is_refused(repo, revision):
    with pytest.raises(UnknownRevision):
        repo.commit(revision)


@pytest.mark.parametrize(
    ("revision", "why"),
    [("@{u}", "no upstream configured for branch 'main'"), ("HEAD@{99}", "log for 'HEAD' only has")],
)
def test_a_name_that_ends_the_reading_process_is_an_unknown_revision(repo, revision, why):
    with pytest.raises(UnknownRevision, match=re.escape(f"unknown revision '{revision}': {why}")):
        repo.commit(revision)

    assert repo.commit("main") == repo.head()


def test_a_misspelt_branch_is_suggested(repo):
    with pytest.raises(UnknownRevision, match=r"unknown revision 'mian'. Did you mean 'main'?"):
        repo.commit("mian")


def test_no_commit_yet(empty):
    with Repository.open(empty.root) as repo:
        assert repo.head() is None
        assert {} == repo.files(INDEX, ["prompts"]) == repo.files(WORKTREE, ["."])
        with pytest.raises(UnknownRevision, match="There is no commit yet"):
            repo.commit("HEAD~1")


def test_merge_base(repository, repo):
    base = repository.git("rev-parse", "HEAD")
    repository.git("checkout", "-q", "-b", "side")
    repository.write("s", "s")
    repository.commit()
    repository.git("checkout", "-q", "main")
    repository.write("m", "m")
    repository.commit()
    repository.git("checkout", "-q", "--orphan", "alone")
    repository.commit()

    assert base == repo.merge_base("main", "side")
    with pytest.raises(UnknownRevision, match=r"'main' and 'alone' have no common ancestor here. Compare them as two"):
        repo.merge_base("main", "alone")


def test_a_shallow_clone_says_so(repository, tmp_path):
    repository.write("x", "x")
    repository.commit()
    repository.git("clone", "-q", "--depth=1", f"file://{repository.root}", str(tmp_path / "shallow"))

    with Repository.open(tmp_path / "shallow") as repo, pytest.raises(UnknownRevision, match="git fetch --unshallow"):
        repo.commit("HEAD~1")


# --- Files


def test_files_of_the_three_places(repository, repo):
    repository.write("prompts/a.yaml", "staged\n")
    repository.git("add", ".")
    repository.write("prompts/a.yaml", "on disk\n")
    repository.write("prompts/untracked.md", "untracked\n")
    repository.write("prompts/noise.log", "ignored\n")
    repository.write(".gitignore", "*.log\n")
    (repository.root / "prompts/deep/b.md").unlink()

    assert list(repo.files(at(repo), ["prompts"])) == ["prompts/a.yaml", "prompts/deep/b.md"]
    assert list(repo.files(INDEX, ["prompts"])) == ["prompts/a.yaml", "prompts/deep/b.md"]
    assert list(repo.files(WORKTREE, ["prompts"])) == ["prompts/a.yaml", "prompts/untracked.md"]
    contents = [repo.read(source, "prompts/a.yaml") for source in (at(repo), INDEX, WORKTREE)]
    assert contents == [b"messages: [one, two, three]\n" * 5, b"staged\n", b"on disk\n"]
    assert repo.entry(WORKTREE, "prompts/noise.log") is not None


@pytest.mark.parametrize("place", ["commit", "index", "worktree"])
def test_folders_files_and_what_is_absent(repo, place):
    source = {"commit": at(repo), "index": INDEX, "worktree": WORKTREE}[place]

    assert list(repo.files(source, ["other", "absent"])) == ["other/c.txt"]
    assert list(repo.files(source, ["other/c.txt"])) == ["other/c.txt"]
    assert list(repo.files(source, ["./prompts/"], only=lambda path: path.endswith(".md"))) == ["prompts/deep/b.md"]
    assert len(repo.files(source, ["."])) == 3
    assert repo.files(source, ["prompts/*"]) == {}
    for absent in ("nope", "prompts", "prompts/a.yaml/x", "../x", "/etc/passwd", ".git/config", "a/.GIT/x", "", "a\nb"):
        assert repo.entry(source, absent) is None
        with pytest.raises(UserError, match="no such file at"):
            repo.read(source, absent)


def test_blob_ids_are_gits(repository, repo):
    ids = {path: repository.git("rev-parse", f"HEAD:{path}") for path in ("prompts/a.yaml", "other/c.txt")}

    for source in (at(repo), INDEX, WORKTREE):
        assert ids == {path: repo.files(source, ["."])[path].blob for path in ids}


def test_a_file_that_is_too_large_is_refused_and_the_next_is_read(repository, repo):
    repository.write("big", "x" * 2_000)
    repository.commit()

    for source in (at(repo), INDEX, WORKTREE):
        with pytest.raises(UserError, match=r"big: larger than 0.000953674 MiB."):
            repo.read(source, "big", limit=1_000)
        assert repo.read(source, "other/c.txt") == b"outside\n"


def test_unusual_names(repository, repo):
    for name in ("prompts/a b.md", "prompts/ü.md", "prompts/-x.md", "prompts/[a].md"):
        repository.write(name, name)
    repository.commit()

    for source in (at(repo), INDEX, WORKTREE):
        assert repo.read(source, "prompts/[a].md") == b"prompts/[a].md"
        assert {"prompts/[a].md", "prompts/a b.md", "prompts/ü.md", "prompts/-x.md"} < set(repo.files(source, ["."]))
        assert list(repo.files(source, ["prompts/[a].md"])) == ["prompts/[a].md"]


def test_links_inside_the_repository_are_followed_and_no_others(repository, repo, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    for name, target in {
        "prompts/link.md": "deep/b.md",
        "prompts/twice.md": "link.md",
        "prompts/out.md": "../../secret.txt",
        "prompts/absolute.md": str(secret),
        "prompts/circle.md": "circle.md",
        "prompts/config.md": "../.git/config",
        "prompts/folder": "deep",
    }.items():
        (repository.root / name).symlink_to(target)
    repository.commit()

    for source in (at(repo), INDEX, WORKTREE):
        files = repo.files(source, ["prompts"])
        assert files["prompts/deep/b.md"].blob == files["prompts/link.md"].blob == files["prompts/twice.md"].blob
        assert files["prompts/link.md"].symlink
        assert repo.read(source, "prompts/twice.md") == b"Hello {{ name }}\n"
        for name in ("out", "absolute", "circle", "config"):
            assert repo.entry(source, f"prompts/{name}.md") is None
            with pytest.raises(UserError, match="leads to no file of the repository"):
                repo.read(source, f"prompts/{name}.md")
        assert repo.entry(source, "prompts/folder/b.md") is None


def test_a_link_that_leads_nowhere_is_the_same_on_every_side(repository, repo):
    (repository.root / "prompts/out.md").symlink_to("/etc/passwd")
    repository.commit()

    sides = [repo.files(source, ["prompts"])["prompts/out.md"] for source in (at(repo), INDEX, WORKTREE)]

    assert [sides[0]] * 3 == sides
    (repository.root / "prompts/out.md").unlink()
    (repository.root / "prompts/new.md").symlink_to("/etc/hosts")
    assert {} == repo.renames(repo.files(at(repo), ["prompts"]), repo.files(WORKTREE, ["prompts"]), WORKTREE)


def test_control_characters_in_names_are_the_same_on_every_side(repository, repo):
    names = {"prompts/line\nbreak.md", "prompts/tab\t.md", "prompts/esc\x1b[31m.md"}
    for name in names:
        repository.write(name, name)
    repository.commit()

    for source in (at(repo), INDEX, WORKTREE):
        assert names < set(repo.files(source, ["prompts"]))
        assert [name.encode() for name in names] == [repo.read(source, name) for name in names]


def test_a_pipe_on_disk_is_no_file(repository, repo):
    (repository.root / "other/c.txt").unlink()
    os.mkfifo(repository.root / "other/c.txt")

    assert repo.files(WORKTREE, ["other"]) == {}


def test_a_conflict_in_the_index_is_named(repository, repo):
    repository.git("checkout", "-q", "-b", "side")
    repository.write("other/c.txt", "side\n")
    repository.commit()
    repository.git("checkout", "-q", "main")
    repository.write("other/c.txt", "main\n")
    repository.commit()
    with pytest.raises(subprocess.CalledProcessError):
        repository.git("merge", "side")

    with pytest.raises(UserError, match=r"other/c.txt: has a merge conflict in the index. Resolve it"):
        repo.files(INDEX, ["other"])
    assert list(repo.files(WORKTREE, ["other"])) == ["other/c.txt"]


def test_a_lost_object_is_an_error_in_one_line(repository, repo):
    blob = repository.git("rev-parse", "HEAD:other/c.txt")
    (repository.root / ".git/objects" / blob[:2] / blob[2:]).unlink()

    with pytest.raises(UserError, match=f"git has lost the object {blob}"):
        repo.read(at(repo), "other/c.txt")


def test_a_broken_index_is_an_error_in_one_line(repository, repo):
    repository.write(".git/index", "broken")

    with pytest.raises(UserError, match=r"git ls-files failed: .*index"):
        repo.files(INDEX, ["."])


def test_a_process_that_ended_is_an_error_in_one_line(repo):
    repo.head()
    repo._reader.kill()
    repo._reader.wait()

    with pytest.raises(UserError, match="git ended while objects were read"):
        repo.head()


def test_one_process_reads_all_objects(repo):
    source = at(repo)
    process = repo._reader.pid

    repo.files(source, ["."])
    repo.read(source, "other/c.txt")

    assert process == repo._reader.pid
    repo.close()
    repo.close()
    assert repo.read(source, "other/c.txt") == b"outside\n"


def test_nothing_that_the_configuration_names_is_run(repository, tmp_path):
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    evil.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "post-index-change").symlink_to(evil)
    for key in (
        "core.fsmonitor",
        "diff.external",
        "diff.x.textconv",
        "filter.x.clean",
        "filter.x.smudge",
        "core.pager",
    ):
        repository.git("config", key, str(evil))
    repository.git("config", "core.hooksPath", str(hooks))
    repository.write(".gitattributes", "* filter=x diff=x\n")
    repository.write("prompts/c.yaml", "messages: [one, two, three]\n" * 5 + "more\n")
    (repository.root / "prompts/a.yaml").unlink()

    with Repository.open(repository.root) as repo:
        old, new = repo.files(at(repo), ["prompts"]), repo.files(WORKTREE, ["prompts"])
        repo.files(INDEX, ["prompts"])
        assert repo.renames(old, new, WORKTREE) == {"prompts/c.yaml": "prompts/a.yaml"}
        repo.merge_base("HEAD", "HEAD")
        with pytest.raises(UnknownRevision):
            repo.commit("nope")

    assert not (tmp_path / "ran").exists()


# --- Renames


def test_renames_are_gits(repository, repo):
    text = "".join(f"line {number}\n" for number in range(40))
    repository.write("prompts/long.md", text)
    repository.commit()
    old = repo.files(at(repo), ["prompts"])
    (repository.root / "prompts/long.md").unlink()
    repository.write("prompts/renamed.md", text.replace("line 1", "other 1"))
    repository.write("prompts/new.md", "quite new\n")
    repository.git("mv", "prompts/deep/b.md", "prompts/b.md")

    expected = {"prompts/renamed.md": "prompts/long.md", "prompts/b.md": "prompts/deep/b.md"}
    assert expected == repo.renames(old, repo.files(WORKTREE, ["prompts"]), WORKTREE)
    repository.git("add", "-A")
    assert expected == repo.renames(old, repo.files(INDEX, ["prompts"]), INDEX)
    repository.commit()
    assert expected == repo.renames(old, repo.files(at(repo), ["prompts"]), at(repo))
    shown = repository.git("diff", "--name-status", "-M50%", "HEAD~1", "HEAD", "--", "prompts")
    assert set(expected) == {line.split("\t")[2] for line in shown.splitlines() if line.startswith("R")}


def test_renames_leave_the_repository_as_it_was(repository, repo):
    before = sorted((repository.root / ".git").rglob("*"))
    old = repo.files(at(repo), ["."])
    (repository.root / "prompts/a.yaml").rename(repository.root / "prompts/z.yaml")

    assert repo.renames(old, repo.files(WORKTREE, ["."]), WORKTREE) == {"prompts/z.yaml": "prompts/a.yaml"}
    assert before == sorted((repository.root / ".git").rglob("*"))


def test_less_than_half_is_no_rename(repository, repo):
    old = repo.files(at(repo), ["prompts"])
    (repository.root / "prompts/a.yaml").unlink()
    repository.write("prompts/z.yaml", "nothing in common\n" * 9)

    assert repo.renames(old, repo.files(WORKTREE, ["prompts"]), WORKTREE) == {}


def test_is_inside():
    assert is_inside("a/b c/ü.md")
    assert not any(map(is_inside, ["", "a//b", "./a", "a/../b", "/a", "a/", ".git", "a/.Git/b", "a\0"]))


def test_nothing_added_or_nothing_removed_is_no_rename(repository, repo):
    old = repo.files(at(repo), ["prompts"])

    assert repo.renames(old, old, WORKTREE) == {}
    assert repo.renames(old, {}, WORKTREE) == {}
    assert repo.renames({}, old, WORKTREE) == {}


def test_a_damaged_object_is_not_taken_for_a_short_file(repository, repo):
    text = "".join(f"{number * number}\n" for number in range(5000))
    repository.write("other/c.txt", text)
    repository.commit()
    blob = repository.git("rev-parse", "HEAD:other/c.txt")
    file = repository.root / ".git/objects" / blob[:2] / blob[2:]
    half = file.read_bytes()[: file.stat().st_size // 2]
    file.unlink()
    file.write_bytes(half)

    for limit in (10, 1 << 20):
        with pytest.raises(UserError, match=f"git ended while objects were read: .*{blob}"):
            repo.read(at(repo), "other/c.txt", limit=limit)
