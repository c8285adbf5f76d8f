"""A repository with three files, and none of the caller's git environment."""

import os
import shutil
from pathlib import Path

import pytest
from git_repository import IDENTITY, GitRepository


@pytest.fixture(autouse=True)
def own_git(monkeypatch):
    """The suite itself may run inside a git hook."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name in ("GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL"):
        monkeypatch.setenv(name, IDENTITY[name])


@pytest.fixture
def empty(tmp_path: Path) -> GitRepository:
    """No commit yet."""
    return GitRepository(tmp_path / "repository")


@pytest.fixture(scope="session")
def template(tmp_path_factory) -> Path:
    """One commit; copied for each test, which is faster than four runs of git."""
    made = GitRepository(tmp_path_factory.mktemp("template") / "repository")
    made.write("prompts/a.yaml", "messages: [one, two, three]\n" * 5)
    made.write("prompts/deep/b.md", "Hello {{ name }}\n")
    made.write("other/c.txt", "outside\n")
    made.commit("first")
    return made.root


@pytest.fixture
def repository(template: Path, tmp_path: Path) -> GitRepository:
    """One commit."""
    return GitRepository.at(shutil.copytree(template, tmp_path / "repository"))
