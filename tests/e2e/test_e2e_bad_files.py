"""What people have in their folders of prompts by accident, or by malice: one line each, and the others are shown."""

import sys

import pytest
from user_repository import prompt_text

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
FILES = {
    "a program": ("x.yaml", b"\x7fELF\x00\x01\x02", "NUL bytes. Save it as UTF-8."),
    "UTF-16": ("x.txt", "Hello".encode("utf-16"), "NUL bytes. Save it as UTF-8."),
    "Latin-1": ("x.txt", b"one\ncaf\xe9\n", "line 2: is not valid UTF-8. Save it as UTF-8."),
    "more than 5 MiB": ("x.txt", b"a" * (5 * 1024 * 1024 + 1), "larger than 5 MiB."),
    "a bomb of aliases": ("x.yaml", BOMB.encode(), "expand to more than 100,000 values."),
    "deep YAML": ("x.yaml", b"messages: " + b"[" * 50_000, "nested more than 100 levels deep."),
    "deep JSON": ("x.json", b'[{"role":"user","content":' + b"[" * 900 + b"]" * 900 + b"}]", "nested more than"),
    "nothing": ("x.txt", b"", "is empty."),
    "blanks": ("x.md", b" \n\n", "is empty."),
    "front matter alone": ("x.md", b"---\nmodel: m\n---\n", "no text below its front matter."),
    "an open front matter": ("x.prompty", b"---\nname: a\nHello\n", "its front matter has no end."),
    "a circle of partials": ("x.j2", b'{% include "_a.j2" %}', "in a circle: _a.j2 -> _a.j2."),
    "a partial outside": ("x.j2", b'{% include "../../etc/passwd" %}', "lies outside the prompts folder."),
    "an unknown key": ("x.yaml", b"mesages: []\n", "Did you mean 'messages'?"),
}


@pytest.mark.parametrize("what", FILES)
def test_a_bad_file_is_one_line_and_the_others_are_diffed(bare_repo, what):
    name, data, says = FILES[what]
    bare_repo.write("prompts/good.txt", "Hello {{ name }}\n")
    bare_repo.write("prompts/_a.j2", '{% include "_a.j2" %}')
    bare_repo.commit("first")
    bare_repo.write("prompts/good.txt", "Goodbye {{ name }}\n")
    bare_repo.write(f"prompts/{name}", data)

    ran, alone, listed = bare_repo.run("diff"), bare_repo.run("diff", "-p", "x"), bare_repo.run("list")

    assert "{+Goodbye+}" in ran.out
    (line,) = [line for line in ran.err.splitlines() if "'messages' is missing" not in line]
    assert line.startswith(f"promptctl: prompts/{name}: ")
    assert says in line
    assert (0, 2, 0) == (ran.code, alone.code, listed.code)
    assert line in alone.err
    assert line in listed.err


def test_what_is_wrong_on_both_sides_is_said_once_and_an_old_side_is_named(bare_repo):
    for name in ("both", "old", "new"):
        bare_repo.write(f"prompts/{name}.yaml", "mesages: []\nmessages: [{role: user, content: a}]\n")
    bare_repo.write("prompts/new.yaml", "messages: [{role: user, content: a}]\n")
    bare_repo.commit("first")
    bare_repo.write("prompts/both.yaml", "mesages: []\nmessages: [{role: user, content: b}]\n")
    bare_repo.write("prompts/old.yaml", "messages: [{role: user, content: b}]\n")
    bare_repo.write("prompts/new.yaml", "mesages: []\nmessages: [{role: user, content: b}]\n")

    ran = bare_repo.run("diff")

    said = "line 1: unknown key 'mesages'. Did you mean 'messages'?"
    assert [
        f"promptctl: prompts/both.yaml: {said}",
        f"promptctl: prompts/new.yaml: {said}",
        f"promptctl: HEAD:prompts/old.yaml: {said}",
    ] == ran.err.splitlines()
    assert 2 == ran.code


def test_what_is_broken_on_both_sides_alike_is_named(bare_repo):
    bare_repo.write("prompts/good.txt", "Hello {{ name }}\n")
    bare_repo.write("prompts/broken.yaml", "mesages: []\nmessages: [{role: user, content: a}]\n")
    bare_repo.commit("first")
    said = "promptctl: prompts/broken.yaml: line 1: unknown key 'mesages'. Did you mean 'messages'?"

    nothing, alone = bare_repo.run("diff"), bare_repo.run("diff", "--", "prompts/broken.yaml")
    bare_repo.write("prompts/good.txt", "Goodbye {{ name }}\n")
    edited, good = bare_repo.run("diff", "--exit-code"), bare_repo.run("diff", "-p", "good")

    assert [(0, [said]), (2, [said])] == [(ran.code, ran.err.splitlines()) for ran in (nothing, alone)]
    assert [(1, [said]), (0, [])] == [(ran.code, ran.err.splitlines()) for ran in (edited, good)]
    assert "{+Goodbye+}" in edited.out


