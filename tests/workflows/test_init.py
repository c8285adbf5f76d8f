"""`init`: writes what is missing, touches nothing that is there."""

import json

import jsonschema
import pytest

from promptctl import cli
from promptctl.documents import parse_yaml
from promptctl.errors import FileError, InvalidSettings, UserError
from promptctl.inputs.files import check_cases
from promptctl.settings import Settings, read_settings
from promptctl.snapshot import Snapshot
from promptctl.versions.source import WORKTREE
from promptctl.workflows.init import SAMPLE_INPUTS, initialise
from promptctl.workflows.schemas import schema

SCHEMAS = ("settings", "prompt", "input", "waivers")
STATE = (".promptctl/.gitignore", *(f".promptctl/schemas/{name}.json" for name in SCHEMAS))


def run(folder, config=None):
    with folder.open() as repo:
        return initialise(repo, config)


def prompt_names(folder):
    with folder.open() as repo:
        return sorted(Snapshot(repo, WORKTREE, read_settings(folder.text(".promptctl.yaml"))).files)


def test_a_new_repository_gets_settings_schemas_and_a_sample(folder):
    done = run(folder)

    sample = ("prompts/support/triage.yaml", "prompts/support/triage.inputs.jsonl")
    assert [(path, True) for path in (".promptctl.yaml", *STATE, *sample)] == [(s.path, s.wrote) for s in done.steps]
    assert (1, "prompts/support/triage.yaml", sample[1], ()) == (done.found, done.example, done.inputs, done.problems)
    assert read_settings(folder.text(".promptctl.yaml")) == Settings(model="local/smollm2")


def test_the_sample_is_read_by_our_own_reader_and_is_valid_by_its_schema(folder):
    run(folder)

    text = folder.text("prompts/support/triage.yaml")
    inputs = folder.text("prompts/support/triage.inputs.jsonl")
    assert SAMPLE_INPUTS == check_cases("triage.inputs.jsonl", inputs.encode()).count
    jsonschema.validate(parse_yaml(text, "p").value, schema("prompt"))
    jsonschema.validate(parse_yaml(folder.text(".promptctl.yaml"), "s").value, schema("settings"))
    for line in inputs.splitlines():
        jsonschema.validate(json.loads(line), schema("input"))
    with folder.open() as repo:
        prompt = Snapshot(repo, WORKTREE, read_settings(folder.text(".promptctl.yaml"))).prompt("support/triage")
    assert "local/smollm2" == prompt.model


@pytest.mark.parametrize("path", [".promptctl.yaml", "prompts/support/triage.yaml"])
def test_the_first_line_names_a_schema_that_is_there(folder, path):
    run(folder)

    line, *_ = folder.text(path).splitlines()
    named = (folder.root / path).parent / line.removeprefix("# yaml-language-server: $schema=")
    expected = schema("settings" if path == ".promptctl.yaml" else "prompt")
    assert expected == json.loads(named.resolve().read_text(encoding="utf-8"))


def test_the_second_run_touches_nothing(folder):
    run(folder)
    before = folder.state()

    done = run(folder)

    assert before == folder.state()
    assert not [step for step in done.steps if step.wrote]
    assert "kept .promptctl.yaml" == str(done.steps[0])
    assert 1 == done.found


def test_git_takes_the_schemas_and_leaves_the_store(folder):
    run(folder)
    folder.write(".promptctl/promptctl.db", "x")
    folder.write(".promptctl/schemas/other.txt", "x")

    folder.git("add", "-A")

    assert sorted(STATE) == folder.git("ls-files", ".promptctl").split()


def test_what_is_missing_is_written_beside_what_is_there(folder):
    folder.write(".promptctl.yaml", "prompts: [texts]\ngate: {max_regressions: 2}\n")

    done = run(folder)

    assert "prompts: [texts]\ngate: {max_regressions: 2}\n" == folder.text(".promptctl.yaml")
    assert [False, *([True] * len(STATE))] == [step.wrote for step in done.steps]
    assert (0, None) == (done.found, done.example)


def test_wrong_settings_are_named_and_nothing_is_written(folder):
    folder.write(".promptctl.yaml", "promts: [a]\n")

    with pytest.raises(InvalidSettings, match="unknown key 'promts'"):
        run(folder)

    assert [".promptctl.yaml"] == list(folder.state())


