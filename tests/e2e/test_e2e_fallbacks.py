"""Fallbacks: used where they are asked for, named in the report, kept under their own name."""

import json

import pytest
from user_repository import prompt_text

FALLBACKS = "fallbacks: [openai/spare, openai/last]\n"


@pytest.fixture
def outage(repo, provider):
    """The prompt's model is down, its first fallback is not."""
    repo.write("prompts/support/triage.yaml", FALLBACKS + prompt_text())
    repo.commit("fallbacks")
    repo.write("prompts/support/triage.yaml", FALLBACKS + prompt_text(" Be brief."))
    repo.write(
        ".promptctl.yaml",
        (repo.root / ".promptctl.yaml")
        .read_text()
        .replace("  openai/fake:", "  openai/spare: {input_per_million: 1, output_per_million: 2}\n  openai/fake:"),
    )
    provider.config(status="not_found", model="fake")
    return repo


def test_without_being_asked_for_they_are_not_used(outage, provider):
    ran = outage.replay()

    assert (3, 8) == (ran.code, ran.prompt["counts"]["error"])
    assert {"fake"} == set(provider.stats()["by_model"])


def test_the_report_says_which_model_answered(outage, provider):
    ran = outage.replay("--fallbacks")
    shown = outage.run("report")

    assert (0, 8) == (ran.code, ran.prompt["counts"]["pass"])
    assert {"spare"} == {case[side]["model"] for case in ran.prompt["cases"] for side in ("old", "new")}
    assert 16 == provider.stats()["by_model"]["spare"]
    assert "last" not in provider.stats()["by_model"]
    note = "16 answers are of the fallback openai/spare: openai/fake could not answer."
    assert note in ran.err
    assert note in " ".join(shown.out.split())


def test_a_dry_run_says_how_often_they_may_be_asked(outage, provider):
    without = outage.replay("--dry-run").json
    ran = outage.replay("--dry-run", "--fallbacks")
    text = outage.run("replay", "--dry-run", "--fallbacks").out

    (prompt,) = ran.json["prompts"]
    assert (16, 32) == (prompt["calls"], prompt["fallback_calls"])
    assert (0, 32) == tuple(one["totals"]["fallback_calls"] for one in (without, ran.json))
    assert ["openai/last"] == prompt["unknown_prices"]
    assert (None, False) == (prompt["max_usd"], without["totals"]["max_usd"] is None)
    assert "Fallbacks would be asked up to 32 times more, where a model cannot answer." in text
    assert 0 == provider.calls


def test_their_answers_are_kept_and_recorded_under_their_own_name(outage, provider):
    first = outage.replay("--fallbacks", "--record")
    provider.config(status=None)
    plain = outage.replay()
    again = outage.replay("--fallbacks", "--frozen")
    lines = (outage.root / "prompts/support/triage.recordings.jsonl").read_text().splitlines()

    assert 0 == first.code
    assert 16 == plain.json["totals"]["calls"], "their answers are no answers of the model that failed"
    assert {"openai/spare"} == {json.loads(line)["model"] for line in lines}
    assert (0, 16) == (again.code, again.json["totals"]["from_recordings"])


def test_a_limit_on_the_cost_needs_their_prices_too(outage, provider):
    before = provider.calls

    ran = outage.replay("--fallbacks", "--max-cost", "1")

    assert (2, before) == (ran.code, provider.calls)
    assert "the price of openai/last is unknown" in ran.err
    assert 2 != outage.replay("--max-cost", "1").code
