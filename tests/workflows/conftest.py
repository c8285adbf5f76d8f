"""Real repositories for the workflows that set one up."""

import os
import subprocess
from pathlib import Path

import pytest

from promptctl.versions.git import Repository

ENV = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{role}_{what}": "a@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


class Folder:
    """A git repository that is being set up."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "-q", "-b", "main")

    def git(self, *args: str) -> str:
        done = subprocess.run(["git", *args], cwd=self.root, env=ENV, capture_output=True, text=True, check=True)
        return done.stdout

    def write(self, path: str, text: str) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return target

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "c")

    def open(self) -> Repository:
        return Repository.open(self.root)

    def text(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def state(self) -> dict[str, tuple[bytes, int]]:
        """Every file with its content and the time of its last change."""
        files = (path for path in self.root.rglob("*") if path.is_file() and ".git" not in path.parts)
        return {str(path.relative_to(self.root)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    root = tmp_path / "repo"
    root.mkdir()
    return Folder(root)
