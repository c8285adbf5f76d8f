"""A run that is killed or interrupted goes on where it stopped; what was paid for is not asked again."""

import os
import signal
import subprocess
import sys
import time

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
    )


def wait_for(provider, calls: int) -> None:
    """Until so many calls were answered; from then on the provider is slow, so that the run cannot end by itself."""
    for _ in range(600):
        if provider.stats()["ok"] >= calls:
            provider.config(latency_ms=2_000)
            return
        time.sleep(0.05)
    raise AssertionError("the provider was not asked")


def prepared(repo, provider) -> None:
    repo.inputs("prompts/support/triage.inputs.jsonl", ticket_cases(CASES))
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    provider.config(latency_ms=40)


def test_kill_9_loses_at_most_the_calls_in_flight(repo, provider):
    prepared(repo, provider)
    running = start(repo)
    wait_for(provider, 30)

    os.kill(running.pid, signal.SIGKILL)
    running.communicate()
    before = provider.stats()["calls"]
    provider.config(latency_ms=0)
    ran = repo.replay("--resume")

    assert (0, CASES) == (ran.code, ran.prompt["counts"]["pass"])
    assert before < 2 * CASES
    assert 2 * CASES <= provider.stats()["calls"] <= 2 * CASES + 4


def test_an_interrupted_fresh_run_is_resumed_without_asking_twice(repo, provider):
    prepared(repo, provider)
    repo.replay()
    known = provider.stats()["calls"]
    running = start(repo, "--fresh")
    wait_for(provider, known + 20)

    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    provider.config(latency_ms=0)
    ran = repo.replay("--resume")

    assert 130 == running.returncode
    assert "promptctl replay --resume" in said
    assert "Traceback" not in said
    assert (0, CASES) == (ran.code, ran.prompt["counts"]["pass"])
    assert known + 2 * CASES <= provider.stats()["calls"] <= known + 2 * CASES + 4


def test_nothing_to_resume(repo):
    ran = repo.run("replay", "--resume")

    assert 2 == ran.code
    assert "no run" in ran.err
