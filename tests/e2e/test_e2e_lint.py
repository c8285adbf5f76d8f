"""`promptctl lint` in a user's repository."""

import json

import pytest
from user_repository import prompt_text

CLEAN = "prompts/support/triage.yaml"
SECRET = "ghp_" + "0123456789abcdefABCDEF0123456789abcd"
CONTRADICTION = "Always mention the price.\nNever mention the price.\n"


def lint(repo, *args, code):
    ran = repo.run("lint", *args, "--format", "json")
    assert code == ran.code, ran.err
    return ran.json


def codes(document):
    return [one["code"] for one in document["findings"]]


def test_a_clean_repository(repo):
    ran = repo.run("lint")

    assert (0, "1 prompt: nothing found.\n", "") == (ran.code, ran.out, ran.err)


def test_findings_have_a_place_and_exit_code_1(repo):
    repo.write(CLEAN, prompt_text().replace("{{ ticket }}", "{{ tikcet }}"))

    document = lint(repo, code=1)

    assert ["PL102", "PL101"] == codes(document)
    undefined = document["findings"][1]
    assert (CLEAN, 5, 18) == (undefined["path"], undefined["line"], undefined["column"])
    assert "Did you mean 'ticket'?" == undefined["hint"]
    assert "support/triage" == undefined["prompt"]


def test_one_unreadable_prompt_does_not_stop_the_others(repo):
    repo.write("prompts/broken.yaml", "mesages: []\n")
    repo.write("prompts/price.md", CONTRADICTION)

    ran = repo.run("lint", "--format", "json")

    assert 1 == ran.code
    assert "prompts/broken.yaml: line 1: unknown key 'mesages'. Did you mean 'messages'?" in ran.err
    assert {"PL001", "PL402"} == set(codes(ran.json))
    assert 2 == repo.run("lint", "broken").code
    assert 0 == repo.run("lint", "support/*").code


def test_nothing_could_be_read(repo):
    repo.write(CLEAN, "mesages: []\n")

    assert 2 == repo.run("lint").code


def test_a_line_of_inputs_that_cannot_be_rendered_is_named(repo):
    cases = [{"id": "t-1", "vars": {"ticket": "a"}, "expected": "b"}, {"id": "t-2", "vars": {"x": 1}, "expected": "b"}]
    repo.inputs("prompts/support/triage.inputs.jsonl", cases)

    document = lint(repo, code=1)

    failure = next(one for one in document["findings"] if one["code"] == "PL104")
    assert ("prompts/support/triage.inputs.jsonl", 2) == (failure["path"], failure["line"])
    assert "'t-2'" in failure["message"]


def test_inputs_that_cannot_be_read(repo):
    repo.write("prompts/support/triage.inputs.jsonl", '{"vars": {"ticket": "x"}}\n{oops\n')

    document = lint(repo, code=1)

    assert ["PL105"] == codes(document)
    assert 2 == document["findings"][0]["line"]


@pytest.mark.parametrize("format_", ["text", "json", "sarif", "github"])
def test_a_secret_is_named_and_never_printed(repo, format_):
    twice = f"Always send the token {SECRET} along.\nNever send the token {SECRET} along.\n"
    repo.write("prompts/leak.md", twice)
    repo.inputs("prompts/leak.inputs.jsonl", [{"id": SECRET, "vars": {"a": SECRET}}])

    ran = repo.run("lint", "--format", format_)

    assert 1 == ran.code
    assert SECRET not in ran.out + ran.err
    assert {"PL301", "PL302", "PL402"} <= {code for code in ("PL301", "PL302", "PL402") if code in ran.out}


def test_models_and_parameters(repo):
    settings = "model: openai/gpt-4o-2024-05-13\n"
    repo.write(".promptctl.yaml", settings)
    repo.write("prompts/a.yaml", "model: opneai/gpt-4o\nmessages: [{role: user, content: hi}]\n")
    repo.write(
        "prompts/b.yaml", "model: openai/gpt-5-mini\nparams: {temperature: 0}\nmessages: [{role: user, content: hi}]\n"
    )

    document = lint(repo, code=1)

    found = {(one["code"], one["path"]) for one in document["findings"]}
    assert {("PL201", "prompts/a.yaml"), ("PL202", "prompts/b.yaml"), ("PL203", ".promptctl.yaml")} <= found
    hint = next(one["hint"] for one in document["findings"] if one["code"] == "PL201")
    assert "Did you mean 'openai/gpt-4o'?" == hint


