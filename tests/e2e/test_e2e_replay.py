"""The main job through the installed command: what is asked, what is said, how it ends."""

import json
import re

import pytest
from user_repository import here, prompt_text, ticket_cases

from promptctl.cli.wiring.stored import stored
from promptctl.reports.document import from_document

COUNTS = ["inputs", "unaffected", "pass", "fail", "improved", "regressed", "flaky", "unscored", "error"]


def test_nothing_changed_asks_nothing(repo, provider):
    ran = repo.replay()

    assert (0, [], "unaffected") == (ran.code, ran.json["prompts"], ran.json["verdict"])
    assert 0 == provider.stats()["calls"]


def test_an_edit_that_changes_no_behaviour_passes(repo, provider):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

    ran = repo.replay()

    assert (0, "passed") == (ran.code, ran.json["verdict"])
    assert 8 == ran.prompt["counts"]["pass"]
    assert 16 == provider.stats()["calls"] == ran.json["totals"]["calls"]
    assert "No regression shown." in " ".join(ran.prompt["reasons"])


def test_the_same_replay_again_costs_nothing(repo, provider):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    repo.replay()

    again = repo.replay()

    assert (0, 0, 16) == (again.code, again.json["totals"]["calls"], again.json["totals"]["from_cache"])
    assert 16 == provider.stats()["calls"]
    assert 0 == again.json["totals"]["spent_usd"]
    assert again.prompt["new"]["cost_usd"] > 0


def test_an_edit_that_breaks_cases_regresses_and_names_them(repo, provider):
    repo.write(
        "prompts/support/triage.yaml", prompt_text(" {% if 'case 1' in ticket %}").replace("{% if", "{{ '' }}{% if")
    )
    broken = prompt_text().replace(
        '"{{ ticket }}"', "\"{{ ticket }}{% if 'billing' in ticket %} ANSWER=oops{% endif %}\""
    )
    repo.write("prompts/support/triage.yaml", broken)

    ran = repo.replay()

    assert (1, "regressed") == (ran.code, ran.json["verdict"])
    counts = ran.prompt["counts"]
    assert (2, 6, 8) == (counts["regressed"], counts["unaffected"], counts["inputs"])
    assert sum(counts[key] for key in COUNTS[1:]) == counts["inputs"]
    cases = {case["id"]: case for case in ran.prompt["cases"]}
    assert ("regressed", True) == (cases["t-000"]["status"], cases["t-000"]["confirmed"])
    assert ("billing", "oops") == (cases["t-000"]["old"]["output"], cases["t-000"]["new"]["output"])
    assert cases["t-000"]["new"]["assertions"][0]["reason"]
    assert "unaffected" == cases["t-001"]["status"]


def test_every_status_adds_up_and_the_schema_is_the_contract(repo):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

    ran = repo.replay()

    assert ["schema", "run", "created", "exit_code", "verdict", "old", "new", "prompts", "totals"] == list(ran.json)
    assert "promptctl.replay/1" == ran.json["schema"]
    assert {"revision": "HEAD", "commit": repo.git("rev-parse", "HEAD").strip()} == ran.json["old"]
    assert {"revision": "WORKTREE", "commit": None} == ran.json["new"]
    assert [*COUNTS, "scored", "confirmed", "changed"] == list(ran.prompt["counts"])


def test_an_added_prompt_is_asked_on_the_new_side_alone(repo, provider):
    repo.write("prompts/greet.txt", "Say hello to {{ name }}. ANSWER=hello")
    repo.inputs(
        "prompts/greet.inputs.jsonl", [{"vars": {"name": "Ada"}, "assert": [{"type": "equals", "value": "hello"}]}]
    )

    ran = repo.replay()

    assert (0, 1) == (ran.code, provider.stats()["calls"])
    assert (None, "pass") == (ran.prompt["old"], ran.prompt["cases"][0]["status"])
    assert ran.prompt["cases"][0]["old"] is None


def test_a_removed_prompt_is_listed(repo, provider):
    (repo.root / "prompts/support/triage.yaml").unlink()

    ran = repo.replay()

    assert (0, "unaffected", 0) == (ran.code, ran.prompt["verdict"], provider.stats()["calls"])
    assert "removed" in " ".join(ran.prompt["reasons"])
    assert [ran.prompt] == repo.replay("--all", "--offline").json["prompts"]


