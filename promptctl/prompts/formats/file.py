"""What every format's reader is given: a prompt's file and what stands around it, at one revision."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from promptctl.prompts.partials import Include


def _nothing(_path: str) -> None:
    return None


def _none(_glob: str) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class PromptText:
    """A prompt's file, read.

    `path` names the file in messages. `include` gives a partial's text by its path relative to the prompts folder;
    `beside` the text of a file by its path relative to the prompt's own folder; both None where there is none, and both
    at the same revision. `matching` gives the paths that `beside` takes by a glob of them. `member` says which prompt
    of a file that holds several is meant.

    Readers of other tools' YAML note in `tags` those that they do not know, by the path of the value.
    """

    name: str
    path: str
    data: bytes
    include: Include = _nothing
    beside: Callable[[str], str | None] = _nothing
    matching: Callable[[str], Sequence[str]] = _none
    member: str | None = None
    tags: dict[str, str] = field(default_factory=dict, compare=False)
