"""Formats by name and by extension, and what each of them imports."""

import json
import subprocess
import sys

import pytest
from report_examples import ONE_PROMPT

from promptctl.errors import UserError
from promptctl.reports.formats import FORMATS, format_of, pieces


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("out.json", "json"),
        ("a/b.md", "markdown"),
        ("C.MD", "markdown"),
        ("x.markdown", "markdown"),
        ("r.txt", "terminal"),
    ],
)
def test_the_extension_says_the_format(path, name):
    assert format_of(path) == name


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            "out.jsn",
            "-o out.jsn: the extension '.jsn' stands for no format. Known are .txt, .json, .md, .markdown. Did you mean .json?",
        ),
        ("out.docx", "-o out.docx: the extension '.docx' stands for no format. Known are .txt, .json, .md, .markdown."),
        ("out", "-o out: no extension says which format to write. Known are .txt, .json, .md, .markdown."),
    ],
)
def test_an_unknown_extension_names_the_known_ones(path, said):
    with pytest.raises(UserError) as raised:
        format_of(path)

    assert str(raised.value) == said


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_takes_the_same_call(name):
    shown = "".join(pieces(FORMATS[name], ONE_PROMPT, width=100, color=False, encoding="utf-8"))

    assert "support/triage" in shown
    assert shown.endswith("\n")


def test_json_is_the_public_one():
    assert json.loads("".join(FORMATS["json"](ONE_PROMPT)))["schema"] == "promptctl.replay/1"


@pytest.mark.parametrize("name", ["json", "markdown"])
def test_what_needs_no_terminal_imports_none(name):
    program = (
        "import sys; before = set(sys.modules); from promptctl.reports.formats import FORMATS; import promptctl.reports.diff_view;"
        "from promptctl.reports.view import ReplayReport, SourceView;"
        f"list(FORMATS[{name!r}](ReplayReport('r', 'c', 0, 'passed', SourceView('a'), SourceView('b'))));"
        "heavy = {'rich', 'deepdiff', 'litellm', 'sqlite3', 'asyncio', 'tiktoken', 'git'};"
        "sys.exit(','.join(sorted(heavy & (set(sys.modules) - before))) or 0)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")