def test_a_prompt_without_inputs_is_said_and_stops_only_who_names_it(repo):
    repo.write("prompts/support/greet.txt", "Say hello.")

    ran = repo.replay()

    assert (0, "unaffected", ["no inputs"]) == (ran.code, ran.prompt["verdict"], ran.prompt["reasons"])
    assert "prompts/support/greet.inputs.jsonl" in ran.err
    assert "" == repo.replay("--quiet").err
    assert 0 == repo.replay("-p", "support/*").code
    assert 2 == repo.replay("-p", "support/greet").code
    assert 2 == repo.replay("--", "prompts/support/greet.txt").code


def test_a_rename_with_its_inputs_is_followed(repo):
    repo.git("mv", "prompts/support", "prompts/desk")

    diff = repo.run("diff", "--staged", "--format", "json")
    ran = repo.replay("--staged")

    assert ("desk/triage", "support/triage", "renamed") == tuple(
        diff.prompt[key] for key in ("prompt", "old_name", "change")
    )
    assert 0 == ran.code


def test_staged_reads_the_index_not_the_working_tree(repo, provider):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    repo.git("add", "-A")
    repo.write("prompts/support/triage.yaml", "messages: [broken")

    ran = repo.replay("--staged")

    assert (0, "INDEX") == (ran.code, ran.json["new"]["revision"])
    assert 16 == provider.stats()["calls"]


def test_changed_assertions_score_known_answers_anew(repo, provider):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    repo.replay()
    repo.commit("brief")
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief.").replace("equals", "icontains"))

    ran = repo.replay()

    assert (0, 16) == (ran.code, provider.stats()["calls"])
    assert 8 == ran.prompt["counts"]["unaffected"]
    assert {"icontains"} == {a["type"] for case in ran.prompt["cases"] for a in case["new"]["assertions"]}


def test_dry_run_says_calls_by_origin_tokens_and_costs(repo, provider):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    repo.replay("--max-calls", "6", "--no-confirm")
    asked = provider.calls

    known = repo.run("replay", "--dry-run").out
    unknown = repo.run("replay", "--dry-run", "--model", "openai/nobody-knows").out

    assert "16 inputs" not in known
    assert "8 inputs, 0 unaffected, 10 calls, 6 from cache, 0 from recordings; about " in known
    assert re.search(r"A replay would send 10 calls, about \$[\d.]+, at most \$[\d.]+\.", known)
    assert "the price of openai/nobody-knows is unknown: set it under `prices:`" in unknown
    assert "A replay would send 16 calls; what they cost is unknown." in unknown
    assert asked == provider.calls == 6


def test_dry_run_asks_nothing_and_counts(repo, provider):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

    ran = repo.run("replay", "--dry-run", "--format", "json")

    assert (0, 0) == (ran.code, provider.stats()["calls"])
    assert 16 == ran.json["totals"]["calls"]


@pytest.mark.parametrize("flags", [["--format", "markdown"], ["-o", "plan.html"]])
def test_a_dry_run_makes_no_report(repo, provider, flags):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

    ran = repo.run("replay", "--dry-run", *flags)

    assert (2, "", 0) == (ran.code, ran.out, provider.calls)
    assert "--dry-run makes no report" in ran.err
    assert not (repo.root / "plan.html").exists()


@pytest.mark.parametrize("mode", ["--offline", "--frozen"])
def test_a_dry_run_counts_what_would_be_missing_where_nobody_is_asked(repo, provider, mode):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    repo.replay("--record", "--sample", "3")
    asked = provider.calls

    ran, text = repo.replay("--dry-run", mode), repo.run("replay", "--dry-run", mode)

    (prompt,) = ran.json["prompts"]
    known = prompt["from_cache"] + prompt["from_recordings"]
    assert (0, 6, 10, 0) == (prompt["calls"], known, prompt["missing"], prompt["max_usd"])
    assert "10 missing" in text.out
    assert "A replay would send 0 calls" in text.out
    assert "10 answers would be missing: nobody is asked offline or frozen (exit code 3)." in text.out
    assert asked == provider.calls


