"""A repository with prompts, partials and inputs, and the snapshots of two revisions of it."""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
from git_repository import IDENTITY, GitRepository

from promptctl.snapshot import compare, open_snapshots, settings_at
from promptctl.versions.git import Repository
from promptctl.versions.revisions import resolve
from promptctl.versions.source import WORKTREE

TRIAGE = """model: openai/gpt-5-mini
messages:
  - role: user
    content: "Route this ticket: {{ ticket }}"
assert:
  - {type: equals, value: "{{ expected }}"}
"""


@pytest.fixture(autouse=True)
def own_git(monkeypatch):
    """The suite itself may run inside a git hook."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name in ("GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL"):
        monkeypatch.setenv(name, IDENTITY[name])


@pytest.fixture(scope="session")
def template(tmp_path_factory) -> Path:
    """Copied for each test, which is faster than running git."""
    made = GitRepository(tmp_path_factory.mktemp("template") / "repository")
    made.write("prompts/support/triage.yaml", TRIAGE)
    made.write("prompts/support/triage.inputs.jsonl", '{"vars": {"ticket": "a"}}\n')
    made.write("prompts/support/triage.recordings.jsonl", "{}\n")
    made.write("prompts/greet.md", "Hello {{ name }}, {% include '_shared/tone.j2' %}\n")
    made.write("prompts/_shared/tone.j2", "be {% include '_shared/word.j2' %}")
    made.write("prompts/_shared/word.j2", "kind")
    made.write("prompts/README.md", "No prompt.\n")
    made.write("prompts/plain.txt", "Say hello.\n")
    made.commit("first")
    return made.root


@pytest.fixture
def repository(template: Path, tmp_path: Path) -> GitRepository:
    return GitRepository.at(shutil.copytree(template, tmp_path / "repository"))


@pytest.fixture
def sides(repository):
    """`with sides("A..B") as (repo, old, new)`."""

    @contextmanager
    def opened(*revisions, staged=False, environ=None):
        with Repository.open(repository.root) as repo:
            settings = settings_at(repo, WORKTREE, environ)
            yield (repo, *open_snapshots(repo, resolve(repo, revisions, staged=staged), settings, environ))

    return opened


@pytest.fixture
def changes(sides):
    """The pairs that are not unchanged, by name."""

    def found(*revisions, staged=False, environ=None):
        with sides(*revisions, staged=staged, environ=environ) as (repo, old, new):
            return {pair.name: pair for pair in compare(repo, old, new) if pair.change.value != "unchanged"}

    return found
