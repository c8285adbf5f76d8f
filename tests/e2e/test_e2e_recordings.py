"""Answers that are checked in: written once, verified without paying, audited, and dropped when nothing needs them."""

import json

import pytest
from user_repository import Repo, prompt_text, ticket_cases

FILE = "prompts/support/triage.recordings.jsonl"
# One word more for the model; the answers stay right.
EDITED = prompt_text(" Be brief.")


def lines(repo: Repo) -> list[dict]:
    return [json.loads(line) for line in (repo.root / FILE).read_text().splitlines()]


@pytest.fixture
def recorded(repo: Repo) -> Repo:
    """An edit whose answers are recorded, committed on a branch."""
    repo.write("prompts/support/triage.yaml", EDITED)
    assert 0 == repo.replay("--record").code
    repo.commit("Briefer, with its answers")
    return repo


def test_each_answer_carries_its_receipt(recorded):
    found = lines(recorded)

    assert 16 == len(found)
    assert sorted(line["fingerprint"] for line in found) == [line["fingerprint"] for line in found]
    for line in found:
        assert {"by": "A <a@example.org>", "promptctl": "0.1.0"} == line["asked"]
        assert line["answer"]["created"].startswith("20")
        assert "openai/fake" == line["model"]
    assert "sk-test" not in (recorded.root / FILE).read_text()


def test_recording_again_changes_no_byte_and_no_receipt(recorded):
    before = (recorded.root / FILE).read_bytes()

    recorded.replay("HEAD~1", "HEAD", "--record", GIT_AUTHOR_NAME="B")

    assert before == (recorded.root / FILE).read_bytes()


def test_a_clone_verifies_without_a_key_or_a_network(recorded, provider, tmp_path):
    recorded.git("clone", "-q", ".", str(tmp_path / "clone"))
    clone = Repo.__new__(Repo)
    clone.root, clone.env = tmp_path / "clone", {**recorded.env}
    del clone.env["OPENAI_API_KEY"]
    calls = provider.calls

    ran = clone.replay("HEAD~1", "HEAD", "--frozen")

    assert (0, 16, 0) == (ran.code, ran.json["totals"]["from_recordings"], ran.json["totals"]["calls"])
    assert calls == provider.calls


def test_a_prompt_that_is_a_folder_finds_its_recordings(bare_repo, provider):
    """Recordings lie where inputs lie: beside the folder."""
    bare_repo.write(".promptctl.yaml", f"model: openai/fake\nproviders:\n  openai: {{api_base: {provider.url}}}\n")
    bare_repo.write("prompts/triage/system.md", "You route tickets.\n")
    bare_repo.write("prompts/triage/user.md", "{{input}}\n")
    bare_repo.inputs("prompts/triage.inputs.jsonl", [{"id": "a", "vars": {"input": "x ANSWER=billing"}}])
    bare_repo.commit("first")
    bare_repo.write("prompts/triage/system.md", "You route tickets well.\n")
    assert 0 == bare_repo.replay("--record").code

    ran = bare_repo.replay("--frozen")

    assert (bare_repo.root / "prompts/triage.recordings.jsonl").is_file()
    assert (0, 2) == (ran.code, ran.json["totals"]["from_recordings"])


class TestMerged:
    def test_two_answers_to_one_call_are_both_kept_and_said(self, recorded):
        found = lines(recorded)
        other = json.loads(json.dumps(found[0]))
        other["answer"] |= {"text": "shipping", "created": "2020-01-01T00:00:00Z"}
        text = (recorded.root / FILE).read_text()
        recorded.write(FILE, json.dumps(other) + "\n" + text)

        ran = recorded.replay("HEAD~1", "--record", "--frozen")

        assert 0 == ran.code
        assert "a second answer to" in ran.err
        assert "both are kept" in ran.err
        answers = [line["answer"]["text"] for line in lines(recorded) if line["fingerprint"] == other["fingerprint"]]
        assert ["shipping", found[0]["answer"]["text"]] == answers

    def test_a_file_that_was_cut_off_loses_the_broken_line_alone(self, recorded):
        text = (recorded.root / FILE).read_text()
        recorded.write(FILE, text[:-40])

        ran = recorded.replay("HEAD~1", "--frozen")

        assert 3 == ran.code
        assert f"{FILE}: line 16: is no recorded answer" in ran.err
        assert 15 == ran.json["totals"]["from_recordings"]


