"""A pull request that brings a store along: it must not be judged by its own answers."""

import os
import shutil

import pytest
from user_repository import prompt_text

STORE = ".promptctl/promptctl.db"


def forged(repo) -> None:
    """Answers that a replay gave, in a file that the next commit could bring."""
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    assert 16 == repo.replay().json["totals"]["calls"]


def refused(repo, provider, path) -> None:
    before = provider.calls
    for command in (["replay"], ["replay", "--offline"], ["report"], ["runs", "list"], ["cache", "stats"]):
        ran = repo.run(*command)
        assert (2, "") == (ran.code, ran.out), command
        assert f"{path} is tracked by git: whoever can change the repository could forge the answers in it." in ran.err
        assert f"git rm -r --cached {path}" in ran.err
        assert 1 == ran.err.count("\n")
    assert before == provider.calls
    assert "tracked by git" in repo.run("doctor").out


def test_a_store_that_git_holds_is_refused(repo, provider):
    forged(repo)
    repo.git("add", "-f", STORE)
    repo.commit("a store")

    refused(repo, provider, STORE)

    repo.git("rm", "-q", "--cached", STORE)
    assert 0 == repo.replay("HEAD~1").code


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_a_side_file_of_a_store_is_refused_too(repo, provider, suffix):
    repo.write(STORE + suffix, b"committed pages")
    repo.git("add", "-f", STORE + suffix)

    refused(repo, provider, STORE + suffix)


@pytest.mark.skipif(os.name == "nt", reason="Windows makes no links without a right of its own")
def test_a_link_to_a_store_that_git_holds_is_refused(repo, provider):
    forged(repo)
    shutil.move(repo.root / ".promptctl", repo.root / "innocent")
    (repo.root / "innocent/.gitignore").unlink()
    (repo.root / ".promptctl").symlink_to("innocent")
    repo.git("add", "-A")

    refused(repo, provider, ".promptctl")


def test_a_submodule_in_the_stores_place_is_refused(repo, provider):
    forged(repo)
    folder = repo.root / ".promptctl"
    repo.git("-C", str(folder), "init", "-q")
    repo.git("-C", str(folder), "add", "-f", "promptctl.db")
    repo.git("-C", str(folder), "commit", "-q", "-m", "store")
    repo.git("add", "-f", ".promptctl")

    refused(repo, provider, ".promptctl")


def test_another_name_is_no_way_around_it(repo, provider):
    forged(repo)
    shutil.copy(repo.root / STORE, repo.root / "prompts/answers.sqlite")
    settings = (repo.root / ".promptctl.yaml").read_text()
    repo.write(".promptctl.yaml", settings + "cache: {url: 'sqlite:///prompts/answers.sqlite'}\n")
    repo.commit("a store elsewhere")

    refused(repo, provider, "prompts/answers.sqlite")


def test_what_the_state_folder_holds_otherwise_is_no_store(repo):
    repo.run("schema")
    repo.write(".promptctl/schemas/prompt.json", "{}")
    repo.git("add", "-f", ".promptctl/schemas/prompt.json")

    assert 0 == repo.replay().code
