"""`log` and `blame` on real histories: renames, formats, partials, branches, what replays said."""

import pytest
from user_repository import prompt_text


def versions(ran) -> list[tuple[str, str]]:
    """Subject and change of each version."""
    assert ran.code == 0, ran.err
    return [(version["subject"], version["change"]) for version in ran.json["versions"]]


def log(repo, *args: str):
    return repo.run("log", *args, "--format", "json")


def blamed(repo, *args: str) -> list[tuple[str, str | None]]:
    """Text and subject of each line of the messages."""
    ran = repo.run("blame", *args, "--format", "json")
    assert ran.code == 0, ran.err
    return [(line["text"], line["subject"]) for line in ran.json["lines"] if line["part"] != "params"]


class TestLog:
    def test_the_versions_newest_first_with_what_each_changed(self, repo):
        repo.write("prompts/support/triage.yaml", prompt_text(" Be brief.") + "params: {temperature: 0.7}\n")
        repo.commit("Briefer")

        ran, shown = log(repo, "support/triage"), repo.run("log", "support/triage")

        assert [("Briefer", "modified"), ("first", "added")] == versions(ran)
        newest = ran.json["versions"][0]
        assert ["params", "text"] == newest["parts"]
        assert "temperature" in str(newest["diff"]["params"])
        assert "+2 −0 words" in shown.out
        assert "temperature" in shown.out

    def test_commits_without_meaning_are_left_out_unless_asked_for(self, repo):
        text = prompt_text()
        repo.write("prompts/support/triage.yaml", f"# a comment\ndescription: Says what it does.\n{text}")
        repo.commit("A comment")
        repo.write("prompts/other.txt", "Hello")
        repo.commit("Another prompt")

        ran, every = log(repo, "support/triage"), log(repo, "support/triage", "--all")

        assert [("first", "added")] == versions(ran)
        assert 1 == ran.json["left_out"]
        assert [("A comment", "modified"), ("first", "added")] == versions(every)

    def test_renames_and_changes_of_format_are_followed(self, repo):
        repo.git("mv", "prompts/support/triage.yaml", "prompts/support/route.yaml")
        repo.git("mv", "prompts/support/triage.inputs.jsonl", "prompts/support/route.inputs.jsonl")
        repo.commit("Renamed")
        repo.git("rm", "-q", "prompts/support/route.yaml")
        repo.write(
            "prompts/support/route.md",
            "---\nassert: [{type: equals, value: '{{ expected }}'}]\n---\n"
            "system:\nYou route tickets.\nuser:\n{{ ticket }}\n",
        )
        repo.commit("In Markdown")
        repo.write(
            "prompts/support/route.md",
            "---\nassert: [{type: equals, value: '{{ expected }}'}]\n---\n"
            "system:\nYou route all tickets.\nuser:\n{{ ticket }}\n",
        )
        repo.commit("All of them")

        ran, every = log(repo, "support/route"), log(repo, "support/route", "--all")

        assert [("All of them", "modified"), ("first", "added")] == versions(ran)
        assert ["All of them", "In Markdown", "Renamed", "first"] == [subject for subject, _ in versions(every)]
        assert "support/triage" == every.json["versions"][2]["old_name"]

    def test_a_prompt_that_came_from_another_folder_is_followed_there(self, bare_repo):
        text = "You are a careful assistant that answers questions about parcels.\nBe brief.\n"
        bare_repo.write("old/place/parcel.md", text)
        bare_repo.commit("Written")
        bare_repo.write("old/place/parcel.md", text + "Be kind.\n")
        bare_repo.commit("Kinder")
        bare_repo.write("prompts/parcel.md", text + "Be kind.\n")
        bare_repo.git("rm", "-q", "old/place/parcel.md")
        bare_repo.commit("Moved")

        assert [("Kinder", "modified"), ("Written", "added")] == versions(log(bare_repo, "parcel"))
        assert ("Moved", "renamed") == versions(log(bare_repo, "parcel", "--all"))[0]

    def test_a_partial_and_the_default_model_are_part_of_it(self, bare_repo):
        bare_repo.write("prompts/_shared/tone.j2", "Be kind.")
        bare_repo.write("prompts/a.txt", "{% include '_shared/tone.j2' %} Answer: {{ question }}")
        bare_repo.commit("first")
        bare_repo.write("prompts/_shared/tone.j2", "Be strict.")
        bare_repo.commit("Tone")
        settings = bare_repo.root / ".promptctl.yaml"
        settings.write_text(settings.read_text().replace("openai/fake", "openai/other"))
        bare_repo.commit("Model")

        assert ["Model", "Tone", "first"] == [subject for subject, _ in versions(log(bare_repo, "a"))]

    def test_a_removed_prompt_still_has_its_history(self, repo):
        repo.git("rm", "-q", "-r", "prompts/support")
        repo.commit("Gone")

        assert [("Gone", "removed"), ("first", "added")] == versions(log(repo, "support/triage"))

    def test_what_its_replay_said(self, repo, provider):
        repo.write("prompts/support/triage.yaml", prompt_text().replace('"{{ ticket }}"', '"{{ ticket }} ANSWER=oops"'))
        repo.commit("Breaks it")
        repo.replay("HEAD~1", "HEAD")

        ran, shown = log(repo, "support/triage"), repo.run("log", "support/triage")

        (note,) = ran.json["versions"][0]["replays"]
        assert ("regressed", 8) == (note["verdict"], note["inputs"])
        assert [] == ran.json["versions"][1]["replays"]
        assert "regressed, 8 of 8 cases regressed" in shown.out

    def test_an_unreadable_version_is_named_and_the_others_are_shown(self, repo):
        repo.write("prompts/support/triage.yaml", "messages: [\n")
        repo.commit("Broken")
        repo.write("prompts/support/triage.yaml", prompt_text())
        repo.commit("Mended")

        ran = log(repo, "support/triage")

        assert ["Mended", "Broken", "first"] == [subject for subject, _ in versions(ran)]
        assert "triage.yaml" in ran.json["versions"][1]["problems"][0]
        assert "!" in repo.run("log", "support/triage").out

    def test_patch_a_number_a_revision_and_a_path(self, repo):
        repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
        repo.commit("Briefer")

        assert 1 == len(log(repo, "support/triage", "-n", "1").json["versions"])
        assert [("first", "added")] == versions(log(repo, "support/triage@HEAD~1"))
        assert 2 == len(log(repo, "prompts/support/triage.yaml").json["versions"])
        assert "{+" in repo.run("log", "support/triage", "--patch").out

    def test_a_side_branch_is_part_of_the_history(self, repo):
        repo.git("checkout", "-q", "-b", "side")
        repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
        repo.commit("On the side")
        repo.git("checkout", "-q", "main")
        repo.write("README.md", "x")
        repo.commit("Elsewhere")
        repo.git("merge", "-q", "--no-edit", "side")

        assert ["On the side", "first"] == [subject for subject, _ in versions(log(repo, "support/triage"))]

    def test_a_shallow_clone_says_that_there_is_more(self, repo, tmp_path):
        repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
        repo.commit("Briefer")
        repo.git("clone", "-q", "--depth", "1", f"file://{repo.root}", str(tmp_path / "shallow"))

        ran = repo.run("log", "support/triage", cwd=str(tmp_path / "shallow"))

        assert 0 == ran.code
        assert "git fetch --unshallow" in ran.out


