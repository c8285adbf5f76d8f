"""`list --discover` finds what nobody has declared, and what it says to write into the settings brings just that."""

import pytest

SKILL = "---\nname: {0}\ndescription: Does {0}.\n---\nDo {0} well.\n"
PROMPTY = "---\nname: a\n---\nuser:\nHi {{name}}\n"
APP = '''
SYSTEM_PROMPT = """You are a helpful router of tickets."""
OTHER_PROMPT = load("a prompt that somebody else keeps, and that no reader can see without running it")
GREETING = "hello"
'''
MANY = """
PROMPT_A = "Say one thing only, please."
PROMPT_B = f"Say {number} things only, please."
"""


@pytest.fixture
def cluttered(bare_repo):
    files = {
        "prompts/declared.yaml": 'messages: [{role: user, content: "Hi {{ name }}"}]\n',
        "src/app.py": APP,
        "src/many.py": MANY,
        "src/plain.py": "x = 1\n",
        ".claude/skills/one/SKILL.md": SKILL.format("one"),
        ".claude/skills/two/SKILL.md": SKILL.format("two"),
        ".github/workflows/ci.yml": "on: push\njobs: {}\n",
        "templates/a.prompty": PROMPTY,
        "templates/deep/a.prompty": PROMPTY,
        "svc/prompts/hello.txt": "Hello {{ name }}\n",
        "docs/guide.md": "# Guide\nYou are a reader.\n",
        "conf/chat with blank.json": '[{"role": "user", "content": "Hi"}]',
        "conf/other.json": '{"a": 1}',
        "promptfooconfig.yaml": "prompts: ['Be {{ mood }}']\n",
        "node_modules/x/SKILL.md": SKILL.format("x"),
        "ignored/a.prompty": PROMPTY,
        ".gitignore": "ignored/\n",
    }
    for path, text in files.items():
        bare_repo.write(path, text)
    return bare_repo


FOUND = {
    "a",
    "deep/a",
    "chat with blank",
    "hello",
    "one/SKILL",
    "two/SKILL",
    "promptfooconfig.yaml:1",
    "src/app.py:SYSTEM_PROMPT",
    "src/many.py:PROMPT_A",
    "src/many.py:PROMPT_B",
}


def test_what_is_found_and_what_cannot_be_read(cluttered):
    ran = cluttered.run("list", "--discover", "--format", "json")

    rows = ran.json["prompts"]
    assert ["declared"] == [row["prompt"] for row in rows if row["declared"]]
    assert sorted(FOUND) == sorted(row["prompt"] for row in rows if not row["declared"])
    assert "src/app.py: line 3: 'OTHER_PROMPT' cannot be read: a call of load is not run." in ran.err
    assert (0, 1) == (ran.code, len(ran.err.splitlines()))


def test_the_entries_bring_just_that(cluttered):
    entries = cluttered.run("list", "--discover", "--format", "json").json["entries"]
    shown = cluttered.run("list", "--discover")
    settings = "prompts:\n" + "".join(line + "\n" for line in shown.out.splitlines() if line.startswith("  - "))
    cluttered.write(".promptctl.yaml", settings)

    listed = cluttered.run("list", "--format", "json")
    again = cluttered.run("list", "--discover")

    assert settings.count("\n  - ") == len(entries)
    assert FOUND | {"declared"} == {row["prompt"] for row in listed.json["prompts"]}
    assert [] == listed.json["problems"]
    assert "Not declared" not in again.out
    assert "nothing else" in again.err


def test_an_edit_of_a_found_prompt_is_shown_once_it_is_declared(cluttered):
    cluttered.write(".promptctl.yaml", "prompts: [prompts, 'src/app.py:SYSTEM_PROMPT']\n")
    cluttered.commit("first")
    cluttered.write("src/app.py", "import os\n" + APP.replace("helpful", "strict").replace("hello", "hi"))

    assert ["src/app.py:SYSTEM_PROMPT"] == [
        one["prompt"] for one in cluttered.run("diff", "--format", "json").json["prompts"]
    ]


def test_a_repository_without_any(bare_repo):
    (bare_repo.root / ".promptctl.yaml").unlink()
    for arguments in ([], ["--discover"]):
        ran = bare_repo.run("list", *arguments)

        assert (0, "") == (ran.code, ran.out)
        assert "no prompts here" in ran.err
