"""What differs between two sides, and how prompts are chosen."""

import subprocess
import sys

import pytest

from promptctl.errors import NothingSelected
from promptctl.snapshot import Change, compare, select


def edit(repository, path, old, new):
    file = repository.root / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_nothing_differs(changes):
    assert changes() == {}
    assert changes(staged=True) == {}
    assert changes("HEAD", "HEAD") == {}


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("Route this", "Send this", {"text"}),
        ("gpt-5-mini", "gpt-5", {"model"}),
        ("messages:", "params: {seed: 1}\nmessages:", {"params"}),
        ("messages:", "description: x\nmessages:", {"description"}),
        ("messages:", "fallbacks: [openai/x]\nmessages:", {"fallbacks"}),
        ("messages:", "volume: 12/month\nmessages:", {"volume"}),
        ("messages:", "variables: {ticket: {type: string}}\nmessages:", {"variables"}),
        ("messages:", "tools: [{type: function, function: {name: f}}]\nmessages:", {"tools"}),
        ("messages:", "response_format: {type: json_object}\nmessages:", {"schema"}),
        ("type: equals", "type: contains", {"assertions"}),
        ("messages:", "inputs: triage.inputs.jsonl\nmessages:", set()),
        ("messages:", "# only a comment\nmessages:", set()),
        ("messages:\n", "mesages:\n", {"unreadable"}),
        ("model: openai/gpt-5-mini\n", "", {"model"}),
    ],
)
def test_parts(repository, changes, old, new, parts):
    edit(repository, "prompts/support/triage.yaml", old, new)

    found = changes()

    assert {name: set(pair.parts) for name, pair in found.items()} == ({"support/triage": parts} if parts else {})
    assert all(pair.change is Change.MODIFIED for pair in found.values())


def test_inputs(repository, changes):
    edit(repository, "prompts/support/triage.inputs.jsonl", "a", "b")

    (pair,) = changes().values()
    assert (pair.name, pair.change, pair.parts) == ("support/triage", Change.MODIFIED, {"inputs"})


def test_line_ends_are_no_change(repository, changes):
    for path in ("prompts/support/triage.yaml", "prompts/support/triage.inputs.jsonl", "prompts/plain.txt"):
        file = repository.root / path
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))

    assert changes() == {}


def test_recordings_and_readmes_are_no_change(repository, changes):
    repository.write("prompts/support/triage.recordings.jsonl", "{}\n{}\n")
    repository.write("prompts/README.md", "Other.\n")

    assert changes() == {}


def test_inputs_that_git_ignores_are_no_change(repository, changes):
    repository.write(".git/info/exclude", "*.csv\n")
    repository.write("prompts/plain.inputs.csv", "a\n1\n")
    repository.write("prompts/plain.txt", "Say goodbye.\n")

    assert changes()["plain"].parts == {"text"}


def test_declared_inputs_elsewhere(repository, changes):
    repository.write("data/in.jsonl", '{"vars": {}}\n')
    repository.write("prompts/one.yaml", "inputs: ../data/in.jsonl\nmessages: [{role: user, content: x}]\n")
    repository.commit()
    repository.write("data/in.jsonl", '{"vars": {"a": 1}}\n')

    (pair,) = changes().values()
    assert (pair.name, pair.parts) == ("one", {"inputs"})
    assert pair.new.inputs.path == "data/in.jsonl"


def test_inputs_that_came_or_went(repository, changes):
    (repository.root / "prompts/support/triage.inputs.jsonl").unlink()
    repository.write("prompts/plain.inputs.jsonl", "{}\n")

    assert {name: pair.parts for name, pair in changes().items()} == {
        "plain": {"inputs"},
        "support/triage": {"inputs"},
    }


def test_declared_inputs_that_went(repository, changes):
    edit(repository, "prompts/support/triage.yaml", "messages:", "inputs: ../x.jsonl\nmessages:")

    pair = changes()["support/triage"]
    assert (pair.parts, pair.new.inputs) == ({"inputs"}, None)


# --- Partials


@pytest.mark.parametrize("partial", ["tone", "word"])
def test_a_partial_changes_those_that_include_it(repository, changes, partial):
    repository.write(f"prompts/_shared/{partial}.j2", "other")

    assert {name: pair.parts for name, pair in changes().items()} == {"greet": {"text"}}


