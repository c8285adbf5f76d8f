"""Which partials a file names, read off its text without parsing it: never too few."""

import posixpath
import re
from collections.abc import Callable

from promptctl.errors import PromptctlError

_TAG = re.compile(rb"\{%(.*?)%\}", re.DOTALL)
_INCLUDES = re.compile(rb"include|import|extends|from")
_LITERAL = re.compile(rb"[\"']([^\"'\\]+)\\?[\"']")
# A partial of Mustache or Handlebars, whose name is no path, or a change of delimiters, behind which one may stand.
_PARTIAL = re.compile(rb"\{\{[~\s]*(?:#?>|=)")
# YAML can write any character as an escape, a tag's too.
_ESCAPES = re.compile(rb"\\[xuU]")
_LIMIT = 200


def included(data: bytes, include: Callable[[str], str | None], root: str) -> frozenset[str] | None:
    """The paths, relative to the repository, of all that a file includes, transitively.

    None where its text alone does not tell: the caller must parse it. `include` gives a partial's text.
    """
    found: set[str] = set()
    waiting = [data]
    while waiting:
        names = _named(waiting.pop())
        if names is None or len(found) > _LIMIT:
            return None
        fresh = [
            (name, path) for name in names if (path := posixpath.normpath(posixpath.join(root, name))) not in found
        ]
        found.update(path for _, path in fresh)
        try:
            waiting += [text.encode() for name, _ in fresh if (text := include(name)) is not None]
        except PromptctlError:
            return None
    return frozenset(found)


def _named(data: bytes) -> list[str] | None:
    if _PARTIAL.search(data):
        return None
    if b"{%" not in data:
        return None if _ESCAPES.search(data) else []
    if _ESCAPES.search(data):
        return None
    names: list[str] = []
    for tag in _TAG.findall(data):
        if not _INCLUDES.search(tag):
            continue
        literals = _LITERAL.findall(tag)
        if not literals:
            return None
        names += [literal.decode("utf-8", "replace") for literal in literals]
    return names
