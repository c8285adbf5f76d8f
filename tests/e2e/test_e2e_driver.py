"""git itself prints the semantic diff, once the driver is installed, and never after it is gone."""

import pytest
from user_repository import Repo, prompt_text

from promptctl.cli.git_driver import main


@pytest.fixture
def edited(bare_repo) -> Repo:
    bare_repo.write("prompts/support/triage.yaml", prompt_text())
    bare_repo.write("prompts/support/triage.inputs.jsonl", '{"vars": {"ticket": "x"}}\n')
    bare_repo.write("prompts/README.md", "# Prompts\n")
    bare_repo.commit("first")
    bare_repo.write("prompts/support/triage.yaml", prompt_text(" Be brief.") + "params: {temperature: 0.7}\n")
    return bare_repo


def git_state(repo) -> dict[str, bytes]:
    """Every file of .git that holds configuration, and every ref."""
    files = [repo.root / ".git/config", repo.root / ".git/info/attributes"]
    state = {file.name: file.read_bytes() for file in files if file.exists()}
    return {**state, "refs": repo.git("for-each-ref").encode()}


def test_git_diff_log_and_show_print_what_an_edit_means(edited):
    ran = edited.run("install", "--diff-driver")

    diff = edited.git("diff")
    assert (0, "") == (ran.code, ran.out)
    assert "diff --promptctl a/prompts/support/triage.yaml" in diff
    assert "{+ Be brief.+}" in diff
    assert "temperature" in diff
    edited.commit("Briefer")
    for shown in (edited.git("log", "-p", "-1"), edited.git("show")):
        assert "+temperature: 0.7" in shown
        assert "+You route tickets. Be brief." in shown
        assert "role: system" not in shown
    assert "@@ [system]" not in edited.git("diff", "HEAD~1", "--stat")


def test_git_marks_words_in_its_history(edited):
    edited.write(
        "prompts/support/triage.yaml",
        prompt_text(" Use `{{ticket}}` für 1,000 Wörter: 你好.") + "params: {top_p: 0.7}\n",
    )
    edited.commit("Words")
    edited.run("install", "--diff-driver")
    edited.write(
        "prompts/support/triage.yaml", prompt_text(" Use `{{text}}` für 1,500 Worte: 您好.") + "params: {top_p: 0.8}\n"
    )
    edited.commit("Others")

    for locale in ("C", "C.UTF-8"):
        edited.env["LC_ALL"] = locale
        shown = edited.git("log", "-p", "-1", "--word-diff")

        assert "top_p: [-0.7-]{+0.8+}" in shown
        assert "Use `{{[-ticket-]{+text+}}}` für [-1,000 Wörter-]{+1,500 Worte+}: [-你好-]{+您好+}." in shown


def test_what_is_no_prompt_and_what_must_apply_stays_gits_own(edited):
    edited.run("install", "--diff-driver")
    edited.write("prompts/support/triage.inputs.jsonl", '{"vars": {"ticket": "y"}}\n')
    edited.write("prompts/README.md", "# Our prompts\n")
    edited.write("code.py", "x = 1\n")

    diff = edited.git("diff", "--", "prompts/README.md", "prompts/support/triage.inputs.jsonl")
    assert "promptctl" not in diff
    assert '+{"vars": {"ticket": "y"}}' in diff
    edited.commit("all")
    patch = edited.git("format-patch", "-1", "--stdout")
    assert "+params: {temperature: 0.7}" in patch
    assert "+params: {temperature: 0.7}" in edited.git("diff", "--no-ext-diff", "--no-textconv", "HEAD~1")


def test_uninstall_leaves_no_trace_and_the_users_own_lines_stay(edited):
    edited.git("config", "diff.other.textconv", "cat")
    attributes = edited.root / ".git/info/attributes"
    attributes.parent.mkdir(exist_ok=True)
    attributes.write_bytes(b"*.png -diff\n# mine, without an end of line")
    before = git_state(edited)

    edited.run("install", "--diff-driver")
    edited.git("log", "-p")  # fills git's cache of conversions
    assert "textconv/promptctl" in edited.git("for-each-ref")
    assert attributes.read_bytes().endswith(before["attributes"])
    first = edited.run("uninstall")
    second = edited.run("uninstall")

    assert before == git_state(edited)
    assert (0, 0) == (first.code, second.code)
    assert "removed" in first.err
    assert "nothing" in second.err


