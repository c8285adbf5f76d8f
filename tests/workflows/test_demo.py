"""`demo`: a repository with two versions of two prompts."""

import os
import subprocess
from pathlib import Path

import pytest

from promptctl import cli
from promptctl.cli.demo import AS_ASKED, closing
from promptctl.errors import UserError
from promptctl.inputs.files import check_cases
from promptctl.settings import read_settings
from promptctl.snapshot import Change, compare, open_snapshots, settings_at
from promptctl.versions.creation import Commit, create, installed
from promptctl.versions.git import Repository
from promptctl.versions.revisions import resolve
from promptctl.versions.source import WORKTREE
from promptctl.workflows.demo import FIRST, SECOND, has_recordings, make_repository
from promptctl.workflows.samples import edited_files, sample_files

ENV = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}


def git(folder, *args):
    done = subprocess.run(["git", *args], cwd=folder, env=ENV, capture_output=True, text=True, check=True)
    return done.stdout.strip()


# A repository with a history


def test_each_commit_writes_its_files(tmp_path):
    create(tmp_path / "a/b", [Commit("one", {"x/y.txt": b"1\r\n", "z": b"1"}), Commit("two", {"z": b"2"})], ENV)

    assert "two\none" == git(tmp_path / "a/b", "log", "--format=%s")
    assert "2" == git(tmp_path / "a/b", "show", "HEAD:z")
    assert "1" == git(tmp_path / "a/b", "show", "HEAD~1:z")
    assert b"1\r\n" == (tmp_path / "a/b/x/y.txt").read_bytes()
    assert "main" == git(tmp_path / "a/b", "branch", "--show-current")
    assert "" == git(tmp_path / "a/b", "status", "--porcelain")


def test_neither_the_users_configuration_nor_a_hooks_environment_matters(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text("[commit]\n gpgSign = true\n[user]\n name = Ada\n[init]\n templateDir = /no\n")
    other = tmp_path / "other"
    create(other, [Commit("other", {"a": b"a"})], ENV)
    before = git(other, "rev-parse", "HEAD")

    create(tmp_path / "new", [Commit("one", {"a": b"b"})], {**ENV, "HOME": str(home), "GIT_DIR": str(other / ".git")})

    assert "promptctl <promptctl@localhost>" == git(tmp_path / "new", "log", "--format=%an <%ae>")
    assert before == git(other, "rev-parse", "HEAD")


def test_without_git_it_says_so(tmp_path):
    with pytest.raises(UserError, match="git is not installed"):
        create(tmp_path / "new", [], {"PATH": str(tmp_path)})

    assert installed({"PATH": str(tmp_path)}) is None


def test_a_git_that_fails_is_heard(tmp_path):
    with pytest.raises(UserError, match=r"git commit failed in .*: On branch main"):
        create(tmp_path / "new", [Commit("nothing", {})], ENV)


def test_a_git_that_does_not_work_has_no_version(tmp_path):
    broken = tmp_path / "git"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)

    assert installed({"PATH": str(tmp_path)}) is None
    assert installed(ENV)


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("x")

    with pytest.raises(UserError, match="cannot be written: Not a directory"):
        create(tmp_path / "file/new", [], ENV)


# The samples


def test_the_samples_are_two_prompts_with_inputs_and_an_edit_of_both():
    files, edits = sample_files(), edited_files()

    assert {"orders.yaml", "tickets.yaml"} == edits.keys()
    assert edits.keys() | {"orders.inputs.jsonl", "tickets.inputs.jsonl"} <= files.keys()
    assert all(
        40 <= check_cases(f"{name}.inputs.jsonl", files[f"{name}.inputs.jsonl"]).count for name in ("orders", "tickets")
    )
    assert all(files[path] != text for path, text in edits.items())


# The demo's repository


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "new"
    make_repository(folder, ENV)
    return folder


def test_there_are_two_commits_and_nothing_else(made):
    assert [SECOND, FIRST] == git(made, "log", "--format=%s").splitlines()
    assert "" == git(made, "status", "--porcelain")


def test_the_edit_changes_the_text_of_both_prompts(made):
    with Repository.open(made, ENV) as repo:
        revisions = resolve(repo, ["HEAD~1..HEAD"])
        old, new = open_snapshots(repo, revisions, settings_at(repo, WORKTREE))
        pairs = compare(repo, old, new)
        prompts = [side.prompt(pair.name) for side in (old, new) for pair in pairs]

    assert ["orders", "tickets"] == [pair.name for pair in pairs]
    assert [Change.MODIFIED] * 2 == [pair.change for pair in pairs]
    assert all("text" in pair.parts and "inputs" not in pair.parts for pair in pairs)
    assert {"local/smollm2"} == {prompt.model for prompt in prompts}


def test_its_files_name_schemas_that_are_there(made):
    for path in (".promptctl.yaml", "prompts/orders.yaml", "prompts/tickets.yaml"):
        line = next(line for line in (made / path).read_text("utf-8").splitlines() if "yaml-language-server" in line)
        assert ((made / path).parent / line.partition("$schema=")[2]).is_file()
    assert "local/smollm2" == read_settings((made / ".promptctl.yaml").read_text("utf-8")).model


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_folder_that_is_not_empty_is_refused(tmp_path, kind):
    there = tmp_path / "there"
    if kind == "file":
        there.write_text("x")
    else:
        (there / "x").mkdir(parents=True)

    with pytest.raises(UserError, match="is there already and is not empty"):
        make_repository(there, ENV)


def test_an_empty_folder_will_do(tmp_path):
    make_repository(tmp_path, ENV)

    assert "2" == git(tmp_path, "rev-list", "--count", "HEAD")


# What it says at the end


@pytest.mark.parametrize(
    ("code", "says"),
    [(0, "made no prompt worse"), (1, "made a prompt worse"), (3, "could not be found out"), (130, "see")],
)
def test_the_exit_code_is_explained(code, says):
    text = closing(code, Path("promptctl-demo"), missing=None)

    assert text.startswith(f"Exit code {code}: ")
    assert says in text
    assert "cd promptctl-demo" in text


def test_who_answered_is_said():
    assert "just now, on this machine" in closing(1, Path("d"), missing=None)
    assert "recorded ones of SmolLM2 135M (no xllamacpp)" in closing(1, Path("d"), missing="no xllamacpp")
    assert "Without --recorded" in closing(1, Path("d"), missing=AS_ASKED)


def test_every_line_fits_a_terminal():
    needs = "local/smollm2 needs the package xllamacpp: pip install 'promptctl-cli[local]'"
    for missing in (None, AS_ASKED, needs):
        assert all(len(line) <= 80 for line in closing(1, Path("promptctl-demo"), missing=missing).splitlines())


# The command


def test_the_command_refuses_a_folder_that_is_not_empty(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    (tmp_path / "there/x").write_text("x")

    code = cli.run(["demo", "there"])

    out, err = capsys.readouterr()
    assert (2, "") == (code, out)
    assert "promptctl: there is there already and is not empty. Name another folder: promptctl demo DIR.\n" == err


@pytest.mark.skipif(not has_recordings(), reason="no recorded answers")
def test_the_command_replays_recorded_answers_and_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    code = cli.run(["demo", "--recorded"])

    out, err = capsys.readouterr()
    assert 1 == code
    assert "regressed" in out
    assert "Exit code 1: the edit made a prompt worse" in out
    assert "The answers are recorded ones of SmolLM2 135M" in out
    assert "replaying answers that this model gave before" in err
    assert (tmp_path / "promptctl-demo/.git").is_dir()
