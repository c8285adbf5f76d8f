"""A prompt's versions, and the origin of its lines, as values that every format shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from promptctl.prompts.diff import PromptDiff
from promptctl.prompts.diff import to_json as prompt_json
from promptctl.reports.diff_facts import value_rows, words_moved

LOG_SCHEMA = "promptctl.log/1"
BLAME_SCHEMA = "promptctl.blame/1"


@dataclass(frozen=True, slots=True)
class CommitView:
    """A commit; `date` is ISO 8601."""

    commit: str
    date: str
    author: str
    subject: str

    def to_json(self) -> dict[str, Any]:
        """As it stands in both documents."""
        return {"commit": self.commit, "date": self.date, "author": self.author, "subject": self.subject}


@dataclass(frozen=True, slots=True)
class ReplayNote:
    """What a stored replay said of a version."""

    run: str
    verdict: str
    inputs: int
    regressed: int

    def to_json(self) -> dict[str, Any]:
        """As it stands in the document."""
        return {"run": self.run, "verdict": self.verdict, "inputs": self.inputs, "regressed": self.regressed}


@dataclass(frozen=True, slots=True)
class VersionView:
    """What one commit did to a prompt. `diff` is None where a side cannot be read; `problems` says why.

    `parts` names what differs, as `promptctl.snapshot.PromptPair` does.
    """

    commit: CommitView
    prompt: str
    path: str
    change: str
    old_name: str | None = None
    old_path: str | None = None
    parts: tuple[str, ...] = ()
    diff: PromptDiff | None = None
    problems: tuple[str, ...] = ()
    replays: tuple[ReplayNote, ...] = ()


@dataclass(frozen=True, slots=True)
class LogView:
    """The versions of a prompt, newest first. `left_out` counts the commits that did not change what it means."""

    prompt: str
    versions: tuple[VersionView, ...]
    left_out: int = 0
    shallow: bool = False


@dataclass(frozen=True, slots=True)
class LineView:
    """One line and the commit that gave it its words; `note` stands where there is none."""

    part: str
    line: int
    text: str
    commit: CommitView | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class BlameView:
    """Every line of a prompt."""

    prompt: str
    lines: tuple[LineView, ...]
    shallow: bool = False


def log_json(view: LogView) -> dict[str, Any]:
    """`log --format json`."""
    return {
        "schema": LOG_SCHEMA,
        "prompt": view.prompt,
        "versions": [_version(version) for version in view.versions],
        "left_out": view.left_out,
        "shallow": view.shallow,
    }


def _version(version: VersionView) -> dict[str, Any]:
    return {
        **version.commit.to_json(),
        "prompt": version.prompt,
        "path": version.path,
        "old_name": version.old_name,
        "old_path": version.old_path,
        "change": version.change,
        "parts": list(version.parts),
        "diff": None if version.diff is None else prompt_json(version.diff),
        "problems": list(version.problems),
        "replays": [note.to_json() for note in version.replays],
    }


def blame_json(view: BlameView) -> dict[str, Any]:
    """`blame --format json`."""
    return {
        "schema": BLAME_SCHEMA,
        "prompt": view.prompt,
        "shallow": view.shallow,
        "lines": [
            {
                "part": line.part,
                "line": line.line,
                "text": line.text,
                **(dict.fromkeys(("commit", "date", "author", "subject")) if line.commit is None else {}),
                **({} if line.commit is None else line.commit.to_json()),
                "note": line.note or None,
            }
            for line in view.lines
        ],
    }


def said(version: VersionView, *, most: int = 4) -> Sequence[str]:
    """What a version changed, in a few words each: `+3 −1 words`, `temperature 0 → 0.7`."""
    if version.diff is None:
        return ["unreadable"]
    words = words_moved(version.diff)
    moved = [f"+{words.added:,} −{words.removed:,} words"] if words.added or words.removed else []
    rows = value_rows(version.diff)
    values = [_change(row.where, row.old, row.new) for row in rows[:most]]
    more = [f"{len(rows) - most} more"] if len(rows) > most else []
    only = [] if moved or values else [part for part in version.parts if part not in {"added", "removed", "rename"}]
    return [*moved, *values, *more, *only]


def _change(where: str, old: str | None, new: str | None) -> str:
    if old is None or new is None:
        sign, value = ("+", new) if old is None else ("−", old)
        return f"{sign}{where} {_short(value)}"
    return f"{where} {_short(old)} → {_short(new)}"


def _short(value: str | None) -> str:
    text = " ".join((value or "").split())
    return text if len(text) <= 40 else f"{text[:39]}…"
