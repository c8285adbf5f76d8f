"""`doctor`: what is there, what is missing, and no key."""

import json
import os
import shutil
import subprocess
import sys
from importlib import metadata

import pytest

from promptctl import cli
from promptctl.models.call import Call, Reply
from promptctl.store import open_store
from promptctl.workflows.doctor import State, diagnose, healthy, local_check


@pytest.fixture
def checks(folder, tmp_path):
    """The checks by name, in a repository with nothing but what a test writes."""

    def run(environ=None, start=None, version="1.105.3"):
        env = {"PATH": os.environ["PATH"], "PROMPTCTL_HOME": str(tmp_path / "home"), **(environ or {})}
        return diagnose(start or folder.root, env, lambda _: version)

    return run


def one(checks, name):
    (found,) = [check for check in checks if check.name == name]
    return found


def test_a_repository_that_is_set_up_is_healthy(folder, checks):
    folder.write(".promptctl.yaml", "model: openai/gpt-5-mini\n")
    folder.write("prompts/a.txt", "Hi {{ name }}")
    folder.write("prompts/a.inputs.jsonl", '{"vars": {"name": "Ada"}}\n')
    folder.commit()

    found = checks({"OPENAI_API_KEY": "sk-secret"})

    assert healthy(found)
    assert "1 prompt under prompts" == one(found, "prompts").message
    assert "1 input for 1 prompt" == one(found, "inputs").message
    assert "openai/gpt-5-mini: OPENAI_API_KEY is set" == one(found, "model").message
    assert "none yet: the first replay makes .promptctl/promptctl.db" == one(found, "store").message
    assert "sk-secret" not in repr(found)


