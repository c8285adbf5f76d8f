"""Suspects, what is asked of them, and what their fresh samples said."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from promptctl.verdict.pair import Pair


@dataclass(frozen=True, slots=True)
class Suspect:
    """A case that passed before and fails now, by its first answers; a `graded` one is a case whose score fell.

    Cases of one cluster share their noise, and so do cases of one `request`: they share their very answers.
    """

    id: str
    cluster: str | None = None
    request: bytes | None = None
    graded: bool = False


class Side(StrEnum):
    """Which version is asked."""

    OLD = "old"
    NEW = "new"


class Ask(NamedTuple):
    """One fresh sample: `round` numbers a case's samples on a side, from 0."""

    id: str
    side: Side
    round: int


class Method(StrEnum):
    """What a decision rests on."""

    FRESH_PAIRS = "fresh-pairs"  # step 2: one fresh pair a suspect, all at once or one after the other
    CONFIRMED = "confirmed"  # step 3: a single case
    SUSPECTS_TOGETHER = "suspects-together"  # step 3: all suspects, stratified by case
    NONE = "none"  # fresh samples decided nothing


@dataclass(frozen=True, slots=True)
class Fresh:
    """One case's fresh samples: passes and answers of each side; the mean scores where the case is graded."""

    old_passes: int = 0
    old_n: int = 0
    new_passes: int = 0
    new_n: int = 0
    old_score: float | None = None
    new_score: float | None = None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What the fresh samples say.

    `p_value` is the deciding one; where the samples stopped early it is a bound: at most so much where `regressed`, at
    least so much otherwise. `level` is what it was held against. `suspected` cases regressed together with others
    though none can be told singly; `flaky` ones are neither that nor `confirmed`; `cut_short` ones lack an answer that
    the decision needed. `possible` is False where `max_samples` lets no outcome become significant: then nothing is
    asked. `needed_samples` is r; `drawn` counts the suspects that were asked again, `suspects` all of them.
    `clustered`, `graded` and `early` say which form of the tests was used.
    """

    regressed: bool = False
    p_value: float | None = None
    level: float | None = None
    method: Method = Method.NONE
    confirmed: frozenset[str] = frozenset()
    suspected: frozenset[str] = frozenset()
    flaky: frozenset[str] = frozenset()
    cut_short: frozenset[str] = frozenset()
    possible: bool = True
    fresh: Mapping[str, Fresh] = field(default_factory=dict)
    needed_samples: int = 0
    drawn: int = 0
    suspects: int = 0
    clustered: bool = False
    graded: bool = False
    early: bool = False


def suspects(pairs: Iterable[Pair]) -> list[Suspect]:
    """The cases to ask again."""
    return [Suspect(pair.id, pair.cluster, pair.request, pair.graded) for pair in pairs if is_suspect(pair)]


def is_suspect(pair: Pair) -> bool:
    """Whether a case was answered and scored on both sides, passed before, and fails now; graded, whether it fell.

    A failure that is the edit's own doing (`fatal`) needs no asking again; an unaffected case cannot have changed.
    """
    if pair.unaffected or pair.old is None or pair.new is None:
        return False
    if pair.old.fatal or pair.new.fatal or pair.old.error is not None or pair.new.error is not None:
        return False
    if pair.old.passes is True and pair.new.passes is False:
        return True
    old, new = pair.old.score, pair.new.score
    return pair.graded and old is not None and new is not None and new < old - 1e-9
