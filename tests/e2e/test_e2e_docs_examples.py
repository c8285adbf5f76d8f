"""What stands in the documentation's fences is what its readers take: files, workflows, code, command lines.

Sessions (`console`) and the files with a title are followed by test_e2e_docs.py as well, in their page's order.
"""

import ast
import csv
import io
import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from documented import ROOT, Fence, Reader, fences, pages, session

from promptctl.cli import shell
from promptctl.documents import parse_yaml
from promptctl.inputs.files import check_cases
from promptctl.inputs.labels import read_labels
from promptctl.prompts.formats import PromptText, read_prompt
from promptctl.scoring.registry import assertion_problems
from promptctl.settings import read_settings
from promptctl.verdict.waiver_file import read_waivers

EVERY = [fence for page in pages() if page.name != "commands.md" for fence in fences(page)]


def read_yaml(fence: Fence) -> str:
    """Which reader took it. Whatever it refuses is raised."""
    value: Any = parse_yaml(fence.body, fence.page).value
    keys = set(value) if isinstance(value, dict) else set()
    if keys & {"waivers", "accepted"}:
        assert read_waivers(fence.body.encode()).waivers
        return "waivers"
    if keys & {"messages", "assert"}:
        text = fence.body if "messages" in keys else f"{fence.body}messages: [{{role: user, content: x}}]\n"
        prompt = read_prompt(PromptText("support/triage", "prompts/support/triage.yaml", text.encode(), lambda _: None))
        assert [] == list(assertion_problems(prompt.assertions, fence.page))
        return "prompt"
    if isinstance(value, list) or keys & {"jobs", "repos", "include"}:
        read_workflow(yaml.safe_load(fence.body))
        return "workflow"
    read_settings(fence.body)
    return "settings"


def read_workflow(value: Any) -> None:
    """A workflow of GitHub's, hooks of pre-commit's, or an include of GitLab's: what they name of ours is there."""
    if isinstance(value, dict) and "include" in value:
        assert (ROOT / value["include"].partition("/main/")[2]).is_file()
        return
    if isinstance(value, dict) and "repos" in value:
        ours = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
        named = [hook["id"] for repo in value["repos"] for hook in repo["hooks"]]
        assert named
        assert set(named) <= ours
        return
    jobs = value["jobs"].values() if isinstance(value, dict) else [{"steps": value}]
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    for step in (step for job in jobs for step in job["steps"]):
        assert {"run", "uses"} & set(step)
        if step.get("uses", "").startswith("promptctl/"):
            assert set(step.get("with", {})) <= set(action["inputs"])
        outputs = re.findall(r"steps\.\w+\.outputs\.([\w-]+)", json.dumps(step))
        assert set(outputs) <= set(action["outputs"])
        assert "${{" not in step.get("run", "")


def read_json(fence: Fence) -> str:
    rows = [json.loads(line) for line in fence.body.splitlines()]
    if all("vars" in row and "schema" not in row for row in rows):
        assert (
            len(rows) == check_cases("x.inputs.jsonl", fence.body.encode(), check_assertions=assertion_problems).count
        )
        return "inputs"
    if rows[0].get("schema") == "promptctl.label/1":
        assert len(rows) == len(read_labels("labels.jsonl", fence.body.encode()))
        return "labels"
    return "shown"


def read_text(fence: Fence) -> str:
    """A table with a title is a file of labels or of inputs; the rest is what a terminal shows."""
    if fence.title is None:
        return "shown"
    table = list(csv.reader(io.StringIO(fence.body)))
    assert {len(row) for row in table} == {len(table[0])}
    return "labels" if len(table) - 1 == len(read_labels(fence.title, fence.body.encode())) else "shown"


def read_toml(fence: Fence) -> str:
    groups = tomllib.loads(fence.body)["project"]["entry-points"]
    assert set(groups) <= set(
        re.findall(r'"(promptctl\.\w+)"', (ROOT / "promptctl/scoring/plugins.py").read_text("utf-8"))
    )
    return "entry points"


def read_sh(fence: Fence) -> str:
    """Each line is a shell's; Python within it compiles."""
    done = subprocess.run(["sh", "-n"], input=fence.body, capture_output=True, text=True, check=False)
    assert "" == done.stderr
    for code in re.findall(r"<<'CODE'\n(.*?)^CODE$", fence.body, re.DOTALL | re.MULTILINE):
        ast.parse(code)
    return "shell"


READERS: dict[str, Callable[[Fence], str]] = {
    "yaml": read_yaml,
    "json": read_json,
    "text": read_text,
    "toml": read_toml,
    "sh": read_sh,
    "": lambda _: "shown",
    "console": lambda fence: "session" if session(fence.body) else "",
    "python": lambda fence: "code" if ast.parse(fence.body).body else "",
}


@pytest.mark.parametrize("fence", EVERY, ids=[f"{fence.page}:{fence.line}" for fence in EVERY])
def test_an_example_is_what_its_reader_takes(fence: Fence):
    assert READERS[fence.language](fence)


def test_every_kind_of_example_is_found():
    found = {READERS[fence.language](fence) for fence in EVERY}

    assert {
        "settings",
        "prompt",
        "workflow",
        "waivers",
        "inputs",
        "labels",
        "shell",
        "session",
        "code",
        "shown",
    } <= found


# Command lines: what click itself makes of them, to the last value.

TYPED = re.compile(r"(?:^|(?<=[|;&(] )|(?<=&& )|(?<=run: ))\s*(?:\$ )?promptctl((?: [^\n|;&>]*)?)", re.MULTILINE)


def command_lines() -> Iterator[tuple[str, list[str]]]:
    for fence in EVERY:
        if fence.language in {"sh", "console", "yaml", ""}:
            body = re.sub(r"\\\n\s*", " ", fence.body)
            for typed in TYPED.findall(body):
                line = re.sub(r"\s{3,}.*| +#.*", "", typed)
                yield f"{fence.page}:{fence.line}", shlex.split(line)


def parsed(words: list[str]) -> Any:
    """The context that click makes of a command line. Raises UsageError where it is none."""
    command = shell._app()
    context = command.make_context("promptctl", [*words], resilient_parsing=False)
    while hasattr(command, "commands"):
        name, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        context = command.make_context(name, rest, parent=context)
    return context


LINES = [(where, words) for where, words in command_lines() if words and not words[0].startswith("-")]


@pytest.mark.parametrize(
    "words", [words for _, words in LINES], ids=[f"{where} {' '.join(words)}" for where, words in LINES]
)
def test_a_command_line_is_one(words: list[str]):
    assert parsed(words).command.name in words


# Code without a title runs beside the files of its page. That of docs/diff.md, which stands between two prompts that it does
# not name, is run by tests/reports/test_reports_diff_docs.py.
CODE = [fence for fence in EVERY if fence.language == "python" and fence.title is None and fence.page != "docs/diff.md"]


@pytest.mark.parametrize("fence", CODE, ids=[f"{fence.page}:{fence.line}" for fence in CODE])
def test_code_runs_beside_the_files_of_its_page(fence: Fence, tmp_path: Path):
    (tmp_path / "work").mkdir()
    reader = Reader(tmp_path / "work", tmp_path / "home", {})
    for file in fences(ROOT / fence.page):
        if file.title is not None:
            reader.write(file)
    ran = subprocess.run([sys.executable, "-c", fence.body], cwd=reader.folder, env=reader.environ, check=False)

    assert 0 == ran.returncode