def test_a_dry_run_names_the_prompts_that_have_nothing_to_replay(repo, provider):
    repo.write("prompts/new.md", "Be nice to {{ name }}.")
    repo.git("rm", "-q", "prompts/support/triage.yaml")

    text, ran = repo.run("replay", "--dry-run"), repo.replay("--dry-run")

    rest = [{"prompt": "new", "reason": "no inputs"}, {"prompt": "support/triage", "reason": "removed: nothing to re"}]
    assert rest == [{**one, "reason": one["reason"][:22]} for one in ran.json["rest"]]
    assert "  new: no inputs\n  support/triage: removed" in text.out
    assert "Store inputs for 'new' in prompts/new.inputs.jsonl" in text.err
    assert (0, 0, 0) == (text.code, ran.code, provider.calls)


def test_offline_names_what_is_missing(repo, provider):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

    ran = repo.replay("--offline")

    assert (3, "error", 0) == (ran.code, ran.json["verdict"], provider.stats()["calls"])
    assert 8 == ran.prompt["counts"]["error"]


def test_recorded_answers_replay_frozen_without_a_provider(repo, provider):
    repo.write("prompts/support/triage.yaml", prompt_text(" ANSWER=x").replace("ANSWER=x", "Be brief."))
    repo.replay("--record")
    calls = provider.stats()["calls"]
    (repo.root / ".promptctl/promptctl.db").unlink()

    ran = repo.replay("--frozen")

    assert (0, calls, 16) == (ran.code, provider.stats()["calls"], ran.json["totals"]["from_recordings"])
    assert "16 answers come from recordings that the new side itself brought" in " ".join(ran.prompt["reasons"])
    text = (repo.root / "prompts/support/triage.recordings.jsonl").read_text()
    assert sorted(text.splitlines(), key=lambda line: json.loads(line)["fingerprint"]) == text.splitlines()
    assert "sk-test" not in text


def test_a_frozen_regression_needs_and_uses_recorded_confirmation_samples(repo, provider):
    repo.write("prompts/support/triage.yaml", prompt_text().replace('"{{ ticket }}"', '"{{ ticket }} ANSWER=oops"'))
    first = repo.replay("--record")
    (repo.root / ".promptctl/promptctl.db").unlink()

    ran = repo.replay("--frozen")

    assert (1, 1) == (first.code, ran.code)
    assert 8 == ran.prompt["counts"]["regressed"]


def test_fresh_asks_again(repo, provider):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    repo.replay()

    ran = repo.replay("--fresh")

    assert (16, 32) == (ran.json["totals"]["calls"], provider.stats()["calls"])


def test_all_asks_unchanged_requests_too(repo, provider):
    repo.write("prompts/support/triage.yaml", prompt_text("{% if 'case 1' in ticket %} Be brief.{% endif %}"))

    ran = repo.replay("--all")

    counts = ran.prompt["counts"]
    assert (7, 1, 8) == (counts["unaffected"], counts["pass"], counts["scored"])
    assert 9 == provider.stats()["calls"]


def test_max_calls_is_a_hard_limit_and_says_what_was_left_out(repo, provider):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

    ran = repo.replay("--max-calls", "5")

    assert (3, 5) == (ran.code, provider.stats()["calls"])
    assert 6 <= ran.prompt["counts"]["error"]
    more = repo.replay("--resume")
    assert (0, 16) == (more.code, provider.stats()["calls"])


def test_max_cost_is_never_exceeded(repo, provider):
    repo.write("prompts/support/triage.yaml", "params: {max_tokens: 10}\n" + prompt_text(" Be brief."))
    repo.commit("limit")
    repo.write("prompts/support/triage.yaml", "params: {max_tokens: 10}\n" + prompt_text(" Be very brief."))

    ran = repo.replay("--max-cost", "0.0003")

    assert 3 == ran.code
    assert 0 < ran.json["totals"]["spent_usd"] <= 0.0003


def test_an_unknown_price_with_max_cost_is_the_users_mistake(repo, provider):
    repo.write("prompts/support/triage.yaml", "model: openai/unheard-of\n" + prompt_text())

    ran = repo.replay("--max-cost", "1")

    assert (2, 0) == (ran.code, provider.stats()["calls"])
    assert "prices:" in ran.err