def test_a_prompts_folder_is_adopted_and_untouched(folder):
    folder.write("prompts/a/hello.txt", "Hello {{ name }}")
    folder.write("prompts/a/hello.inputs.jsonl", '{"vars": {"name": "Ada"}}\n')
    folder.write("prompts/broken.yaml", "mesages: []\n")
    folder.write("prompts/odd.txt", "{% if")
    before = folder.state()

    done = run(folder)

    assert before.items() <= folder.state().items()
    assert (("prompts",), 2, "prompts/a/hello.txt") == (done.adopted, done.found, done.example)
    assert "prompts/broken.yaml: line 1: unknown key 'mesages'. Did you mean 'messages'?" in done.problems
    assert any(problem.startswith("prompts/odd.txt: line 1 is no template") for problem in done.problems)
    assert Settings(prompts=("prompts",)) == read_settings(folder.text(".promptctl.yaml"))
    assert not (folder.root / "prompts/support").exists()


def test_folders_further_down_are_found_but_not_those_of_other_people(folder):
    for path in ("app/prompts", "lib/prompt_templates", "node_modules/x/prompts", ".venv/prompts", "vendor/prompts"):
        folder.write(f"{path}/{path.replace('/', '-')}.txt", "Hi")
    folder.write("src/prompts/__init__.py", "")
    folder.write("app/[id]/prompts/x.txt", "Hi")

    done = run(folder)

    assert ("app/prompts", "lib/prompt_templates") == done.adopted
    assert ["app-prompts", "lib-prompt_templates"] == prompt_names(folder)


def test_prompts_of_one_name_in_two_folders_get_longer_names(folder):
    folder.write("services/a/prompts/greet.txt", "Hi")
    folder.write("services/b/prompts/greet.txt", "Hi")

    done = run(folder)

    assert (("services/a/prompts", "services/b/prompts"), 2, ()) == (done.adopted, done.found, done.problems)
    assert ["a/prompts/greet", "b/prompts/greet"] == prompt_names(folder)


def test_two_prompts_of_one_name_in_one_folder_are_said(folder):
    folder.write("a/prompts/greet.txt", "Hi")
    folder.write("a/prompts/greet.md", "Hi")
    folder.write("b/prompts/other.txt", "Hi")

    done = run(folder)

    assert ("a/prompts", "b/prompts") == done.adopted
    assert ("a/prompts/greet.txt: is called 'greet', as a/prompts/greet.md is. Rename one of them.",) == done.problems


def test_a_link_out_of_the_repository_is_not_followed(folder, tmp_path):
    (tmp_path / "outside").mkdir()
    (folder.root / ".promptctl").symlink_to(tmp_path / "outside")

    with pytest.raises(UserError, match="a symbolic link leads out of the repository"):
        run(folder)

    assert not list((tmp_path / "outside").iterdir())
    assert not (folder.root / ".promptctl.yaml").exists()


def test_a_file_in_the_way_of_a_folder_is_named(folder):
    folder.write(".promptctl", "x")

    with pytest.raises(UserError, match=r"\.promptctl is a file, not a folder"):
        run(folder)


def test_a_dangling_link_counts_as_there(folder):
    (folder.root / ".promptctl").mkdir()
    (folder.root / ".promptctl/.gitignore").symlink_to("nowhere")

    steps = {step.path: step.wrote for step in run(folder).steps}

    assert (False, True) == (steps[".promptctl/.gitignore"], steps[".promptctl/schemas/prompt.json"])
    assert not (folder.root / ".promptctl/nowhere").exists()


def test_an_ignore_list_of_the_store_keeps_the_schemas_out_of_git_and_that_is_said(folder):
    folder.write(".promptctl/.gitignore", "*\n")

    done = run(folder)

    assert "*\n" == folder.text(".promptctl/.gitignore")
    assert "keeps the schemas and waivers out of git" in done.problems[0]


PROMPTFOO = """\
prompts: ["Answer {{ question }}", file://texts/reply.txt]
providers: [openai:gpt-4o]
tests:
  - vars: {question: "1 + 1?"}
    assert: [{type: contains, value: "2"}, {type: search-rubric, value: polite}]
"""


