"""Every format through the installed doors: listed, shown, and an edit of it told."""

import json

import pytest

LANGCHAIN = {
    "lc": 1,
    "type": "constructor",
    "id": ["langchain", "prompts", "PromptTemplate"],
    "kwargs": {"template": "Say WORD to {name}", "template_format": "f-string"},
}
FORMATS = {
    "yaml": ("a.yaml", 'messages: [{role: user, content: "Say WORD to {{ name }}"}]\n'),
    "frontmatter": ("a.md", "---\nmodel: m\n---\nSay WORD to {{ name }}\n"),
    "text": ("a.txt", "Say WORD to {{ name }}\n"),
    "mustache": ("a.mustache", "Say WORD to {{name}}\n"),
    "handlebars": ("a.hbs", "Say WORD to {{#if name}}{{name}}{{/if}}\n"),
    "chat": ("a.json", json.dumps([{"role": "user", "content": "Say WORD to {{ name }}"}])),
    "chat-yaml": ("a.yml", "- role: user\n  content: Say WORD to {{ name }}\n"),
    "chatml": ("a.txt", "<|im_start|>user\nSay WORD to {{ name }}<|im_end|>\n"),
    "prompty": ("a.prompty", "---\nname: a\n---\nuser:\nSay WORD to {{name}}\n"),
    "dotprompt": ("a.prompt", '{{role "user"}}Say WORD to {{name}}\n'),
    "litellm": ("a.prompt", "---\ntemperature: 0\n---\nUser: Say WORD to {{ name }}\n"),
    "langchain": ("a.json", json.dumps(LANGCHAIN)),
    "langfuse": ("a.json", json.dumps({"type": "text", "prompt": "Say WORD to {{name}}", "config": {}, "labels": []})),
    "promptlayer": (
        "a.json",
        json.dumps({"prompt_template": {"messages": [{"role": "user", "content": "Say WORD to {name}"}]}}),
    ),
    "openai": ("a.json", json.dumps({"model": "gpt-5", "input": "Say WORD to {{ name }}"})),
    "semantic-kernel": ("a/skprompt.txt", "Say WORD to {{$name}}\n"),
    "semantic-kernel-yaml": ("a.yaml", "name: a\ntemplate_format: handlebars\ntemplate: Say WORD to {{name}}\n"),
    "fabric": ("a/system.md", "# PURPOSE\nSay WORD to {{name}}\n"),
    "agent": ("a.prompt.md", "---\nmode: ask\n---\nSay WORD to ${input:name}\n"),
}
NAMES = {"agent": "a.prompt"}


def written(word: str, text: str) -> str:
    return text.replace("WORD", word)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_listed_shown_and_told(bare_repo, name):
    path, text = FORMATS[name]
    prompt = NAMES.get(name, "a")
    bare_repo.write(f"prompts/{path}", written("hello", text))
    bare_repo.commit("first")
    bare_repo.write(f"prompts/{path}", written("goodbye", text))

    listed, diff = bare_repo.run("list", "--format", "json"), bare_repo.run("diff", "--format", "json")

    (row,) = listed.json["prompts"]
    assert (prompt, f"prompts/{path}", []) == (row["prompt"], row["path"], row["problems"])
    assert name.removesuffix("-yaml") in {row["format"], "mustache", "handlebars"}
    assert "name" in row["variables"]
    assert (prompt, "modified") == (diff.prompt["prompt"], diff.prompt["change"])
    assert "hello" in str(diff.prompt["messages"])
    assert "goodbye" in str(diff.prompt["messages"])
    shown = bare_repo.run("show", prompt, "--var", "name=Ann", "--var", "input=x", "--format", "json")
    assert "Say goodbye to Ann" in str(shown.json["messages"])
    assert 0 == bare_repo.run("diff").code
    assert 0 == bare_repo.run("diff", "--stat").code


