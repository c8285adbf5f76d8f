"""All the checks a change must pass, in the order in which they fail fastest.

python check.py            style, types, layers, tests with coverage
python check.py --fast     the same without the coverage floor, for the inner loop
"""

import os
import subprocess
import sys
import time

PYTHON = sys.executable
WORKERS = str(min(os.cpu_count() or 2, 8))

STATIC = (
    ("ruff", [PYTHON, "-m", "ruff", "check", "."]),
    ("format", [PYTHON, "-m", "ruff", "format", "--check", "."]),
    ("layers", [PYTHON, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]),
    ("types", [PYTHON, "-m", "mypy"]),
)
TESTS = [PYTHON, "-m", "pytest", "-q", "-n", WORKERS]
COVERAGE = ["--cov", "--cov-branch", "--cov-report=term-missing:skip-covered"]


def main() -> int:
    """Run them all; the first that fails ends it."""
    fast = "--fast" in sys.argv[1:]
    for name, command in (*STATIC, ("tests", TESTS if fast else TESTS + COVERAGE)):
        started = time.monotonic()
        print(f"== {name}", flush=True)
        code = subprocess.run(command, check=False).returncode
        result = "ok" if code == 0 else f"failed ({code})"
        print(f"== {name}: {result} in {time.monotonic() - started:.0f} s", flush=True)
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
