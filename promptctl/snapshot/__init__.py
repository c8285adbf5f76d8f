"""The prompts, inputs and recordings at a Source, and what differs between two."""

from promptctl.snapshot.compare import Change, PromptPair, compare, compare_one, differences
from promptctl.snapshot.naming import PromptFile
from promptctl.snapshot.opening import open_snapshots, settings_at, settings_text
from promptctl.snapshot.reading import read_as
from promptctl.snapshot.select import select
from promptctl.snapshot.siblings import recordings_beside
from promptctl.snapshot.snapshot import Snapshot

__all__ = [
    "Change",
    "PromptFile",
    "PromptPair",
    "Snapshot",
    "compare",
    "compare_one",
    "differences",
    "open_snapshots",
    "read_as",
    "recordings_beside",
    "select",
    "settings_at",
    "settings_text",
]
