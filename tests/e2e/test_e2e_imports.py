"""What a command imports is counted, not timed."""

import subprocess
import sys

import pytest
from user_repository import prompt_text

HEAVY = {"litellm", "tiktoken", "deepdiff", "rapidfuzz", "jsonschema", "regex", "asyncio", "openai", "httpx"}


def imported(repo, *args: str) -> set[str]:
    """The top-level modules that are loaded when the command ends."""
    code = (
        "import sys, atexit\n"
        "from promptctl.cli import run\n"
        "code = run(sys.argv[1:])\n"
        "print('MODULES', *sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)\n"
        "sys.exit(code)\n"
    )
    # A coverage measurement in the child would import modules of its own.
    env = {name: value for name, value in repo.env.items() if not name.startswith("COV")}
    done = subprocess.run(
        [sys.executable, "-c", code, *args], cwd=repo.root, env=env, capture_output=True, text=True, check=False
    )
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("MODULES")]
    return set(line.split()[1:])


@pytest.mark.parametrize("flag", ["--version", "--help"])
def test_version_and_help_import_nothing_heavy(repo, flag):
    loaded = imported(repo, flag)

    assert set() == loaded & (HEAVY | {"git", "yaml", "jinja2", "rich", "sqlite3"})


def test_diff_imports_what_it_shows(repo):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))

    loaded = imported(repo, "diff")

    assert set() == loaded & (HEAVY | {"sqlite3"})


def test_a_warm_replay_imports_no_provider(repo, provider):
    repo.write("prompts/support/triage.yaml", prompt_text(" Be brief."))
    repo.replay()
    calls = provider.stats()["calls"]

    loaded = imported(repo, "replay", "--format", "json")

    assert set() == loaded & (HEAVY | {"rich"})
    assert calls == provider.stats()["calls"]


def test_lint_imports_what_it_needs(repo):
    quiet = imported(repo, "lint")
    repo.write("prompts/leak.md", "Use ghp_0123456789abcdefABCDEF0123456789abcd here.\n")
    loud = imported(repo, "lint")

    assert set() == quiet & (HEAVY | {"sqlite3", "rich", "detect_secrets", "requests"})
    assert set() == loud & {"litellm", "tiktoken"}
    assert "detect_secrets" in loud
