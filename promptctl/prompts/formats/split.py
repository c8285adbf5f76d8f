"""A text with YAML between two lines of `---` -> its keys, the text below, and where that begins."""

import re
from collections.abc import MutableMapping
from typing import Any

from promptctl.documents import parse_yaml, shown
from promptctl.errors import InvalidPrompt, Problem

# Licence comments and blank lines may stand before the first line of dashes.
_FENCED = re.compile(r"\A(?:(?:#[^\n]*|[ \t]*)\n)*---[ \t]*\n((?:.*?\n)??)---[ \t]*(?:\n|\Z)", re.DOTALL)
_OPEN = re.compile(r"\A(?:(?:#[^\n]*|[ \t]*)\n)*---[ \t]*\n")


def front_matter(text: str, path: str, tags: MutableMapping[str, str]) -> tuple[dict[str, Any], str, int]:
    """The keys (none where there is no front matter), the text below and its first line. Raises FileError.

    `tags` takes those of its YAML that are unknown.
    """
    fenced = _FENCED.match(text)
    if fenced is None:
        if _OPEN.match(text):
            hint = "Write '---' alone on a line below it."
            raise InvalidPrompt(Problem(path, "its front matter has no end.", 1, hint))
        return {}, text, 1
    first = text.count("\n", 0, fenced.start(1)) + 1
    value = parse_yaml(fenced[1], path, first_line=first, tags=tags).value
    if not isinstance(value, dict | None):
        raise InvalidPrompt(Problem(path, f"its front matter must be a mapping, not {shown(value)}.", first))
    return dict(value or {}), text[fenced.end() :], text.count("\n", 0, fenced.end()) + 1
