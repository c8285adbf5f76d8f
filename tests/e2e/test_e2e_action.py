"""The GitHub Action's script: real revisions, a provider and GitHub's API on loopback."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from documented import ROOT
from github_api import GitHub
from user_repository import Repo, prompt_text

from promptctl.documents import parse_yaml

BROKEN = (
    'messages:\n  - role: user\n    content: "{{ ticket }} ANSWER=wrong"\nassert:\n'
    '  - {type: equals, value: "{{ expected }}"}\n'
)


@pytest.fixture
def github() -> Iterator[GitHub]:
    with GitHub() as running:
        yield running


@dataclass
class Step:
    code: int
    out: str
    summary: str
    outputs: dict[str, str]


@dataclass
class Action:
    """A checkout of a pull request's head, and the action run on it."""

    repo: Repo
    github: GitHub
    base: str
    temp: Path

    def run(self, event: dict | None = None, **environ: str) -> Step:
        self.temp.mkdir(exist_ok=True)
        head = self.repo.git("rev-parse", "HEAD").strip()
        happened = {"pull_request": {"number": 7, "base": {"sha": self.base}, "head": {"sha": head}}}
        (self.temp / "event.json").write_text(json.dumps(happened if event is None else event))
        for name in ("summary", "output"):
            (self.temp / name).write_text("")
        done = subprocess.run(
            [sys.executable, "-P", str(ROOT / "ci" / "github.py")],
            cwd=self.repo.root,
            env={
                **self.repo.env,
                "GITHUB_EVENT_PATH": str(self.temp / "event.json"),
                "GITHUB_STEP_SUMMARY": str(self.temp / "summary"),
                "GITHUB_OUTPUT": str(self.temp / "output"),
                "GITHUB_REPOSITORY": "a/b",
                "GITHUB_API_URL": self.github.url,
                "GITHUB_SHA": head,
                "RUNNER_TEMP": str(self.temp),
                "ACTION_TOKEN": "ghs_secret",
                "ACTION_OFFLINE": "auto",
                **environ,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=900,
        )
        lines = (self.temp / "output").read_text().splitlines()
        outputs = dict(line.split("=", 1) for line in lines)
        return Step(done.returncode, done.stdout, (self.temp / "summary").read_text(), outputs)


@pytest.fixture
def action(repo: Repo, github: GitHub, tmp_path: Path) -> Action:
    base = repo.git("rev-parse", "HEAD").strip()
    repo.git("switch", "-q", "-c", "branch")
    repo.write("prompts/support/triage.yaml", BROKEN)
    repo.commit("Worse")
    return Action(repo, github, base, tmp_path / "runner")


def test_one_comment_that_is_updated_in_place(action, github, provider):
    github.add("Looks good to me")
    github.add("<!-- promptctl: this comment is updated in place -->\nforged by a person")

    first = action.run()
    calls = provider.calls
    action.repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    action.repo.commit("Better")
    second = action.run()

    assert (1, "regressed", "1") == (first.code, first.outputs["verdict"], first.outputs["exit-code"])
    assert calls > 16
    assert (0, "passed") == (second.code, second.outputs["verdict"])
    assert ["User", "User", "Bot"] == [one["user"]["type"] for one in github.comments]
    assert "forged by a person" in github.comments[1]["body"]
    assert "promptctl: passed" in github.comments[2]["body"]
    assert "promptctl: regressed" in first.summary
    assert "::error" in first.out
    assert {"Bearer ghs_secret"} == github.tokens


def test_the_reports_lie_in_a_folder(action):
    step = action.run()

    folder = Path(step.outputs["report"])
    assert {"report.md", "report.html", "report.json", "report.xml"} == {path.name for path in folder.iterdir()}
    assert step.outputs["run"] == json.loads((folder / "report.json").read_text())["run"]


@pytest.mark.parametrize("status", [403, 500])
def test_a_comment_that_cannot_be_written_changes_nothing(action, github, status):
    github.status = status

    step = action.run()

    assert step.code == 1
    assert f"::warning::promptctl: the comment could not be written ({status}" in step.out
    assert "promptctl: regressed" in step.summary


def test_nobody_answers_at_the_api(action, github):
    step = action.run(GITHUB_API_URL="http://127.0.0.1:9")

    assert step.code == 1
    assert "could not be written" in step.out


def test_a_fork_without_keys_gets_what_is_recorded_and_is_told_so(action, github, provider):
    del action.repo.env["OPENAI_API_KEY"]

    step = action.run()

    assert step.code == 0, step.out
    assert provider.calls == 0
    assert "error" == step.outputs["verdict"]
    assert "A maintainer may start the paid part" in github.comments[0]["body"]
    assert "::warning::promptctl: Only recorded answers" in step.out


def test_a_push_is_compared_with_what_was_there_and_gets_no_comment(action, github):
    step = action.run({"before": action.base})

    assert step.code == 1
    assert [] == github.calls


def test_a_new_branch_has_nothing_to_compare_with(action, github):
    step = action.run({"before": "0" * 40})

    assert step.code == 0
    assert "nothing to compare with" in step.out


def test_by_hand_with_the_number_of_a_pull_request(action, github):
    step = action.run({"inputs": {}}, ACTION_BASE="main", ACTION_HEAD="branch", ACTION_PULL_REQUEST="7")

    assert step.code == 1
    assert len(github.comments) == 1


def test_an_edit_of_no_prompt(action, github, provider):
    action.repo.git("reset", "-q", "--hard", action.base)
    action.repo.write("README.md", "# Hello\n")
    action.repo.commit("Readme")

    step = action.run()

    assert (0, "unaffected") == (step.code, step.outputs["verdict"])
    assert provider.calls == 0


def test_what_an_earlier_step_left_is_not_told_again(action, github):
    action.run()
    (told,) = github.comments

    step = action.run(ACTION_ARGS="--no-such-flag")

    assert (2, {}, "") == (step.code, step.outputs, step.summary)
    assert [told] == list(github.comments)


@pytest.mark.parametrize("number", ["twelve", "7/../8", "７"])
def test_a_number_that_is_none_is_said(action, github, number):
    step = action.run(ACTION_PULL_REQUEST=number)

    assert step.code == 2
    assert step.out.startswith("::error::promptctl: pull-request is ")
    assert "Traceback" not in step.out
    assert [] == github.calls


SCRIPTS = {
    **{
        f"action.yml: {step.get('name')}": step["run"]
        for step in parse_yaml((ROOT / "action.yml").read_text(encoding="utf-8"), "").value["runs"]["steps"]
        if "run" in step
    },
    "gitlab.yml": "\n".join(
        parse_yaml((ROOT / "ci/gitlab.yml").read_text(encoding="utf-8"), "").value["promptctl"]["script"]
    ),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_the_shells_and_no_checkout_runs_in_it(name):
    checked = subprocess.run(["bash", "-n"], input=SCRIPTS[name], capture_output=True, text=True, check=False)
    pythons = re.findall(r"\bpython3?\b(?: -\S+)*", SCRIPTS[name])

    assert ("", 0) == (checked.stderr, checked.returncode)
    assert all(" -P" in python for python in pythons)


@pytest.mark.parametrize("name", SCRIPTS)
def test_shellcheck_finds_nothing(name):
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed")
    # SC2086: flags are split at blanks, which is what they are for; the SHAs are GitLab's own.
    command = ["shellcheck", "--shell=bash", "--exclude=SC2086", "-"]
    checked = subprocess.run(command, input=SCRIPTS[name], capture_output=True, text=True, check=False)

    assert "" == checked.stdout


def test_installing_runs_nothing_of_the_pull_request(action):
    pytest.importorskip("pip", reason="pip is not installed")
    action.repo.write("pip/__init__.py", "")
    action.repo.write("pip/__main__.py", "open('ran', 'w').close()\n")
    script = SCRIPTS["action.yml: Install promptctl"].replace("python ", f'"{sys.executable}" ')
    environ = {**action.repo.env, "WANTED": "--help"}
    done = subprocess.run(["bash", "-c", script], cwd=action.repo.root, env=environ, capture_output=True, check=False)

    assert b"pip install" in done.stdout
    assert not (action.repo.root / "ran").exists()


def test_the_token_reaches_nobody_else():
    text = (ROOT / "ci" / "github.py").read_text(encoding="utf-8")

    assert "import promptctl" not in text
    assert 'name != "ACTION_TOKEN"' in text


def test_inputs_reach_no_shell():
    """An expression inside `run:` would be pasted into a script: a branch called $(...) would be run."""
    action = parse_yaml((ROOT / "action.yml").read_text(encoding="utf-8"), "action.yml").value

    runs = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    used = set(re.findall(r"inputs\.([\w-]+)", (ROOT / "action.yml").read_text(encoding="utf-8")))
    assert not any("${{" in run for run in runs)
    assert used == action["inputs"].keys()
