"""`file://` references of a promptfoo config -> texts, never from outside its repository."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from promptctl.documents import decode, parse_json, parse_yaml
from promptctl.errors import FileError, Problem

PREFIX = "file://"
MAX_FILES = 1_000  # what one glob may name
_MAGIC = frozenset("*?[")


class Folder:
    """Where a config's files are: paths are relative to the config, and stay inside the repository."""

    def __init__(self, base: Path, root: Path) -> None:
        self.base = base.resolve()
        self.root = root.resolve() if self.base.is_relative_to(root.resolve()) else self.base

    def paths(self, reference: str) -> list[Path]:
        """The files that a reference names, a glob's in their order. Raises FileError where there is none."""
        name = reference.removeprefix(PREFIX)
        if not _MAGIC.isdisjoint(name):
            found = self._globbed(name)
        else:
            found = [path for path in [self.base / name] if path.is_file()]
        inside = [path for path in found if path.resolve().is_relative_to(self.root)]
        if found and not inside:
            raise FileError(Problem(name, "leaves the repository."))
        if not inside:
            raise FileError(Problem(name, "no such file."))
        return inside

    def text(self, path: Path) -> str:
        """The file's text. Raises FileError where it is none."""
        where = self.name(path)
        try:
            return decode(path.read_bytes(), where)
        except OSError as error:
            raise FileError(Problem(where, f"cannot be read: {error.strerror}.")) from None

    def name(self, path: Path) -> str:
        """The file as a message names it."""
        whole = path.resolve()
        return whole.relative_to(self.root).as_posix() if whole.is_relative_to(self.root) else path.name

    def _globbed(self, pattern: str) -> list[Path]:
        if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
            raise FileError(Problem(pattern, "leaves the repository."))
        found: list[Path] = []
        for path in self.base.glob(pattern):
            if path.is_file():
                found.append(path)
            if len(found) > MAX_FILES:
                raise FileError(Problem(pattern, f"names more than {MAX_FILES:,} files."))
        return sorted(found)


def loaded(text: str, path: Path, where: str) -> Any:
    """A JSON or YAML file's value."""
    if path.suffix == ".json":
        return parse_json(text, where)
    return parse_yaml(text, where).value


def is_reference(value: Any) -> bool:
    """Whether a value names a file."""
    return isinstance(value, str) and value.startswith(PREFIX)


def mapping_of(value: Any) -> Mapping[str, Any]:
    """The value where it is a mapping; else an empty one."""
    return value if isinstance(value, dict) else {}
