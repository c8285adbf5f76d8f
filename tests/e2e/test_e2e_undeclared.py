"""A path that no entry of `prompts:` names is read all the same where somebody names it."""

import pytest

APP = '''
SYSTEM_PROMPT = """You are a helpful router of tickets."""
TONE_PROMPT = f"Say {number} things only, please."
'''


@pytest.fixture
def elsewhere(bare_repo):
    bare_repo.write("prompts/agent.txt", "Declared {{ name }}\n")
    bare_repo.write("svc/texts/agent.md", "Hello {{ name }}, be {% include '_tone.j2' %}.\n")
    bare_repo.write("svc/texts/_tone.j2", "kind")
    bare_repo.write("src/app.py", APP)
    bare_repo.write("src/main.go", "package main\n")
    bare_repo.commit("first")
    bare_repo.write("svc/texts/_tone.j2", "brief")
    bare_repo.write("src/app.py", APP.replace("router", "keeper"))
    return bare_repo


def test_show_takes_a_path(elsewhere):
    shown = elsewhere.run("show", "svc/texts/agent.md", "--var", "name=Ann").out
    before = elsewhere.run("show", "svc/texts/agent.md@HEAD", "--var", "name=Ann").out
    code = elsewhere.run("show", "../src/app.py:TONE_PROMPT", "--format", "json", cwd="svc").json

    assert "Hello Ann, be brief." in shown
    assert "Hello Ann, be kind." in before
    assert "src/app.py:TONE_PROMPT" == code["prompt"]


def test_show_names_the_prompts_of_code(elsewhere):
    ran = elsewhere.run("show", "src/app.py")

    assert 2 == ran.code
    assert "holds 2 prompts. Name one of them: src/app.py:SYSTEM_PROMPT, src/app.py:TONE_PROMPT" in ran.err


def test_diff_takes_paths(elsewhere):
    text = elsewhere.run("diff", "--format", "json", "--", "texts/agent.md", cwd="svc")
    code = elsewhere.run("diff", "--format", "json", "-p", "src/app.py")
    both = elsewhere.run("diff", "--format", "json", "--", "agent", "src/app.py:SYSTEM_PROMPT")

    assert ("agent", "svc/texts/agent.md", "modified") == tuple(
        text.prompt[key] for key in ("prompt", "path", "change")
    )
    assert "src/app.py:SYSTEM_PROMPT" == code.prompt["prompt"] == both.prompt["prompt"]
    assert "" == text.err == code.err == both.err


def test_a_file_that_is_gone_is_a_removed_prompt(elsewhere):
    (elsewhere.root / "svc/texts/agent.md").unlink()

    assert "removed" == elsewhere.run("diff", "--format", "json", "--", "svc/texts/agent.md").prompt["change"]


def test_lint_log_and_blame_take_a_path(elsewhere):
    elsewhere.commit("second")

    linted = elsewhere.run("lint", "src/app.py", "--format", "json")
    log = elsewhere.run("log", "svc/texts/agent.md", "--format", "json").json
    blamed = elsewhere.run("blame", "src/app.py:SYSTEM_PROMPT").out

    assert "" == linted.err
    assert ["second", "first"] == [version["subject"] for version in log["versions"]]
    assert "You are a helpful keeper of tickets." in blamed


@pytest.mark.parametrize(
    ("command", "path", "says"),
    [
        ("diff", "svc/texts", "declare it in .promptctl.yaml: prompts: [prompts, svc/texts]"),
        ("lint", "src/main.go", "prompts: [prompts, src/main.go] and formats: {src/main.go: text}"),
        ("show", "src/main.go", "prompts: [prompts, src/main.go] and formats: {src/main.go: text}"),
        ("replay", "svc/texts/agent.md", "prompts: [prompts, svc/texts/agent.md]"),
        ("show", "agnet", "Did you mean 'agent'?"),
    ],
)
def test_what_to_declare_is_said(elsewhere, command, path, says):
    ran = elsewhere.run(command, *(["--"] if command in {"diff", "replay"} else []), path)

    assert 2 == ran.code
    assert says in ran.err
    assert 1 == len(ran.err.splitlines())


def test_what_the_hint_says_works(elsewhere):
    settings = (elsewhere.root / ".promptctl.yaml").read_text()
    elsewhere.write(".promptctl.yaml", settings + "prompts: [prompts, src/main.go]\nformats: {src/main.go: text}\n")

    assert "package main" in elsewhere.run("show", "main").out


def test_an_at_sign_in_a_name_or_a_revision(elsewhere):
    elsewhere.write("prompts/a@b.txt", "one\n")
    elsewhere.commit("second")
    elsewhere.write("prompts/a@b.txt", "two\n")

    assert "two" in elsewhere.run("show", "a@b").out
    for revision in ("HEAD", "HEAD@{0}", "@"):
        assert "one" in elsewhere.run("show", f"a@b@{revision}").out
        assert "Declared" in elsewhere.run("show", f"agent@{revision}").out
    assert "unknown revision 'nowhere'" in elsewhere.run("show", "agent@nowhere").err