def test_it_works_outside_of_a_repository(checks, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()

    found = checks(start=outside)

    assert healthy(found)
    assert (State.WARNING, "Go to one, or make one: git init.") == (
        one(found, "repository").state,
        one(found, "repository").hint,
    )


def test_git_may_be_missing(checks, tmp_path):
    found = checks({"PATH": str(tmp_path)})

    assert (State.MISSING, False) == (one(found, "git").state, healthy(found))


def test_a_repository_without_a_commit_is_said(checks):
    check = one(checks(), "repository")

    assert (State.WARNING, "git add -A && git commit") == (check.state, check.hint)
    assert "no commit yet" in check.message


def test_wrong_settings_end_the_questions_about_them(folder, checks):
    folder.write(".promptctl.yaml", "repaly: {}\n")

    found = checks()

    assert not healthy(found)
    assert "unknown key 'repaly'" in one(found, "settings").message
    assert "prompts" not in {check.name for check in found}


def test_without_settings_and_prompts_it_says_what_to_do(checks):
    found = checks()

    assert "promptctl init writes one" == one(found, "settings").hint
    assert (State.WARNING, "none under prompts") == (one(found, "prompts").state, one(found, "prompts").message)
    assert healthy(found)


def test_prompts_that_cannot_be_read_are_named_once(folder, checks):
    folder.write("prompts/bad.yaml", "mesages: []\n")
    folder.write("prompts/same.txt", "Hi")
    folder.write("prompts/same.md", "Hi")

    found = checks()

    message = one(found, "unreadable").message
    assert "prompts/bad.yaml: line 1: unknown key 'mesages'" in message
    assert 1 == message.count("is called 'same'")
    assert not healthy(found)


def test_many_problems_are_counted(folder, checks):
    for number in range(9):
        folder.write(f"prompts/p{number}.yaml", "")

    assert one(checks(), "unreadable").message.endswith("; and 6 more")


def test_inputs_that_are_absent_or_wrong_are_named(folder, checks):
    folder.write("prompts/a.txt", "Hi")
    folder.write("prompts/b.txt", "Hi")
    folder.write("prompts/b.inputs.jsonl", "{\n")

    found = [check for check in checks() if check.name == "inputs"]

    assert [State.MISSING, State.WARNING] == [check.state for check in found]
    assert "prompts/b.inputs.jsonl: line 1" in found[0].message
    assert found[1].message.startswith("none for a:")


@pytest.mark.parametrize(
    ("model", "settings", "environ", "state", "says"),
    [
        ("openai/gpt-5-mini", "", {}, State.MISSING, "openai/gpt-5-mini: no key"),
        ("anthropic/claude-haiku-4-5", "", {"ANTHROPIC_API_KEY": "k"}, State.OK, "ANTHROPIC_API_KEY is set"),
        ("openai/x", "providers: {openai: {api_key_env: OURS}}", {"OURS": "k"}, State.OK, "OURS is set"),
        ("openai/x", "providers: {openai: {api_key_env: OURS}}", {"OPENAI_API_KEY": "k"}, State.MISSING, "no key"),
        ("openai/x", "providers: {openai: {api_base: 'http://127.0.0.1:9/v1'}}", {}, State.OK, "on this machine"),
        ("ollama_chat/llama3", "", {}, State.OK, "needs no key of its own"),
    ],
)
def test_a_models_key_is_looked_for(folder, checks, model, settings, environ, state, says):
    folder.write("prompts/a.txt", "Hi")
    folder.write(".promptctl.yaml", f"model: {model}\n{settings}\n")

    check = one(checks(environ), "model")

    assert state == check.state
    assert says in check.message


def test_fallbacks_count_and_a_prompt_without_a_model_is_named(folder, checks):
    folder.write("prompts/a.yaml", "messages: [{role: user, content: Hi}]\nfallbacks: [groq/x]\n")

    found = [check for check in checks() if check.name == "model"]

    assert ["none for a", "groq/x: no key"] == [check.message for check in found]
    assert "export GROQ_API_KEY=..." == found[1].hint


@pytest.mark.parametrize(
    ("version", "state", "says"),
    [
        ("1.100.0", State.OK, "1.100.0"),
        ("1.105.3", State.OK, "1.105.3"),
        ("1.82.7", State.MISSING, "published by an attacker"),
        ("1.106.1", State.MISSING, "fails at every call with tools"),
        ("1.106.3", State.WARNING, "outside of what promptctl is tested with"),
        ("1.99.9", State.WARNING, "outside of what promptctl is tested with"),
        ("2", State.WARNING, "outside of what promptctl is tested with"),
        ("1.x", State.WARNING, "outside of what promptctl is tested with"),
    ],
)
def test_litellm_is_judged_by_its_version(checks, version, state, says):
    check = one(checks(version=version), "litellm")

    assert state == check.state
    assert says in check.message


def test_litellm_may_be_absent(folder):
    def absent(name):
        raise metadata.PackageNotFoundError(name)

    assert "not installed" == one(diagnose(folder.root, dict(os.environ), absent), "litellm").message


def test_the_encodings_travel_with_litellm(checks):
    assert State.OK == one(checks(), "tiktoken").state


def test_the_store_is_counted_without_being_changed(folder, checks):
    with open_store("sqlite:///.promptctl/promptctl.db", folder.root) as store:
        store.add([(Call("m", ({"role": "user", "content": "Hi"},)), Reply("Hello"))])
        store.start_run("r", "2026-01-01T00:00:00Z", {})

    message = one(checks(), "store").message

    assert message.startswith(".promptctl/promptctl.db, ")
    assert message.endswith(", 1 answer, 1 run")


@pytest.mark.parametrize(
    ("url", "state", "says"),
    [
        ("sqlite:///:memory:", State.WARNING, "in memory"),
        ("postgresql://u:secret@127.0.0.1:9/d", State.MISSING, "postgresql://127.0.0.1:9/d"),
        ("sqlite:///README.md", State.MISSING, "README.md"),
    ],
)
def test_a_store_that_keeps_nothing_or_cannot_be_used_is_said(folder, checks, url, state, says):
    folder.write("README.md", "Hello" * 100)
    folder.write(".promptctl.yaml", f"cache: {{url: '{url}'}}\n")

    check = one(checks(), "store")

    assert state == check.state
    assert says in check.message
    assert "secret" not in repr(check)


def test_a_damaged_store_is_said(folder, checks):
    folder.write(".promptctl/promptctl.db", "SQLite format 3\0 and no more")

    assert State.WARNING == one(checks(), "store").state


def test_the_local_model_is_needed_where_a_prompt_names_it(folder, checks):
    folder.write("prompts/a.yaml", "model: local/smollm2\nmessages: [{role: user, content: Hi}]\n")

    found = checks()

    assert not [check for check in found if check.name == "model"]
    assert one(found, "local model").message.startswith("local/smollm2")


def test_a_check_is_plain_data(checks):
    assert {"name": "git", "state": "ok", "message": one(checks(), "git").message, "hint": ""} == one(
        checks(), "git"
    ).to_json()


def test_git_is_found_where_the_environment_says(checks):
    assert shutil.which("git")
    assert one(checks(), "git").message[0].isdigit()


NEEDS = "local/smollm2 needs the package xllamacpp: pip install 'promptctl-cli[local]'"


@pytest.mark.parametrize(
    ("reason", "needed", "state", "message", "hint"),
    [
        (NEEDS, True, State.MISSING, "local/smollm2 needs the package xllamacpp", "pip install 'promptctl-cli[local]'"),
        (
            NEEDS,
            False,
            State.OK,
            "local/smollm2 is not installed; nothing here needs it",
            "pip install 'promptctl-cli[local]'",
        ),
        (None, True, State.OK, "local/smollm2: its weights, 93 MB, come at first use", ""),
    ],
)
def test_the_local_model_before_it_was_used(reason, needed, state, message, hint):
    check = local_check(reason, None, needed=needed)

    assert (state, message, hint) == (check.state, check.message, check.hint)


def test_the_local_models_weights_are_named(tmp_path):
    weights = tmp_path / "w.gguf"
    weights.write_bytes(bytes(1_600_000))

    assert f"local/smollm2: {weights} (2 MB)" == local_check(None, weights, needed=True).message


# The command


def test_the_command_prints_a_line_a_check(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder.root)
    monkeypatch.setenv("COLUMNS", "80")
    folder.write("prompts/a.txt", "Hi")

    code = cli.run(["doctor"])

    lines = capsys.readouterr().out.splitlines()
    assert 1 == code
    assert all(len(line) <= 80 for line in lines if "/" not in line)
    assert "missing  model        none for a" in lines
    assert "                      -> `model:` in the prompt or in .promptctl.yaml" in lines


def test_the_command_is_coloured_where_that_is_wanted(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder.root)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")

    cli.run(["doctor"])

    assert "\x1b[32mok" in capsys.readouterr().out


def test_the_command_as_json(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder.root)

    code = cli.run(["doctor", "--format", "json"])

    document = json.loads(capsys.readouterr().out)
    assert (0, "promptctl.doctor/1", True) == (code, document["schema"], document["ok"])
    assert {"name", "state", "message", "hint"} == document["checks"][0].keys()


def test_the_command_imports_no_litellm(folder):
    program = "import sys; from promptctl import cli; cli.run(['doctor']); sys.exit('litellm' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], cwd=folder.root, capture_output=True, check=False)

    assert 0 == done.returncode, done.stderr
