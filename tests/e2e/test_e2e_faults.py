"""A provider that fails now and then, and one whose answers are of unknown length: the report is right, the limit holds."""

import pytest
from user_repository import prompt_text, ticket_cases

LIMIT = 0.01


def test_one_call_in_five_fails_and_the_report_is_that_of_a_good_day(repo, provider):
    repo.inputs("prompts/support/triage.inputs.jsonl", ticket_cases(60))
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    provider.config(fail_429=0.1, fail_500=0.05, drop=0.02, garbage=0.01, hang=0.01, retry_after="0.05")

    ran = repo.replay("--retries", "8", "--timeout", "3")

    counts, stats = ran.prompt["counts"], provider.stats()
    assert (0, 60, 0) == (ran.code, counts["pass"], counts["error"])
    assert 0 < stats["faults"] == stats["calls"] - 120
    assert stats["calls"] == ran.json["totals"]["calls"], "every retry is counted"


@pytest.mark.parametrize("seed", range(3))
def test_what_the_provider_bills_never_exceeds_the_limit(repo, provider, seed):
    cases = [{"id": f"{n}", "vars": {"ticket": f"{n} {'word ' * (7 * n % 90)} LONG"}} for n in range(40)]
    repo.inputs("prompts/support/triage.inputs.jsonl", [{**case, "expected": "x"} for case in cases])
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    settings = (repo.root / ".promptctl.yaml").read_text()
    repo.write(".promptctl.yaml", settings.replace("output_per_million: 2", "output_per_million: 1"))
    provider.config(seed=seed + 1, long=1_000, fail_500=0.05, drop=0.03)

    ran = repo.replay("--max-cost", str(LIMIT), "--no-confirm")

    stats = provider.stats()
    billed = stats["input_tokens"] / 1e6 + stats["output_tokens"] / 1e6
    assert 0 < billed <= LIMIT
    assert ran.json["totals"]["spent_usd"] <= billed + 1e-9
    assert (3, True) == (ran.code, ran.prompt["counts"]["error"] > 0)
    assert "of the limit of $0.01 are spent" in ran.err
