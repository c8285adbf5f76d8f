"""What every format's reader is given: a prompt's file and what stands around it, at one revision."""

from collections.abc import Callable
from dataclasses import dataclass

from promptctl.prompts.partials import Include


def _nothing(_path: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class PromptText:
    """A prompt's file, read.

    `path` names the file in messages. `include` gives a partial's text by its path relative to the prompts folder;
    `beside` the text of a file by its path relative to the prompt's own folder; both None where there is none, and both
    at the same revision. `member` says which prompt of a file that holds several is meant.
    """

    name: str
    path: str
    data: bytes
    include: Include = _nothing
    beside: Callable[[str], str | None] = _nothing
    member: str | None = None