@pytest.mark.parametrize(("command", "hint"), [("log", "no commit has a prompt"), ("blame", "no prompt")])
def test_an_unknown_name_is_the_users_mistake(repo, command, hint):
    ran = repo.run(command, "support/triagge")

    assert (2, "") == (ran.code, ran.out)
    assert hint in ran.err


@pytest.mark.parametrize("command", ["log", "blame"])
def test_before_the_first_commit(bare_repo, command):
    bare_repo.write("prompts/a.txt", "Hello")

    ran = bare_repo.run(command, "a")

    assert 2 == ran.code
    assert "no commit yet" in ran.err


class TestBlame:
    def test_each_line_has_the_commit_that_gave_it_its_words(self, bare_repo):
        bare_repo.write("prompts/a.txt", "1. Be kind.\n2. Be brief.\n3. Never lie.\n")
        bare_repo.commit("first")
        bare_repo.write("prompts/a.txt", "1. Be kind.\n2. Be honest.\n3. Be brief.\n4. Never lie.\n")
        bare_repo.commit("Honest")
        bare_repo.write("prompts/a.txt", "# Rules\n\n1. Be kind.\n2. Be honest.\n3. Be brief.\n4. Never ever lie.\n")

        assert [
            ("# Rules", None),
            ("", None),
            ("1. Be kind.", "first"),
            ("2. Be honest.", "Honest"),
            ("3. Be brief.", "first"),
            ("4. Never ever lie.", None),
        ] == blamed(bare_repo, "a")
        assert "not committed yet" in bare_repo.run("blame", "a").out
        assert ("4. Never lie.", "first") == blamed(bare_repo, "a@HEAD")[-1]

    def test_moves_formats_and_partials_keep_their_commit(self, bare_repo):
        bare_repo.write("prompts/_tone.j2", "Be kind.")
        bare_repo.write("prompts/a.txt", "First rule.\nSecond rule.\n{% include '_tone.j2' %}\n")
        bare_repo.commit("first")
        bare_repo.git("rm", "-q", "prompts/a.txt")
        bare_repo.write(
            "prompts/a.yaml",
            "messages:\n  - role: user\n    content: |\n      Second rule.\n      First rule.\n"
            "      {% include '_tone.j2' %}\n",
        )
        bare_repo.commit("In YAML, the other way round")

        lines = blamed(bare_repo, "a")

        assert {("First rule.", "first"), ("Second rule.", "first"), ("Be kind.", "first")} <= set(lines)

    def test_branches_in_parallel(self, bare_repo):
        bare_repo.write("prompts/a.txt", "One.\n\nTwo.\n\nThree.\n")
        bare_repo.commit("first")
        bare_repo.git("checkout", "-q", "-b", "side")
        bare_repo.write("prompts/a.txt", "One.\n\nTwo.\n\nThree, by the side.\n")
        bare_repo.commit("side")
        bare_repo.git("checkout", "-q", "main")
        bare_repo.write("prompts/a.txt", "One, by main.\n\nTwo.\n\nThree.\n")
        bare_repo.commit("main")
        bare_repo.git("merge", "-q", "--no-edit", "side")

        lines = dict(blamed(bare_repo, "a"))

        assert ("main", "first", "side") == (lines["One, by main."], lines["Two."], lines["Three, by the side."])

    def test_the_same_line_twice_is_told_by_the_line_above(self, bare_repo):
        bare_repo.write("prompts/a.txt", "Dogs:\nBe kind.\n")
        bare_repo.commit("first")
        bare_repo.write("prompts/a.txt", "Cats:\nBe kind.\nDogs:\nBe kind.\n")
        bare_repo.commit("Cats")

        assert ["Cats", "Cats", "first", "first"] == [subject for _, subject in blamed(bare_repo, "a")]

    def test_parameters_have_an_origin_too(self, repo):
        repo.write("prompts/support/triage.yaml", prompt_text() + "params: {temperature: 0.7}\n")
        repo.commit("Warmer")

        ran = repo.run("blame", "support/triage", "--format", "json")

        origin = {line["text"]: line["subject"] for line in ran.json["lines"] if line["part"] == "params"}
        assert {'model: "openai/fake"': "first", "temperature: 0.7": "Warmer"} == origin

    def test_a_prompt_that_was_never_committed(self, repo):
        repo.write("prompts/fresh.txt", "Hello\n")

        assert [("Hello", None)] == blamed(repo, "fresh")

    def test_hostile_words_and_names_stay_inert(self, bare_repo):
        bare_repo.write("prompts/a.txt", "\x1b]52;c;aGk=\x07 hello\u202e\n")
        bare_repo.commit("\x1b[31mred\x1b[0m")

        for command in ("log", "blame"):
            ran = bare_repo.run(command, "a")
            assert 0 == ran.code
            assert not {"\x1b", "\u202e"} & set(ran.out)


