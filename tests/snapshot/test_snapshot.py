"""What a Snapshot holds at each Source."""

import pytest

from promptctl.errors import (
    InvalidInputs,
    InvalidPrompt,
    InvalidRecordings,
    InvalidSettings,
    NothingSelected,
    UserError,
)
from promptctl.settings import Settings
from promptctl.snapshot import Snapshot, open_snapshots, settings_at, settings_text
from promptctl.versions.git import Repository
from promptctl.versions.source import INDEX, WORKTREE, Place, Revisions, Source

NAMES = ["greet", "plain", "support/triage"]


@pytest.fixture
def repo(repository):
    with Repository.open(repository.root) as opened:
        yield opened


def head(repo) -> Source:
    return Source(Place.COMMIT, "HEAD", repo.commit("HEAD"))


def worktree(repo, **settings) -> Snapshot:
    return Snapshot(repo, WORKTREE, Settings(**settings))


def test_the_prompts_of_every_place(repo):
    for source in (head(repo), INDEX, WORKTREE):
        snapshot = Snapshot(repo, source, Settings())

        assert list(snapshot.files) == NAMES
        triage = snapshot.files["support/triage"]
        assert (triage.path, triage.root) == ("prompts/support/triage.yaml", "prompts")
        assert triage.inputs.path == "prompts/support/triage.inputs.jsonl"
        assert triage.recordings.path == "prompts/support/triage.recordings.jsonl"
        assert snapshot.inputs("support/triage") == (triage.inputs.path, b'{"vars": {"ticket": "a"}}\n')
        assert snapshot.recordings("support/triage") == "{}\n"
        assert (snapshot.inputs("plain"), snapshot.recordings("plain"), snapshot.problems) == (None, None, ())
        assert snapshot.exists("prompts/README.md")
        assert not snapshot.exists("prompts")
        assert snapshot.read("prompts/README.md") == b"No prompt.\n"


def test_a_prompt_is_parsed_once_with_its_partials_and_the_defaults(repo):
    snapshot = worktree(repo, model="openai/default", params={"temperature": 0})

    greet = snapshot.prompt("greet")

    assert greet is snapshot.prompt("greet")
    assert greet.partials == {"_shared/tone.j2": "be {% include '_shared/word.j2' %}", "_shared/word.j2": "kind"}
    assert (greet.model, greet.params) == ("openai/default", {"temperature": 0})
    assert snapshot.prompt("support/triage").model == "openai/gpt-5-mini"


def test_a_prompts_own_params_win(repository, repo):
    repository.write("prompts/own.yaml", "params: {temperature: 1}\nmessages: [{role: user, content: x}]\n")

    prompt = worktree(repo, params={"temperature": 0, "seed": 3}).prompt("own")

    assert prompt.params == {"temperature": 1, "seed": 3}


def test_an_unknown_name_is_suggested(repo):
    with pytest.raises(NothingSelected, match=r"no prompt 'gret' at WORKTREE. Did you mean 'greet'?"):
        worktree(repo).prompt("gret")


def test_an_unreadable_prompt_does_not_stop_the_others(repository, repo):
    repository.write("prompts/bad.yaml", "mesages: []\n")
    repository.write("prompts/binary.txt", b"\0")
    repository.write("prompts/huge.txt", "x" * (5 * 1024 * 1024 + 1))
    (repository.root / "prompts/out.txt").symlink_to("/etc/hostname")
    snapshot = worktree(repo)

    assert set(snapshot.files) == {*NAMES, "bad", "binary", "huge", "out"}
    for name, message in {
        "bad": "Did you mean 'messages'?",
        "binary": "NUL",
        "huge": "larger than 5 MiB",
        "out": "symbolic link",
    }.items():
        for _ in range(2):
            with pytest.raises(InvalidPrompt, match=message):
                snapshot.prompt(name)
    assert snapshot.prompt("plain").messages


def test_a_partial_that_is_too_large(repository, repo):
    repository.write("prompts/_shared/word.j2", "x" * (5 * 1024 * 1024 + 1))

    with pytest.raises(InvalidPrompt, match=r"_shared/word.j2: larger than 5 MiB"):
        worktree(repo).prompt("greet")


