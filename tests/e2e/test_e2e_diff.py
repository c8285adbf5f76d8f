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


def test_a_retired_model_is_said_of_whatever_edit_an_alias_where_it_came(repo):
    for name, model in {"retired": "gpt-4-0613", "alias": "gpt-4o"}.items():
        repo.write(f"prompts/{name}.yaml", f"model: {model}\nmessages: [{{role: user, content: Hello}}]\n")
    repo.commit("models")
    for name, model in {"retired": "gpt-4-0613", "alias": "gpt-4o"}.items():
        repo.write(f"prompts/{name}.yaml", f"model: {model}\nmessages: [{{role: user, content: Goodbye}}]\n")

    for arguments in (["diff"], ["diff", "--format", "json"]):
        ran = repo.run(*arguments)

        assert "model gpt-4-0613 was retired on 20" in ran.out
        assert "alias" not in ran.out.replace('"alias"', "").replace("alias.yaml", "").replace("alias  mod", "")


def test_text_that_left_the_prefix_cache_is_said_in_tokens(repo):
    static = "You route support tickets for a company that sells bicycles. You are always polite, and always brief."
    repo.write("prompts/a.yaml", f"messages: [{{role: user, content: '{static} {{{{ ticket }}}}'}}]\n")
    repo.commit("static text first")
    repo.write("prompts/a.yaml", f"messages: [{{role: user, content: '{{{{ ticket }}}} {static}'}}]\n")

    assert "tokens that the provider's prefix cache held before" in " ".join(repo.run("diff").out.split())


def test_every_prompt_has_the_keys_of_the_contract(repo):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    repo.write("prompts/broken.yaml", "messages: [\n")
    repo.write("prompts/added.txt", "Hello")

    document = repo.run("diff", "--format", "json").json

    assert {"schema", "old", "new", "prompts"} == {*document}
    for one in document["prompts"]:
        assert {"prompt", "path", "old_name", "old_path", "change", "messages", "params", "variables"} < {*one}
        assert {"tools", "assertions", "tokens", "warnings"} < {*one}
        assert {"added", "removed"} < {*one["variables"]}
        assert {"old", "new"} < {*one["tokens"]}
    broken = next(one for one in document["prompts"] if one["prompt"] == "broken")
    assert ("prompts/broken.yaml", None) == (broken["path"], broken["tokens"]["new"])
