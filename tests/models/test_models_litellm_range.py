"""The range of LiteLLM's versions: what it leaves out, and that both its ends are those that are tested."""

import importlib.metadata
import tomllib
from pathlib import Path

import pytest
from litellm_range import BROKEN, ENDS
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
(RANGE,) = [one.specifier for one in map(Requirement, REQUIREMENTS) if one.name == "litellm"]


@pytest.mark.parametrize("version", BROKEN)
def test_the_compromised_and_the_broken_ones_are_left_out(version):
    assert version not in RANGE


def test_the_ends_that_are_tested_are_the_ends_of_the_range():
    lowest, highest = map(Version, ENDS)

    assert {str(lowest.major) + f".{lowest.minor}"} == {one.version for one in RANGE if one.operator == ">="}
    assert {f"{highest.major}.{highest.minor + 1}"} == {one.version for one in RANGE if one.operator == "<"}
    assert lowest in RANGE
    assert highest in RANGE


def test_what_is_installed_lies_in_the_range():
    assert importlib.metadata.version("litellm") in RANGE
