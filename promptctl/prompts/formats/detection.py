"""A file's name, then its content -> the format that it is in.

The settings' `formats:` come before both. What only content can tell is asked of the bytes, not of a parser.
"""

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

# What a prompt's file may end with.
EXTENSIONS = (".yaml", ".yml", ".md", ".txt", ".j2", ".jinja2", ".jinja")

Tell = Callable[[bytes], str | None]


def detected(path: str, data: bytes) -> str | None:
    """The format of a file; None where it is no prompt."""
    file = PurePosixPath(path)
    return _BY_EXTENSION.get(file.suffix.lower(), _none)(data)


def _none(_data: bytes) -> None:
    return None


def _always(name: str) -> Tell:
    return lambda _data: name


_BY_EXTENSION: Mapping[str, Tell] = {
    ".yaml": _always("yaml"),
    ".yml": _always("yaml"),
    ".md": _always("frontmatter"),
    ".txt": _always("text"),
    ".j2": _always("text"),
    ".jinja": _always("text"),
    ".jinja2": _always("text"),
}