def test_one_of_each_at_once_and_what_is_no_prompt(bare_repo):
    for name, (path, text) in FORMATS.items():
        bare_repo.write(f"prompts/{name}/{path}", text)
    bare_repo.write("prompts/schema.json", '{"type": "object"}')
    bare_repo.write("prompts/chat/README.md", "# Read me\n")
    bare_repo.write("prompts/check.py", "PROMPT = 'You are a test of code.'\n")

    listed = bare_repo.run("list", "--format", "json").json

    assert len(FORMATS) == len(listed["prompts"])
    assert [] == listed["problems"]


def test_python_code_and_a_promptfoo_config_are_named_in_the_settings(bare_repo):
    settings = (bare_repo.root / ".promptctl.yaml").read_text()
    bare_repo.write(
        ".promptctl.yaml", f"{settings}prompts: [prompts, 'src/app.py:SYSTEM', src/other.py, promptfooconfig.yaml]\n"
    )
    bare_repo.write(
        "src/app.py", "import os\nSYSTEM = f'You route {what} tickets.'\nUSER_PROMPT = 'Some other prompt here'\n"
    )
    bare_repo.write("src/other.py", "ONE_PROMPT = 'Say one thing only.'\nTWO_PROMPT = 'Say two things only.'\n")
    bare_repo.write("promptfooconfig.yaml", "prompts:\n  - {raw: 'Be {{ mood }}', label: mood}\n  - file://more.txt\n")
    bare_repo.write("more.txt", "First\n---\nSecond\n")
    bare_repo.inputs("src/app.SYSTEM.inputs.jsonl", [{"id": "i", "vars": {"what": "all"}}])
    bare_repo.commit("first")

    names = {row["prompt"]: row for row in bare_repo.run("list", "--format", "json").json["prompts"]}

    assert {
        "src/app.py:SYSTEM",
        "src/other.py:ONE_PROMPT",
        "src/other.py:TWO_PROMPT",
        "promptfooconfig.yaml:mood",
        "promptfooconfig.yaml:more",
        "promptfooconfig.yaml:more-2",
    } == set(names)
    assert 1 == names["src/app.py:SYSTEM"]["inputs"]["count"]

    code = bare_repo.root / "src/app.py"
    code.write_text(
        "import os\nimport sys\n\nSYSTEM = (\n    f'You route {what} '\n    'tickets.'\n)\nUSER_PROMPT = 'x y z'\n"
    )
    assert [] == bare_repo.run("diff", "--format", "json").json["prompts"], "the code changed, the prompt did not"

    code.write_text(code.read_text().replace("route", "sort"))
    bare_repo.write("more.txt", "First\n---\nLast\n")
    changed = bare_repo.run("diff", "--format", "json").json["prompts"]
    assert ["promptfooconfig.yaml:more-2", "src/app.py:SYSTEM"] == [one["prompt"] for one in changed]
    assert 1 == len(bare_repo.run("diff", "--format", "json", "--", "src/app.py:SYSTEM").json["prompts"])
    assert ["first"] == [
        one["subject"] for one in bare_repo.run("log", "src/app.py:SYSTEM", "--format", "json").json["versions"]
    ]


def test_formats_in_the_settings_come_before_names_and_content(bare_repo):
    settings = (bare_repo.root / ".promptctl.yaml").read_text()
    bare_repo.write(".promptctl.yaml", f"{settings}formats: {{'prompts/many/*.txt': promptfoo, '*.prompt': litellm}}\n")
    bare_repo.write("prompts/many/a.txt", "One {{ x }}\n---\nTwo\n")
    bare_repo.write("prompts/b.prompt", "Hello {{ name }}\n")

    rows = {row["prompt"]: row["format"] for row in bare_repo.run("list", "--format", "json").json["prompts"]}

    assert {"many/a:1": "promptfoo", "many/a:2": "promptfoo", "b": "litellm"} == rows


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("formats: {'*.txt': promptfo}", "unknown format 'promptfo'. Did you mean 'promptfoo'?"),
        ("formats: [a]", "formats"),
        ("prompts: ['C:/prompts']", "leaves the repository"),
    ],
)
def test_settings_that_are_wrong(bare_repo, line, says):
    bare_repo.write(".promptctl.yaml", f"{line}\n")

    ran = bare_repo.run("list")

    assert (2, 1) == (ran.code, len(ran.err.splitlines()))
    assert says in ran.err