def test_json_that_an_edit_broke_is_not_taken_for_a_removed_prompt(bare_repo):
    bare_repo.write("prompts/a.json", '[{"role": "user", "content": "hi"}]')
    bare_repo.commit("first")
    bare_repo.write("prompts/a.json", '[{"role": "user", "content": "hi"},]')

    ran = bare_repo.run("diff", "--format", "json")

    assert (2, "modified") == (ran.code, ran.prompt["change"])
    assert "prompts/a.json: line 1: is not valid JSON" in ran.err


def test_of_many_prompts_those_that_are_the_same_are_not_read(bare_repo):
    for number in range(65):
        bare_repo.write(f"prompts/p{number}.yaml", "mesages: []\n")
    bare_repo.commit("first")

    assert ("", "") == ((ran := bare_repo.run("diff")).out, ran.err)
    assert 2 == bare_repo.run("diff", "-p", "p7").code


def test_two_files_of_one_name_are_said_once(bare_repo):
    bare_repo.write("prompts/good.txt", "Hello\n")
    bare_repo.commit("first")
    bare_repo.write("prompts/a.txt", "one\n")
    bare_repo.write("prompts/a.md", "two\n")

    assert 1 == len(bare_repo.run("diff").err.splitlines())


@pytest.mark.skipif(sys.platform == "win32", reason="links take a privilege there")
@pytest.mark.parametrize(
    ("link", "to"), [("prompts/team", "../elsewhere"), ("prompts/out", "/etc"), ("prompts", "elsewhere")]
)
def test_a_link_to_a_folder_is_named(bare_repo, link, to):
    bare_repo.write("elsewhere/a.txt", "Hello {{ name }}\n")
    place = bare_repo.root / link
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(to)
    said = (
        f"promptctl: {link}: a symbolic link that is not followed as a folder. Name the folder itself under 'prompts:'."
    )

    worktree = bare_repo.run("list")
    bare_repo.commit("first")

    assert said in worktree.err.splitlines()
    for ran in (bare_repo.run("diff"), bare_repo.run("diff", "HEAD", "HEAD"), bare_repo.run("lint")):
        assert [said] == [line for line in ran.err.splitlines() if "link" in line]


@pytest.mark.skipif(sys.platform == "win32", reason="links take a privilege there")
def test_a_second_file_of_a_name_stops_a_replay_and_is_seen_by_diff(bare_repo):
    bare_repo.write("prompts/x.md", "a")
    bare_repo.commit("first")
    bare_repo.write("prompts/x.yaml", "messages: [{role: user, content: b}]")
    says = "promptctl: prompts/x.yaml: is called 'x', as prompts/x.md is. Rename one of them.\n"

    for args in (["replay"], ["replay", "-p", "x"], ["replay", "--", "prompts/x.yaml"], ["diff"], ["lint", "x"]):
        ran = bare_repo.run(*args)

        assert (2, says) == (ran.code, ran.err), args
    assert "x  modified" in bare_repo.run("diff").out

    bare_repo.commit("both stand there")
    assert (0, says) == ((ran := bare_repo.run("replay")).code, ran.err)


def test_links_out_of_the_repository(bare_repo, tmp_path):
    (tmp_path / "secret.txt").write_text("the secret\n")
    bare_repo.write("prompts/good.txt", "Hello\n")
    for name, target in {
        "a": "/etc/passwd",
        "b": "../../secret.txt",
        "c": "c.txt",
        "d": ".git/config",
        "in": "good.txt",
    }.items():
        (bare_repo.root / f"prompts/{name}.txt").symlink_to(target)
    bare_repo.commit("first")

    for ran in (bare_repo.run("list"), bare_repo.run("diff", bare_repo.git("hash-object", "-t", "tree", "/dev/null"))):
        assert "secret" not in ran.out + ran.err
        assert "root:" not in ran.out
    listed = bare_repo.run("list")
    assert 4 == listed.err.count("a symbolic link that leads to no file of the repository")
    assert "Hello" in bare_repo.run("show", "in").out


