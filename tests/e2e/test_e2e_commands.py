"""The commands around the main job: what they print, in each format."""

import json
import os
import subprocess
import sys

import pytest
from user_repository import here, prompt_text, ticket_cases

from promptctl.cli.wiring.stored import stored


def edited(repo, extra: str = " Be brief.") -> None:
    repo.write("prompts/support/triage.yaml", prompt_text(extra))


def test_the_installed_command_does_the_main_job(repo, provider):
    repo.write("prompts/support/triage.yaml", prompt_text().replace('"{{ ticket }}"', '"{{ ticket }} ANSWER=oops"'))

    ran = repo.installed("replay", "--format", "json")

    assert (1, "regressed") == (ran.code, ran.json["verdict"])
    assert provider.stats()["calls"] == ran.json["totals"]["calls"]


def test_list_in_both_formats(repo):
    shown, listed = repo.run("list"), repo.run("list", "--format", "json")

    (row,) = listed.json["prompts"]
    assert "support/triage" in shown.out
    assert ("support/triage", ["ticket"], 8) == (row["prompt"], row["variables"], row["inputs"]["count"])


def test_list_where_nothing_is(bare_repo):
    ran = bare_repo.run("list")

    assert (0, "") == (ran.code, ran.out)
    assert "promptctl init" in ran.err


def test_show_resolved_rendered_and_at_a_revision(repo):
    edited(repo)

    here, there = repo.run("show", "support/triage"), repo.run("show", "support/triage@HEAD")
    rendered = repo.run("show", "support/triage", "--input", "t-001", "--format", "json")
    given = repo.run("show", "support/triage", "--var", "ticket=a=b", "--format", "json")

    assert "Be brief." in here.out
    assert "Be brief." not in there.out
    assert "case 1 ANSWER=technical" == rendered.json["messages"][1]["content"]
    assert "a=b" == given.json["messages"][1]["content"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["support/triag"], "support/triage"),
        (["support/triage", "--input", "t-0001"], "t-000"),
        (["support/triage", "--var", "ticket"], "NAME=VALUE"),
        (["support/triage", "--var", "other=x"], "ticket"),
        (["support/triage@nowhere"], "nowhere"),
    ],
)
def test_show_says_what_is_wrong(repo, args, words):
    ran = repo.run("show", *args)

    assert 2 == ran.code
    assert 1 == len(ran.err.splitlines())
    assert words in ran.err


def test_show_with_an_input_of_a_prompt_that_has_none(repo):
    repo.write("prompts/greet.txt", "Hello {{ name }}")

    ran = repo.run("show", "greet", "--input", "x")

    assert 2 == ran.code
    assert "--var" in ran.err


def test_diff_in_every_format(repo):
    edited(repo)

    forms = {form: repo.run("diff", "--format", form) for form in ("terminal", "json", "markdown")}
    stat, beside = repo.run("diff", "--stat"), repo.run("diff", "--side-by-side")

    assert all("Be brief." in ran.out for ran in (*forms.values(), beside))
    assert "support/triage" in stat.out
    assert forms["json"].prompt["tokens"]["new"] > forms["json"].prompt["tokens"]["old"]


def test_diff_exit_code(repo):
    clean = repo.run("diff", "--exit-code")
    edited(repo)
    changed = repo.run("diff", "--exit-code")

    assert (0, "", 1) == (clean.code, clean.out, changed.code)


def test_diff_rendered_shows_what_the_model_sees(repo):
    edited(repo, "{% if 'case 1' in ticket %} Be brief.{% endif %}")

    first = repo.run("diff", "--rendered", "--format", "json")
    second = repo.run("diff", "--input", "t-001", "--format", "json")
    nowhere = repo.run("diff", "--input", "t-999")

    assert "{%" not in first.out
    assert "Be brief." not in first.out
    assert "You route tickets. Be brief." in second.out
    assert (2, 1) == (nowhere.code, len(nowhere.err.splitlines()))


def test_diff_of_nothing_readable_is_the_users_mistake(repo):
    repo.write("prompts/support/triage.yaml", "messages: [")

    ran = repo.run("diff")

    assert 2 == ran.code
    assert "triage.yaml" in ran.err


def test_diff_says_that_only_inputs_changed(repo):
    repo.inputs("prompts/support/triage.inputs.jsonl", ticket_cases(3))

    ran = repo.run("diff")

    assert 0 == ran.code
    assert "inputs" in ran.out


@pytest.mark.skipif(os.name == "nt", reason="the shell is that of POSIX")
def test_streams_that_the_caller_closed_lead_nowhere(repo):
    edited(repo)
    repo.replay()
    command = f"exec '{sys.executable}' -m promptctl replay"

    shut = subprocess.run(["sh", "-c", f"{command} <&- >&- 2>&-"], cwd=repo.root, env=repo.env, check=False)
    loud = subprocess.run(
        ["sh", "-c", f"{command} >&-"], cwd=repo.root, env=repo.env, stderr=subprocess.PIPE, text=True, check=False
    )

    assert (0, 0, "") == (shut.returncode, loud.returncode, loud.stderr)
    assert 3 == len(repo.run("runs", "list", "--format", "json").json["runs"])