def test_repeat_asks_that_many_samples(repo, provider):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

    ran = repo.replay("--repeat", "3", "--input", "t-001")

    assert (6, 3) == (provider.stats()["calls"], ran.prompt["cases"][0]["new"]["samples"])


def test_a_revision_against_itself_measures_noise(repo, provider):
    ran = repo.replay("HEAD", "HEAD")

    assert (0, 16) == (ran.code, provider.stats()["calls"])
    assert (0, 8) == (ran.prompt["counts"]["unaffected"], ran.prompt["counts"]["pass"])


def test_a_model_on_both_sides(repo, provider):
    ran = repo.replay("--model", "openai/other", "--all", "-p", "support/triage")

    assert {"other": 8} == provider.stats()["by_model"]
    assert 0 == ran.code


def test_inputs_from_a_file_and_from_a_revision(repo, provider):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    repo.inputs("more.jsonl", ticket_cases(3))
    repo.inputs("prompts/support/triage.inputs.jsonl", ticket_cases(1))

    assert 3 == repo.replay("--inputs", "more.jsonl").prompt["counts"]["inputs"]
    assert 8 == repo.replay("--inputs", "HEAD").prompt["counts"]["inputs"]
    assert 1 == repo.replay().prompt["counts"]["inputs"]


def test_without_confirmation_a_suspect_counts_and_the_report_says_so(repo, provider):
    repo.write("prompts/support/triage.yaml", prompt_text().replace('"{{ ticket }}"', '"{{ ticket }} ANSWER=oops"'))

    ran = repo.replay("--no-confirm")

    assert (1, 16) == (ran.code, provider.stats()["calls"])
    assert ("none", 8, 0) == (
        ran.prompt["delta"]["method"],
        ran.prompt["counts"]["regressed"],
        ran.prompt["counts"]["confirmed"],
    )
    assert "asked again" in " ".join(ran.prompt["reasons"])


def test_python_assertions_run_only_where_allowed(repo):
    coded = prompt_text(" Be brief.").replace(
        '{type: equals, value: "{{ expected }}"}', '{type: python, value: "len(output) > 2"}'
    )
    repo.write("prompts/support/triage.yaml", coded)

    refused, allowed = repo.replay(), repo.replay("--allow-code")

    assert (3, 0) == (refused.code, allowed.code)
    assert "--allow-code" in refused.prompt["cases"][0]["new"]["error"]


def test_a_stored_run_is_printed_again(repo):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    first = repo.replay()

    again = repo.run("report", "--format", "json")
    listed = repo.run("runs", "list", "--format", "json")

    assert first.out == again.out
    assert [first.json["run"]] == [row["run"] for row in listed.json["runs"]]
    assert 0 == repo.run("runs", "rm", first.json["run"]).code
    assert 2 == repo.run("report").code


def test_reports_are_written_by_extension(repo):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

    ran = repo.replay("-o", "report.md", "-o", "report.json", "--format", "terminal")

    assert "support/triage" in (repo.root / "report.md").read_text()
    assert "promptctl.replay/1" == json.loads((repo.root / "report.json").read_text())["schema"]
    assert "support/triage" in ran.out