class TestAudit:
    def test_honest_answers_match(self, recorded, provider):
        calls = provider.calls

        ran = recorded.replay("HEAD~1", "HEAD", "--frozen", "--audit", "25%")

        assert (0, 4) == (ran.code, provider.calls - calls)
        assert "audit: 4 recorded answers asked again, none differs from what was recorded" in ran.err
        assert 4 == ran.json["totals"]["calls"]

    def test_a_forged_answer_is_found_and_named(self, recorded):
        forged = lines(recorded)
        for line in forged:
            line["answer"]["text"] = "forged"
        recorded.write(FILE, "".join(json.dumps(line) + "\n" for line in forged))

        ran = recorded.replay("HEAD~1", "--frozen", "--audit", "100%")

        assert "16 differ from what was recorded" in ran.err
        assert "recorded 'forged', live '" in ran.err
        assert any("audit: 16 of 16 recorded answers" in reason for reason in ran.prompt["reasons"])

    def test_it_keeps_to_the_limits(self, recorded, provider):
        calls = provider.calls

        ran = recorded.replay("HEAD~1", "HEAD", "--frozen", "--audit", "100%", "--max-calls", "3")

        assert 3 == provider.calls - calls
        assert "the limit of 3 calls is reached" in ran.err

    @pytest.mark.parametrize("share", ["0", "x", "101%", "-1", "nan"])
    def test_what_is_no_share(self, recorded, share):
        ran = recorded.replay("--audit", share)

        assert 2 == ran.code
        assert f"--audit {share}: no share." in ran.err


class TestPrune:
    def test_what_no_replay_uses_goes(self, recorded):
        """Once the edit is the committed version, the answers of the version before it answer nothing."""
        before = (recorded.root / FILE).read_bytes()
        would = recorded.run("cache", "prune", "--recordings", "--dry-run")
        assert before == (recorded.root / FILE).read_bytes()

        done = recorded.run("cache", "prune", "--recordings")

        assert f"promptctl: {FILE}: 8 recorded answers would go.\n" == would.err
        assert f"promptctl: {FILE}: 8 recorded answers are gone.\n" == done.err
        assert 8 == len(lines(recorded))
        assert "every recorded answer is used" in recorded.run("cache", "prune", "--recordings").err
        assert 0 == recorded.replay("--frozen", "--all").code

    @pytest.mark.parametrize(
        ("flags", "said"),
        [
            (["--recordings", "--older-than", "1d"], "--older-than chooses stored answers"),
            (["--recordings", "--superseded", "--model", "x"], "--model, --superseded chooses stored answers"),
            (["--older-than", "1d", "--keep", "HEAD"], "--keep belongs to --recordings."),
        ],
    )
    def test_flags_that_do_not_belong_together_drop_nothing(self, recorded, flags, said):
        before = (recorded.root / FILE).read_bytes()
        ran = recorded.run("cache", "prune", *flags)

        assert 2 == ran.code
        assert said in ran.err
        assert before == (recorded.root / FILE).read_bytes()

    def test_what_other_revisions_need_stays_where_that_is_said(self, recorded):
        ran = recorded.run("cache", "prune", "--recordings", "--keep", "HEAD~1..HEAD")

        assert "promptctl: every recorded answer is used.\n" == ran.err

    def test_a_prompt_that_cannot_be_read_loses_nothing(self, recorded):
        before = (recorded.root / FILE).read_bytes()
        recorded.write("prompts/support/triage.yaml", "messages: [\n")

        ran = recorded.run("cache", "prune", "--recordings")

        assert 2 == ran.code
        assert before == (recorded.root / FILE).read_bytes()


def test_confirmation_samples_are_recorded_too(repo, provider):
    repo.inputs("prompts/support/triage.inputs.jsonl", ticket_cases())
    repo.commit("inputs")
    worse = (
        'messages:\n  - role: user\n    content: "{{ ticket }} ANSWER=wrong"\nassert:\n'
        '  - {type: equals, value: "{{ expected }}"}\n'
    )
    repo.write("prompts/support/triage.yaml", worse)
    first = repo.replay("--record")
    calls = provider.calls

    again = repo.replay("--frozen")

    assert (1, 1) == (first.code, again.code)
    assert any("against" in line for line in lines(repo))
    assert calls == provider.calls
    assert first.prompt["delta"] == again.prompt["delta"]
