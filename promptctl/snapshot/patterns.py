"""The entries of `prompts:` -> what each means: a folder, a glob, Python code with prompts, a promptfoo config."""

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from promptctl.prompts.formats.detection import EXTENSIONS
from promptctl.snapshot.siblings import is_sibling

_WILD = re.compile(r"[*?\[]")
_CODE = re.compile(r"(.+\.py)(?::(.+))?")
_CONFIG = re.compile(r"promptfooconfig[^/]*\.ya?ml")
# In a glob over the whole repository only these are read: what a prompt, its siblings or a partial may be.
_READ = (*EXTENSIONS, ".jsonl", ".csv", ".html", ".xml", ".tmpl", ".tpl")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One entry. `prefix` is what stands before the first wildcard; '' is the repository.

    `format` is set where the entry names files that hold several prompts (Python code, a promptfoo config); `member` is
    the one that is meant, None for all.
    """

    text: str
    prefix: str
    format: str | None = None
    member: str | None = None

    def root_of(self, path: str) -> str:
        """The folder that the name and the partials of a file start from."""
        return posixpath.dirname(path) if path == self.prefix else self.prefix

    def holds(self, path: str) -> bool:
        """Whether a file lies in the folder, or is what the glob means."""
        if self.format is not None:
            return _matches(path.split("/"), self.text.split("/"))
        if not _WILD.search(self.text):
            return self.text in {".", path} or path.startswith(f"{self.text}/")
        parts, wanted = path.split("/"), self.text.split("/")
        if _matches(parts, wanted):
            return True
        # packages/*/prompts means folders.
        return not _WILD.search(wanted[-1]) and any(_matches(parts[:end], wanted) for end in range(1, len(parts)))


def patterns(texts: Sequence[str]) -> tuple[Pattern, ...]:
    """The entries of `prompts:`, as given."""
    return tuple(map(_pattern, texts))


def _pattern(text: str) -> Pattern:
    code = _CODE.fullmatch(text)
    if code is not None:
        return Pattern(code[1], _prefix(code[1]), "python", code[2])
    path, _, member = text.partition(":")
    if is_config(path):
        return Pattern(path, _prefix(path), "promptfooconfig", member or None)
    return Pattern(text, _prefix(text))


def is_config(path: str) -> bool:
    """Whether a file is promptfoo's, by its name."""
    return _CONFIG.fullmatch(posixpath.basename(path)) is not None


def folders(found: Sequence[Pattern]) -> tuple[str, ...]:
    """What must be listed to see every file of these entries."""
    return tuple(dict.fromkeys(pattern.prefix or "." for pattern in found))


def is_read(path: str, found: Sequence[Pattern]) -> bool:
    """Whether a listed file can matter at all: beside code, and in a whole repository, most do not."""
    for pattern in found:
        inside = not pattern.prefix or path == pattern.prefix or path.startswith(f"{pattern.prefix}/")
        if not inside:
            continue
        if pattern.format is not None:
            if pattern.holds(path) or is_sibling(path):
                return True
        elif pattern.prefix or path.lower().endswith(_READ) or path.startswith("_") or "/_" in path:
            return True
    return False


def _prefix(text: str) -> str:
    if text == ".":
        return ""
    parts = text.split("/")
    wild = next((index for index, part in enumerate(parts) if _WILD.search(part)), None)
    if wild is None and text.lower().endswith((*EXTENSIONS, ".py")):
        return "/".join(parts[:-1])  # one file by its path
    return "/".join(parts[:wild])


def _matches(parts: Sequence[str], wanted: Sequence[str]) -> bool:
    """A glob, part by part: `**` is any number of folders. Each place is tried once, so no glob is slow."""
    reached = {0}
    for pattern in wanted:
        if pattern == "**":
            reached = set(range(min(reached), len(parts) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(parts) and fnmatchcase(parts[at], pattern)}
        if not reached:
            return False
    return len(parts) in reached


def means(glob: str, path: str) -> bool:
    """Whether a glob of `formats:` means a file."""
    return _matches(path.split("/"), glob.split("/")) or (
        "/" not in glob and fnmatchcase(posixpath.basename(path), glob)
    )
