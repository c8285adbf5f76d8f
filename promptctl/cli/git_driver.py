"""What git runs for `git diff`, `git log -p` and `git show`: `diff PATH OLD HEX MODE NEW HEX MODE` or `text FILE`.

Not a command of the command line: git calls it once a file, so it imports no Typer, and it never fails, since git would
stop at that file.
"""

import contextlib
import difflib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from promptctl.errors import PromptctlError
from promptctl.prompts.prompt import Prompt

_WIDTH = 100


def main(arguments: Sequence[str]) -> int:
    """Print what git asked for."""
    verb, *rest = arguments
    with contextlib.suppress(BrokenPipeError):
        output = _text(Path(rest[0])) if verb == "text" else _diff(rest)
        sys.stdout.buffer.write(output)
        sys.stdout.buffer.flush()
    return 0


def _text(path: Path) -> bytes:
    from promptctl.workflows.git_driver import text_of_file

    data = path.read_bytes()
    try:
        return text_of_file(str(path), data)
    except Exception:  # noqa: BLE001 - git would print nothing at all; the file as it is is better
        return data


def _diff(arguments: Sequence[str]) -> bytes:
    path, *sides = arguments
    if len(sides) < 6:  # git names a path with a conflict, and no versions
        return f"* Unmerged path {path}\n".encode()
    new_path = sides[6] if len(sides) > 6 else path
    old, new = _side(sides[0]), _side(sides[3])
    head = f"diff --promptctl a/{path} b/{new_path}"
    try:
        return _semantic(head, path, new_path, old, new)
    except Exception as error:  # noqa: BLE001 - see the module's first lines
        reason = error.lines() if isinstance(error, PromptctlError) else [f"{type(error).__name__}: {error}"]
        said = "".join(f"promptctl: {line}\n" for line in reason)
        return f"{head}\n{said}".encode("utf-8", "replace") + _plain(path, new_path, old, new)


def _side(file: str) -> bytes | None:
    return None if file in {os.devnull, "nul"} else Path(file).read_bytes()


def _semantic(head: str, path: str, new_path: str, old: bytes | None, new: bytes | None) -> bytes:
    from promptctl.prompts.diff import diff
    from promptctl.reports.terminal_history import render_one

    before, after = _prompt(path, old), _prompt(new_path, new)
    found = diff(before, after)
    width = int(os.environ.get("COLUMNS") or _WIDTH)
    text = render_one(head, found, width=width, color=_color())
    return text.rstrip("\n").encode("utf-8", "replace") + b"\n"


def _prompt(path: str, data: bytes | None) -> Prompt | None:
    from promptctl.workflows.git_driver import prompt_of

    return None if data is None else prompt_of(path, data)


def _color() -> bool:
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("GIT_PAGER_IN_USE")) or sys.stdout.isatty()


def _plain(path: str, new_path: str, old: bytes | None, new: bytes | None) -> bytes:
    from promptctl.reports.safe import printable

    before, after = ([] if data is None else data.decode("utf-8", "replace").splitlines() for data in (old, new))
    lines = difflib.unified_diff(before, after, f"a/{path}", f"b/{new_path}", lineterm="")
    return "".join(f"{printable(line)}\n" for line in lines).encode("utf-8", "replace")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
