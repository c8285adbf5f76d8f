"""Bad input through the installed command: one clear line each, the right exit code, nothing lost."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from user_repository import Repo, prompt_text, ticket_cases

from promptctl.errors import StoreError


def check_one_line(ran, code: int, *words: str) -> None:
    """It ended with this code and one line on stderr that holds these words."""
    assert code == ran.code, ran.err
    lines = [line for line in ran.err.splitlines() if line.strip()]
    assert 1 == len(lines), ran.err
    assert "Traceback" not in ran.err
    for word in words:
        assert word in lines[0]


def test_mistakes_of_several_flags_are_said_at_once(bare_repo):
    flags = [
        "--early-stop",
        "--no-confirm",
        "--fresh",
        "--frozen",
        "--workers",
        "x",
        "--audit",
        "200%",
        "--format",
        "xx",
    ]
    ran = bare_repo.run("replay", *flags, "-o", "absent/r.md", "-o", "r.docx")

    assert (2, "") == (ran.code, ran.out)
    said = (
        "--early-stop stops on fresh answers",
        "--format xx: unknown.",
        "absent/r.md: there is no folder absent.",
        "-o r.docx: the extension '.docx' stands for no format.",
        "--fresh asks again; it cannot go with",
        "--workers x: a number from 1 to 64",
        "--audit 200%: no share.",
    )
    for line, start in zip(ran.err.splitlines(), said, strict=True):
        assert line.startswith(f"promptctl: {start}")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("args", [["--version"], ["--help"], ["list"], ["show", "a", "--format", "json"], ["diff"]])
def test_a_full_disk_under_the_output_is_one_line(bare_repo, args):
    bare_repo.write("prompts/a.txt", "Hello")
    bare_repo.commit()
    bare_repo.write("prompts/a.txt", "Hello there, " * 2_000)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "promptctl", *args],
            cwd=bare_repo.root,
            env=bare_repo.env,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    said = "promptctl: the output cannot be written: No space left on device.\n"
    assert (3, said) == (done.returncode, done.stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="a folder that is in use stays there")
@pytest.mark.parametrize("args", ["list", "diff", "replay --dry-run", "lint", "doctor", "hook pre-commit"])
def test_a_folder_that_is_removed_while_one_stands_in_it(bare_repo, args):
    bare_repo.write("prompts/a.txt", "Hello")
    bare_repo.commit()
    leaving = "import os, sys; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone'); from promptctl.cli import run; "

    done = subprocess.run(
        [sys.executable, "-c", f"{leaving}sys.exit(run({args.split()}))"],
        cwd=bare_repo.root,
        env=bare_repo.env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (2, "promptctl: the current folder is gone. Go to one that exists.\n") == (done.returncode, done.stderr)


def test_outside_a_repository(tmp_path):
    repo = Repo(tmp_path / "repo", tmp_path / "home")
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    repo.root = outside
    repo.env["GIT_CEILING_DIRECTORIES"] = str(tmp_path)

    for command in ("diff", "replay", "list", "show x", "report", "runs list"):
        check_one_line(repo.run(*command.split()), 2, "git")


def test_no_commit_yet(bare_repo):
    bare_repo.write("prompts/a.txt", "hello")

    for command in ("diff", "replay"):
        check_one_line(bare_repo.run(command), 2, "commit")


@pytest.mark.parametrize("revision", ["nowhere", "main..nowhere", "nowhere...main"])
def test_an_unknown_revision(repo, revision):
    for command in ("diff", "replay"):
        check_one_line(repo.run(command, revision), 2, "nowhere")


def test_a_revision_that_looks_like_an_option_is_refused(repo):
    repo.env["PROMPTCTL_TEST"] = ""
    ran = repo.run("diff", "main..--output=owned")

    check_one_line(ran, 2, "--output")
    assert not (repo.root / "owned").exists()


def test_an_unknown_option_and_an_unknown_command(repo):
    check_one_line(repo.run("replay", "--frobnicate"), 2, "--frobnicate", "--help")
    check_one_line(repo.run("relpay"), 2, "replay")


def test_all_mistakes_of_a_prompt_at_once_with_lines(repo):
    repo.write("prompts/support/triage.yaml", "mesages: []\nparams: {api_base: http://x}\nmodel: 3\n")

    ran = repo.run("replay")

    assert 2 == ran.code
    assert "messages" in ran.err
    assert "api_base" in ran.err
    assert "line 3" in ran.err
    assert "Traceback" not in ran.err


def test_one_broken_prompt_does_not_stop_diff_and_list(repo):
    repo.write("prompts/bad.yaml", "messages: [")
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

    diff, listed = repo.run("diff", "--format", "json"), repo.run("list", "--format", "json")

    assert (0, 0) == (diff.code, listed.code)
    assert "support/triage" in {item["prompt"] for item in diff.json["prompts"]}
    assert "bad.yaml" in diff.err
    assert {"bad", "support/triage"} == {item["prompt"] for item in listed.json["prompts"]}


def test_a_variable_that_no_input_has_is_said_before_any_call(repo, provider):
    repo.write("prompts/support/triage.yaml", prompt_text().replace("{{ ticket }}", "{{ tikcet }}"))

    check_one_line(repo.run("replay"), 2, "tikcet", "ticket")
    assert 0 == provider.stats()["calls"]


def test_a_variable_that_some_inputs_lack_is_the_edits_doing(repo):
    cases = ticket_cases(4)
    cases[0]["vars"]["plan"] = "gold"
    repo.inputs("prompts/support/triage.inputs.jsonl", cases)
    repo.write("prompts/support/triage.yaml", prompt_text(" The plan is {{ plan }}."))

    ran = repo.replay()

    assert (1, 3, 3) == (ran.code, ran.prompt["counts"]["regressed"], ran.prompt["counts"]["confirmed"])


def test_a_duplicate_id(repo):
    repo.inputs("prompts/support/triage.inputs.jsonl", [*ticket_cases(2), ticket_cases(1)[0]])

    check_one_line(repo.run("replay"), 2, "t-000", "line 3")


def test_a_bad_line_of_inputs(repo):
    repo.write("prompts/support/triage.inputs.jsonl", '{"vars": {"ticket": "x"}}\n{"vars": \n')

    check_one_line(repo.run("replay"), 2, "triage.inputs.jsonl", "line 2")


def test_no_inputs(repo):
    (repo.root / "prompts/support/triage.inputs.jsonl").unlink()
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

    ran = repo.replay()

    assert (0, "unaffected", ["no inputs"]) == (ran.code, ran.prompt["verdict"], ran.prompt["reasons"])
    check_one_line(repo.run("replay", "-p", "support/triage"), 2, "inputs")


@pytest.mark.parametrize("args", [["-p", "nope"], ["--", "nope"], ["-p", "support/*", "-p", "no*"]])
def test_a_selection_that_matches_nothing(repo, args):
    for command in ("diff", "replay"):
        check_one_line(repo.run(command, *args), 2, "no")


def test_an_input_that_is_not_there(repo):
    check_one_line(repo.run("replay", "--all", "--input", "t-999"), 2, "t-999")


def test_no_api_key_is_said_once(repo, provider):
    del repo.env["OPENAI_API_KEY"]
    repo.write(".promptctl.yaml", "model: anthropic/claude-haiku-4-5\n")
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

    ran = repo.run("replay")

    assert 3 == ran.code
    assert "ANTHROPIC_API_KEY" in ran.out + ran.err
    assert (ran.out + ran.err).count("ANTHROPIC_API_KEY") <= 3
    assert "Traceback" not in ran.out + ran.err


def test_a_store_that_fails_says_how_to_go_on(repo, provider, monkeypatch):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

    def full(_store, _answers):
        raise StoreError("p.db: the disk is full.", hint="Make room.")

    with monkeypatch.context() as patched:
        patched.setattr("promptctl.store.store.Store.add", full)
        ran = repo.replay()
    run = repo.run("runs", "list", "--format", "json").json["runs"][0]["run"]

    assert (3, "") == (ran.code, ran.out)
    assert f"p.db: the disk is full. Make room. Go on with: promptctl replay --resume {run}" in ran.err
    assert 0 == repo.replay("--resume", run).code


def test_recordings_that_cannot_be_written_cost_no_report(repo, provider):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    (repo.root / "prompts/support/triage.recordings.jsonl").mkdir()

    ran = repo.replay("--record")

    assert (3, 8) == (ran.code, ran.prompt["counts"]["pass"])
    assert "triage.recordings.jsonl: cannot be written: Is a directory." in ran.err


def test_a_dry_run_says_what_it_leaves_out(repo, provider):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    with (repo.root / "prompts/support/triage.inputs.jsonl").open("a") as file:
        file.write('{"vars": {"ticket": \n')

    ran = repo.replay("--dry-run", "--skip-invalid")

    assert (0, 16) == (ran.code, ran.json["totals"]["calls"])
    assert "left out: prompts/support/triage.inputs.jsonl: line 9: " in ran.err


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--max-cost", "nan"),
        ("--max-cost", "inf"),
        ("--timeout", "nan"),
        ("--timeout", "inf"),
        ("--time-limit", "nan"),
        ("--concurrency", "1001"),
        ("--retries", "101"),
        ("--repeat", "1001"),
    ],
)
def test_a_flag_has_the_bounds_of_its_setting(repo, provider, flag, value):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

    ran = repo.run("replay", flag, value)

    check_one_line(ran, 2, f"Invalid value for '{flag}': {value}")
    assert 0 == provider.calls


def test_a_key_that_the_settings_name_is_not_done_without(repo, provider):
    settings = (repo.root / ".promptctl.yaml").read_text()
    repo.write(".promptctl.yaml", settings.replace("/v1}", "/v1, api_key_env: OUR_KEY}"))
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

    ran = repo.replay()

    assert (3, 0) == (ran.code, provider.calls)
    assert "16 calls without an answer: no API key for openai: set OUR_KEY" in ran.err
    assert 0 == repo.replay(OUR_KEY="k").code


@pytest.mark.parametrize("command", ["diff", "replay"])
def test_a_prompt_in_the_place_of_a_revision_is_shown_its_own(repo, command):
    path = repo.run(command, "prompts/support/triage.yaml")
    name = repo.run(command, "support/triage")

    check_one_line(
        path, 2, "unknown revision", "Files and prompts stand after --, as in -- prompts/support/triage.yaml"
    )
    check_one_line(name, 2, "unknown revision 'support/triage'. See git log", "prompts stand after --.")


UNKNOWN = "no input has the variable"


@pytest.mark.parametrize(
    ("assertion", "said"),
    [
        ({"type": "equals", "value": "{{ expectd }}"}, f"the assertion equals: {UNKNOWN} 'expectd'. Did you mean 'exp"),
        ({"type": "not-contains", "value": ["a", "{{ tone }}"]}, f"the assertion not-contains: {UNKNOWN} 'tone'."),
        (
            {"type": "levenshtein", "value": "x", "threshold": "{{ far }}"},
            f"the assertion levenshtein: {UNKNOWN} 'far'",
        ),
        ({"type": "equals", "value": "x", "transform": "{{ output[:n] }}"}, f"the assertion equals: {UNKNOWN} 'n'."),
        ({"type": "llm-rubric", "value": "Is {{ tone }}"}, f"the assertion llm-rubric: {UNKNOWN} 'tone'."),
        (
            {"type": "assert-set", "assert": [{"type": "icontains", "value": "{{ tickt }}"}]},
            f"the assertion icontains: {UNKNOWN} 'tickt'. Did you mean 'ticket'?",
        ),
    ],
)
@pytest.mark.parametrize("own", [False, True])
def test_what_an_assertion_looks_up_and_no_input_has_is_said_before_any_call(repo, provider, assertion, said, own):
    settings = (repo.root / ".promptctl.yaml").read_text()
    repo.write(".promptctl.yaml", settings + "judge: {model: openai/fake}\n")
    cases = ticket_cases(3)
    if own:
        cases[1]["assert"] = [assertion]
        repo.inputs("prompts/support/triage.inputs.jsonl", cases)
        repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    else:
        repo.write("prompts/support/triage.yaml", prompt_text(" Be brief.") + f"  - {json.dumps(assertion)}\n")

    ran = repo.replay()

    place = "triage.inputs.jsonl: line 2: " if own else "triage.yaml: "
    assert (2, "", 0) == (ran.code, ran.out, provider.calls)
    assert place + said in ran.err


def test_a_variable_that_only_some_inputs_have_or_that_a_branch_leaves_out_is_no_mistake(repo, provider):
    cases = ticket_cases(2)
    cases[0]["vars"]["word"] = cases[0]["expected"]
    repo.inputs("prompts/support/triage.inputs.jsonl", cases)
    asserted = [
        {"type": "equals", "value": "{{ word }}"},
        {"type": "icontains", "value": "{% if expected %}{{ expected }}{% else %}{{ nothing }}{% endif %}"},
        {"type": "icontains", "value": "{{ label | default(expected) }}"},
    ]
    lines = "".join(f"  - {json.dumps(one)}\n" for one in asserted)
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief.") + lines)

    ran = repo.replay()

    assert (3, 1, 1) == (ran.code, ran.prompt["counts"]["pass"], ran.prompt["counts"]["error"])
    assert "undefined variable 'word'" in json.dumps(ran.prompt["cases"])


def test_an_unreachable_provider_names_every_case_once(bare_repo):
    bare_repo.write("prompts/support/triage.yaml", prompt_text())
    bare_repo.inputs("prompts/support/triage.inputs.jsonl", ticket_cases(4))
    bare_repo.commit("first")
    bare_repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

    ran = bare_repo.replay("--retries", "0")
    shown = bare_repo.run("report")

    assert (3, 4) == (ran.code, ran.prompt["counts"]["error"])
    assert "Traceback" not in ran.err + shown.out
    assert 1 == shown.out.count("t-002")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("unauthorized", "401: Incorrect API key provided: [key]; check OPENAI_API_KEY"),
        ("not_found", "404: The model `nope` does not exist; check the model's name and providers.openai.api_base"),
        (
            "insufficient_quota",
            "429: You exceeded your current quota, please check your plan and billing details; nothing",
        ),
    ],
)
def test_what_no_call_would_survive_stops_the_run_and_is_one_line(repo, provider, status, words):
    repo.inputs("prompts/support/triage.inputs.jsonl", ticket_cases(200))
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    provider.config(status=status)

    ran = repo.replay("--concurrency", "4")

    assert (3, 200) == (ran.code, ran.prompt["counts"]["error"])
    assert f"promptctl: 400 calls without an answer: openai/fake: {words}" in ran.err
    assert provider.calls == ran.json["totals"]["calls"] <= 8


def test_an_unreachable_api_base_is_one_line(bare_repo):
    bare_repo.write("prompts/support/triage.yaml", prompt_text())
    bare_repo.inputs("prompts/support/triage.inputs.jsonl", ticket_cases(200))
    bare_repo.commit("first")
    bare_repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

    ran = bare_repo.replay("--concurrency", "4")

    assert (3, 0) == (ran.code, ran.json["totals"]["calls"])
    assert 1 == ran.err.count("400 calls without an answer: openai/fake: cannot connect")
    assert "cannot connect to http://127.0.0.1:9/v1" in ran.err
    assert "See providers.openai.api_base" in ran.err


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__ }}",
        "{{ ticket.__init__.__globals__ }}",
        "{{ ticket|attr('__class__') }}",
        "{{ self._TemplateReference__context }}",
        "{{ [ticket]|map(attribute='__class__')|list }}",
        "{% include '../../../etc/passwd' %}",
        "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
        "{{ 'a' * 10000000000 }}",
    ],
)
def test_a_template_cannot_leave_its_sandbox(repo, provider, attack):
    repo.write(
        "prompts/support/triage.yaml",
        "messages:\n  - {role: user, content: " + json.dumps(attack + "{{ ticket }}") + "}\n",
    )

    ran = repo.replay()

    assert ran.code in {1, 2}
    assert "Traceback" not in ran.err
    assert 8 >= provider.stats()["calls"]


def test_control_sequences_in_an_answer_never_reach_the_terminal(repo):
    import base64

    evil = base64.b64encode(b"\x1b]52;c;ZXZpbA==\x07\x1b[2J\xe2\x80\xaeevil").decode()
    broken = prompt_text().replace('"{{ ticket }}"', f'"{{{{ ticket }}}} B64={evil}"')
    repo.write("prompts/support/triage.yaml", broken)

    for format_ in ("terminal", "markdown"):
        ran = repo.run("replay", "--format", format_)

        assert 1 == ran.code
        assert "\x1b]" not in ran.out
        assert "\x1b[2J" not in ran.out
        assert "\u202e" not in ran.out


def test_misspelt_settings_and_environment(repo):
    repo.write(".promptctl.yaml", "gate: {max_regresions: 1}\nreply: {}\n")

    ran = repo.run("replay")

    assert 2 == ran.code
    assert "max_regressions" in ran.err
    assert "reply" in ran.err
    repo.write(".promptctl.yaml", "")
    check_one_line(repo.run("list", PROMPTCTL_REPLAY_CONCURENCY="8"), 2, "PROMPTCTL_REPLAY_CONCURRENCY")


def test_a_key_never_reaches_what_is_kept(repo):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    repo.replay("--record", "-o", "report.json", "-o", "report.md")

    kept = [path for path in repo.root.rglob("*") if path.is_file() and ".git/" not in str(path)]

    assert [] == [path for path in kept if b"sk-test-1234567890" in path.read_bytes()]


@pytest.mark.parametrize("command", ["diff", "replay"])
def test_a_folder_that_is_not_there_is_no_folder_without_changes(repo, command):
    repo.write(".promptctl.yaml", "prompts: [promts]\nmodel: openai/fake\n")

    ran = repo.run(command)

    assert 0 == ran.code
    assert "promptctl: no prompts under promts. Run `promptctl init`, or name your folder" in ran.err