def test_a_partial_never_leaves_the_prompts_folder(repository, repo):
    repository.write("secret.txt", "secret")
    snapshot = worktree(repo)

    assert snapshot.include("prompts", "_shared/word.j2") == "kind"
    assert snapshot.include("prompts", "../secret.txt") is None
    assert snapshot.include("", "secret.txt") == "secret"
    assert snapshot.include("", "../x") is None


# --- Names


def test_two_files_of_one_name_are_an_error(repository, repo):
    repository.write("prompts/greet.txt", "x")
    snapshot = worktree(repo)

    assert [str(problem) for problem in snapshot.problems] == [
        "prompts/greet.txt: is called 'greet', as prompts/greet.md is. Rename one of them."
    ]
    with pytest.raises(InvalidPrompt, match="is called 'greet'"):
        snapshot.prompt("greet")


@pytest.mark.parametrize(
    ("prompts", "expected"),
    [
        (("prompts/support",), ["triage"]),
        (("prompts/support/triage.yaml",), ["triage"]),
        (("prompts/**/*.md",), ["greet"]),
        (("prompts/*",), ["greet", "plain"]),
        (("prompts/**",), NAMES),
        (("**/*.yaml",), ["prompts/support/triage"]),
        (("pro*/support",), ["prompts/support/triage"]),
        (("prompts/[gx]*.md", "prompts/sup?ort/*"), ["greet", "support/triage"]),
        ((".",), [f"prompts/{name}" for name in NAMES]),
        (("absent", "prompts/support"), ["triage"]),
        (("absent",), []),
    ],
)
def test_folders_and_globs(repo, prompts, expected):
    for source in (head(repo), WORKTREE):
        assert list(Snapshot(repo, source, Settings(prompts=prompts)).files) == expected


def test_what_is_no_prompt(repository, repo):
    for name in (
        "_x.md",
        "_f/x.md",
        ".h.md",
        ".f/x.md",
        "readme.MD",
        "a.inputs.yaml",
        "a.recordings.jsonl",
        "a.json",
        "a",
    ):
        repository.write(f"prompts/{name}", "x")

    assert list(worktree(repo).files) == NAMES


# --- Inputs


def test_declared_inputs(repository, repo):
    repository.write("data/in.jsonl", '{"vars": {}}\n')
    repository.write("prompts/one.yaml", "inputs: ../data/in.jsonl\nmessages: [{role: user, content: x}]\n")
    repository.write("prompts/one.inputs.jsonl", "not this one\n")

    assert worktree(repo).inputs("one") == ("data/in.jsonl", b'{"vars": {}}\n')


@pytest.mark.parametrize("declared", ["absent.jsonl", "../../etc/x.jsonl", "/etc/x.jsonl", "../.git/x.jsonl", "x.txt"])
def test_declared_inputs_that_cannot_be_read(repository, repo, declared):
    repository.write("prompts/one.yaml", f"inputs: {declared}\nmessages: [{{role: user, content: x}}]\n")
    snapshot = worktree(repo)

    # The format refuses some of these itself; what it lets pass is met here.
    with pytest.raises((InvalidInputs, InvalidPrompt), match=r"prompts/one\.yaml: .*inputs"):
        (snapshot.prompt("one"), snapshot.inputs("one"))


def test_two_files_of_inputs_are_an_error(repository, repo):
    repository.write("prompts/support/triage.inputs.csv", "ticket\nx\n")
    snapshot = worktree(repo)

    with pytest.raises(InvalidInputs, match=r"has two files of inputs: .*jsonl and .*csv. Keep one of them."):
        snapshot.inputs("support/triage")
    assert len(snapshot.problems) == 1
    assert snapshot.prompt("support/triage").name == "support/triage"