def test_a_clone_without_attributes_of_its_own_gets_none_left(edited):
    before = git_state(edited)

    edited.run("install", "--diff-driver")
    again = edited.run("install", "--diff-driver")
    edited.run("uninstall")

    assert "already" in again.err
    assert before == git_state(edited)


def test_a_key_that_somebody_else_set_is_not_touched(edited):
    edited.git("config", "diff.promptctl.wordRegex", "x")

    ran = edited.run("install", "--diff-driver")

    assert 2 == ran.code
    assert "wordregex" in ran.err


def test_added_removed_renamed_and_broken_files(edited):
    edited.run("install", "--diff-driver")
    edited.commit("Briefer")
    edited.write("prompts/new.txt", "Hello {{ name }}\n")
    edited.git("mv", "prompts/support/triage.yaml", "prompts/support/route.yaml")
    edited.write("prompts/support/route.yaml", prompt_text(" Be very brief.") + "params: {temperature: 0.7}\n")
    edited.write("prompts/broken.yaml", "messages: [\n")
    edited.git("add", "-A")

    staged = edited.git("diff", "--cached", "-M")

    assert "Hello {{ name }}" in staged
    assert "no model" not in staged
    assert "a/prompts/support/triage.yaml b/prompts/support/route.yaml" in staged
    assert "+messages: [" in staged
    assert "promptctl: prompts/broken.yaml" in staged
    assert "- Hello {{ name }}" in edited.git("diff", "--cached", "-R", "--", "prompts/new.txt")


def test_a_conflict_is_named_and_a_failure_shows_plain_lines(tmp_path, capfdbinary):
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_bytes(b"messages: [\xff\n")
    new.write_bytes(b"messages: []\x1b[2J\n")

    assert 0 == main(["diff", "p.yaml"])
    assert 0 == main(["diff", "p.yaml", str(old), "0", "100644", str(new), "0", "100644"])
    assert 0 == main(["text", str(old)])

    out = capfdbinary.readouterr().out
    assert b"* Unmerged path p.yaml" in out
    assert b"-messages: [" in out
    assert b"\x1b" not in out
    assert out.endswith(old.read_bytes())


def test_where_the_interpreter_is_gone_git_shows_plain_lines(edited):
    edited.run("install", "--diff-driver")
    for key in ("command", "textconv"):
        value = edited.git("config", f"diff.promptctl.{key}").rstrip("\n")
        gone = value.replace(value.split("test -x ")[1].split(";")[0], "/nowhere/python")
        edited.git("config", f"diff.promptctl.{key}", gone)

    assert "+params: {temperature: 0.7}" in edited.git("diff")
    edited.commit("Briefer")
    assert "+params: {temperature: 0.7}" in edited.git("show")


def test_a_repository_brings_no_modules_of_its_own(edited):
    edited.write("promptctl/__init__.py", "raise SystemExit('taken over')\n")
    edited.write("json.py", "raise SystemExit('taken over')\n")
    edited.run("install", "--diff-driver")

    assert "{+ Be brief.+}" in edited.git("diff")


def test_folders_with_blanks_and_quotes_and_code(bare_repo):
    name = 'my "prompts"'
    bare_repo.write(".promptctl.yaml", f"prompts: ['{name}', packages/*/prompts, src/app.py]\n")
    bare_repo.write(f"{name}/a.txt", "Hello world.\n")
    bare_repo.write("packages/one/prompts/b.txt", "Hello world.\n")
    bare_repo.write("src/app.py", "PROMPT = 'x'\n")
    bare_repo.commit("first")
    for path in (f"{name}/a.txt", "packages/one/prompts/b.txt"):
        bare_repo.write(path, "Hello moon.\n")
    bare_repo.write("src/app.py", "PROMPT = 'y'\n")
    bare_repo.run("install", "--diff-driver")

    diff = bare_repo.git("diff")

    assert 2 == diff.count("diff --promptctl")
    assert "-PROMPT = 'x'" in diff
