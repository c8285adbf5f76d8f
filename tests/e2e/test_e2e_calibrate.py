"""`promptctl judge calibrate`, and what a calibration lets a judge do."""

import json

import pytest
from test_e2e_judges import FAIL, PASS, PROMPT, RUBRIC, prompt, settings
from user_repository import Repo

__all__ = ["PROMPT"]


@pytest.fixture
def repo(tmp_path, provider) -> Repo:
    """A judge that passes what it calls good, and twenty labelled answers of each kind."""
    made = Repo(tmp_path / "repo", tmp_path / "home", provider.url)
    made.write(".promptctl.yaml", settings(provider.url))
    made.write("prompts/triage.yaml", prompt())
    made.inputs("prompts/triage.inputs.jsonl", [{"id": f"t{n}", "vars": {"ticket": f"good {n}"}} for n in range(4)])
    made.write("labels.jsonl", labels(wrong=0))
    provider.config(judge=[["good", PASS], ["", FAIL]])
    made.commit()
    return made


def labels(wrong: int, count: int = 40) -> str:
    """Half of the answers are good; of `wrong` ones people say otherwise than the judge will."""
    rows = [
        {
            "id": f"a{n}",
            "output": f"{'good' if n % 2 else 'poor'} {n}",
            "label": "pass" if (n % 2 == 1) != (n < wrong) else "fail",
        }
        for n in range(count)
    ]
    return "".join(json.dumps(row) + "\n" for row in rows)


def calibrate(repo: Repo, *args: str):
    return repo.run("judge", "calibrate", "labels.jsonl", "--format", "json", *args)


def test_a_judge_that_agrees_with_people_may_gate(repo, provider):
    found = calibrate(repo, "-p", "triage")
    again = calibrate(repo, "-p", "triage", "--offline")

    (judge,) = found.json["judges"]
    assert (0, 40, 1.0, 0.5, True) == (
        found.code,
        judge["labels"],
        judge["kappa"],
        judge["base_rate"],
        judge["may_gate"],
    )
    assert {"both_pass": 20, "judge_alone_passes": 0, "people_alone_pass": 0, "both_fail": 20} == judge["confusion"]
    assert judge["ci"][0] == pytest.approx(0.825, abs=0.001)
    assert {"judge": 40} == provider.stats()["by_model"]  # the second time nobody was asked
    assert again.json["judges"] == found.json["judges"]
    assert found.json["spent_usd"] > 0


def test_a_judge_that_may_gate_is_read_from_the_file_that_is_committed(repo):
    before = repo.replay("HEAD", "HEAD", "--aa", "--no-confirm").prompt
    calibrate(repo, "-p", "triage")
    after = repo.replay("HEAD", "HEAD", "--aa", "--no-confirm").prompt

    assert [".promptctl.calibration.json"] == [path.name for path in repo.root.glob("*calibration*")]
    assert any("which gates without having been calibrated" in reason for reason in before["reasons"])
    assert not any("calibrated" in reason for reason in after["reasons"])


def test_a_judge_below_the_bound_decides_nothing(repo, provider):
    repo.write("labels.jsonl", labels(wrong=14))
    repo.write("prompts/triage.yaml", prompt(" Chat."))
    provider.config(answers=[["Chat.", "poor"]])
    gated = repo.replay()
    found = calibrate(repo, "-p", "triage")
    advised = repo.replay()

    (judge,) = found.json["judges"]
    assert (1, False, "advisory") == (found.code, judge["may_gate"], judge["standing"])
    assert judge["kappa"] == pytest.approx(0.3)
    assert (1, "regressed") == (gated.code, gated.json["verdict"])
    assert (0, "inconclusive") == (advised.code, advised.json["verdict"])  # nothing is left that decides
    assert {"unscored"} == {case["status"] for case in advised.prompt["cases"]}
    assert any("may not gate (kappa 0.30, at least" in reason for reason in advised.prompt["reasons"])
    said = advised.prompt["cases"][0]["new"]["assertions"][0]
    assert (False, 0.2) == (said["passed"], said["score"])  # shown all the same


def test_another_version_of_the_judge_is_another_judge(repo, provider):
    calibrate(repo, "-p", "triage")
    repo.write(".promptctl.yaml", settings(provider.url, "judge: {model: openai/judge, params: {temperature: 1}}"))
    found = repo.replay("HEAD", "HEAD", "--aa", "--no-confirm").prompt

    assert any("which gates without having been calibrated" in reason for reason in found["reasons"])


def test_another_criterion_is_said(repo):
    calibrate(repo, "-p", "triage")
    repo.write("prompts/triage.yaml", prompt(value="another rubric"))
    found = repo.replay("-p", "triage", "--all").prompt

    assert any("was calibrated on other criteria" in reason for reason in found["reasons"])


