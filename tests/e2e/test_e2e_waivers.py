"""Waivers in a replay, through the command."""

from datetime import UTC, datetime, timedelta

import pytest
from user_repository import prompt_text, ticket_cases

BROKEN = prompt_text().replace('"{{ ticket }}"', "\"{{ ticket }}{% if 'billing' in ticket %} ANSWER=oops{% endif %}\"")
FILE = ".promptctl/waivers.yaml"


def day(days):
    return (datetime.now(UTC) + timedelta(days)).date().isoformat()


def waiver(case, days, reason="known"):
    return (
        f"  - {{prompt: support/triage, id: {case}, reason: {reason}, owner: Ada, "
        f"made: 2026-01-01, expires: {day(days)}}}\n"
    )


def test_waived_cases_pass_the_gate_and_keep_their_status(repo):
    repo.write("prompts/support/triage.yaml", BROKEN)
    repo.write(FILE, "waivers:\n" + waiver("t-000", 9) + waiver("t-004", 9))

    ran = repo.replay()

    assert (0, "passed", 2) == (ran.code, ran.json["verdict"], ran.prompt["counts"]["regressed"])
    assert {"gate": "max_regressions", "limit": 0, "actual": 0, "ok": True} == ran.prompt["gates"][0]
    said = f"2 regressed cases are waived until {day(9)} by Ada: known (t-000, t-004; brought by this very change)"
    assert said in ran.prompt["reasons"]
    cases = {case["id"]: case for case in ran.prompt["cases"]}
    assert ("regressed", True) == (cases["t-000"]["status"], cases["t-000"]["confirmed"])
    assert "excuse" not in cases["t-000"]

    text = repo.run("report").out
    assert f"waived until {day(9)}" in text
    markdown = repo.run("report", "--format", "markdown").out
    assert "`by Ada on 2026-01-01 (brought by this very change): known`" in markdown
    assert "<failure" not in repo.run("report", "--format", "junit").out

    repo.git("add", "-f", FILE)
    repo.git("commit", "-q", "-m", "waivers", "--", FILE)
    again = repo.replay("--early-stop")
    assert (0, "passed") == (again.code, again.json["verdict"])
    assert "brought" not in " ".join(again.prompt["reasons"])


def test_one_waived_case_leaves_the_other_and_an_expired_one_counts_and_is_said(repo):
    repo.write("prompts/support/triage.yaml", BROKEN)
    repo.write(FILE, "waivers:\n" + waiver("t-000", 9) + waiver("t-004", -1) + waiver("gone", 9))

    ran = repo.replay()

    assert (1, "regressed", 1) == (ran.code, ran.json["verdict"], ran.prompt["gates"][0]["actual"])
    reasons = " ".join(ran.prompt["reasons"])
    assert f"The waiver of t-004 expired on {day(-1)} (Ada: known): it counts again" in reasons
    assert "1 regressed case is waived" in reasons
    assert f"{FILE} names gone, and the inputs have no such case" in ran.err


@pytest.mark.parametrize("waived", [False, True])
def test_waived_cases_stop_no_replay_early(repo, waived):
    repo.inputs("prompts/support/triage.inputs.jsonl", ticket_cases(40))
    repo.commit()
    repo.write("prompts/support/triage.yaml", BROKEN.replace("if 'billing' in ticket", "if true"))
    if waived:
        repo.write(FILE, "waivers:\n" + "".join(waiver(f"t-{n:03}", 9) for n in range(40)))

    ran = repo.replay("--early-stop")

    assert (0 if waived else 1) == ran.code
    assert waived != any(reason.startswith("Stopped early") for reason in ran.prompt["reasons"])


def test_a_waiver_of_a_prompt_that_is_gone_is_said_and_a_broken_file_ends_the_replay(repo):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    repo.write(FILE, "waivers:\n" + waiver("t-000", 9).replace("triage", "old"))

    ran = repo.replay("--offline")
    assert f"{FILE} names t-000 of support/old, and there is no such prompt" in ran.err

    repo.write(FILE, "waivers:\n  - {prompt: p}\n")
    ran = repo.replay("--offline")
    assert 2 == ran.code
    assert f"{FILE}: line 2: 'id' is missing." in ran.err
