"""Which files lie beside a prompt: its inputs, its recordings, and the calibration of a judge prompt."""

import re
from collections.abc import Iterator

INPUTS = (".jsonl", ".csv", ".yaml", ".yml")
_SIBLING = re.compile(r"\.(inputs|recordings|calibration)\.[^./]+$")


def is_sibling(path: str) -> bool:
    """Whether a file is the inputs, the recordings or the calibration of some prompt."""
    return _SIBLING.search(path) is not None


def inputs_beside(stem: str) -> Iterator[str]:
    """Where a prompt's inputs may lie. `stem` is its path without the extension, or its folder."""
    return (f"{stem}.inputs{extension}" for extension in INPUTS)


def recordings_beside(stem: str) -> str:
    """Where a prompt's recordings lie."""
    return f"{stem}.recordings.jsonl"
