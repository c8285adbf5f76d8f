"""The diff driver in the repository one is in."""

import os
import sys
from pathlib import Path

from promptctl import __version__
from promptctl.snapshot import settings_at
from promptctl.versions.driver import Driver, install, uninstall
from promptctl.versions.git import Repository
from promptctl.versions.source import WORKTREE


def install_driver() -> bool:
    """Whether anything was new."""
    from promptctl.prompts.formats import EXTENSIONS

    with Repository.open(Path.cwd()) as repo:
        settings = settings_at(repo, WORKTREE, os.environ)
        return install(repo, Driver(sys.executable, __version__), settings.prompts, EXTENSIONS)


def uninstall_driver() -> bool:
    """Whether there was one."""
    with Repository.open(Path.cwd()) as repo:
        return uninstall(repo)
