"""A command in a real terminal of 80 by 24, inside tmux."""

import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from user_repository import Repo

WAIT = 60.0  # seconds: a loaded machine is slow


class Screen:
    """One terminal. Keys go in, what stands on the screen comes out."""

    def __init__(self, repo: Repo, command: list[str], folder: Path, *, size: tuple[int, int] = (80, 24)) -> None:
        if shutil.which("tmux") is None:
            pytest.skip("tmux is not installed: nothing can be typed into a terminal")
        self._tmux = ["tmux", "-S", str(folder / "tmux.sock"), "-f", "/dev/null"]
        self._env = {**repo.env, "TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        line = " ".join(shlex.quote(part) for part in [sys.executable, "-m", "promptctl", *command])
        start = [*("new-session", "-d", "-s", "t", "-x", str(size[0]), "-y", str(size[1]), "-c", str(repo.root))]
        self._run(*start, f"{line}; echo ENDED $?; sleep 600")

    def _run(self, *args: str) -> str:
        done = subprocess.run([*self._tmux, "-u", *args], env=self._env, capture_output=True, text=True, check=False)
        return done.stdout

    def text(self) -> str:
        return self._run("capture-pane", "-p", "-t", "t")

    def keys(self, *keys: str) -> None:
        self._run("send-keys", "-t", "t", *keys)

    def type(self, text: str) -> None:
        self._run("send-keys", "-t", "t", "-l", text)

    def until(self, wanted: str | Callable[[str], bool]) -> str:
        """The screen, as soon as it shows that."""
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            text = self.text()
            if wanted(text) if callable(wanted) else wanted in text:
                return text
            time.sleep(0.1)
        raise AssertionError(f"{wanted!r} did not come; the screen shows:\n{self.text()}")

    def close(self) -> None:
        self._run("kill-server")
