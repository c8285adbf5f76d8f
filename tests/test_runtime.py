"""What an application does with a prompt: load it, fill it in, send it; and what importing that costs."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from git_repository import GitRepository

import promptctl
from promptctl import load
from promptctl.errors import InvalidPrompt, NothingSelected, UnknownRevision
from promptctl.prompts.template import RenderError

TRIAGE = """\
model: openai/gpt-5-mini
description: Routes tickets.
params: {temperature: 0}
messages:
  - {role: system, content: "You route. {% include '_tone.j2' %}"}
  - {role: user, content: "{{ ticket }}"}
tools: [{type: function, function: {name: f}}]
response_format: {type: json_object}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "prompts/support").mkdir(parents=True)
    (tmp_path / "prompts/support/triage.yaml").write_text(TRIAGE)
    (tmp_path / "prompts/_tone.j2").write_text("Be kind.")
    (tmp_path / "prompts/plain.txt").write_text("Hello {{ name }}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_litellm_takes(folder):
    prompt = load("support/triage")

    assert {
        "model": "openai/gpt-5-mini",
        "messages": [
            {"role": "system", "content": "You route. Be kind."},
            {"role": "user", "content": "Where is it?"},
        ],
        "temperature": 0,
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "response_format": {"type": "json_object"},
    } == prompt.render(ticket="Where is it?")
    assert ("support/triage", "Routes tickets.", {"temperature": 0}, frozenset({"ticket"})) == (
        prompt.name,
        prompt.description,
        prompt.params,
        prompt.variables,
    )
    assert "<Prompt 'support/triage'>" == repr(prompt)


def test_litellm_accepts_it(folder):
    code = (
        "import litellm, promptctl\n"
        "request = promptctl.load('plain').render(name='Ann')\n"
        "answer = litellm.completion(**request, model='openai/x', mock_response='Hi')\n"
        "print(answer.choices[0].message.content)\n"
    )
    offline = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=offline, capture_output=True, text=True, check=False
    )

    assert "Hi\n" == done.stdout, done.stderr


def test_values_by_name_or_in_a_mapping(folder):
    plain = load("plain", root=folder / "prompts")

    assert "Hello Ann" == plain.render({"name": "Ann"})["messages"][0]["content"]
    assert "Hello Bob" == plain.render({"name": "Ann"}, name="Bob")["messages"][0]["content"]
    assert "model" not in plain.render(name="x")
    with pytest.raises(RenderError, match="undefined variable 'name'"):
        plain.render()


def test_settings_above_give_folders_and_defaults(folder, monkeypatch):
    (folder / ".promptctl.yaml").write_text("prompts: [mine]\nmodel: openai/other\nparams: {top_p: 0.5}\n")
    (folder / "mine/deep").mkdir(parents=True)
    (folder / "mine/a.md").write_text("---\nmodel: m\n---\nHi\n")
    (folder / "mine/b.txt").write_text("Hi")
    monkeypatch.chdir(folder / "mine/deep")

    assert ("m", {"top_p": 0.5}) == (load("a").model, load("a").params)
    assert "openai/other" == load("b").model
    with pytest.raises(NothingSelected, match="plain"):
        load("plain")


def test_a_revision_of_the_repository(folder):
    repo = GitRepository(folder)
    repo.commit("first")
    repo.git("tag", "v1.2")
    (folder / "prompts/plain.txt").write_text("Bye {{ name }}")
    (folder / "prompts/_tone.j2").write_text("Be strict.")

    assert "Hello x" == load("plain", rev="v1.2").render(name="x")["messages"][0]["content"]
    assert "Bye x" == load("plain").render(name="x")["messages"][0]["content"]
    assert "You route. Be kind." == load("support/triage", rev="v1.2").render(ticket="")["messages"][0]["content"]
    with pytest.raises(UnknownRevision):
        load("plain", rev="v9")


@pytest.mark.parametrize("zipped", [False, True])
def test_an_installed_packages_data(tmp_path, monkeypatch, zipped):
    name = f"promptctl_app_{'zip' if zipped else 'folder'}"
    package = tmp_path / name
    (package / "prompts").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "prompts/hello.prompty").write_text("---\nmodel: gpt-4\n---\nsystem:\nHello {{name}}.\n")
    place = tmp_path
    if zipped:
        place = tmp_path / "app.zip"
        with zipfile.ZipFile(place, "w") as archive:
            for file in package.rglob("*"):
                archive.write(file, file.relative_to(tmp_path))
    monkeypatch.syspath_prepend(str(place))

    request = load("hello", package=name).render(name="Ann")

    assert ("gpt-4", "Hello Ann.") == (request["model"], request["messages"][0]["content"])


def test_mistakes_name_what_is_there(folder):
    (folder / "prompts/broken.yaml").write_text("messages: [\n")

    with pytest.raises(NothingSelected, match="Did you mean 'plain'"):
        load("plian")
    with pytest.raises(InvalidPrompt, match=r"broken\.yaml: line"):
        load("broken")


def test_nothing_else_is_public():
    assert ["Prompt", "__version__", "load"] == promptctl.__all__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = promptctl.nothing


HEAVY = {"typer", "rich", "git", "litellm", "yaml", "jinja2", "click", "sqlite3", "asyncio", "tiktoken", "deepdiff"}


def loaded(code: str, folder: Path) -> set[str]:
    after = "\nimport sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith("COV")
    }  # it imports much itself
    done = subprocess.run(
        [sys.executable, "-c", code + after], cwd=folder, capture_output=True, text=True, check=True, env=environ
    )
    return set(done.stdout.splitlines()[-1].split())


def test_importing_it_pulls_in_nothing_heavy(folder):
    bare = loaded("", folder)

    # Not even `typing`, which takes longer than all the rest.
    assert {"promptctl"} == loaded("import promptctl; promptctl.load", folder) - bare


def test_types_are_shipped():
    assert (Path(promptctl.__file__).parent / "py.typed").is_file()


def test_a_plain_prompt_takes_neither_git_nor_jinja(folder):
    found = loaded("import promptctl; promptctl.load('plain').render(name='x')", folder)

    assert set() == found & (HEAVY - {"yaml"})
