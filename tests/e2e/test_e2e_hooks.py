"""git's hooks with promptctl in them: real commits and pushes, with the user's own hooks beside ours."""

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from documented import ROOT
from user_repository import Repo, prompt_text


def git(repo: Repo, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """git as a user runs it; what a hook says is in stderr."""
    return subprocess.run(
        ["git", *args], cwd=repo.root, env={**repo.env, **env}, capture_output=True, text=True, check=False, timeout=900
    )


def own_hook(repo: Repo, name: str, text: str) -> Path:
    path = repo.root / ".git" / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def hooks_of(repo: Repo) -> dict[str, str]:
    folder = repo.root / ".git" / "hooks"
    return {path.name: path.read_text() for path in folder.iterdir() if not path.name.endswith(".sample")}


def broken(repo: Repo) -> None:
    """An edit that makes every answer wrong."""
    repo.write(
        "prompts/support/triage.yaml",
        'messages:\n  - role: user\n    content: "{{ ticket }} ANSWER=wrong"\n'
        'assert:\n  - {type: equals, value: "{{ expected }}"}\n',
    )
    repo.git("add", "-A")


@pytest.fixture
def hooked(repo: Repo) -> Repo:
    assert 0 == repo.run("install").code
    repo.env["PROMPTCTL_HOOK_TIME_LIMIT"] = "1h"  # a busy machine is slow, and no test is about that
    return repo


def test_a_commit_that_breaks_a_prompt_is_stopped_and_one_that_does_not_passes(hooked, provider):
    broken(hooked)
    stopped = git(hooked, "commit", "-m", "Worse")
    calls = provider.calls

    hooked.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    hooked.git("add", "-A")
    passed = git(hooked, "commit", "-m", "Briefer")

    assert stopped.returncode == 1
    assert "regressed" in stopped.stdout + stopped.stderr
    assert calls >= 16
    assert passed.returncode == 0, passed.stderr
    assert hooked.git("log", "-1", "--format=%s") == "Briefer\n"


def test_a_commit_without_a_prompt_asks_and_says_nothing(hooked, provider):
    hooked.write("README.md", "# Hello\n")
    hooked.git("add", "README.md")

    done = git(hooked, "commit", "-q", "-m", "Readme")

    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)
    assert provider.calls == 0


def test_what_is_not_staged_does_not_count(hooked, provider):
    broken(hooked)
    hooked.git("reset", "-q")
    hooked.write("README.md", "# Hello\n")
    hooked.git("add", "README.md")

    assert git(hooked, "commit", "-q", "-m", "Readme").returncode == 0
    assert provider.calls == 0
    # `commit -a` has an index of its own.
    assert git(hooked, "commit", "-q", "-a", "-m", "All").returncode == 1


def test_part_of_a_file_is_judged_as_it_will_be_committed(hooked):
    """As `git commit -p` leaves it: the index differs from both HEAD and the working tree."""
    hooked.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    hooked.git("add", "-A")
    hooked.write("prompts/support/triage.yaml", prompt_text(" Be brief.") + "no: [yaml\n")

    assert git(hooked, "commit", "-q", "-m", "Briefer").returncode == 0


def test_in_a_linked_worktree(hooked, tmp_path):
    hooked.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = Repo.__new__(Repo)
    linked.root, linked.env = tmp_path / "linked", hooked.env
    broken(linked)

    assert git(linked, "commit", "-q", "-m", "Worse").returncode == 1


def test_the_first_commit_of_all(bare_repo):
    bare_repo.run("install")
    bare_repo.write("prompts/a.txt", "Say {{ x }}.\n")
    bare_repo.git("add", "-A")

    done = git(bare_repo, "commit", "-q", "-m", "first")

    assert done.returncode == 0, done.stderr


def test_the_users_own_hook_runs_first_and_comes_back(repo, provider):
    path = own_hook(repo, "pre-commit", "echo own >> ran; test ! -e refuse")
    before = hooks_of(repo)
    repo.run("install")
    repo.write("README.md", "# Hello\n")
    repo.git("add", "README.md")

    assert git(repo, "commit", "-q", "-m", "one").returncode == 0
    assert (repo.root / "ran").read_text() == "own\n"
    repo.write("refuse", "")
    broken(repo)
    assert git(repo, "commit", "-q", "-m", "two").returncode == 1
    assert provider.calls == 0
    assert repo.run("uninstall").err == "promptctl: the hooks are removed.\n"
    assert before == hooks_of(repo)
    assert os.access(path, os.X_OK)


