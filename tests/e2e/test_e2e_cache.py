"""Answers on their way: out of one clone, into another, and away."""

from user_repository import Repo, prompt_text, ticket_cases


def paid(repo) -> None:
    """A replay that was asked and paid for."""
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    assert 16 == repo.replay().json["totals"]["calls"]


def test_an_export_moves_answers_to_another_machine(repo, provider, tmp_path):
    paid(repo)
    other = Repo(tmp_path / "other", tmp_path / "home2", provider.url)
    other.write("prompts/support/triage.yaml", prompt_text())
    other.inputs("prompts/support/triage.inputs.jsonl", ticket_cases())
    other.commit("first")
    other.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    file = tmp_path / "answers.jsonl"

    out = repo.run("cache", "export", "-o", str(file))
    first, again = other.run("cache", "import", str(file)), other.run("cache", "import", str(file))
    replayed = other.replay()

    assert "16 answers are in" in out.err
    assert (0, 0) == (first.code, again.code)
    assert "16 answers added, 0 known" in first.err
    assert "0 answers added, 16 known" in again.err
    assert (0, 16) == (replayed.json["totals"]["calls"], replayed.json["totals"]["from_cache"])
    assert "sk-test" not in file.read_text()


def test_a_broken_line_is_named_and_the_others_are_used(repo, tmp_path):
    paid(repo)
    lines = repo.run("cache", "export").out.splitlines()
    file = tmp_path / "answers.jsonl"
    file.write_text("\n".join([lines[0], lines[1][:40], lines[2].replace("Be brief", "Be bold"), *lines[3:]]))
    repo.run("cache", "prune", "--model", "openai/fake")

    ran = repo.run("cache", "import", str(file))

    assert 2 == ran.code
    assert "line 2: it is broken or cut off" in ran.err
    assert f"{15 if 'Be brief' not in lines[2] else 14} answers added" in ran.err


def test_prune_says_what_it_would_do_and_does_what_it_says(repo):
    paid(repo)
    repo.replay("--fresh")

    dry = repo.run("cache", "prune", "--superseded", "--dry-run")
    done = repo.run("cache", "prune", "--superseded")
    kept = repo.run("cache", "stats", "--format", "json").json
    recent = repo.run("cache", "prune", "--older-than", "1d")

    assert "16 answers would go" in dry.err
    assert "16 answers are gone" in done.err
    assert 16 == kept["answers"]
    assert "0 answers are gone" in recent.err
    assert 0 == repo.replay().json["totals"]["calls"]


def test_prune_makes_the_store_fit_and_keeps_the_newest(repo):
    paid(repo)
    repo.replay("--fresh")
    before = repo.run("cache", "stats", "--format", "json").json

    roomy = repo.run("cache", "prune", "--max-size", "1GB")
    dry = repo.run("cache", "prune", "--max-size", f"{before['bytes'] - 1}", "--dry-run")
    none = repo.run("cache", "prune", "--max-size", "0 KiB", "--model", "openai/fake")

    assert "0 answers are gone" in roomy.err
    assert "1 answers would go" in dry.err
    assert "32 answers are gone" in none.err
    assert 0 == repo.run("cache", "stats", "--format", "json").json["answers"]


def test_mistakes_are_one_line(repo, tmp_path):
    said = {
        ("prune",): "say which answers may go",
        ("prune", "--older-than", "soon"): "no duration",
        ("prune", "--max-size", "big"): "no size",
        ("prune", "--model", "openai/fka"): "no answer of 'openai/fka' is kept",
        ("import", str(tmp_path / "absent.jsonl")): "cannot be read",
        ("export", "-o", str(tmp_path / "no" / "folder.jsonl")): "cannot be written",
    }
    (tmp_path / "latin.jsonl").write_bytes(b"\xff\n")
    said["import", str(tmp_path / "latin.jsonl")] = "it is no UTF-8"

    for arguments, words in said.items():
        ran = repo.run("cache", *arguments)
        assert (2, 1) == (ran.code, len(ran.err.splitlines())), ran.err
        assert words in ran.err
