"""Pages of the documentation, read as what a reader would do with them: files to write, commands to run.

A fence whose title is a path is that file. A fence `console` is a session: lines that begin with `$ ` are typed, what
follows is what the reader sees, with `...` for anything. All of a page happens in one folder, in order.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<body>.*?)^ *```$", re.DOTALL | re.MULTILINE)
TITLE = re.compile(r'title="([^"]+)"')


@dataclass(frozen=True)
class Fence:
    """A fenced block of a page; `line` counts from 1."""

    page: str
    line: int
    language: str
    title: str | None
    body: str


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def fences(page: Path) -> Iterator[Fence]:
    text = page.read_text(encoding="utf-8")
    for match in FENCE.finditer(text):
        language, _, rest = match["info"].partition(" ")
        title = TITLE.search(rest)
        indent = len(match["indent"])
        body = "".join(line[indent:] if line.strip() else line for line in match["body"].splitlines(keepends=True))
        line = text.count("\n", 0, match.start()) + 1
        yield Fence(str(page.relative_to(ROOT)), line, language, title[1] if title else None, body)


@dataclass(frozen=True)
class Typed:
    """One command of a session, and what it should print."""

    command: str
    expected: str


def session(body: str) -> list[Typed]:
    found: list[Typed] = []
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        command = [lines.pop(0)]
        while command[-1].endswith("\\"):
            command.append(lines.pop(0))
        found.append(Typed("\n".join(command), "\n".join(lines).strip("\n")))
    return found


class Reader:
    """Somebody who follows a page in a folder of their own."""

    def __init__(self, folder: Path, home: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.home = home
        commands = home / "bin"
        commands.mkdir(parents=True)
        (commands / "promptctl").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m promptctl "$@"\n')
        (commands / "promptctl").chmod(0o755)
        (commands / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        (commands / "python").chmod(0o755)
        keep = {
            name: value for name, value in os.environ.items() if name.startswith(("COVERAGE", "COV_", "LANG", "LC_"))
        }
        self.environ = {
            **keep,
            "HOME": str(home),
            "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": "90",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_PAGER": "cat",
            **{f"GIT_{who}_{what}": "ada" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
            **environ,
        }

    def write(self, fence: Fence) -> None:
        assert fence.title is not None
        path = self.folder / fence.title
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(fence.body, encoding="utf-8")

    def type(self, typed: Typed) -> str:
        """What the terminal shows; a `cd` lasts."""
        here = self.home / "here"
        done = subprocess.run(
            ["sh", "-c", f'{typed.command}\ncode=$?\npwd > "{here}"\nexit $code'],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=900,
        )
        self.folder = Path(here.read_text().strip())
        return "\n".join(line.rstrip() for line in done.stdout.splitlines()).strip("\n")


def fits(expected: str, shown: str) -> bool:
    """Whether a page's text, with `...` for anything, is what was shown."""
    parts = [re.escape("\n".join(line.rstrip() for line in part.split("\n"))) for part in expected.split("...")]
    return re.fullmatch(".*?".join(parts), shown, re.DOTALL) is not None