def test_labels_may_name_a_case_of_the_last_run(repo, provider):
    assert 0 == repo.replay("HEAD", "HEAD", "--aa", "--no-confirm").code
    rows = [{"prompt": "triage", "id": f"t{n}", "label": n != 3} for n in range(4)]
    repo.write(".promptctl/labels.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    asked = provider.calls

    found = repo.run("judge", "calibrate", "--format", "json", "--no-lock")
    repo.write(".promptctl/labels.jsonl", '{"prompt": "triage", "id": "t9", "label": "pass"}\n')
    absent = repo.run("judge", "calibrate")

    (judge,) = found.json["judges"]
    assert (1, 4, asked) == (found.code, judge["labels"], provider.calls)  # judged already, when they were replayed
    assert ["t3"] == [one["id"] for one in judge["disagreements"]]
    assert 2 == absent.code
    assert "no stored run has an answer of the new side to 't9' of triage" in absent.err


def test_labels_of_a_table_and_a_rubric_of_their_own(repo, provider):
    repo.write("labels.csv", 'output,label,expected\ngood a,pass,\npoor b,fail,\n"good, c",1,\n,no,\n')

    found = repo.run("judge", "calibrate", "labels.csv", "--rubric", RUBRIC, "--format", "json", "--no-lock")

    (judge,) = found.json["judges"]
    assert (4, 1.0) == (judge["labels"], judge["kappa"])
    assert not list(repo.root.glob("*calibration*"))


def test_what_a_person_reads(repo):
    repo.write("labels.jsonl", labels(wrong=3))
    found = repo.run("judge", "calibrate", "labels.jsonl", "-p", "triage")

    assert 0 == found.code
    assert "llm-rubric, openai/judge, the shipped prompt" in found.out
    assert "labels     40, of which people pass 21 (52%)" in found.out
    assert "kappa      0.85, 95% interval 0.60 to 0.95 (goodness of fit)" in found.out
    assert (
        "a0: people pass it, judge fail it: poor 0 (score 0.2: it chats instead of routing [openai/judge])" in found.out
    )
    assert ".promptctl.calibration.json: written. Commit it" in found.err


def test_a_judgement_that_could_not_be_had_is_an_error(repo, provider):
    provider.config(judge=[["good 1", "prose"], ["good", PASS], ["", FAIL]])

    found = calibrate(repo, "-p", "triage")

    assert 3 == found.code
    assert "the judge gave no judgement" in found.json["judges"][0]["errors"][0]
    assert [] == found.json["locks"]


@pytest.mark.parametrize(
    ("args", "text", "said"),
    [
        ((), labels(0), "nothing says what the labelled answers were judged by. Give -p NAME"),
        (("-p", "triage"), '{"output": "x"}\n', "labels.jsonl: line 1: 'label' is missing."),
        (("-p", "triage"), '{"label": "maybe", "output": "x"}\n', "'label' must be pass or fail, not 'maybe'."),
        (("-p", "triage"), '{"label": "pass"}\n', "neither 'output' nor 'id' says which answer is meant."),
        (("-p", "triage"), '{"label": "pass", "outptu": "x", "id": 1}\n', "unknown key 'outptu'. Did you mean 'output'?"),
        (("-p", "triage"), "", "labels.jsonl holds no label."),
        (("-p", "traige"), labels(0), "no prompt 'traige' at WORKTREE. Did you mean 'triage'?"),
        (("--rubric", "x", "--type", "llm-rubrik"), labels(0), "--type llm-rubrik: no judge decides it. Did you mean 'llm-rubric'?"),
        (("--rubric", "x", "--type", "similar"), labels(0), "--type similar: no judge decides it."),
        (("-p", "triage", "--metric", "tone"), labels(0), "triage has no such assertion with the metric 'tone'."),
    ],
)  # fmt: skip
def test_each_mistake_is_said_before_anybody_is_asked(repo, provider, args, text, said):
    repo.write("labels.jsonl", text)

    found = calibrate(repo, *args)

    assert (2, "", 0) == (found.code, found.out, provider.calls)
    assert said in found.err


def test_a_damaged_calibration_stops_the_replay(repo, provider):
    repo.write(".promptctl.calibration.json", "{}")

    found = repo.replay("HEAD", "HEAD", "--aa")

    assert (2, 0) == (found.code, provider.calls)
    assert ".promptctl.calibration.json: is no calibration that promptctl wrote." in found.err


def test_the_shipped_judge_prompts_are_a_start_for_own_ones(repo, provider):
    repo.write("prompts/_judges/rubric.yaml", repo.run("judge", "prompt", "llm-rubric").out)
    repo.write(
        ".promptctl.yaml", settings(provider.url, "judge: {model: openai/judge, prompt: prompts/_judges/rubric.yaml}")
    )
    found = calibrate(repo, "-p", "triage")

    assert 0 == found.code
    assert ["prompts/_judges/rubric.calibration.json"] == found.json["locks"]
    assert "pairwise" in repo.run("judge", "prompt").out.split()
    assert "Did you mean 'pairwise'?" in repo.run("judge", "prompt", "pairwis").err
    assert ["triage"] == [one["prompt"] for one in repo.run("list", "--format", "json").json["prompts"]]
