"""The oldest and the newest LiteLLM that the project takes, each in an environment of its own, through the same tests.

    python tests/litellm_range.py [VERSION ...]

Makes throw-away environments (a minute and a gigabyte each), installs the project and that LiteLLM, and runs the tests
that go through it: requests, answers, tools, faults, quiet and offline import. Ends with 1 where one of them fails.
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ENDS = ("1.100.0", "1.105.7")  # of the range in pyproject.toml; the newest as of 2026-11-26
BROKEN = (
    "1.82.7",
    "1.82.8",
    "1.106.0",
    "1.106.1",
    "1.106.2",
)  # two were compromised, three fail at any call with tools
ROOT = Path(__file__).resolve().parents[1]
TESTS = ("litellm", "auxiliary", "pace", "facts", "failures")


def passes(version: str) -> bool:
    """Whether the tests pass with that LiteLLM."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = str(
            next(path for path in (Path(folder) / "bin/python", Path(folder) / "Scripts/python.exe") if path.exists())
        )
        install = [python, "-m", "pip", "install", "-q", str(ROOT), f"litellm=={version}", "pytest", "hypothesis"]
        if subprocess.run(install, check=False).returncode:
            return False
        tests = [f"tests/models/test_models_{name}.py" for name in TESTS]
        command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
        return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


if __name__ == "__main__":
    results = {version: passes(version) for version in sys.argv[1:] or ENDS}
    for version, good in results.items():
        print(f"litellm {version}: {'passed' if good else 'FAILED'}")  # noqa: T201 - what it is for
    sys.exit(0 if all(results.values()) else 1)
