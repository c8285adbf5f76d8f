"""Values of assertions that stand in files of the repository: `file://answer.schema.json`."""

from collections.abc import Callable
from enum import Enum
from pathlib import PurePosixPath
from typing import Any

from promptctl.documents import parse_json, parse_yaml
from promptctl.errors import FileError
from promptctl.scoring.text import quoted

Files = Callable[[str], str | None]


class Unread(Enum):
    """A value whose file was not read."""

    UNREAD = "unread"


UNREAD = Unread.UNREAD


def referred(value: Any, files: Files) -> Any:
    """What the file holds: the value of JSON or YAML, else its text. ValueError where there is none."""
    if not isinstance(value, str) or not value.removeprefix("file://").strip():
        raise ValueError("'value' must be the path of a file, from the prompt's folder.")
    path = value.removeprefix("file://")
    kind = PurePosixPath(path).suffix.lower()
    if kind in {".py", ".js", ".ts", ".mjs", ".cjs", ".rb"}:
        raise ValueError(f"{quoted(path)} is code: a value is read from .json, .yaml or text; 'python' runs code.")
    text = files(path)
    if text is None:
        raise ValueError(f"{quoted(path)} is not there, below the prompt's folder.")
    try:
        if kind == ".json":
            return parse_json(text, path)
        return parse_yaml(text, path).value if kind in {".yaml", ".yml"} else text.strip()
    except FileError as error:
        raise ValueError(error.lines()[0]) from None