def test_installing_twice_changes_nothing_and_uninstalling_leaves_no_trace(repo):
    before = hooks_of(repo)
    first, second = repo.run("install"), repo.run("install")
    after = hooks_of(repo)

    assert "are installed: " in first.err
    assert "installed already" in second.err
    assert {"pre-commit", "pre-push"} == after.keys() - before.keys()
    assert repo.run("uninstall").code == 0
    assert before == hooks_of(repo)
    assert repo.run("uninstall").err == "promptctl: nothing was installed here.\n"


@pytest.mark.parametrize("command", ["uninstall", "install"])
def test_lines_that_somebody_added_to_our_hook_are_not_lost(repo, command):
    repo.run("install")
    path = repo.root / ".git/hooks/pre-commit"
    path.write_text(path.read_text() + "echo mine\n")
    before = hooks_of(repo)
    ran = repo.run(command)

    assert (2, before) == (ran.code, hooks_of(repo))
    assert ".git/hooks/pre-commit: was edited since promptctl wrote it. Move the lines" in ran.err
    path.write_text(path.read_text().removesuffix("echo mine\n"))
    assert 0 == repo.run("uninstall").code


def test_a_hook_that_is_a_link_to_nothing_is_moved_aside(repo):
    path = repo.root / ".git/hooks/pre-commit"
    path.symlink_to("../../missing.sh")

    assert 0 == repo.run("install").code
    assert not (repo.root / "missing.sh").exists()
    assert 0 == repo.run("uninstall").code
    assert Path("../../missing.sh") == path.readlink()


def test_a_hook_of_another_environment_is_no_edited_one(repo):
    repo.run("install")
    path = repo.root / ".git/hooks/pre-commit"
    written = path.read_text()
    path.write_text(re.sub("^python=.*$", "python='/another one/bin/python'", written, flags=re.MULTILINE))

    assert 0 == repo.run("install").code
    assert written == path.read_text()


def test_before_the_first_commit_a_hook_ends_at_once_too(bare_repo):
    bare_repo.run("install")
    bare_repo.write("README.md", "# Hello\n")
    bare_repo.git("add", "README.md")

    done = git(bare_repo, "commit", "-q", "-m", "first")

    assert (0, "") == (done.returncode, done.stderr)


def test_one_hook_alone_and_a_name_that_is_none(repo):
    assert repo.run("install", "--hook", "pre-push").code == 0
    assert "pre-commit" not in hooks_of(repo)
    wrong = repo.run("install", "--hook", "pre-comit")
    assert (2, "promptctl: --hook pre-comit: unknown. Did you mean 'pre-commit'?\n") == (wrong.code, wrong.err)


def test_a_hooks_folder_that_others_share_is_left_alone(repo, tmp_path):
    repo.git("config", "core.hooksPath", str(tmp_path / "shared hooks"))

    ran = repo.run("install")

    assert ran.code == 2
    assert "core.hooksPath" in ran.err
    assert not (tmp_path / "shared hooks").exists()


def test_without_its_interpreter_the_hook_lets_everything_pass_and_says_so(repo):
    repo.run("install")
    path = repo.root / ".git/hooks/pre-commit"
    path.write_text(path.read_text().replace(sys.executable, "/nowhere/python"))
    broken(repo)

    done = git(repo, "commit", "-q", "-m", "Worse")

    assert done.returncode == 0
    assert "/nowhere/python is gone" in done.stderr


class TestLimits:
    def test_what_could_not_be_asked_is_said_and_passes(self, hooked, provider):
        hooked.write(".promptctl.yaml", (hooked.root / ".promptctl.yaml").read_text() + "hook: {max_calls: 3}\n")
        broken(hooked)

        done = git(hooked, "commit", "-q", "-m", "Worse")

        assert done.returncode == 0, done.stderr
        assert "the limit of 3 calls is reached" in done.stdout + done.stderr
        assert "hook.on_incomplete is pass" in done.stderr
        assert provider.calls == 3

    def test_or_fails_where_the_settings_say_so(self, hooked):
        settings = "hook: {max_calls: 3, on_incomplete: fail}\n"
        hooked.write(".promptctl.yaml", (hooked.root / ".promptctl.yaml").read_text() + settings)
        broken(hooked)

        done = git(hooked, "commit", "-q", "-m", "Worse")

        assert done.returncode == 1  # git's own: the hook's is 3
        assert "hook.on_incomplete is fail" in done.stderr

    def test_the_time_ends_a_run_that_hangs(self, repo, provider):
        provider.config(latency_ms=60_000)
        broken(repo)

        ran = repo.run("hook", "replay", "--time-limit", "0.2")

        assert ran.code == 0, ran.err
        assert "not asked: the time limit of 0.2 s is reached" in ran.out

    def test_a_flag_beats_the_settings(self, repo, provider):
        broken(repo)

        ran = repo.run("hook", "replay", "--max-calls", "0", "--format", "json")

        assert provider.calls == 0
        assert "error" == ran.json["verdict"]