def test_a_partial_of_any_kind(repository, changes):
    repository.write("prompts/terms.rst", "one")
    repository.write("prompts/terms.md", "{% include 'terms.rst' %}")
    repository.commit()
    repository.write("prompts/terms.rst", "two")

    assert list(changes()) == ["terms"]


@pytest.mark.parametrize(
    ("language", "content"),
    [
        ("mustache", "{{#a}}{{> _shared/word}}{{/a}}"),
        ("handlebars", "{{~> _shared/word }}"),
        ("handlebars", "{{#> _shared/word}}{{/_shared/word}}"),
        ("mustache", "{{=<% %>=}}<%> _shared/word%>"),
    ],
)
def test_a_partial_that_is_named_without_its_extension(repository, changes, language, content):
    repository.write("prompts/_shared/word.txt", "one")
    repository.write("prompts/odd.yaml", f"template: {language}\nmessages: [{{role: user, content: '{content}'}}]\n")
    repository.commit()
    repository.write("prompts/_shared/word.txt", "two")

    assert {name: pair.parts for name, pair in changes().items()} == {"odd": {"text"}}


@pytest.mark.parametrize(
    "content", ["\"\\x7b% include '_shared/word.j2' %}\"", "\"{%\\ninclude '_shared/word.j2' %}\""]
)
def test_an_include_that_yaml_spells_otherwise(repository, changes, content):
    repository.write("prompts/odd.yaml", f"messages: [{{role: user, content: {content}}}]\n")
    repository.commit()
    repository.write("prompts/_shared/word.j2", "other")

    assert list(changes()) == ["greet", "odd"]


def test_what_a_text_includes_beside_a_change(repository, changes):
    """Tags that include nothing, computed names, escapes, and partials that are absent."""
    for name, text in {
        "if": "{% if x %}x{% endif %}",
        "computed": "{% set from = 1 %}{{ from }}",
        "escaped": "no tag, but \\x7b",
        "both": "{% if x %}\\x7b{% endif %}",
        "gone": "{% include '_no.j2' ignore missing %}",
    }.items():
        repository.write(f"prompts/{name}.txt", text)
    repository.commit()
    repository.write("prompts/_shared/word.j2", "other")

    assert list(changes()) == ["greet"]


def test_a_partial_that_went(repository, changes):
    (repository.root / "prompts/_shared/word.j2").unlink()

    assert {name: pair.parts for name, pair in changes().items()} == {"greet": {"unreadable"}}


def test_a_partial_that_is_no_text(repository, changes):
    repository.write("prompts/_shared/word.j2", b"\xff")

    assert {name: pair.parts for name, pair in changes().items()} == {"greet": {"unreadable"}}


def test_unreadable_on_both_sides_alike_is_unchanged(repository, changes):
    repository.write("prompts/bad.yaml", "mesages: []\n")
    repository.write("prompts/computed.txt", "{% include name %}")
    repository.write("prompts/huge.txt", "x" * (5 * 1024 * 1024 + 1))
    repository.commit()

    assert changes() == {}


# --- Defaults


def test_default_model_and_params_are_part_of_the_prompt(repository, changes):
    repository.write(".promptctl.yaml", "model: openai/one\n")
    repository.commit()
    repository.write(".promptctl.yaml", "model: openai/two\nparams: {seed: 1}\n")

    assert {name: set(pair.parts) for name, pair in changes().items()} == {
        "greet": {"model", "params"},
        "plain": {"model", "params"},
        "support/triage": {"params"},
    }
    assert changes(environ={"PROMPTCTL_MODEL": "openai/three"})["greet"].parts == {"params"}


# --- Added, removed, renamed


def test_added_and_removed(repository, changes):
    repository.write("prompts/new.txt", "Quite another text, with nothing of the old one.\n")
    (repository.root / "prompts/support/triage.yaml").unlink()
    found = changes()

    assert {name: pair.change for name, pair in found.items()} == {
        "new": Change.ADDED,
        "support/triage": Change.REMOVED,
    }
    assert (found["new"].old, found["new"].parts) == (None, {"added"})
    assert (found["support/triage"].new, found["support/triage"].parts) == (None, {"removed"})
    assert (found["new"].old_name, found["new"].old_path) == (None, None)


