"""Ask, Said: what a scorer wants to know of a model, and what the model said."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from promptctl.models.call import CallFailed, Kind, Reply
from promptctl.scoring.result import Context, Outcome


@dataclass(frozen=True, slots=True)
class Via:
    """What an assertion itself says of its judge. `prompt` is a template, `file://path`, or chat messages."""

    model: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    prompt: str | tuple[Mapping[str, Any], ...] | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. `prompt` names the judge's prompt; `data` are texts from strangers, by the names it knows them by.

    `complaint` says why the reply to the same question could not be read: the one repair. For an embedding or a
    moderation `data` holds the one text.
    """

    prompt: str
    data: Mapping[str, str]
    what: Kind = Kind.CHAT
    complaint: str | None = None
    via: Via = Via()


@dataclass(frozen=True, slots=True)
class Said:
    """A reply to an Ask. `token` is what a judgement must carry; None where the judge was not told of one."""

    reply: Reply
    model: str
    token: str | None = None

    @property
    def text(self) -> str:
        """The reply's text."""
        return self.reply.text


class JudgeError(ValueError):
    """A judge that could not be asked, or that gave no judgement. The text is for the user."""


T = TypeVar("T")
Heard = Said | CallFailed
# A scorer in turns: each yield asks questions that may be asked at once, and receives their replies in order.
Turns = Generator[Sequence[Ask], Sequence[Said], T]
AskingScorer = Callable[[Context, Any, float | None], Turns[Outcome]]
