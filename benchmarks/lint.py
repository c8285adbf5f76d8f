"""`promptctl lint` of 200 prompts, in milliseconds, beside what it cannot do without; and what it imports."""

import sys
from pathlib import Path

from workbench import inputs, promptctl, repository, row, timed

TIMES = 7
PROMPT = """\
messages:
  - role: system
    content: |
      You route tickets. Prompt {n}. Always answer with one word.
      Never invent a team. Keep the answer under 5 words.
  - {{role: user, content: "{{{{ ticket }}}}"}}
assert: [{{type: equals, value: "{{{{ expected }}}}"}}]
"""
LEAK = "Use ghp_0123456789abcdefABCDEF0123456789abcd here.\n"
MODULES = ("litellm", "tiktoken", "detect_secrets", "deepdiff", "rich", "jinja2")


def main() -> None:
    files = {f"prompts/p{n:03}.yaml": PROMPT.format(n=n) for n in range(200)}
    files |= {f"prompts/p{n:03}.inputs.jsonl": inputs(10) for n in range(200)}
    with repository("http://127.0.0.1:9/v1", files) as root:
        bare = measure("python -c 'import typer, yaml, git'", [sys.executable, "-c", "import typer, yaml, git"], root)
        for name, args in (
            ("lint, 200 prompts, 10 inputs each", ["lint"]),
            ("lint, one prompt", ["lint", "p000"]),
            ("lint --format sarif", ["lint", "--format", "sarif"]),
        ):
            row("", f"{measure(name, promptctl(*args), root) / bare:.2f} x imports")
        row("imported", imported(root))
        (root / "prompts/leak.md").write_text(LEAK, encoding="utf-8")
        measure("lint, one of them with a secret", promptctl("lint"), root)
        row("imported", imported(root))


def imported(root: Path) -> str:
    code = (
        "import sys\nfrom promptctl.cli import run\nrun(['lint'])\n"
        f"print(*[name for name in {MODULES!r} if name in sys.modules] or ['none of them'], file=sys.stderr)"
    )
    _, done = timed([sys.executable, "-c", code], root)
    return done.stderr.strip().splitlines()[-1]


def measure(name: str, command: list[str], root: Path) -> float:
    took, done = timed(command, root, times=TIMES)
    row(name, f"{took * 1000:.0f} ms", f"exit {done.returncode}")
    return took * 1000


if __name__ == "__main__":
    main()