@pytest.mark.parametrize("place", ["worktree", "index", "commit"])
def test_a_rename(repository, changes, place):
    for kind in ("yaml", "inputs.jsonl", "recordings.jsonl"):
        repository.git("mv", f"prompts/support/triage.{kind}", f"prompts/support/route.{kind}")
    edit(repository, "prompts/support/route.yaml", "Route this", "Send this")
    revisions = {"worktree": [], "index": [], "commit": ["HEAD~1", "HEAD"]}[place]
    if place != "worktree":
        repository.git("add", "-A")
    if place == "commit":
        repository.commit()

    (pair,) = changes(*revisions, staged=place == "index").values()

    assert (pair.name, pair.change, pair.parts) == ("support/route", Change.RENAMED, {"rename", "text"})
    assert (pair.old_name, pair.old_path) == ("support/triage", "prompts/support/triage.yaml")


def test_a_mere_rename(repository, changes):
    repository.git("mv", "prompts/plain.txt", "prompts/moved.txt")

    (pair,) = changes().values()
    assert (pair.change, pair.parts, pair.old_name) == (Change.RENAMED, {"rename"}, "plain")


def test_a_move_that_keeps_the_name(repository, changes):
    repository.git("mv", "prompts/plain.txt", "prompts/plain.md")

    (pair,) = changes().values()
    assert (pair.name, pair.change, pair.parts) == ("plain", Change.RENAMED, {"rename"})
    assert (pair.old_name, pair.old_path) == (None, "prompts/plain.txt")


def test_inputs_that_moved_with_their_prompt_make_a_rename(repository, changes):
    repository.git("mv", "prompts/support/triage.inputs.jsonl", "prompts/support/route.inputs.jsonl")
    (repository.root / "prompts/support/triage.yaml").unlink()
    repository.write("prompts/support/route.yaml", "messages: [{role: system, content: all of it is new}]\n")

    (pair,) = changes().values()
    assert (pair.name, pair.change, pair.old_name) == ("support/route", Change.RENAMED, "support/triage")
    assert {"rename", "text"} <= pair.parts
    assert "inputs" not in pair.parts


def test_identical_prompts_are_told_apart_by_the_inputs_that_moved_with_them(repository, changes):
    for name in "ab":
        repository.write(f"prompts/same/{name}.md", "Greet {{who}} in a friendly way, please.\n")
        lines = (f'{{"vars": {{"who": "{name} {number}"}}}}\n' for number in range(9))
        repository.write(f"prompts/same/{name}.inputs.jsonl", "".join(lines))
    repository.write("prompts/same/c.md", "Greet {{who}} in a friendly way, please.\n")
    repository.commit()
    # By their names alone git would pair a with x, b with y, c with z.
    for old, new in ("ay", "bz"):
        for kind in ("md", "inputs.jsonl"):
            repository.git("mv", f"prompts/same/{old}.{kind}", f"prompts/same/{new}.{kind}")
    repository.git("mv", "prompts/same/c.md", "prompts/same/x.md")

    found = changes()

    assert {name: pair.old_name for name, pair in found.items()} == {
        "same/x": "same/c",
        "same/y": "same/a",
        "same/z": "same/b",
    }
    assert {pair.parts for pair in found.values()} == {frozenset({"rename"})}


def test_a_renamed_prompt_that_cannot_be_read(repository, changes):
    repository.git("mv", "prompts/support/triage.yaml", "prompts/support/route.yaml")
    edit(repository, "prompts/support/route.yaml", "messages", "mesages")

    assert changes()["support/route"].parts == {"rename", "unreadable"}


def test_swapping_the_sides_swaps_added_and_removed(repository, changes):
    repository.write("prompts/new.txt", "x")
    edit(repository, "prompts/support/triage.yaml", "Route", "Send")
    repository.commit()

    there, back = changes("HEAD~1", "HEAD"), changes("HEAD", "HEAD~1")

    assert (there["new"].change, back["new"].change) == (Change.ADDED, Change.REMOVED)
    assert there["support/triage"].parts == back["support/triage"].parts == {"text"}


# --- Selecting


