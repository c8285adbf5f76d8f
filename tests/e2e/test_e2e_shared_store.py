"""Two people, two clones, one PostgreSQL store: what one paid for, the other does not."""

from user_repository import Repo, prompt_text, ticket_cases


def member(tmp_path, name: str, provider, url: str) -> Repo:
    repo = Repo(tmp_path / name, tmp_path / f"home-{name}", provider.url)
    settings = repo.root / ".promptctl.yaml"
    settings.write_text(f"{settings.read_text()}cache: {{url: '{url}'}}\n")
    repo.write("prompts/support/triage.yaml", prompt_text())
    repo.inputs("prompts/support/triage.inputs.jsonl", ticket_cases())
    repo.commit("first")
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    return repo


def test_a_team_pays_once(tmp_path, provider, postgres_url):
    one, other = (member(tmp_path, name, provider, postgres_url) for name in ("one", "other"))

    first, second = one.replay(), other.replay()

    assert (0, 0) == (first.code, second.code), first.err + second.err
    assert (16, 0) == (first.json["totals"]["calls"], second.json["totals"]["calls"])
    assert 16 == provider.stats()["calls"]
    runs = other.run("runs", "list", "--format", "json").json["runs"]
    assert 2 == len(runs)
    stats = other.run("cache", "stats", "--format", "json").json
    assert (16, True) == (stats["answers"], stats["path"].startswith("postgresql://"))
    assert not (one.root / ".promptctl/promptctl.db").exists()