class TestPush:
    @pytest.fixture
    def remote(self, hooked: Repo, tmp_path: Path) -> Path:
        path = tmp_path / "remote.git"
        subprocess.run(["git", "init", "-q", "--bare", str(path)], check=True, env=hooked.env)
        hooked.git("remote", "add", "origin", str(path))
        return path

    def test_a_push_that_breaks_a_prompt_is_stopped(self, hooked, remote):
        first = git(hooked, "push", "origin", "main")
        broken(hooked)
        git(hooked, "commit", "-q", "--no-verify", "-m", "Worse")

        stopped = git(hooked, "push", "origin", "main")

        assert first.returncode == 0, first.stderr
        assert "nothing to compare with" in first.stderr
        assert stopped.returncode != 0
        assert "regressed" in stopped.stdout + stopped.stderr

    def test_a_new_branch_is_compared_with_the_remotes_main_one_and_a_deletion_with_nothing(self, hooked, remote):
        git(hooked, "push", "origin", "main", "main:other")
        hooked.git("switch", "-q", "-c", "mine")
        broken(hooked)
        git(hooked, "commit", "-q", "--no-verify", "-m", "Worse")

        assert git(hooked, "push", "origin", "mine").returncode != 0
        assert git(hooked, "push", "origin", ":other").returncode == 0


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is in the working tree here, as a repository of hooks."""
    pytest.importorskip("pre_commit", reason="the pre-commit framework is not installed (extra dev)")
    pytest.importorskip("hatchling", reason="hatchling, which builds the package, is not installed (extra dev)")
    made = tmp_path_factory.mktemp("project")
    for name in ("promptctl", "prompts"):
        shutil.copytree(ROOT / name, made / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, made / name)
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for args in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "promptctl"]):
        subprocess.run(["git", *args], cwd=made, check=True)
    return made


class TestFramework:
    """The real pre-commit framework, which builds and installs this repository as any user's machine does."""

    @pytest.fixture
    def framed(self, repo: Repo, project: Path) -> Repo:
        revision = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=project, capture_output=True, text=True, check=True
        ).stdout.strip()
        ids = "".join(f"      - id: promptctl-{name}\n" for name in ("lint", "diff", "replay"))
        repo.write(".pre-commit-config.yaml", f"repos:\n  - repo: {project}\n    rev: {revision}\n    hooks:\n{ids}")
        repo.commit("framework")
        site = str(Path(pytest.__file__).parents[1])
        repo.env |= {
            "PRE_COMMIT_HOME": str(project.parent / "pre-commit-home"),
            # Our package is built and installed by the framework; what it depends on is lent by this environment, as
            # fetching it all again would take a minute.
            "PIP_NO_DEPS": "1",
            "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it the other way round: 0 is no isolation
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PYTHONPATH": site,
        }
        done = subprocess.run(
            [sys.executable, "-m", "pre_commit", "install"],
            cwd=repo.root,
            env=repo.env,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return repo

    def test_the_three_hooks_in_a_commit(self, framed, provider):
        framed.write("README.md", "# Hello\n")
        framed.git("add", "README.md")
        idle = git(framed, "commit", "-m", "Readme")
        calls = provider.calls
        broken(framed)
        stopped = git(framed, "commit", "-m", "Worse")

        assert idle.returncode == 0, idle.stdout + idle.stderr
        assert calls == 0
        assert stopped.returncode == 1
        said = stopped.stdout + stopped.stderr
        assert "promptctl replay" in said
        assert "Failed" in said
        assert "✗ regressed" in said
        assert "message 1" in said  # what promptctl-diff shows

    def test_beside_our_own_hook(self, framed):
        """The framework moves a hook that it finds aside and runs it; `uninstall` finds ours there."""
        framed.run("install", "--hook", "pre-commit")
        subprocess.run([sys.executable, "-m", "pre_commit", "install"], cwd=framed.root, env=framed.env, check=True)

        assert framed.run("uninstall").err == "promptctl: the hooks are removed.\n"
        assert "promptctl" not in "".join(hooks_of(framed).values())
