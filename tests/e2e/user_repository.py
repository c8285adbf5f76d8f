"""A user's repository, and promptctl run in it."""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from promptctl.cli import run as run_command

TICKETS = ("billing", "technical", "account", "shipping")


@dataclass
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        assert self.out, f"nothing on stdout; exit code {self.code}; stderr: {self.err}"
        return json.loads(self.out)

    @property
    def prompt(self):
        """The only prompt of a replay's or diff's JSON."""
        (one,) = self.json["prompts"]
        return one


class Repo:
    """A git repository as a user has it, and promptctl run in it."""

    def __init__(self, root: Path, home: Path, base_url: str = "http://127.0.0.1:9/v1") -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        home.mkdir(parents=True, exist_ok=True)
        keep = {key: value for key, value in os.environ.items() if key in KEPT or key.startswith(("COVERAGE", "COV_"))}
        self.env = {
            **keep,
            "HOME": str(home),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A",
            "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "A",
            "GIT_COMMITTER_EMAIL": "a@example.org",
            "OPENAI_API_KEY": "sk-test-1234567890abcdef",
            "PYTHONWARNINGS": "default",
        }
        self.git("init", "-q", "-b", "main")
        self.write(
            ".promptctl.yaml",
            f"model: openai/fake\nproviders:\n  openai: {{api_base: {base_url}}}\n"
            "prices:\n  openai/fake: {input_per_million: 1, output_per_million: 2}\n",
        )

    def git(self, *args: str) -> str:
        done = subprocess.run(["git", *args], cwd=self.root, env=self.env, capture_output=True, text=True, check=True)
        return done.stdout

    def write(self, path: str, text: str | bytes) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)
        return target

    def inputs(self, path: str, cases: list[dict]) -> None:
        self.write(path, "".join(json.dumps(case) + "\n" for case in cases))

    def commit(self, message: str = "change") -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD").strip()

    def run(self, *args: str, cwd: str = ".", **env: str) -> Ran:
        """One command line, in this process: LiteLLM is imported once for all tests."""
        out, err = io.StringIO(), io.StringIO()
        with (
            here(self.root / cwd, {**self.env, **env}),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = run_command(list(args))
        return Ran(code, out.getvalue(), err.getvalue())

    def installed(self, *args: str, cwd: str = ".", **env: str) -> Ran:
        """The same through the installed command, in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "promptctl", *args],
            cwd=self.root / cwd,
            env={**self.env, **env},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=900,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def replay(self, *args: str, **env: str) -> Ran:
        return self.run("replay", *_with_format(args), **env)


@contextlib.contextmanager
def here(folder: Path, environ: dict[str, str]) -> Iterator[None]:
    """Stand in a folder with an environment, and go back."""
    before, kept = Path.cwd(), dict(os.environ)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(kept)


KEPT = {"PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "TMP", "TEMP", "VIRTUAL_ENV", "SSL_CERT_FILE"}


def _with_format(args: tuple[str, ...]) -> tuple[str, ...]:
    """JSON, unless the test asks for another format; before `--`, if there is one."""
    return args if "--format" in args else ("--format", "json", *args)


PROMPT = """\
messages:
  - role: system
    content: You route tickets.{extra}
  - role: user
    content: "{{{{ ticket }}}}"
assert:
  - {{type: equals, value: "{{{{ expected }}}}"}}
"""


def prompt_text(extra: str = "") -> str:
    """The ticket prompt; the loopback provider answers what the last ANSWER= of the request says."""
    return PROMPT.format(extra=extra)


def ticket_cases(count: int = 8) -> list[dict]:
    """Inputs that the provider answers rightly: each carries its answer."""
    labels = [TICKETS[number % 4] for number in range(count)]
    return [
        {"id": f"t-{number:03}", "vars": {"ticket": f"case {number} ANSWER={label}"}, "expected": label}
        for number, label in enumerate(labels)
    ]
