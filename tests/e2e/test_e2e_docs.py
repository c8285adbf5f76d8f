"""What the documentation shows is what happens."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from documented import ROOT, Fence, Reader, fences, fits, pages, session
from provider import Provider

from promptctl.cli import shell

SESSIONS = sorted({fence.page for page in pages() for fence in fences(page) if fence.language == "console"})
# What the stand-in for a provider answers: the first pair whose text stands in the request.
ANSWERS = [
    ["WHY.\n\nI was charged", "billing, because it is about money"],
    ["WHY.\n\nWhere is my parcel", "shipping, because it is about a parcel"],
    ["excited", "An amazing release!"],
    ["release notes", "Search is faster."],
    ["charged", "billing"],
    ["refund", "billing"],
    ["password", "account"],
    ["e-mail", "account"],
    ["crashes", "technical"],
    ["parcel", "shipping"],
]
# What it answers where it is asked to judge.
GOOD = '{"id": "@ID@", "reason": "plain", "pass": true}'
BAD = '{"id": "@ID@", "reason": "praise", "pass": false}'
JUDGE = [["mazing", BAD], [["STRICT", "ncredible upload"], BAD], ["", GOOD]]
BUNDLE = ROOT.parent / "shared" / "real" / "fabric-prompts.bundle"


@pytest.mark.parametrize("page", SESSIONS)
def test_a_reader_sees_what_a_page_shows(page: str, tmp_path: Path):
    text = (ROOT / page).read_text(encoding="utf-8")
    if "fabric.git" in text and not BUNDLE.exists():
        pytest.skip("the history of the fabric repository is not here (../shared/real)")
    with Provider(answers=ANSWERS, judge=JUDGE) as provider:
        (tmp_path / "work").mkdir()
        reader = Reader(
            tmp_path / "work", tmp_path / "home", {"OPENAI_API_BASE": provider.url, "OPENAI_API_KEY": "sk-x"}
        )
        for fence in fences(ROOT / page):
            if fence.title is not None:
                reader.write(fence)
            elif fence.language == "console":
                _follow(reader, fence)


def _follow(reader: Reader, fence: Fence) -> None:
    for typed in session(fence.body):
        if typed.command.startswith("git clone https://github.com/danielmiessler/fabric.git"):
            subprocess.run(["git", "clone", "-q", str(BUNDLE), str(reader.folder / "fabric")], check=True)
            continue
        shown = reader.type(typed)
        assert fits(typed.expected, shown), (
            f"{fence.page}: line {fence.line}: $ {typed.command}\nshows:\n{shown}\nand the page says:\n{typed.expected}"
        )


MENTIONED = re.compile(r"(?:^|[\s$`(\"'])promptctl ([a-z][^\n`]*)")
EVERY_PAGE = [str(page.relative_to(ROOT)) for page in pages() if page.name != "commands.md"]


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_every_command_on_a_page_exists_with_its_flags(page: str):
    commands = [fence for fence in fences(ROOT / page) if fence.title is None or fence.language in {"yaml", "sh"}]
    code = [fence.body for fence in commands if fence.language != "python"]
    lines = [line.partition(" #")[0] for body in code for line in re.sub(r"\\\n", " ", body).splitlines()]
    unknown = [why for line in lines for typed in MENTIONED.findall(line) if (why := unknown_in(typed))]

    assert unknown == []


def unknown_in(typed: str) -> str | None:
    """What of a typed command promptctl does not have, None where it has all."""
    typed = re.split(r" [|;&]|[|;&]", typed)[0]
    words = [word.strip("\"'`,.;:)") for word in typed.split()]
    command = promptctl()
    while words and hasattr(command, "commands") and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    if command is promptctl():
        return (
            None if typed.startswith("--") or not re.match(r"[a-z]+($|\s)", typed) else f"no command: promptctl {typed}"
        )
    flags = {flag for parameter in command.params for flag in parameter.opts} | {"--help", "-h", "--debug"}
    strange = [word for word in words if word.startswith("-") and word != "--" and word.partition("=")[0] not in flags]
    return f"promptctl {typed}: {', '.join(strange)}" if strange else None


@cache
def promptctl() -> Any:
    return shell._app()


REFERENCE = ROOT / "docs" / "reference" / "commands.md"


def test_the_reference_of_commands_is_what_help_says():
    says = "\n".join(reference())
    if os.environ.get("PROMPTCTL_TEST_UPDATE"):
        REFERENCE.parent.mkdir(exist_ok=True)
        REFERENCE.write_text(says, encoding="utf-8")

    assert REFERENCE.read_text(encoding="utf-8") == says


def reference() -> Iterator[str]:
    yield "# Commands\n"
    yield "Made from the code: what `promptctl COMMAND --help` says, and a test that both are equal.\n"
    for words, command in _all(promptctl(), ()):
        help_ = command.get_help(Context(command, words)).rstrip()
        yield f"## {' '.join(words)}\n\n```text\n{help_}\n```\n"


def _all(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if words and not hasattr(command, "commands"):
        yield words, command
    for name in getattr(command, "commands", ()):
        yield from _all(command.commands[name], (*words, name))


def Context(command: Any, words: tuple[str, ...]) -> Any:
    return command.context_class(
        command, info_name=f"promptctl {' '.join(words)}", terminal_width=90, max_content_width=90
    )


def test_the_site_builds_without_a_warning(tmp_path: Path):
    pytest.importorskip("zensical", reason="zensical, which builds the site, is not installed")
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    built = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert built.returncode == 0, built.stdout + built.stderr
    assert (tmp_path / "site" / "index.html").exists()


def test_every_page_is_in_the_navigation():
    named = set(re.findall(r'"([\w/.-]+\.md)"', (ROOT / "zensical.toml").read_text(encoding="utf-8")))
    there = {str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")}

    assert there == named
