"""Kind and Assertion: what can be asserted, and one assertion as read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from promptctl.scoring.ask import AskingScorer
from promptctl.scoring.result import AssertionResult, Context, Outcome

Prepare = Callable[[Any], Any]
Judge = Callable[[Context, Any, float | None], Outcome]
Rank = Callable[[Any, Sequence[AssertionResult], Sequence[AssertionResult]], Outcome]
Check = Callable[[Mapping[str, Any]], Iterable[tuple[str, str]]]


class Need(Enum):
    """Whether a key of an assertion must, may or must not be there."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A function that another distribution brings (`package.module:function`), and where that is installed."""

    entry: str
    root: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of assertion.

    `prepare` turns a value into what `judge` works with, once where the value holds no template; its ValueError has a
    text for the user. `code` marks what runs in a process of its own; `members` marks what holds other assertions.
    `opposite` judges the `not-` form where that is more than the other way round. `reads` says that the answer's text
    is looked at, so that a transform makes sense. `options` are keys of its own, kept in `Assertion.options`. `unit`
    says what a missing threshold counts; `share`: the threshold is held against a score that is never above 1. `file`:
    the value is the path of a file. `plugin` is somebody else's code.

    `given` says what a value that is no template may be; None: `prepare` alone says so.

    `asks` stands in place of `judge` where a model has to be asked; `ranks` where the other assertions' results on this
    answer and on the other side's are compared. `compares` says that the other side's answer is looked at. `check`
    gives the mistakes in the options, each with a hint.
    """

    prepare: Prepare
    judge: Judge | None
    value: Need = Need.REQUIRED
    threshold: Need = Need.NONE
    code: bool = False
    members: bool = False
    opposite: Judge | None = None
    reads: bool = True
    options: tuple[str, ...] = ()
    unit: str = ""
    share: bool = False
    asks: AskingScorer | None = None
    ranks: Rank | None = None
    compares: bool = False
    check: Check | None = None
    file: bool = False
    plugin: "Plugin | None" = None
    given: tuple[type, ...] | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that an assertion of this kind may have, in the order in which people write them."""
        own = (("value", self.value is not Need.NONE), ("threshold", self.threshold is not Need.NONE))
        named = tuple(key for key, there in (*own, ("assert", self.members)) if there)
        transform = ("transform",) if self.reads else ()
        return ("type", *named, *self.options, *transform, "weight", "metric")


OPTIONAL_SHARE: Mapping[str, Any] = {"threshold": Need.OPTIONAL, "share": True}


@dataclass(frozen=True, slots=True)
class Assertion:
    """One assertion, read and checked.

    `value` is prepared already unless it is `templated`; a `threshold` that is text is a template. An assertion that
    `needs_expected` says nothing about a case that has none. One that is `advisory` is shown and decides nothing.
    """

    type: str
    kind: Kind
    negated: bool = False
    value: Any = None
    templated: bool = False
    threshold: float | str | None = None
    weight: float = 1.0
    metric: str | None = None
    needs_expected: bool = False
    members: tuple["Assertion", ...] = ()
    transform: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    advisory: bool = False


Spec = Mapping[str, Any]
