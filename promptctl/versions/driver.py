"""git's own diffs of prompt files, made by promptctl: registered in one clone, and taken out without a trace.

Two ways at once, since git allows different things: `git diff` asks an external command, which sees both versions and
prints the semantic diff; `git log -p` and `git show` run no external command, but convert both versions to text
(textconv) and compare that line by line. Everything is kept inside .git: nothing is checked in, nobody else is
affected, and format-patch, add -p and apply see the files as they are.
"""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from promptctl.errors import UserError
from promptctl.versions.git import Repository

_NAME = "promptctl"
_BEGIN = "# promptctl: begin (`promptctl uninstall` takes this out)"
_END = "# promptctl: end"
# What --word-diff and --color-words compare: a number, a word, a mark. Bytes above ASCII stay together in any locale.
_WORDS = r"[0-9]+([.,][0-9]+)+|([^[:space:][:punct:]]|_)+|[[:punct:]]"
_BLOCK = re.compile(rf"^{re.escape(_BEGIN)}\n.*?^{re.escape(_END)}(?:\n|\Z)", re.MULTILINE | re.DOTALL)
_CACHE = f"refs/notes/textconv/{_NAME}"
# Beside prompts, yet no prompts.
_OTHERS = ("*.inputs.*", "*.recordings.*", "README.md", "readme.md")


@dataclass(frozen=True, slots=True)
class Driver:
    """What git runs: `python` is the interpreter that has promptctl, `version` keeps old conversions apart."""

    python: str
    version: str

    def config(self) -> dict[str, str]:
        """The keys of the section diff.promptctl.

        Where the interpreter is gone (an environment that was removed) plain text is shown instead of an error. -P: a
        repository must not bring modules of its own.
        """
        python = shlex.quote(self.python)
        run = f"{python} -P -m promptctl.cli.git_driver"
        plain = 'diff -u "$2" "$5"'
        return {
            "command": f'f() {{ if test -x {python}; then {run} diff "$@"; else {plain}; fi; true; }}; f',
            "textconv": (
                f": {self.version}; f() {{ if test -x {python}; then {run} text"
                f' "$1" || cat "$1"; else cat "$1"; fi; }}; f'
            ),
            "cachetextconv": "true",
            "xfuncname": r"^\[[a-z0-9 _]+\]$",
            "wordregex": _WORDS,
        }


def install(repo: Repository, driver: Driver, prompts: Sequence[str], extensions: Sequence[str]) -> bool:
    """Register the driver for the folders and globs of `prompts`; whether anything was new.

    The user's own lines stand below ours in .git/info/attributes: the last one that matches wins.
    """
    file = attributes_file(repo)
    text = file.read_text(encoding="utf-8", errors="surrogateescape") if file.is_file() else ""
    block = "\n".join([_BEGIN, *_lines(prompts, extensions), _END]) + "\n"
    wanted = block + _BLOCK.sub("", text)
    before = _config(repo)
    if wanted == text and before == driver.config():
        return False
    ours = driver.config().keys() if "command" in before else set[str]()
    for key in sorted(before.keys() - ours):
        raise UserError(
            f"git's diff.{_NAME}.{key} is set by somebody else.", hint=f"See git config diff.{_NAME}.{key}."
        )
    file.parent.mkdir(exist_ok=True)
    file.write_text(wanted, encoding="utf-8", errors="surrogateescape", newline="\n")
    for key, value in driver.config().items():
        repo.output(["config", "--local", f"diff.{_NAME}.{key}", value])
    return True


def uninstall(repo: Repository) -> bool:
    """Take the driver out, its cache too; whether there was one."""
    found = False
    file = attributes_file(repo)
    if file.is_file():
        text = file.read_text(encoding="utf-8", errors="surrogateescape")
        rest, count = _BLOCK.subn("", text)
        found = count > 0
        if found and rest:
            file.write_text(rest, encoding="utf-8", errors="surrogateescape", newline="\n")
        elif found:
            file.unlink()
    if _config(repo):
        repo.output(["config", "--local", "--remove-section", f"diff.{_NAME}"])
        found = True
    if repo.output(["for-each-ref", "--format=%(refname)", _CACHE]).strip():
        repo.output(["update-ref", "-d", _CACHE])
        found = True
    return found


def is_installed(repo: Repository) -> bool:
    """Whether git asks promptctl here."""
    return "command" in _config(repo)


def attributes_file(repo: Repository) -> Path:
    """The attributes of this clone alone; linked worktrees share them."""
    path = repo.output(["rev-parse", "--git-path", "info/attributes"]).rstrip("\n")
    return repo.root / path


def _config(repo: Repository) -> dict[str, str]:
    """The keys of our section in this repository's own configuration."""
    fields = repo.output(["config", "--local", "--null", "--list"]).split("\0")
    pairs = (field.partition("\n") for field in fields if field.startswith(f"diff.{_NAME}."))
    return {name.removeprefix(f"diff.{_NAME}."): value for name, _, value in pairs}


def _lines(prompts: Sequence[str], extensions: Sequence[str]) -> list[str]:
    lines = [line for entry in prompts for line in _entry(entry, extensions)]
    return [*lines, *(f"{name} !diff" for name in _OTHERS)] if lines else []


def _entry(entry: str, extensions: Sequence[str]) -> list[str]:
    if ":" in entry or entry.endswith(".py"):
        return []  # code keeps git's own view of it
    if entry.lower().endswith(tuple(extensions)):
        return [f"{_pattern(f'/{entry}')} diff={_NAME}"]
    folder = "" if entry == "." else f"/{entry}"
    return [f"{_pattern(f'{folder}/**/*{extension}')} diff={_NAME}" for extension in extensions]


def _pattern(text: str) -> str:
    """A pattern as .gitattributes writes it: quoted where it holds a blank or a quote."""
    if not re.search(r'[\s"\\]', text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\n", "\\n")
    return f'"{escaped}"'