def test_dry_run_as_text_names_an_unknown_price(repo, provider):
    edited(repo)
    priced = repo.run("replay", "--dry-run")
    repo.write("prompts/support/triage.yaml", "model: openai/unheard-of\n" + prompt_text(" Be brief."))
    unpriced = repo.run("replay", "--dry-run")

    assert (0, 0, 0) == (priced.code, unpriced.code, provider.stats()["calls"])
    assert "16 calls" in priced.out
    assert "prices:" in unpriced.out
    assert "cost unknown" in unpriced.out


@pytest.mark.parametrize("command", [["report"], ["runs", "show"]])
def test_where_no_run_came_to_its_end_it_is_said_how_to_go_on(repo, command):
    with here(repo.root, repo.env), stored() as store:
        store.start_run("20261122-101500-3fa2c1", "2026-11-22T10:15:00Z", {})
        store.interrupt_run("20261122-101500-3fa2c1")

    ran = repo.run(*command)

    assert (2, "") == (ran.code, ran.out)
    assert "run 20261122-101500-3fa2c1 did not come to its end. Go on with: promptctl replay --resume 2026" in ran.err


@pytest.mark.parametrize("command", [["runs", "rm"], ["runs", "show"], ["report"]])
def test_an_empty_word_is_no_run(repo, command):
    edited(repo)
    repo.replay()

    ran = repo.run(*command, "")

    assert (2, "") == (ran.code, ran.out)
    assert "no run ''." in ran.err
    assert 1 == len(repo.run("runs", "list", "--format", "json").json["runs"])


def test_an_empty_name_is_no_model(repo, provider):
    edited(repo)

    ran = repo.replay("--model", " ")

    assert (2, 0) == (ran.code, provider.calls)
    assert "--model: the name is missing. As in openai/gpt-5-mini." in ran.err


def test_runs_show_without_a_run_shows_the_last(repo):
    edited(repo)
    repo.replay()

    assert repo.run("report").out == repo.run("runs", "show").out != ""


def test_cache_stats_and_runs_as_tables(repo):
    empty = repo.run("runs", "list")
    edited(repo)
    ran = repo.replay()
    run = ran.json["run"]

    stats, table = repo.run("cache", "stats"), repo.run("cache", "stats", "--format", "json")
    listed, shown = repo.run("runs", "list"), repo.run("runs", "show", run[:12])

    assert "no runs yet" in empty.err
    assert "16 answers" in stats.out
    assert (16, "openai/fake") == (table.json["answers"], table.json["models"][0]["model"])
    assert run in listed.out
    assert f"Run {run}" in shown.out
    assert (2, 2) == (repo.run("runs", "show", "2000").code, repo.run("runs", "rm", "2000").code)


def test_a_report_that_cannot_be_written_is_named_and_changes_no_exit_code(repo):
    edited(repo)
    (repo.root / "taken.md").mkdir()

    ran = repo.replay("-o", "taken.md")

    assert ("passed", 0) == (ran.json["verdict"], ran.code)
    assert "taken.md: cannot be written: Is a directory." in ran.err


def test_from_a_subfolder_paths_are_seen_from_there(repo):
    edited(repo)

    ran = repo.run("diff", "--format", "json", "--", "support/triage.yaml", cwd="prompts")

    assert ["support/triage"] == [item["prompt"] for item in ran.json["prompts"]]


def test_settings_of_a_revision_and_of_the_merge_base(repo):
    repo.git("checkout", "-q", "-b", "edit")
    repo.write("prompts/support/triage.yaml", prompt_text().replace('"{{ ticket }}"', '"{{ ticket }} ANSWER=oops"'))
    settings = (repo.root / ".promptctl.yaml").read_text()
    repo.write(".promptctl.yaml", settings + "gate: {max_regressions: 99}\n")
    repo.commit("a lenient gate of one's own")

    lenient, strict = repo.replay("main", "edit"), repo.replay("main...edit")
    older = repo.replay("main", "edit", "--settings", "main")

    assert [0, 1, 1] == [lenient.code, strict.code, older.code]


CODED = 'assert: [{type: python, value: "file://check.py"}]\n'


def coded(repo, extra: str, check: str) -> None:
    text = prompt_text(extra)
    repo.write("prompts/support/triage.yaml", text[: text.index("assert:")] + CODED)
    repo.write("prompts/support/check.py", f"def get_assert(output, context):\n    return {check}\n")


def test_without_the_flag_the_old_sides_code_runs_and_the_report_says_so(repo):
    repo.write(".promptctl.yaml", (repo.root / ".promptctl.yaml").read_text() + "allow_code: true\n")
    coded(repo, "", "True")
    repo.commit("code")
    coded(repo, " Be brief.", "False")

    trusted, allowed = repo.replay(), repo.replay("--allow-code")

    assert (0, 8) == (trusted.code, trusted.prompt["counts"]["pass"])
    assert "old side's code ran" in " ".join(trusted.prompt["reasons"])
    assert 8 == allowed.prompt["counts"]["fail"]


