"""What git says when it refuses -> an error in one line, with what to do."""

from pathlib import Path

from promptctl.documents import printable
from promptctl.errors import NotARepository, UserError


class GitEnded(UserError):
    """The process that reads objects is gone: some names that git cannot resolve end it, as `@{u}` may."""

    def __init__(self, words: str) -> None:
        why = f": {words}" if words else ""
        super().__init__(f"git ended while objects were read{why}.", hint="See git fsck.")
        self.words = words


def no_repository(start: Path, message: str) -> NotARepository:
    """Why there is no repository at `start`."""
    if "dubious ownership" in message or "safe.directory" in message:
        # Git's own advice, on one line.
        return NotARepository(one_line(message))
    if "must be run in a work tree" in message:
        hint = "Go to a working tree, or make one: git worktree add."
        return NotARepository(f"{start}: a bare repository, or the inside of .git: no prompts stand here.", hint=hint)
    if "not a git repository" in message:
        return NotARepository(f"{start}: not in a git repository.", hint="Go to one, or make one: git init.")
    if not message.strip():
        return NotARepository(
            f"{printable(str(start))}: its path has a line break.", hint="Give the folder another name."
        )
    return NotARepository(f"git cannot open the repository at {start}: {one_line(message)}")


def one_line(message: str) -> str:
    """Git's message on one line, bounded."""
    return printable(" ".join(message.split()).removeprefix("fatal: "), limit=400)
