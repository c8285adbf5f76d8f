"""Start-up figures, in milliseconds: medians of whole processes."""

import sys
from pathlib import Path

from workbench import Provider, git, inputs, prompt_text, promptctl, repository, row, timed

TIMES = 11


def main() -> None:
    files = {f"prompts/p{n:03}.yaml": prompt_text(f" Prompt {n}.") for n in range(200)}
    files["prompts/p000.inputs.jsonl"] = inputs(100)
    with Provider() as provider, repository(provider.url, files) as root:
        (root / "prompts/p000.yaml").write_text(prompt_text(" Be brief."), encoding="utf-8")
        timed(promptctl("replay"), root)
        calls = provider.stats()["calls"]
        bare = measure("python -c pass", [sys.executable, "-c", "pass"], root)
        for code in ("import promptctl; promptctl.load", "import promptctl; promptctl.load('p000').render(ticket='x')"):
            took = measure(f'python -c "{code[:44]}"', [sys.executable, "-c", code], root)
            row("", f"+{took - bare:.0f} ms on bare")
        typer = measure("python -c 'import typer'", [sys.executable, "-c", "import typer"], root)
        for args in (["--version"], ["--help"]):
            took = measure(f"promptctl {args[0]}", promptctl(*args), root)
            row("", f"{took / typer:.2f} x typer", f"{took / bare:.2f} x bare")
        measure("git diff, 200 prompts, one changed", ["git", "--no-pager", "diff"], root)
        measure("promptctl diff, 200 prompts, one changed", promptctl("diff"), root)
        measure("promptctl diff --stat", promptctl("diff", "--stat"), root)
        measure("promptctl replay, warm, 100 inputs x 2", promptctl("replay"), root)
        row("calls of the warm replays", provider.stats()["calls"] - calls)
        hook(root, typer)


def hook(root: Path, typer: float) -> None:
    """The pre-commit hook: where no prompt is staged, and where one of 200 is, with 40 recorded inputs."""
    git("checkout", "-q", "prompts", cwd=root)
    (root / "README.md").write_text("# Hello\n", encoding="utf-8")
    git("add", "README.md", cwd=root)
    took = measure("promptctl hook pre-commit, no prompt staged", promptctl("hook", "pre-commit"), root)
    row("", f"{took / typer:.2f} x typer")
    (root / "prompts/p000.inputs.jsonl").write_text(inputs(40), encoding="utf-8")
    git("commit", "-q", "-a", "-m", "40 inputs", cwd=root)
    (root / "prompts/p000.yaml").write_text(prompt_text(" Be brief."), encoding="utf-8")
    timed(promptctl("replay", "--record"), root)
    git("add", "-A", cwd=root)
    frozen = promptctl("hook", "replay", "--frozen")
    measure("promptctl hook replay, 1 of 200 changed, recorded", frozen, root)


def measure(name: str, command: list[str], root: Path) -> float:
    took, done = timed(command, root, times=TIMES)
    row(name, f"{took * 1000:.0f} ms", f"exit {done.returncode}")
    return took * 1000


if __name__ == "__main__":
    main()