def test_a_server_of_ones_own_takes_any_name(repo):
    own = repo.run("lint")
    repo.write(".promptctl.yaml", "model: openai/fake\n")

    assert [0, 1, 0] == [
        own.code,
        repo.run("lint").code,
        repo.run("lint", OPENAI_API_BASE="http://127.0.0.1:9/v1").code,
    ]


def test_info_alone_does_not_fail_unless_asked_for(repo):
    repo.write(".promptctl.yaml", "model: openai/gpt-4o\n")

    assert ["PL205"] == codes(lint(repo, code=0))
    assert ["PL205"] == codes(lint(repo, "--severity", "info", code=1))
    assert [] == codes(lint(repo, "--severity", "warning", code=0))


def test_rules_are_chosen_by_code_family_and_name(repo):
    repo.write("prompts/price.md", CONTRADICTION)

    assert ["PL402"] == codes(lint(repo, "--select", "PL4", code=1))
    assert ["PL402"] == codes(lint(repo, "--select", "contradictory-instruction,PL1", code=1))
    assert [] == codes(lint(repo, "--ignore", "PL402", code=0))
    assert [] == codes(lint(repo, "--severity", "error", code=0))


def test_a_comment_suppresses_and_an_unused_one_is_said(repo):
    repo.write("prompts/price.md", "<!-- promptctl: ignore[PL402] -->\n" + CONTRADICTION)

    quiet = lint(repo, code=0)
    repo.write("prompts/price.md", "<!-- promptctl: ignore[PL402] -->\nBe brief.\n")

    assert (1, []) == (quiet["suppressed"], quiet["findings"])
    assert ["PL002"] == codes(lint(repo, code=1))
    assert [] == codes(lint(repo, "--select", "PL1", code=0))


def test_a_comment_of_a_file_with_several_prompts_is_judged_when_all_of_them_were_looked_at(repo):
    text = '# promptctl: ignore[PL402]\nA_PROMPT = """Always mention the price.\\n\\nNever mention the price."""\n'
    repo.write("app.py", text + 'B_PROMPT = """You are kind to everybody here."""\n')
    repo.write(".promptctl.yaml", "prompts: [app.py]\n")

    assert [] == codes(lint(repo, "app.py:B_PROMPT", code=0))
    assert [] == codes(lint(repo, code=0))


def test_the_index_is_looked_at_when_staged(repo):
    repo.write("prompts/price.md", CONTRADICTION)
    repo.git("add", "prompts/price.md")
    repo.write("prompts/price.md", "Be brief.\n")

    assert ["PL402"] == codes(lint(repo, "--staged", code=1))
    assert [] == codes(lint(repo, code=0))


def test_python_prompts_have_their_own_lines(repo):
    text = '"""Doc."""\n\nSYSTEM_PROMPT = """\\\nYou are kind.\nAlways mention the price.\n\nNever mention the price.\n"""\n'
    repo.write("app.py", text)
    repo.write(
        ".promptctl.yaml",
        "model: openai/fake\nproviders: {openai: {api_base: http://127.0.0.1:9/v1}}\nprompts: [app.py]\n",
    )

    (one,) = lint(repo, code=1)["findings"]

    assert ("app.py", 7, 1, "app.py:SYSTEM_PROMPT") == (one["path"], one["line"], one["column"], one["prompt"])


def test_a_partial_that_several_prompts_include_is_told_once(repo):
    repo.write("prompts/_shared/tone.j2", CONTRADICTION)
    for name in ("a", "b"):
        repo.write(f"prompts/{name}.j2", "{% include '_shared/tone.j2' %}\n")

    (one,) = lint(repo, code=1)["findings"]

    assert ("prompts/_shared/tone.j2", 2) == (one["path"], one["line"])