def test_promptfoo_is_carried_over(folder):
    folder.write("texts/reply.txt", "Reply to {{ question }}")
    config = folder.write("promptfooconfig.yaml", PROMPTFOO)

    done = run(folder, config)

    assert ("prompts/prompt.yaml", "prompts/reply.yaml") == done.carried
    assert (2, "prompts/prompt.yaml", "prompts/prompt.inputs.jsonl") == (done.found, done.example, done.inputs)
    assert ["prompt", "reply"] == prompt_names(folder)
    assert folder.text("prompts/reply.yaml").startswith("# yaml-language-server: $schema=../.promptctl/schemas/prompt")
    assert any("'search-rubric'" in line for line in done.left)
    before = folder.state()
    assert ("prompts/prompt.yaml", "prompts/reply.yaml") == run(folder, config).carried
    assert before == folder.state()


def test_promptfoo_prompts_do_not_mix_with_those_it_had(folder):
    folder.write("prompts/reply.txt", "Reply to {{ question }}")
    config = folder.write("promptfooconfig.yaml", PROMPTFOO.replace("texts/", "prompts/"))

    done = run(folder, config)

    assert ("promptctl-prompts/prompt.yaml", "promptctl-prompts/reply.yaml") == done.carried
    assert ["prompt", "reply"] == prompt_names(folder)


def test_promptfoo_prompts_go_where_the_settings_say_beside_what_is_there(folder):
    folder.write(".promptctl.yaml", 'prompts: ["x/*.md", texts]\n')
    folder.write("texts/reply.txt", "Reply to {{ question }}")
    config = folder.write("promptfooconfig.yaml", PROMPTFOO)

    done = run(folder, config)

    assert ("texts/prompt.yaml", "texts/promptfoo/reply.yaml") == done.carried
    assert ["prompt", "promptfoo/reply", "reply"] == prompt_names(folder)


def test_promptfoo_needs_a_folder_to_write_to(folder):
    folder.write(".promptctl.yaml", 'prompts: ["x/*.md"]\n')
    config = folder.write("promptfooconfig.yaml", "prompts: [Hi]\n")

    with pytest.raises(UserError, match="names no folder to write to"):
        run(folder, config)


@pytest.mark.parametrize(("name", "text", "error"), [("no.yaml", None, UserError), ("x.yaml", "a: 1\n", FileError)])
def test_what_is_no_promptfoo_config_is_refused(folder, name, text, error):
    if text is not None:
        folder.write(name, text)

    with pytest.raises(error):
        run(folder, folder.root / name)

    assert not (folder.root / ".promptctl.yaml").exists()


# The command


@pytest.fixture
def command(folder, monkeypatch, capsys):
    """`promptctl ...` in the repository -> exit code, stdout, stderr."""
    monkeypatch.chdir(folder.root)

    def run_command(*args):
        code = cli.run(args)
        out, err = capsys.readouterr()
        return code, out, err

    return run_command


def test_the_command_says_what_it_wrote_and_what_to_do(command):
    code, out, err = command("init")

    assert (0, "") == (code, err)
    assert "wrote .promptctl.yaml\n" in out
    assert "1 prompt can be read: promptctl list" in out
    assert "  edit prompts/support/triage.yaml\n" in out
    assert "inputs.jsonl, a line each" not in out


def test_the_command_names_adopted_prompts_and_what_is_wrong(folder, command):
    folder.write("prompts/a.txt", "Hi")
    for number in range(25):
        folder.write(f"prompts/bad{number}.yaml", "")

    code, out, err = command("init")

    assert 0 == code
    assert "Adopted 1 prompt in prompts; no file of yours was touched." in out
    assert "  write prompts/a.inputs.jsonl, a line each:" in out
    assert "promptctl: prompts/bad0.yaml: is empty." in err
    assert "promptctl: and 5 more: promptctl list names them all\n" in err


def test_the_command_without_any_prompt(folder, command):
    folder.write(".promptctl.yaml", "prompts: [texts]\n")

    code, out, _ = command("init")

    assert 0 == code
    assert "No prompt yet." in out
    assert "prompts/NAME.yaml" in out


def test_the_command_names_what_promptfoo_loses(folder, command):
    folder.write("texts/reply.txt", "Reply to {{ question }}")
    folder.write("promptfooconfig.yaml", PROMPTFOO)

    code, out, err = command("init", "--from", "promptfooconfig.yaml")

    assert 0 == code
    assert "Carried over from promptfoo: prompts/prompt.yaml, prompts/reply.yaml" in out
    assert err.startswith("promptctl: promptfoo: tests[1]: assertion 'search-rubric' is not carried over: ")


def test_the_command_outside_of_a_repository(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    code, out, err = command("init")

    assert (2, "") == (code, out)
    assert 1 == err.count("\n")
    assert "git init" in err