def test_inputs_that_git_ignores_are_inputs_in_the_working_tree(repository, repo):
    repository.write(".gitignore", "*.csv\n*.recordings.jsonl\n")
    repository.write("prompts/plain.inputs.csv", "a\n1\n")
    repository.write("prompts/plain.recordings.jsonl", "{}\n")
    snapshot = worktree(repo)

    assert snapshot.inputs("plain") == ("prompts/plain.inputs.csv", b"a\n1\n")
    assert snapshot.recordings("plain") == "{}\n"
    assert snapshot.inputs_file("plain", ignored=False) is None
    assert Snapshot(repo, INDEX, Settings()).inputs("plain") is None


def test_an_unreadable_prompt_keeps_the_inputs_beside_it(repository, repo):
    repository.write("prompts/support/triage.yaml", "mesages: []\n")

    assert worktree(repo).inputs("support/triage") is not None


def test_inputs_and_recordings_that_lead_out_of_the_repository(repository, repo):
    for name in ("inputs", "recordings"):
        (repository.root / f"prompts/plain.{name}.jsonl").symlink_to("/etc/hostname")
    snapshot = worktree(repo)

    with pytest.raises(InvalidInputs, match="symbolic link"):
        snapshot.inputs("plain")
    with pytest.raises(InvalidRecordings, match="symbolic link"):
        snapshot.recordings("plain")


def test_recordings_that_are_no_text(repository, repo):
    repository.write("prompts/plain.recordings.jsonl", b"\xff")

    with pytest.raises(InvalidRecordings, match="not valid UTF-8"):
        worktree(repo).recordings("plain")


# --- Settings


def test_settings_at_a_source(repository, repo):
    assert settings_text(repo, WORKTREE) is None
    assert settings_at(repo, WORKTREE) == Settings()
    repository.write(".promptctl.yaml", "model: one\n")
    repository.commit()
    repository.write(".promptctl.yaml", "model: two\n")

    assert (settings_at(repo, head(repo)).model, settings_at(repo, WORKTREE).model) == ("one", "two")
    assert settings_at(repo, INDEX, {"PROMPTCTL_MODEL": "three"}).model == "three"


def test_settings_that_are_no_text(repository, repo):
    repository.write(".promptctl.yaml", b"\0")

    with pytest.raises(InvalidSettings, match="NUL"):
        settings_at(repo, WORKTREE)


def test_defaults_are_read_at_each_side(repository, repo):
    repository.write(".promptctl.yaml", "model: old\nprompts: [elsewhere]\n")
    repository.commit()
    repository.write(".promptctl.yaml", "model: new\nparams: {seed: 1}\n")
    in_force = settings_at(repo, WORKTREE)

    old, new = open_snapshots(repo, Revisions(head(repo), WORKTREE), in_force)

    assert (old.settings.model, old.settings.params, old.settings.prompts) == ("old", {}, ("prompts",))
    assert (new.settings.model, new.settings.params) == ("new", {"seed": 1})


def test_a_side_without_settings_takes_those_in_force(repository, repo):
    repository.write(".promptctl.yaml", "model: new\n")

    old, new = open_snapshots(repo, Revisions(head(repo), WORKTREE), settings_at(repo, WORKTREE))

    assert (old.settings.model, new.settings.model) == ("new", "new")


def test_old_settings_that_are_refused_today_do_not_stop_the_comparison(repository, repo):
    repository.write(".promptctl.yaml", "modle: old\n")
    repository.commit()
    repository.write(".promptctl.yaml", "model: new\n")

    old, _ = open_snapshots(repo, Revisions(head(repo), WORKTREE), settings_at(repo, WORKTREE))

    assert old.settings.model == "new"
    assert "the settings at HEAD cannot be read" in str(old.problems[0])
    assert "unknown key 'modle'" in str(old.problems[1])


def test_settings_refused_in_the_index_are_an_error(repository, repo):
    repository.write(".promptctl.yaml", "modle: old\n")
    repository.git("add", ".")
    with pytest.raises(InvalidSettings, match=r".promptctl.yaml at INDEX: line 1: unknown key 'modle'"):
        open_snapshots(repo, Revisions(head(repo), INDEX), Settings())


def test_reading_what_is_absent(repo):
    with pytest.raises(UserError, match="nope: no such file at WORKTREE"):
        worktree(repo).read("nope")
