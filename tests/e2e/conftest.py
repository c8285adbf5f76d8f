"""A user's repository and a provider on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from provider import Provider
from user_repository import Repo, prompt_text, ticket_cases


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as running:
        yield running


@pytest.fixture
def repo(tmp_path: Path, provider: Provider) -> Repo:
    """A repository with the ticket prompt and eight inputs, committed."""
    made = Repo(tmp_path / "repo", tmp_path / "home", provider.url)
    made.write("prompts/support/triage.yaml", prompt_text())
    made.inputs("prompts/support/triage.inputs.jsonl", ticket_cases())
    made.commit("first")
    return made


@pytest.fixture
def bare_repo(tmp_path: Path) -> Repo:
    """A repository without a commit; no provider runs."""
    return Repo(tmp_path / "repo", tmp_path / "home")
