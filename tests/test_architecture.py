"""The house keeps its plan: layers, lazy imports, no stray modules, no workplace words."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "promptctl"


def test_the_import_contracts_hold():
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 == done.returncode, done.stdout


def test_every_module_says_its_one_thing_first():
    silent = [path for path in PACKAGE.rglob("*.py") if not path.read_text(encoding="utf-8").startswith('"""')]

    assert [] == silent


def test_no_module_outgrows_its_room():
    long = [path.name for path in PACKAGE.rglob("*.py") if len(path.read_text("utf-8").splitlines()) > 400]

    assert [] == long


@pytest.mark.parametrize(
    "module", ["promptctl", "promptctl.prompts.prompt", "promptctl.models.call", "promptctl.settings"]
)
def test_a_value_costs_no_heavy_import(module):
    code = f"import sys, {module}; print(*sorted(m.partition('.')[0] for m in sys.modules))"
    env = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)

    heavy = {"litellm", "typer", "rich", "git", "jinja2", "tiktoken", "deepdiff", "sqlite3", "asyncio", "jsonschema"}
    assert set() == heavy & set(done.stdout.split())


def test_nothing_is_left_unfinished():
    words = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    found = [path for path in PACKAGE.rglob("*.py") if words.search(path.read_text(encoding="utf-8"))]

    assert [] == found
