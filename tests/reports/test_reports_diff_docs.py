"""The examples of docs/diff.md print what it says; PROMPTCTL_TEST_UPDATE=1 writes them anew."""

import os
import re
from pathlib import Path

from promptctl.prompts.diff import diff, from_json, patch, to_json
from promptctl.prompts.formats import PromptText, read_prompt
from promptctl.reports.diff_view import DiffItem, DiffReport
from promptctl.reports.sides import SourceView
from promptctl.reports.terminal_diff import render_diff

PAGE = Path(__file__).resolve().parents[2] / "docs/diff.md"
EXAMPLE = re.compile(r"(```yaml before\n(.*?)```\n\n```yaml after\n(.*?)```\n\n```text\n)(.*?)(```\n)", re.DOTALL)


def read(text):
    return read_prompt(PromptText("support/triage", "prompts/support/triage.yaml", text.encode(), lambda path: None))


def printed(example):
    found = diff(read(example[2]), read(example[3]))
    report = DiffReport(SourceView("main"), SourceView("WORKTREE"), (DiffItem(found.name, "modified", diff=found),))
    return render_diff(report, width=80).partition("modified\n")[2]


def test_the_examples_print_what_the_page_says():
    text = PAGE.read_text("utf-8")
    if os.environ.get("PROMPTCTL_TEST_UPDATE") == "1":
        text = EXAMPLE.sub(lambda example: f"{example[1]}{printed(example)}{example[5]}", text)
        PAGE.write_text(text, encoding="utf-8", newline="\n")
    examples = list(EXAMPLE.finditer(text))

    assert len(examples) == 3
    for example in examples:
        assert printed(example) == example[4]


def test_the_law_of_the_page():
    old, new = (read(example) for example in EXAMPLE.search(PAGE.read_text("utf-8")).group(2, 3))
    found = diff(old, new)

    assert patch(old, found) == new
    assert patch(old, from_json(to_json(found))) == new