def test_a_submodule_is_named_and_its_own_prompts_are_read_inside_it(bare_repo, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    for arguments in (["init", "-q", "-b", "main", str(other)], ["-C", str(other), "config", "user.name", "a"]):
        bare_repo.git(*arguments)
    (other / "prompts").mkdir()
    (other / "prompts/theirs.txt").write_text("Hello\n")
    bare_repo.git("-C", str(other), "add", "-A")
    bare_repo.git("-C", str(other), "commit", "-q", "-m", "theirs")
    bare_repo.write("prompts/good.txt", "Hello\n")
    bare_repo.commit("first")
    allowed = ("-c", "protocol.file.allow=always")
    bare_repo.git(*allowed, "submodule", "--quiet", "add", str(other), "prompts/sub")
    said = "promptctl: prompts/sub: is a submodule: its prompts are not compared here. Run promptctl inside it."

    assert [said] == bare_repo.run("diff").err.splitlines()
    bare_repo.commit("second")
    assert [said] == bare_repo.run("diff", "HEAD~1", "HEAD").err.splitlines()
    listed = bare_repo.run("list")
    assert (0, [said]) == (listed.code, listed.err.splitlines())
    assert "theirs" in bare_repo.run("list", cwd="prompts/sub").out

    bare_repo.write(".promptctl.yaml", "prompts: [prompts/sub/prompts]\n")
    assert said in bare_repo.run("list").err


def test_a_bare_repository_and_a_shallow_clone_say_what_they_lack(bare_repo, tmp_path):
    bare_repo.write("prompts/a.txt", "one\n")
    bare_repo.commit("first")
    bare_repo.write("prompts/a.txt", "two\n")
    bare_repo.commit("second")
    bare_repo.git("clone", "-q", "--bare", str(bare_repo.root), str(tmp_path / "bare"))
    bare_repo.git("clone", "-q", "--depth", "1", f"file://{bare_repo.root}", str(tmp_path / "shallow"))

    bare = bare_repo.run("diff", "HEAD~1", "HEAD", cwd=str(tmp_path / "bare"))
    shallow = bare_repo.run("diff", "HEAD~1", cwd=str(tmp_path / "shallow"))
    blame = bare_repo.run("blame", "a", cwd=str(tmp_path / "shallow"))

    assert (2, 2, 0) == (bare.code, shallow.code, blame.code)
    assert "git worktree add" in bare.err
    assert "git fetch --unshallow" in shallow.err
    assert "git fetch --unshallow" in blame.out


def test_a_detached_head_and_a_linked_worktree(bare_repo, tmp_path):
    bare_repo.write("prompts/a.txt", "one\n")
    bare_repo.commit("first")
    bare_repo.write("prompts/a.txt", "two\n")
    bare_repo.commit("second")
    bare_repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"), "HEAD~1")
    linked = str(tmp_path / "linked")
    (tmp_path / "linked/prompts/a.txt").write_text("three\n")

    assert "[-one-]" in bare_repo.run("diff", cwd=linked).out or "- one" in bare_repo.run("diff", cwd=linked).out
    assert ["first"] == [
        one["subject"] for one in bare_repo.run("log", "a", "--format", "json", cwd=linked).json["versions"]
    ]
    assert 0 == bare_repo.run("install", "--diff-driver", cwd=linked).code
    assert "diff --promptctl" in bare_repo.git("-C", linked, "diff")
    bare_repo.run("uninstall", cwd=linked)
    assert "diff --promptctl" not in bare_repo.git("-C", linked, "diff")


NAMES = ["a b", "it's", 'q"uote', "é/日本", "col:on", "[br]", "st*r", "-dash", "back\\slash", "new\nline", "ta\tb"]


@pytest.mark.skipif(sys.platform == "win32", reason="names that Windows refuses")
@pytest.mark.parametrize("name", NAMES)
def test_unusual_paths_through_every_command(bare_repo, name):
    bare_repo.write(f"prompts/{name}.txt", "Hello {{ name }}\n")
    bare_repo.commit("first")
    bare_repo.run("install", "--diff-driver")
    bare_repo.write(f"prompts/{name}.txt", "Goodbye {{ name }}\n")

    diff = bare_repo.run("diff", "--format", "json", "--", name)
    assert (name, f"prompts/{name}.txt") == (diff.prompt["prompt"], diff.prompt["path"])
    assert 1 == bare_repo.git("diff").count("diff --promptctl")
    for command in (["show", "--", name], ["log", "--", name], ["blame", "--", name], ["diff", "--stat"]):
        ran = bare_repo.run(*command)
        assert (0, "") == (ran.code, ran.err), command
    assert name in [row["prompt"] for row in bare_repo.run("list", "--format", "json").json["prompts"]]


def test_an_old_side_that_cannot_be_read_is_named_in_the_report(repo):
    repo.write("prompts/support/triage.yaml", "mesages: []\n")
    repo.commit()
    repo.write("prompts/support/triage.yaml", prompt_text())

    ran = repo.replay()

    assert (0, None) == (ran.code, ran.prompt["old"])
    assert any("the old side cannot be read" in reason for reason in ran.prompt["reasons"])
