"""PromptDiff and its parts: the value that a comparison of two prompts ends in."""

from dataclasses import dataclass
from enum import Enum

from promptctl.prompts.diff.messages import MessageDiff, MessageOp
from promptctl.prompts.diff.values import ValueDiff
from promptctl.prompts.diff.words import Segment


class Change(Enum):
    """What happened to a prompt as a whole. A renamed one may be modified as well."""

    ADDED = "added"
    REMOVED = "removed"
    MODIFIED = "modified"
    RENAMED = "renamed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Renamed:
    """A variable that stands in the same places under another name."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class VariablesDiff:
    """Variables, looked up or declared, that came and went; sorted. Those `renamed` are among both.

    `live` are names that were plain text and are looked up now; `dead`, the reverse.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    live: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PartialDiff:
    """An included template that differs; None where one side does not include it."""

    path: str
    old_text: str | None
    new_text: str | None
    segments: tuple[Segment, ...]

    @property
    def op(self) -> str:
        """added, removed or changed."""
        if self.old_text is None:
            return "added"
        return "removed" if self.new_text is None else "changed"


@dataclass(frozen=True, slots=True)
class ResolvedDiff:
    """The messages with what they include in its place: those that differ, and the length of all."""

    old_characters: int
    new_characters: int
    messages: tuple[MessageDiff, ...] = ()

    @property
    def unchanged(self) -> bool:
        """Whether the model sees the same text on both sides."""
        return not self.messages


@dataclass(frozen=True, slots=True)
class TokensDiff:
    """Tokens of the static text; None where a side has no prompt. `approximate`: not by the model's own tokenizer."""

    old: int | None
    new: int | None
    approximate: bool


@dataclass(frozen=True, slots=True)
class CostDiff:
    """US dollars for the static text of one call, and for the calls of a month by `volume`; None is unknown."""

    old: float | None
    new: float | None
    old_month: float | None = None
    new_month: float | None = None


@dataclass(frozen=True, slots=True)
class KnownModel:
    """What is known of a model. `deprecated` is YYYY-MM-DD; `dated`, a version that the name is an alias of."""

    deprecated: str | None = None
    dated: str | None = None
    max_input: int | None = None


@dataclass(frozen=True, slots=True)
class PromptDiff:
    """All that differs. `messages` holds the equal ones too; `schema` is the response format's.

    `other` holds description, fallbacks, volume, inputs, language, script, format and the declarations of variables.
    `warnings` are for what may go wrong, `remarks` for what is worth knowing; a sentence each. `resolved` is None where
    nothing is included, or where what is included cannot be told without rendering.
    """

    name: str
    change: Change
    path: str = ""
    old_name: str | None = None
    old_path: str | None = None
    messages: tuple[MessageDiff, ...] = ()
    partials: tuple[PartialDiff, ...] = ()
    resolved: ResolvedDiff | None = None
    params: tuple[ValueDiff, ...] = ()
    variables: VariablesDiff = VariablesDiff()
    tools: tuple[ValueDiff, ...] = ()
    schema: tuple[ValueDiff, ...] = ()
    assertions: tuple[ValueDiff, ...] = ()
    other: tuple[ValueDiff, ...] = ()
    tokens: TokensDiff | None = None
    cost: CostDiff | None = None
    warnings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def has_content(self) -> bool:
        """Whether anything but name and path differs."""
        parts = (self.partials, self.params, self.tools, self.schema, self.assertions, self.other)
        return any(parts) or any(message.op is not MessageOp.EQUAL for message in self.messages)
