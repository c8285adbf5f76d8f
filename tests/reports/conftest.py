"""Snapshots: one text file a report and width, written anew with PROMPTCTL_TEST_UPDATE=1."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "snapshots"


@pytest.fixture
def snapshot() -> Callable[[str, str], None]:
    def compare(name: str, actual: str) -> None:
        path = FOLDER / name
        if os.environ.get("PROMPTCTL_TEST_UPDATE") == "1":
            path.parent.mkdir(exist_ok=True)
            path.write_text(actual, encoding="utf-8", newline="\n")

        assert path.read_text(encoding="utf-8") == actual, f"{name} differs; PROMPTCTL_TEST_UPDATE=1 accepts it"

    return compare