def test_a_prompt_longer_than_the_window(repo):
    repo.write("prompts/long.yaml", "model: openai/gpt-4\nmessages: [{role: user, content: '{{ text }}'}]\n")
    repo.write(".promptctl.yaml", "{}\n")
    repo.inputs("prompts/long.inputs.jsonl", [{"id": "l-1", "vars": {"text": "a word " * 9000}}])

    document = lint(repo, "--select", "PL206", code=1)

    assert "'l-1'" in document["findings"][0]["message"]


def test_written_to_a_file(repo):
    ran = repo.run("lint", "--format", "sarif", "-o", "lint.sarif")

    assert (0, "") == (ran.code, ran.out)
    assert "2.1.0" == json.loads((repo.root / "lint.sarif").read_text())["version"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("nonsense",), "matches no prompt"),
        (("--format", "sarf"), "Did you mean 'sarif'?"),
        (("--severity", "erorr"), "Did you mean 'error'?"),
        (("--select", "PL9"), "no rule is called that"),
        (("--ignore", "unused-varible"), "Did you mean 'unused-variable'?"),
        (("-o", "absent/x.json"), "Make it first."),
    ],
)
def test_a_mistake_of_the_user(repo, args, words):
    ran = repo.run("lint", *args)

    assert (2, "") == (ran.code, ran.out)
    assert words in ran.err
    assert 1 == len(ran.err.splitlines())


def test_outside_a_repository(repo, tmp_path):
    (tmp_path / "nowhere").mkdir()

    ran = repo.run("lint", cwd=str(tmp_path / "nowhere"))

    assert 2 == ran.code


def test_the_settings_ignore_rules_by_file(repo):
    twice = json.dumps([{"role": "user", "content": CONTRADICTION}])
    for name in ("export", "legacy/old", "kept"):
        repo.write(f"prompts/{name}.json", twice)
    repo.inputs("prompts/legacy/old.inputs.jsonl", [{"vars": {"note": SECRET}}])
    settings = (repo.root / ".promptctl.yaml").read_text()
    ignore = "{prompts/export.json: PL402, 'prompts/legacy/**/*': [PL1, secret-in-inputs, contradictory-instruction]}"
    assert {
        "prompts/export.json",
        "prompts/kept.json",
        "prompts/legacy/old.json",
        "prompts/legacy/old.inputs.jsonl",
    } == {one["path"] for one in lint(repo, code=1)["findings"]}

    repo.write(".promptctl.yaml", f"{settings}lint: {{ignore: {ignore}}}\n")
    document = lint(repo, code=1)
    given = repo.run("lint", "--format", "json", PROMPTCTL_LINT_IGNORE="{'*.json': PL4}").json

    assert {"prompts/kept.json"} == {one["path"] for one in document["findings"]}
    assert 4 == document["suppressed"]
    assert {"prompts/legacy/old.inputs.jsonl"} == {one["path"] for one in given["findings"]}


@pytest.mark.parametrize(
    ("ignore", "says"),
    [
        ("{a.json: PL999}", "'lint.ignore.a.json' names 'PL999', which is no rule."),
        ("{a.json: [duplicate-instructoin]}", "Did you mean 'duplicate-instruction'?"),
        ("[PL401]", "line 6: 'lint.ignore' must be"),
        ("{a.json: 4}", "must be a list of texts, not a number."),
    ],
)
def test_what_is_no_rule_in_the_settings_is_said(repo, ignore, says):
    repo.write(".promptctl.yaml", (repo.root / ".promptctl.yaml").read_text() + f"lint: {{ignore: {ignore}}}\n")

    ran = repo.run("lint")

    assert 2 == ran.code
    assert says in ran.err


def test_an_assertion_that_cannot_be_read(repo):
    repo.write(CLEAN, prompt_text() + "  - {type: contians, value: x}\n")

    (one,) = lint(repo, code=1)["findings"]

    assert ("PL502", "error", "Did you mean 'contains'?") == (one["code"], one["severity"], one["hint"])
