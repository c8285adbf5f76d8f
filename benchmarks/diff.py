"""`promptctl diff` in a repository of 200 prompts and 500 commits, one prompt changed: whole processes, in turn.

Each round runs every command once, so that a busy machine slows all of them alike; what counts is the ratio to
`python -c 'import typer, yaml, git'`, which is what any command line of this kind has to import.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from workbench import environment, promptctl, row

PROMPTS, COMMITS, ROUNDS = 200, 500, 15
BASE = "python -c 'import typer, yaml, git'"
TEXT = """\
description: Prompt {n}.
model: openai/gpt-5-mini
params: {{temperature: 0, max_tokens: {tokens}}}
messages:
  - role: system
    content: |
      You answer questions about product {n}, in plain words.
      Keep to the facts, and use at most {words} words.

      1. Greet the customer by name.
      2. Answer the question.
      3. Sign with the name of the team.
  - role: user
    content: "{{{{ question }}}}"
"""


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _history(root)
        changed = root / "prompts/p100.yaml"
        changed.write_text(changed.read_text().replace("at most", "no more than").replace("0,", "0.7,"), "utf-8")
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            BASE: [sys.executable, "-c", "import typer, yaml, git"],
            "git diff": ["git", "--no-pager", "diff"],
            "promptctl --version": promptctl("--version"),
            "promptctl diff": promptctl("diff"),
            "promptctl diff --stat": promptctl("diff", "--stat"),
            "promptctl diff HEAD~400": promptctl("diff", "HEAD~400", "-p", "p100"),
            "promptctl log p100": promptctl("log", "p100"),
        }
        took: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for name, command in commands.items():
            _run(command, root, name)  # once unmeasured: files are in the cache then
        for _ in range(rounds):
            for name, command in commands.items():
                took[name].append(_run(command, root, name))
        row("", "median", "least", "x imports", "processor", "x imports")
        for name, times in took.items():
            wall, processor = zip(*times, strict=True)
            by_wall, by_processor = (_ratio(times, took[BASE], part) for part in (0, 1))
            said = [f"{amount * 1000:.0f} ms" for amount in (statistics.median(wall), min(wall))]
            row(name, *said, by_wall, f"{statistics.median(processor) * 1000:.0f} ms", by_processor)


def _ratio(times: list[tuple[float, float]], base: list[tuple[float, float]], part: int) -> str:
    """The median of the ratios round by round."""
    return f"{statistics.median(one[part] / other[part] for one, other in zip(times, base, strict=True)):.2f}"


def _run(command: list[str], root: Path, name: str) -> tuple[float, float]:
    """The seconds on the clock, and those of the processor, git's children included."""
    before, started = _processor(), time.perf_counter()
    done = subprocess.run(command, cwd=root, env=environment(), capture_output=True, text=True, check=False)
    took = time.perf_counter() - started
    if done.returncode or done.stderr:
        raise SystemExit(f"{name}: exit code {done.returncode}: {done.stderr}")
    return took, _processor() - before


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _history(root: Path) -> None:
    """500 commits by fast-import: the first writes all prompts, each other edits one."""
    lines: list[bytes] = []

    def commit(number: int, files: dict[str, str]) -> None:
        lines.append(
            f"commit refs/heads/main\ncommitter A <a@example.org> {1_700_000_000 + number * 3600} +0000\n".encode()
        )
        lines.append(b"data %d\ncommit\n" % 7)
        for path, text in files.items():
            data = text.encode()
            lines.append(f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n")

    first = {f"prompts/p{n:03}.yaml": TEXT.format(n=n, tokens=8, words=50) for n in range(PROMPTS)}
    commit(0, {**first, ".promptctl.yaml": "model: openai/gpt-5-mini\n", "README.md": "Prompts.\n"})
    for number in range(1, COMMITS):
        n = number * 7 % PROMPTS
        commit(number, {f"prompts/p{n:03}.yaml": TEXT.format(n=n, tokens=8 + number, words=50 + number)})
    env = {**environment(), "GIT_DIR": os.fspath(root / ".git")}
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], env=environment(), check=True)
    subprocess.run(["git", "fast-import", "--quiet"], input=b"".join(lines), env=env, check=True)
    subprocess.run(["git", "reset", "-q", "--hard", "main"], cwd=root, env=environment(), check=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
