"""Formats by name and by extension, and what each of them imports."""

import json
import subprocess
import sys

import pytest
from report_examples import ONE_PROMPT

from promptctl.errors import UserError
from promptctl.reports.formats import FORMATS, NAMES, check_installed, format_of

KNOWN = ".txt, .json, .md, .markdown, .html, .htm, .xml, .sarif, .csv, .parquet"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("out.json", "json"),
        ("a/b.md", "markdown"),
        ("C.MD", "markdown"),
        ("x.markdown", "markdown"),
        ("r.txt", "terminal"),
        ("a.html", "html"),
        ("junit.xml", "junit"),
        ("a.csv", "csv"),
        ("a.parquet", "parquet"),
        ("a.sarif", "sarif"),
        ("a.sarif.json", "sarif"),
    ],
)
def test_the_extension_says_the_format(path, name):
    assert format_of(path) == name


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            "out.jsn",
            f"-o out.jsn: the extension '.jsn' stands for no format. Known are {KNOWN}. Did you mean .json?",
        ),
        ("out.docx", f"-o out.docx: the extension '.docx' stands for no format. Known are {KNOWN}."),
        ("out", f"-o out: no extension says which format to write. Known are {KNOWN}."),
    ],
)
def test_an_unknown_extension_names_the_known_ones(path, said):
    with pytest.raises(UserError) as raised:
        format_of(path)

    assert str(raised.value) == said


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_takes_the_same_call(name):
    shown = "".join(FORMATS[name](ONE_PROMPT, width=100, color=False, encoding="utf-8"))

    assert "support/triage" in shown
    assert shown.endswith("\n")


def test_json_is_the_public_one():
    assert json.loads("".join(FORMATS["json"](ONE_PROMPT)))["schema"] == "promptctl.replay/1"


def test_a_format_whose_package_is_absent_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr("promptctl.reports.formats.find_spec", lambda _: None)

    with pytest.raises(UserError, match=r"pip install 'promptctl-cli\[parquet\]'"):
        check_installed("parquet")
    assert [check_installed(name) for name in NAMES if name != "parquet"] == [None] * (len(NAMES) - 1)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "terminal"])
def test_what_needs_no_terminal_imports_none(name):
    program = (
        "import sys; before = set(sys.modules); from promptctl.reports.formats import FORMATS; import promptctl.reports.diff_view;"
        "from promptctl.reports.view import ReplayReport, SourceView;"
        f"''.join(FORMATS[{name!r}](ReplayReport('r', 'c', 0, 'passed', SourceView('a'), SourceView('b'))));"
        "heavy = {'rich', 'deepdiff', 'litellm', 'sqlite3', 'asyncio', 'tiktoken', 'git', 'pyarrow'};"
        "sys.exit(','.join(sorted(heavy & (set(sys.modules) - before))) or 0)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")