def test_a_change_of_a_companion_is_a_change_of_the_prompt(bare_repo):
    bare_repo.write("prompts/sum/skprompt.txt", "Sum {{$input}}")
    bare_repo.write("prompts/sum/config.json", '{"execution_settings": {"default": {"temperature": 0}}}')
    bare_repo.write("prompts/pattern/system.md", "Be wise.")
    bare_repo.write("prompts/p.prompty", "---\nmodel: {options: '${file:options.json}'}\n---\nuser:\nHi\n")
    bare_repo.write("prompts/options.json", '{"temperature": 0}')
    bare_repo.commit("first")
    bare_repo.write("prompts/sum/config.json", '{"execution_settings": {"default": {"temperature": 1}}}')
    bare_repo.write("prompts/pattern/user.md", "Think first.")
    bare_repo.write("prompts/options.json", '{"temperature": 1}')

    changed = {one["prompt"]: one for one in bare_repo.run("diff", "--format", "json").json["prompts"]}

    assert {"sum", "pattern", "p"} == set(changed)
    assert "temperature" in str(changed["sum"]["params"])
    assert "temperature" in str(changed["p"]["params"])
    assert "Think first." in str(changed["pattern"]["messages"])


def test_a_replay_of_another_format(repo, provider):
    repo.git("rm", "-q", "prompts/support/triage.yaml")
    body = "system:\nYou route tickets.\nuser:\n{{ticket}}\n"
    front = "---\ntemplate: {format: mustache}\n---\n"
    repo.write("prompts/support/triage.prompty", front + body)
    repo.commit("as a Prompty")
    repo.write("prompts/support/triage.prompty", front + body.replace("tickets.", "tickets. Be brief."))

    ran = repo.replay()

    assert (0, 8) == (ran.code, ran.prompt["counts"]["unscored"]), ran.err
    assert 16 == provider.stats()["calls"]


def test_globs_of_a_promptfoo_config_are_read_at_each_revision(bare_repo):
    bare_repo.write(".promptctl.yaml", "prompts: [pf/promptfooconfig.yaml]\n")
    config = "prompts: ['file://texts/**/*.txt', 'file://none/*.txt', 'file://code.py:f', 'file://../x.txt']\n"
    bare_repo.write("pf/promptfooconfig.yaml", config)
    bare_repo.write("pf/texts/a.txt", "Hello\n")
    bare_repo.write("pf/texts/deep/b.txt", "One\n---\nTwo\n")
    bare_repo.commit("first")
    (bare_repo.root / "pf/texts/deep/b.txt").unlink()
    bare_repo.write("pf/texts/c.txt", "New\n")

    changed = {one["prompt"]: one["change"] for one in bare_repo.run("diff", "--format", "json").json["prompts"]}
    listed = bare_repo.run("list")

    of = "pf/promptfooconfig.yaml"
    assert {f"{of}:b": "removed", f"{of}:b-2": "removed", f"{of}:c": "added"} == changed
    assert 3 == len(listed.err.splitlines())
    assert "'code.py:f' is code, which is never run. Name its prompt in the settings" in listed.err
    assert "no file below its folder is called as 'none/*.txt'." in listed.err
    assert "there is no file '../x.txt' below its folder." in listed.err


def test_a_promptfoo_config_inside_a_folder_of_prompts(bare_repo):
    bare_repo.write("prompts/evals/promptfooconfig.yaml", "prompts: ['Be {{ mood }}', {id: file://a.txt, label: a}]\n")
    bare_repo.write("prompts/evals/a.txt", "Say {{ mood }}\n")

    listed = bare_repo.run("list", "--format", "json")

    assert "" == listed.err
    names = {prompt["prompt"] for prompt in listed.json["prompts"]}
    assert {"evals/a", "evals/promptfooconfig:1", "evals/promptfooconfig:a"} == names
    assert "Say {{ mood }}" in bare_repo.run("show", "evals/promptfooconfig:a").out
