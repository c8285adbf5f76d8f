"""What a scorer sees, and what it says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from promptctl.inputs.case import MISSING
from promptctl.models.call import Call, Reply


class Skipped(Exception):
    """The assertion says nothing about this case."""


@dataclass(frozen=True, slots=True)
class Context:
    """The sole input of a scorer: one answer and the case it answers. `call` is the request, where it is known.

    `other` is the answer that this one is compared with; `question` is what the new side's user asks last.
    """

    reply: Reply
    vars: Mapping[str, Any]
    expected: Any = MISSING
    call: Call | None = None
    other: Reply | None = None
    question: str = ""

    @property
    def output(self) -> str:
        """What the answer says: its text; of an answer that only calls tools, the calls as JSON."""
        return self.reply.said

    def opposite(self) -> Reply:
        """The answer that this one is compared with. Raises Skipped where there is none."""
        if self.other is None:
            raise Skipped
        return self.other


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a scorer found: a fact, before `not-` turns it round and before weights.

    `graded`: the score is all that there is, since nothing says from where on it passes. `named` are further scores
    that code gave by name; they decide nothing.
    """

    passed: bool
    score: float
    reason: str
    graded: bool = False
    named: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AssertionResult:
    """One assertion's say. `score` lies in 0..1; one that errs has `passed` False, `score` 0 and its `error`.

    One that is `advisory` is shown and decides nothing. `metric` is its name in the reports, `named` are further scores
    by name.
    """

    type: str
    passed: bool
    score: float
    reason: str
    error: str | None = None
    assertions: tuple["AssertionResult", ...] | None = None
    weight: float = 1.0
    graded: bool = False
    advisory: bool = False
    metric: str | None = None
    named: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Score:
    """One answer's score over all assertions. `passed` is None where nothing that decides asserted on it."""

    passed: bool | None
    score: float | None
    assertions: tuple[AssertionResult, ...] = ()

    @property
    def error(self) -> str | None:
        """The first assertion's error, if any erred."""
        return next((found for found in map(_error, self.assertions) if found is not None), None)

    @property
    def graded(self) -> bool:
        """Whether some assertion that counts gave a score without saying from where on it passes."""
        return any(result.graded and result.weight and not result.advisory for result in self.assertions)


def _error(result: AssertionResult) -> str | None:
    if result.advisory:
        return None
    if result.error is not None:
        return f"{result.type}: {result.error}"
    return next((found for found in map(_error, result.assertions or ()) if found is not None), None)
