"""The packaged prompts -> a git repository with two versions of them, ready to be replayed."""

import os
from collections.abc import Mapping
from pathlib import Path

from promptctl.errors import UserError
from promptctl.versions.creation import Commit, create
from promptctl.workflows.samples import edited_files, sample_files
from promptctl.workflows.scaffold import FILE, SAMPLE_MODEL, schema_line, settings_text, state_files

FIRST = "Extract orders, route tickets"
SECOND = "Save tokens on orders: three examples do; ask long tickets for one word"


def make_repository(folder: Path, environ: Mapping[str, str] | None = None) -> None:
    """Two commits in `folder`: two prompts that work, then an edit of both.

    Raises UserError where the folder holds anything already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} is there already and is not empty.", hint="Name another folder: promptctl demo DIR.")
    settings = {FILE: settings_text(["prompts"], SAMPLE_MODEL)} | state_files()
    before = {path: text.encode() for path, text in settings.items()} | _placed(sample_files())

    commits = (Commit(FIRST, before), Commit(SECOND, _placed(edited_files())))
    create(folder, commits, os.environ if environ is None else environ)


def has_recordings() -> bool:
    """Whether the answers of the real model lie beside every prompt."""
    names = sample_files()
    prompts = [path for path in edited_files() if path in names]
    return bool(prompts) and all(f"{path.rpartition('.')[0]}.recordings.jsonl" in names for path in prompts)


def _placed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Below prompts/, the prompts with the line by which an editor finds their schema."""
    return {f"prompts/{path}": _with_schema(f"prompts/{path}", data) for path, data in files.items()}


def _with_schema(path: str, data: bytes) -> bytes:
    if not path.endswith((".yaml", ".yml")) or b"yaml-language-server" in data[:500]:
        return data
    return schema_line(path).encode() + data
