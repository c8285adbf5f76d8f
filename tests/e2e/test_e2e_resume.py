"""A run that is killed or interrupted goes on where it stopped; what was paid for is not asked again."""

import os
import signal
import subprocess
import sys
import time

import pytest
from user_repository import prompt_text, ticket_cases

CASES = 60


def start(repo, *args: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "promptctl", "replay", "--concurrency", "4", *args],
        cwd=repo.root,
        env=repo.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that runs the tests in the background has Ctrl-C ignored, and a child inherits that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no thread holds a lock here
    )


def started(repo, provider, calls: int, *args: str, slow_ms: float = 600_000) -> subprocess.Popen:
    """A run of which so many calls were answered; further answers are slow, so that it cannot end by itself."""
    provider.config(slow_after=calls, slow_ms=slow_ms)
    running = start(repo, *args)
    for _ in range(2_400):
        if provider.stats()["ok"] >= calls:
            return running
        time.sleep(0.05)
    raise AssertionError("the provider was not asked")


def prepared(repo, provider) -> None:
    repo.inputs("prompts/support/triage.inputs.jsonl", ticket_cases(CASES))
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))


def test_kill_9_loses_at_most_the_calls_in_flight(repo, provider):
    prepared(repo, provider)
    running = started(repo, provider, 30)

    os.kill(running.pid, signal.SIGKILL)
    running.communicate()
    before = provider.stats()["calls"]
    provider.config(slow_after=None)
    ran = repo.replay("--resume")

    assert (0, CASES) == (ran.code, ran.prompt["counts"]["pass"])
    assert before < 2 * CASES
    assert 2 * CASES <= provider.stats()["calls"] <= 2 * CASES + 4


def test_a_run_that_is_at_work_is_not_resumed_beside_itself(repo, provider):
    prepared(repo, provider)
    running = started(repo, provider, 10)

    ran = repo.replay("--resume")
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=120)
    provider.config(slow_after=None)
    again = repo.replay("--resume")

    assert (2, "") == (ran.code, ran.out)
    assert "is at work in another process. Wait for its end, or stop it first." in ran.err
    assert (0, CASES) == (again.code, len(again.prompt["cases"]))


def test_an_interrupted_fresh_run_is_resumed_without_asking_twice(repo, provider):
    prepared(repo, provider)
    repo.replay()
    known = provider.stats()["calls"]
    running = started(repo, provider, known + 20, "--fresh", slow_ms=2_000)

    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=900)
    provider.config(slow_after=None)
    shown, listed = repo.run("report"), repo.run("runs", "list", "--format", "json").json["runs"]
    ran = repo.replay("--resume")

    interrupted, finished = (run["run"] for run in listed)
    assert 0 == shown.code
    assert f"the last run, {interrupted}, did not come to its end" in shown.err
    assert finished in shown.out
    assert 130 == running.returncode
    assert "promptctl replay --resume" in said
    assert "Traceback" not in said
    assert (0, CASES) == (ran.code, ran.prompt["counts"]["pass"])
    assert known + 2 * CASES <= provider.stats()["calls"] <= known + 2 * CASES + 4


def test_nothing_to_resume(repo):
    ran = repo.run("replay", "--resume")

    assert 2 == ran.code
    assert "no run" in ran.err


@pytest.mark.parametrize(
    ("flags", "named"),
    [(("zzz",), "'zzz'"), (("--model", "openai/other"), "--model"), (("--offline", "--repeat", "2"), "--repeat")],
)
def test_a_resumed_run_is_not_asked_for_something_else(repo, provider, flags, named):
    repo.replay()
    calls = provider.stats()["calls"]

    ran = repo.replay("--resume", *flags)

    assert (2, calls) == (ran.code, provider.stats()["calls"])
    assert named in ran.err
    assert 1 == len(ran.err.splitlines())


def test_an_interrupted_run_keeps_its_budget(repo, provider):
    prepared(repo, provider)
    running = started(repo, provider, 20, "--max-calls", "50", slow_ms=2_000)
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=900)
    before = provider.stats()["calls"]
    provider.config(slow_after=None)

    kept = repo.replay("--resume")
    more = repo.replay("--resume", "--max-calls", "1000")

    assert (3, before + 50) == (kept.code, before + kept.json["totals"]["calls"])
    assert (0, CASES) == (more.code, more.prompt["counts"]["pass"])


@pytest.mark.parametrize("moments", [(1, 17, 55, 90, 118), (3, 4, 119)])
def test_a_run_that_is_killed_again_and_again_ends_as_an_undisturbed_one(repo, provider, moments):
    prepared(repo, provider)
    for number, moment in enumerate(moments):
        running = started(repo, provider, moment, *(("--resume",) if number else ()))
        os.kill(running.pid, signal.SIGKILL)
        running.communicate()

    provider.config(slow_after=None)
    ran = repo.replay("--resume")
    calls = provider.stats()["calls"]
    undisturbed = repo.replay("--fresh")

    assert calls <= 2 * CASES + 4 * len(moments)
    assert comparable(undisturbed.json) == comparable(ran.json)


def test_workers_share_one_budget_and_end_with_the_run(repo, provider):
    prepared(repo, provider)

    ran = repo.installed("replay", "--format", "json", "--workers", "2", "--max-calls", "50")

    assert 3 == ran.code
    assert 50 == provider.stats()["calls"]
    assert "the limit of 50 calls is reached" in ran.out


def test_a_number_of_workers_that_is_none(repo):
    for wrong in ("0", "many", "1000"):
        ran = repo.run("replay", "--workers", wrong)

        assert (2, f"promptctl: --workers {wrong}: a number from 1 to 64, or auto.\n") == (ran.code, ran.err)


def comparable(value):
    """A report without what tells one run from another: id and date, times, and where an answer came from."""
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if isinstance(value, dict):
        own = {"run", "created", "totals", "from", "latency_ms"}
        return {key: comparable(item) for key, item in value.items() if key not in own}
    return value
