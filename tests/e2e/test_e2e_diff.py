"""`promptctl diff` as typed: formats, files, costs, what is known of models."""

import json

from user_repository import prompt_text


def test_a_page_for_reviewers(repo):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

    ran = repo.run("diff", "--format", "html", "-o", "diff.json", "-o", "diff.md", "-o", "diff.txt")

    assert (0, "") == (ran.code, ran.err)
    assert ran.out.startswith("<!doctype html>")
    document = json.loads((repo.root / "diff.json").read_text("utf-8"))
    assert "promptctl.diff/1" == document["schema"]
    assert "Be brief." in (repo.root / "diff.md").read_text("utf-8")
    assert "{+" in (repo.root / "diff.txt").read_text("utf-8")


def test_a_file_that_no_format_fits_is_refused_before_any_work(repo):
    ran = repo.run("diff", "-o", "diff.pdf")

    assert 2 == ran.code
    assert "stands for no format" in ran.err


def test_a_file_that_cannot_be_written(repo):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

    ran = repo.run("diff", "-o", "nowhere/diff.md")

    assert 2 == ran.code
    assert "cannot be written" in ran.err


def test_another_model_is_looked_up(repo):
    repo.write("prompts/support/triage.yaml", f"model: gpt-4o\n{prompt_text()}")

    ran = repo.run("diff", "--format", "json")

    assert any("gpt-4o is an alias" in warning for warning in ran.prompt["warnings"])
    assert ran.prompt["cost"]["new_usd"] > 0
