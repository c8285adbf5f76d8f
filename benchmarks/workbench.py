"""What the benchmarks share: a repository made for the occasion, and commands timed as whole processes."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from provider import Provider as Provider  # noqa: PLC0414 - the tests' own, found only now

PROMPT = """\
messages:
  - {{role: system, content: "You route tickets.{extra}"}}
  - {{role: user, content: "{{{{ ticket }}}}"}}
assert: [{{type: equals, value: "{{{{ expected }}}}"}}]
"""


def prompt_text(extra: str = "") -> str:
    return PROMPT.format(extra=extra)


@contextmanager
def repository(base_url: str, files: dict[str, str]) -> Iterator[Path]:
    """A git repository with these files committed and a provider at `base_url`."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        settings = f"model: openai/fake\nproviders: {{openai: {{api_base: '{base_url}'}}}}\n"
        for path, text in {".promptctl.yaml": settings, **files}.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
            git(*command, cwd=root)
        yield root


def git(*args: str, cwd: Path) -> None:
    subprocess.run(["git", *args], cwd=cwd, env=environment(), check=True)


def environment() -> dict[str, str]:
    identity = {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    # Equal files make equal commits, whenever that is.
    identity |= dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), "2026-01-01T00:00:00Z")
    # An installed package has its bytecode; a shell that forbids writing it would have every run compile the sources.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, **identity, "GIT_CONFIG_GLOBAL": os.devnull, "OPENAI_API_KEY": "sk-none"}


def inputs(count: int, answer: str = "ANSWER=billing", expected: str = "billing") -> str:
    return "".join(
        json.dumps({"id": f"c-{n:05}", "vars": {"ticket": f"case {n} {answer}"}, "expected": expected}) + "\n"
        for n in range(count)
    )


def timed(command: Sequence[str], cwd: Path, *, times: int = 1) -> tuple[float, subprocess.CompletedProcess[str]]:
    """The median of whole processes, in seconds, and the last of them."""
    took = []
    for _ in range(times):
        started = time.perf_counter()
        done = subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, text=True, check=False)
        took.append(time.perf_counter() - started)
    return sorted(took)[len(took) // 2], done


def promptctl(*args: str) -> list[str]:
    return [str(Path(sys.executable).with_name("promptctl")), *args]


def peak_of(command: Sequence[str], cwd: Path, env: dict[str, str]) -> tuple[int, float]:
    """Run a command -> its exit code, and the largest resident size of it and its children, in MiB."""
    program = (
        "import resource, subprocess, sys;"
        "code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=False).returncode;"
        "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *command], cwd=cwd, env=env, stdout=subprocess.PIPE, text=True, check=True
    )
    code, peak = map(int, done.stdout.split())
    return code, peak / 1024


def row(name: str, *cells: object) -> None:
    print(f"{name:<52}", *(f"{cell:>14}" for cell in cells))
