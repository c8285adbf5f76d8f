"""All the checks a change must pass, in the order in which they fail fastest.

python check.py            style, types, layers, tests with coverage
python check.py --fast     the same without the coverage floor, for the inner loop
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

PYTHON = sys.executable
WORKERS = str(min(os.cpu_count() or 2, 8))

STATIC = (
    ("ruff", [PYTHON, "-m", "ruff", "check", "."]),
    ("format", [PYTHON, "-m", "ruff", "format", "--check", "."]),
    ("layers", [PYTHON, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]),
    ("types", [PYTHON, "-m", "mypy"]),
)
TESTS = [PYTHON, "-m", "pytest", "-q", "-n", WORKERS]
AGAIN = [PYTHON, "-m", "pytest", "-q", "-n", "0", "--last-failed", "--last-failed-no-failures=none"]
FLAKY = 3  # So many tests that fail may be suspects; more than that are a finding.
COVERAGE = ["--cov", "--cov-branch", "--cov-report=term-missing:skip-covered"]


def confirmed(code: int, *, covered: bool) -> int:
    """What failed once is a suspect and is asked again, alone, as in a replay; what passes then is named as flaky."""
    found = Path(".pytest_cache/v/cache/lastfailed")
    failed = list(json.loads(found.read_text(encoding="utf-8"))) if found.exists() else []
    if code != 1 or not 0 < len(failed) <= FLAKY:
        return code
    print("== asked again, alone:", *failed, sep="\n   ", flush=True)
    code = subprocess.run(AGAIN, check=False).returncode
    if code == 0 and covered:
        code = subprocess.run([PYTHON, "-m", "coverage", "report", "--format=total"], check=False).returncode
    if code == 0:
        print("== FLAKY, to be mended:", *failed, sep="\n   ", flush=True)
    return code


def main() -> int:
    """Run them all; the first that fails ends it."""
    fast = "--fast" in sys.argv[1:]
    for name, command in (*STATIC, ("tests", TESTS if fast else TESTS + COVERAGE)):
        started = time.monotonic()
        print(f"== {name}", flush=True)
        code = subprocess.run(command, check=False).returncode
        if name == "tests":
            code = confirmed(code, covered=not fast)
        result = "ok" if code == 0 else f"failed ({code})"
        print(f"== {name}: {result} in {time.monotonic() - started:.0f} s", flush=True)
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
