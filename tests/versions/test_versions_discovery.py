"""What git's children get, where git's own variables are set."""

import pytest
from git_repository import GitRepository

from promptctl.versions.discovery import around, child_environment


def test_nothing_given_points_nowhere(repository):
    env = child_environment(repository.root / "prompts", {})

    assert not {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"} & set(env)
    assert env["GIT_OPTIONAL_LOCKS"] == "0"


@pytest.mark.parametrize("index", [".git/next-index-1.lock", "{root}/.git/index.lock", "{root}/../of-my-own"])
def test_an_index_of_this_repository_is_kept(repository, index):
    given = index.format(root=repository.root)

    env = child_environment(repository.root, {"GIT_INDEX_FILE": given})

    assert env["GIT_INDEX_FILE"] == str(repository.root / given)
    assert "GIT_DIR" not in env


def test_a_hooks_relative_git_dir_becomes_absolute(repository, monkeypatch):
    monkeypatch.chdir(repository.root)

    env = child_environment(repository.root / "prompts", {"GIT_DIR": ".git"})

    assert env["GIT_DIR"] == str(repository.root / ".git")
    assert env["GIT_WORK_TREE"] == str(repository.root)


def test_another_repositorys_index_is_not_taken(repository, tmp_path):
    other = GitRepository(tmp_path / "other")

    env = child_environment(repository.root, {"GIT_INDEX_FILE": str(other.root / ".git" / "index")})

    assert env["GIT_INDEX_FILE"] == str(repository.root / ".git" / "index")


def test_another_repositorys_directories_in_a_linked_worktree(repository, tmp_path):
    repository.git("worktree", "add", "-q", str(tmp_path / "linked"))
    other = GitRepository(tmp_path / "other")
    given = dict.fromkeys(("GIT_DIR", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"), str(other.root / ".git"))

    env = child_environment(tmp_path / "linked", given)

    common = repository.root / ".git"
    assert env["GIT_DIR"] == str(common / "worktrees" / "linked")
    assert (common / "objects").samefile(env["GIT_OBJECT_DIRECTORY"])
    assert common.samefile(env["GIT_COMMON_DIR"])


def test_outside_of_any_the_given_one_is_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert around(tmp_path) is None
    assert "GIT_DIR" not in child_environment(tmp_path, {})
    assert child_environment(tmp_path, {"GIT_DIR": "x.git"})["GIT_DIR"] == str(tmp_path / "x.git")
