"""git's own hooks, with promptctl in them: what was there before runs first, and comes back when promptctl goes.

A hook that somebody else wrote is moved aside (NAME.before-promptctl) and called by ours; where a tool of hooks has
moved ours aside in its turn (pre-commit: NAME.legacy) it is found there. Nothing is checked in.
"""

import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from promptctl.errors import UserError
from promptctl.versions.git import Repository

HOOKS = ("pre-commit", "pre-push")
_MARK = "# promptctl: `promptctl uninstall` takes this hook out."
_BEFORE = ".before-promptctl"
_PLACES = ("", ".legacy")  # where a hook of ours may be: itself, or moved aside by pre-commit


def install(repo: Repository, python: str, names: tuple[str, ...] = HOOKS) -> bool:
    """Put promptctl into these hooks; whether anything was new. `python` is the interpreter that has promptctl.

    Raises UserError where git takes its hooks from a folder that is not this clone's own.
    """
    folder = _own_folder(repo)
    fresh = [_install(folder / name, _script(name, python)) for name in names]
    return any(fresh)


def uninstall(repo: Repository) -> bool:
    """Take promptctl out of all hooks; whether it was in any. Where one was edited UserError, and nothing is done."""
    folder = hooks_folder(repo)
    ours = [path for name in HOOKS for path in _ours(folder / name)]
    for path in ours:
        _refuse_if_edited(path)
    for path in ours:
        path.unlink()
        before = path.with_name(path.name.removesuffix(".legacy") + _BEFORE)
        if before.exists() or before.is_symlink():
            before.rename(path)
    return bool(ours)


def installed(repo: Repository) -> tuple[str, ...]:
    """The hooks that run promptctl."""
    folder = hooks_folder(repo)
    return tuple(name for name in HOOKS if any(_ours(folder / name)))


def hooks_folder(repo: Repository) -> Path:
    """Where git looks for hooks: core.hooksPath, or the folder that linked worktrees share."""
    # The last value is the one that keeps hooks from running in our own git commands.
    *configured, _ = repo.output(["config", "--get-all", "--null", "--type=path", "core.hooksPath"]).split("\0")[:-1]
    return repo.root / configured[-1] if configured else _common(repo) / "hooks"


def _common(repo: Repository) -> Path:
    return repo.root / repo.output(["rev-parse", "--git-common-dir"]).rstrip("\n")


def _own_folder(repo: Repository) -> Path:
    folder = hooks_folder(repo)
    if not folder.resolve().is_relative_to(_common(repo).resolve()):
        raise UserError(
            f"git takes its hooks from {folder} (core.hooksPath), which is not this clone's own.",
            hint="Add a line to the hook there: promptctl hook pre-commit.",
        )
    return folder


def _install(path: Path, script: str) -> bool:
    present = next(_ours(path), None)
    if present is not None and present.read_text(encoding="utf-8") == script:
        return False
    target = present or path
    if present is not None:
        _refuse_if_edited(present)
    if present is None and (path.exists() or path.is_symlink()):  # a link to nothing would be written through
        path.rename(path.with_name(path.name + _BEFORE))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(script, encoding="utf-8", newline="\n")
    target.chmod(target.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return True


def _ours(path: Path) -> Iterator[Path]:
    for suffix in _PLACES:
        found = path.with_name(path.name + suffix)
        if found.is_file() and _MARK in found.read_text(encoding="utf-8", errors="replace"):
            yield found


def _refuse_if_edited(path: Path) -> None:
    """UserError where a hook of ours has lines that are not ours: somebody would miss them."""
    text = path.read_text(encoding="utf-8", errors="replace")
    python = next((line.removeprefix("python=") for line in text.split("\n") if line.startswith("python=")), "")
    if text != _written(path.name.removesuffix(".legacy"), python):
        raise UserError(
            f"{path}: was edited since promptctl wrote it.",
            hint="Move the lines that are yours elsewhere, or remove the file; then try again.",
        )


def _script(name: str, python: str) -> str:
    return _written(name, shlex.quote(python))


def _written(name: str, python: str) -> str:
    """The hook; `python` is quoted. git gives pre-push its refs on standard input, once: they are read, and handed on
    twice.

    -P: a repository must not bring modules of its own. Without its interpreter (an environment that was removed) the
    hook lets everything pass and says so: a commit must not fail for want of a tool.
    """
    keep, give = ("input=$(cat)\n", 'printf "%s\\n" "$input" | ') if name == "pre-push" else ("", "")
    return f"""#!/bin/sh
{_MARK}
{keep}before="$(dirname "$0")/{name}{_BEFORE}"
if test -x "$before"; then
  {give}"$before" "$@" || exit $?
fi
python={python}
if ! test -x "$python"; then
  echo "promptctl: $python is gone, so prompts are not checked. Run promptctl install again." >&2
  exit 0
fi
{give}"$python" -P -m promptctl hook {name} "$@"
"""