def subjects(repo, name: str) -> list[str]:
    return [one["subject"] for one in repo.run("log", name, "--format", "json").json["versions"]]


def test_prompts_in_code_in_configs_and_with_files_beside_them(bare_repo):
    bare_repo.write(".promptctl.yaml", "prompts: [prompts, 'src/app.py:PROMPT', pf/promptfooconfig.yaml]\n")
    bare_repo.write("src/app.py", "PROMPT = 'Say one thing only.'\n")
    bare_repo.write("pf/promptfooconfig.yaml", "prompts: ['file://texts/*.txt']\n")
    bare_repo.write("pf/texts/a.txt", "Hello {{ name }}\n")
    bare_repo.write("prompts/p.prompty", "---\nmodel: {options: '${file:options.json}'}\n---\nuser:\nHi\n")
    bare_repo.write("prompts/options.json", '{"temperature": 0}')
    bare_repo.commit("first")
    bare_repo.write("pf/texts/b.txt", "Another\n")
    bare_repo.write("src/app.py", "import os\nPROMPT = 'Say one thing only.'\n")
    bare_repo.commit("no meaning")
    bare_repo.write("src/app.py", "import os\nPROMPT = 'Say two things only.'\n")
    bare_repo.write("pf/texts/a.txt", "Goodbye {{ name }}\n")
    bare_repo.write("prompts/options.json", '{"temperature": 1}')
    bare_repo.commit("second")

    for name in ("src/app.py:PROMPT", "pf/promptfooconfig.yaml:a", "p"):
        assert ["second", "first"] == subjects(bare_repo, name)
    assert ["no meaning"] == subjects(bare_repo, "pf/promptfooconfig.yaml:b")
    blamed = bare_repo.run("blame", "pf/promptfooconfig.yaml:a", "--format", "json").json["lines"]
    assert ["second"] == [line["subject"] for line in blamed]


def test_a_folder_that_moves_with_its_setting_under_words_of_its_own(bare_repo):
    settings = (bare_repo.root / ".promptctl.yaml").read_text()
    bare_repo.write("prompts/support/a.txt", "Route the ticket\n")
    bare_repo.commit("one")
    (bare_repo.root / "ai").mkdir()
    bare_repo.git("mv", "prompts", "ai/texts")
    bare_repo.write("ai/texts/support/a.txt", "Something else\n")
    bare_repo.write(".promptctl.yaml", f"{settings}prompts: [ai/texts]\n")
    bare_repo.commit("two")
    bare_repo.write("ai/texts/support/a.txt", "Something new\n")
    bare_repo.commit("three")

    assert [("three", "modified"), ("two", "renamed"), ("one", "added")] == versions(log(bare_repo, "support/a"))
    diff = bare_repo.run("diff", "HEAD~1", "HEAD~2", "--format", "json").prompt
    assert ("support/a", "renamed", "ai/texts/support/a.txt") == tuple(
        diff[key] for key in ("prompt", "change", "old_path")
    )
