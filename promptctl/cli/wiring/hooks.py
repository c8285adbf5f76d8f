"""What git's hooks run, and how they come into a clone."""

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from promptctl.cli.shell import dispatch, say
from promptctl.errors import UserError
from promptctl.settings import HookSettings, Settings
from promptctl.snapshot import settings_at
from promptctl.versions import hooks
from promptctl.versions.git import Repository
from promptctl.versions.source import WORKTREE

COULD_NOT_FIND_OUT = 3


def install_hooks(names: tuple[str, ...]) -> bool:
    """Whether anything was new."""
    with Repository.open(Path.cwd()) as repo:
        return hooks.install(repo, sys.executable, names)


def uninstall_hooks() -> bool:
    """Whether there were any."""
    with Repository.open(Path.cwd()) as repo:
        return hooks.uninstall(repo)


def run(command: str, flags: Sequence[str]) -> int:
    """A command on what is staged."""
    return dispatch([command, "--staged", *flags], debug=False)


def replay(flags: Sequence[str]) -> int:
    """A replay within the limits of a hook. What it could not find out is said, and the settings decide."""
    with Repository.open(Path.cwd()) as repo:
        if repo.head() is None:
            return 0  # the first commit of all has nothing to compare with
        settings = settings_at(repo, WORKTREE, os.environ)
    code = dispatch(["replay", *_limits(settings, flags), *flags], debug=False)
    if code != COULD_NOT_FIND_OUT:
        return code
    passes = settings.hook.on_incomplete == "pass"
    say(
        f"the hook could not find out (see above), and {'lets this pass' if passes else 'does not let this pass'}: "
        f"hook.on_incomplete is {settings.hook.on_incomplete}."
    )
    return 0 if passes else code


def _limits(settings: Settings, flags: Sequence[str]) -> list[str]:
    """The stricter of the hook's limits and those of every replay, as flags; a flag that was typed wins."""
    hook: HookSettings = settings.hook
    pairs = {
        "--max-calls": (hook.max_calls, settings.replay.max_calls),
        "--max-cost": (hook.max_cost_usd, settings.replay.max_cost_usd),
        "--time-limit": (hook.time_limit, settings.replay.time_limit),
    }
    given = {flag.partition("=")[0] for flag in flags}
    found: list[str] = []
    for flag, limits in pairs.items():
        known = [limit for limit in limits if limit is not None]
        if known and flag not in given:
            found += [flag, str(min(known))]
    return found


def pushed(remote: str, lines: Iterable[str]) -> int:
    """Replay every branch that is pushed; the first that fails decides."""
    for line in lines:
        local, remote_commit = _commits(line)
        if local is None:
            continue
        base = _base(remote, remote_commit)
        if base is None:
            say(f"nothing to compare with: the remote '{remote}' has no branch that is known here.")
            continue
        code = replay([f"{base}...{local}"])
        if code:
            return code
    return 0


def _commits(line: str) -> tuple[str | None, str]:
    """A line of pre-push's input -> the commit that is pushed (None: a deletion), and the one that the remote has."""
    words = line.split()
    if not words:
        return None, ""
    if len(words) != 4:
        raise UserError("pre-push reads git's refs on stdin.", hint="git push runs it.")
    _, local, _, there = words
    return (local if local.strip("0") else None), there


def _base(remote: str, commit: str) -> str | None:
    """What to compare with: what the remote's branch is at, for a new branch the remote's default branch."""
    with Repository.open(Path.cwd()) as repo:
        for revision in (
            commit,
            f"refs/remotes/{remote}/HEAD",
            f"refs/remotes/{remote}/main",
            f"refs/remotes/{remote}/master",
        ):
            if revision.strip("0"):
                try:
                    return repo.commit(revision)
                except UserError:
                    continue
    return None