def names(pairs):
    return [pair.name for pair in pairs]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["greet"], ["greet"]),
        (["support/*"], ["support/triage"]),
        (["support"], ["support/triage"]),
        (["*"], ["greet", "plain", "support/triage"]),
        (["prompts"], ["greet", "plain", "support/triage"]),
        (["."], ["greet", "plain", "support/triage"]),
        (["./prompts/support/"], ["support/triage"]),
        (["prompts/greet.md", "plain"], ["greet", "plain"]),
        (["prompts/support/triage.inputs.jsonl"], ["support/triage"]),
        (["plain", "pl*"], ["plain"]),
    ],
)
def test_select(sides, patterns, expected):
    with sides() as (repo, old, new):
        assert names(select(compare(repo, old, new), patterns)) == expected


def test_select_by_the_old_name(repository, sides):
    repository.git("mv", "prompts/plain.txt", "prompts/moved.txt")

    with sides() as (repo, old, new):
        assert names(select(compare(repo, old, new), ["plain"])) == ["moved"]


def test_select_nothing(sides):
    with sides() as (repo, old, new):
        pairs = compare(repo, old, new)
        with pytest.raises(NothingSelected, match=r"^'gret' matches no prompt. Did you mean 'greet'?"):
            select(pairs, ["plain", "gret"])
        with pytest.raises(NothingSelected, match=r"^'x' and 'y' match no prompt."):
            select(pairs, ["x", "y"])
        with pytest.raises(NothingSelected, match="There are no prompts"):
            select([], ["x"])


# --- Start-up


def test_an_unchanged_repository_parses_nothing(repository):
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from promptctl.settings import Settings\n"
        "from promptctl.snapshot import compare, open_snapshots\n"
        "from promptctl.versions.git import Repository\n"
        "from promptctl.versions.revisions import resolve\n"
        "with Repository.open(Path('.')) as repo:\n"
        "    old, new = open_snapshots(repo, resolve(repo, []), Settings())\n"
        "    assert 3 == len(compare(repo, old, new))\n"
        "print({'yaml', 'jinja2', 'litellm', 'asyncio', 'difflib'} & set(sys.modules))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=repository.root, capture_output=True, text=True, check=True
    )

    assert done.stdout == "set()\n"


def moved_with_its_setting(repository):
    repository.write(".promptctl.yaml", "prompts: [prompts]\n")
    repository.commit("settings")
    (repository.root / "ai").mkdir()
    (repository.root / "prompts").rename(repository.root / "ai/texts")
    repository.write(".promptctl.yaml", "prompts: [ai/texts]\n")


def test_a_folder_that_moves_with_its_setting(repository, changes):
    moved_with_its_setting(repository)
    edit(repository, "ai/texts/support/triage.yaml", "Route this", "Send this")
    edit(repository, "ai/texts/_shared/word.j2", "kind", "brief")

    found = changes()

    assert {name: (pair.change.value, pair.old_path, set(pair.parts)) for name, pair in found.items()} == {
        "greet": ("renamed", "prompts/greet.md", {"rename", "text"}),
        "plain": ("renamed", "prompts/plain.txt", {"rename"}),
        "support/triage": ("renamed", "prompts/support/triage.yaml", {"rename", "text"}),
    }
    assert all(pair.old_name is None for pair in found.values())


def test_a_folder_that_moves_with_its_setting_the_other_way_round(repository, changes):
    moved_with_its_setting(repository)
    repository.commit("moved")

    there, back = changes("HEAD~1", "HEAD"), changes("HEAD", "HEAD~1")

    assert {name: pair.old.path for name, pair in there.items()} == {name: pair.new.path for name, pair in back.items()}
    assert {pair.change for pair in (*there.values(), *back.values())} == {Change.RENAMED}


def test_a_folder_that_moves_into_a_name_of_its_own(repository, changes):
    repository.write("ai/triage.yaml", (repository.root / "prompts/support/triage.yaml").read_bytes())
    (repository.root / "prompts/support/triage.yaml").unlink()
    repository.write(".promptctl.yaml", "prompts: [ai]\n")

    (pair,) = changes().values()

    assert (pair.name, pair.old_name, pair.old_path) == ("triage", "support/triage", "prompts/support/triage.yaml")


def test_a_folder_that_the_settings_let_go_is_not_listed(repository, changes):
    repository.write("other/plain.txt", "Say hello.\n")
    repository.write(".promptctl.yaml", "prompts: [prompts]\n")
    repository.commit("both")
    repository.write(".promptctl.yaml", "prompts: [other]\n")
    repository.write("other/greet.md", "Good day.\n")

    assert {name: pair.change for name, pair in changes().items()} == {"greet": Change.ADDED}