class TestSomeOfTheInputs:
    def test_a_sample_is_drawn_by_tag_and_said(self, repo, provider):
        repo.inputs(
            "prompts/support/triage.inputs.jsonl",
            [{**case, "tags": ["odd" if n % 4 else "rare"]} for n, case in enumerate(ticket_cases(8))],
        )
        repo.commit("tags")
        repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

        ran, again, other = (repo.replay("--sample", "4", "--seed", seed) for seed in ("1", "1", "2"))

        assert (0, 4) == (ran.code, ran.prompt["counts"]["inputs"])
        assert ["odd", "odd", "odd", "rare"] == sorted(repo_tags(repo)[case["id"]] for case in ran.prompt["cases"])
        assert ids(ran) == ids(again)
        assert ids(ran) != ids(other)
        assert "a sample of 4 of 8 inputs, seed 1" in str(ran.prompt["reasons"])

    def test_an_id_that_a_sample_or_a_tag_leaves_out_is_there_all_the_same(self, repo):
        repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
        named = ("--input", "t-001", "--input", "t-002")

        sampled, tagged = repo.replay(*named, "--sample", "1"), repo.replay(*named, "--tag", "rare")

        assert (0, 1) == (sampled.code, sampled.prompt["counts"]["inputs"]), sampled.err
        assert (2, "promptctl: no input of --input has the tag 'rare'.\n") == (tagged.code, tagged.err)
        absent = repo.replay(*named, "--input", "t-999", "--sample", "1")
        assert absent.code == 2
        assert absent.err.startswith("promptctl: no input has the id 't-999'. ")

    def test_a_prompt_of_whose_inputs_none_is_chosen_says_so(self, repo):
        repo.write("prompts/other.yaml", prompt_text())
        repo.inputs("prompts/other.inputs.jsonl", [{"id": "o-1", "vars": {"ticket": "ANSWER=x"}, "expected": "x"}])
        repo.commit("another")
        for path in ("prompts/other.yaml", "prompts/support/triage.yaml"):
            repo.write(path, prompt_text(" Be brief."))

        ran = repo.replay("--input", "o-1")

        assert 0 == ran.code
        assert {"other": "passed", "support/triage": "unaffected"} == {
            one["prompt"]: one["verdict"] for one in ran.json["prompts"]
        }
        (left,) = [one for one in ran.json["prompts"] if one["verdict"] == "unaffected"]
        assert ["no inputs", "none of its 8 inputs is chosen"] == left["reasons"]

    def test_inputs_with_mistakes_are_left_out_where_that_is_asked_for(self, repo):
        path = repo.root / "prompts/support/triage.inputs.jsonl"
        path.write_text(path.read_text() + '{"vars": \n{"id": "t-000", "vars": {"ticket": "again"}}\n{"vers": {}}\n')
        repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

        refused, ran = repo.replay(), repo.replay("--skip-invalid")

        assert 2 == refused.code
        assert (0, 8) == (ran.code, ran.prompt["counts"]["inputs"]), ran.err
        assert "line 9" in ran.err
        assert "line 10" in ran.err


def repo_tags(repo) -> dict[str, str]:
    lines = (repo.root / "prompts/support/triage.inputs.jsonl").read_text().splitlines()
    return {case["id"]: case["tags"][0] for case in map(json.loads, lines)}


def ids(ran) -> list[str]:
    return [case["id"] for case in ran.prompt["cases"]]


def test_a_stored_run_keeps_what_the_edit_changed(repo):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    repo.replay()

    with here(repo.root, repo.env), stored() as store:
        found = store.find_run(None)
    edit = from_document(found.document).prompts[0].edit

    assert ("prompts/support/triage.yaml", "modified", 2, 0) == (edit.path, edit.change, edit.added, edit.removed)
    assert ((3, 3),) == edit.ranges


def test_an_answer_that_only_calls_a_tool_shows_the_call(repo):
    named = {"type": "contains", "value": "search"}
    case = {"id": "t", "vars": {"ticket": "go TOOL=search"}, "assert": [named]}
    repo.inputs("prompts/support/triage.inputs.jsonl", [case])
    repo.commit()
    repo.write("prompts/support/triage.yaml", prompt_text().replace("{{ ticket }}", "{{ ticket }} TOOL=refund"))

    (case,) = repo.replay().prompt["cases"]

    assert case["changed"]
    assert '[{"name": "search", "arguments": {}}]' == case["old"]["output"]
    assert '[{"name": "refund", "arguments": {}}]' == case["new"]["output"]
    assert (True, False) == (case["old"]["passed"], case["new"]["passed"])


def test_what_cannot_be_confirmed_is_not_said_to_be_asked_again(repo, provider):
    repo.write(".promptctl.yaml", (repo.root / ".promptctl.yaml").read_text() + "confirm: {max_samples: 2}\n")
    repo.inputs("prompts/support/triage.inputs.jsonl", ticket_cases(2))
    repo.commit()
    repo.write("prompts/support/triage.yaml", prompt_text().replace("{{ ticket }}", "{{ ticket }} ANSWER=billing"))

    ran = repo.replay()

    assert ("inconclusive", 4) == (ran.json["verdict"], provider.stats()["calls"])
    assert "asking again" not in ran.err
