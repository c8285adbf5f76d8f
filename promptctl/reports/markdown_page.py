"""Blocks of Markdown -> one page that never grows beyond its limit."""

from collections.abc import Iterable

_LEFT_OUT = "{} more did not fit here: `promptctl report --format json` has them all."
_FULL = 600  # characters: with less left, hardly a block fits, and none is worth making
_SPARE = 200  # characters for the sentence above


class Page:
    """Blocks, the weightiest first. One that does not fit is left out and counted; a smaller one may follow."""

    def __init__(self, limit: int, end: str = "") -> None:
        self._end = end
        self._room = limit - _SPARE - _length(end)
        self._blocks: list[str] = []
        self._left_out = 0

    @property
    def full(self) -> bool:
        """Whether it is not worth making another block."""
        return self._room < _FULL

    def leave_out(self) -> None:
        """Count a block that was not made."""
        self._left_out += 1

    def add(self, block: str, *, spare: int = 0) -> bool:
        """Whether the block is on the page, and leaves `spare` characters for others; an empty one takes no room."""
        if not block:
            return True
        needed = _length(block) + 2
        if needed > self._room - spare:
            self.leave_out()
            return False
        self._blocks.append(block)
        self._room -= needed
        return True

    def add_all(self, blocks: Iterable[str]) -> int:
        """How many of the blocks, from the first on, are on the page."""
        added = 0
        for block in blocks:
            if not self.add(block):
                return added
            added += 1
        return added

    def text(self) -> str:
        """The page, its last line ended."""
        left_out = f"{self._left_out:,} block{'s' if self._left_out > 1 else ''}"
        said = _LEFT_OUT.format(left_out) if self._left_out else ""
        return "\n\n".join(block for block in (*self._blocks, said, self._end) if block) + "\n"


def _length(text: str) -> int:
    """As the strictest reader counts: in units of UTF-16, of which an emoji takes two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def folded(summary: str, body: str) -> str:
    """A part that opens on a click. `summary` is our own words: inside HTML nothing would make a stranger's inert."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>" if body else ""