def test_code_that_the_old_side_has_not_does_not_run(repo):
    repo.write(".promptctl.yaml", (repo.root / ".promptctl.yaml").read_text() + "allow_code: true\n")
    repo.commit("allowed")
    coded(repo, " Be brief.", "True")

    ran = repo.replay()

    assert (3, 8) == (ran.code, ran.prompt["counts"]["error"])
    assert "--allow-code" in json.dumps(ran.json)


def test_a_code_file_outside_the_repository_is_refused(repo):
    text = prompt_text(" Be brief.")
    outside = 'assert: [{type: python, value: "file://../../../check.py"}]\n'
    repo.write("prompts/support/triage.yaml", text[: text.index("assert:")] + outside)

    ran = repo.run("replay", "--allow-code")

    assert 2 == ran.code
    assert "outside the repository" in ran.err


def test_a_prompt_without_a_model_is_said_before_any_call(repo, provider):
    repo.write(".promptctl.yaml", "")
    edited(repo)

    ran = repo.run("replay")

    assert (2, 0) == (ran.code, provider.stats()["calls"])
    assert "model" in ran.err


def test_inputs_from_nowhere_and_tags(repo):
    cases = ticket_cases(4)
    cases[2]["tags"] = ["vip"]
    repo.inputs("prompts/support/triage.inputs.jsonl", cases)
    edited(repo)

    nowhere, tagged, none = (
        repo.run("replay", "--inputs", "gone"),
        repo.replay("--tag", "vip"),
        repo.run("replay", "--tag", "x"),
    )

    assert (2, 1, 2) == (nowhere.code, tagged.prompt["counts"]["inputs"], none.code)


def test_an_old_side_that_cannot_be_read_is_replaced_by_a_replay_of_the_new_one_alone(repo):
    repo.write("prompts/support/triage.yaml", "messages: [")
    repo.commit("broken")
    edited(repo)

    ran = repo.replay()

    assert (0, None, 8) == (ran.code, ran.prompt["old"], ran.prompt["counts"]["pass"])
    assert any("cannot be read" in reason for reason in ran.prompt["reasons"])


def test_inputs_of_a_revision_that_has_none_are_no_inputs(repo):
    before = repo.git("rev-parse", "HEAD").strip()
    repo.write("prompts/greet.txt", "Hello {{ name }} ANSWER=hi")
    repo.inputs("prompts/greet.inputs.jsonl", [{"vars": {"name": "Ada"}}])

    ran = repo.replay("--inputs", before, "-p", "gre*")

    assert (0, ["no inputs"]) == (ran.code, ran.prompt["reasons"])


def test_show_takes_values_of_declared_types(bare_repo):
    declared = "variables: {tags: {type: array}, n: {type: integer}, text: {type: string}, any: {}}\n"
    template = "{% for t in tags %}<{{ t }}>{% endfor %} {{ n + 1 }} {{ text }} {{ any }}"
    bare_repo.write("prompts/p.yaml", f"{declared}messages: [{{role: user, content: '{template}'}}]\n")
    values = ("--var", 'tags=["a", 1]', "--var", "n=2", "--var", "text=[3]", "--var", "any=4")

    shown = bare_repo.run("show", "p", *values, "--format", "json").json
    wrong = bare_repo.run("show", "p", *values, "--var", "tags=a, b")

    assert "<a><1> 3 [3] 4" == shown["messages"][0]["content"]
    assert (2, True) == (wrong.code, "'tags' is string, declared as array" in wrong.err)


def test_show_resolves_what_is_included_at_that_revision(bare_repo):
    head = "fallbacks: [m/n]\nvolume: 5/day\ntemplate: jinja\n"
    bare_repo.write(
        "prompts/a.yaml", head + "messages: [{role: user, content: \"Be {% include '_tone.j2' %}, {{ name }}.\"}]\n"
    )
    bare_repo.write("prompts/_tone.j2", "kind")
    macros = "{% import '_m.j2' as m %}{{ m.f() }}"
    bare_repo.write("prompts/b.yaml", f'messages: [{{role: user, content: "{macros}"}}]\n')
    bare_repo.write("prompts/_m.j2", "{% macro f() %}kind{% endmacro %}")
    bare_repo.commit("first")
    bare_repo.write("prompts/_tone.j2", "brief")

    now, then = bare_repo.run("show", "a", "--format", "json").json, bare_repo.run("show", "a@HEAD").out
    unresolved = bare_repo.run("show", "b")

    assert ("Be brief, {{ name }}.", True) == (now["messages"][0]["content"], now["resolved"])
    assert (["m/n"], "5/day", {"_tone.j2": "brief"}) == (now["fallbacks"], now["volume"], now["partials"])
    assert "Be kind, {{ name }}." in then
    assert "5/day" in then
    assert "included _m.j2:\n  {% macro f() %}kind{% endmacro %}" in unresolved.out
