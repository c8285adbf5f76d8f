"""The packaged sample prompts, with their inputs and recordings: what the demo and a new repository are made of."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from promptctl.errors import UserError

EDITS = "_edits"


def sample_files() -> dict[str, bytes]:
    """Every file of the samples by path, without the edits: orders.yaml, orders.inputs.jsonl ..."""
    return {path: item.read_bytes() for path, item in _below(_folder(), "") if not path.startswith(f"{EDITS}/")}


def edited_files() -> dict[str, bytes]:
    """The prompts that an edit changed, by the path of what they replace."""
    return {path: item.read_bytes() for path, item in _below(_folder() / EDITS, "")}


def _folder() -> Traversable:
    """In the wheel beside this module; in a checkout the project's own prompts, of which the wheel's are a copy."""
    packaged = files("promptctl.workflows") / "demo_prompts"
    checkout = Path(__file__).parents[2] / "prompts"
    for folder in (packaged, checkout):
        if (folder / EDITS).is_dir():
            return folder
    raise UserError("the sample prompts are not installed with promptctl.", hint="Install promptctl-cli again.")


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for item in sorted(folder.iterdir(), key=lambda one: one.name):
        path = f"{prefix}{item.name}"
        if item.is_dir():
            yield from _below(item, f"{path}/")
        elif item.name != "README.md" and not item.name.startswith("."):
            yield path, item
