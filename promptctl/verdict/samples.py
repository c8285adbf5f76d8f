"""The fresh samples of the suspects, as they come in, and what they would be with the missing ones supposed."""

from collections.abc import Sequence
from typing import NamedTuple

from promptctl.verdict.rule import Count, Scores
from promptctl.verdict.scores import FINE, Steps, steps
from promptctl.verdict.suspect import Ask, Fresh, Side


class Supposed(NamedTuple):
    """So many more answers of every case on one side, of which so many pass."""

    side: Side
    passes: int
    answers: int


_NOTHING = Supposed(Side.NEW, 0, 0)


class _Answers:
    """One side of one case: passes, answers, and, where the suspects are graded, the scores in steps."""

    __slots__ = ("number", "passes", "scores", "total")

    def __init__(self) -> None:
        self.passes = 0
        self.number = 0
        self.scores: list[int] = []
        self.total = 0.0


class Samples:
    """The fresh samples of some cases, up to `wanted` pairs each. `graded`: scores count, not passes alone."""

    def __init__(self, cases: Sequence[str], wanted: int, *, graded: bool) -> None:
        self._wanted = wanted
        self._graded = graded
        self._old = {case: _Answers() for case in cases}
        self._new = {case: _Answers() for case in cases}

    def add(self, ask: Ask, *, passed: bool, score: float | None) -> None:
        """Note one answer; without a score a pass is 1 and a failure 0."""
        answers = self.side(ask.side)[ask.id]
        answers.passes += passed
        answers.number += 1
        worth = float(passed) if score is None else score
        answers.total += worth
        if self._graded:
            answers.scores.append(steps(worth))

    def side(self, side: Side) -> dict[str, _Answers]:
        return self._new if side is Side.NEW else self._old

    def number(self, case: str, side: Side) -> int:
        """How many answers there are."""
        return self.side(side)[case].number

    def first_fell(self, case: str) -> int:
        """1 where the first new answer is worse than the first old one, -1 where it is better, else 0."""
        difference = self.first_difference(case)
        return (difference < 0) - (difference > 0)

    def first_difference(self, case: str) -> float:
        """The first new answer's score less the first old one's."""
        old, new = self._old[case], self._new[case]
        if self._graded:
            return (new.scores[0] - old.scores[0]) / FINE
        return float(new.passes - old.passes)

    def can_fall(self, case: str) -> bool:
        """Whether the first new answer could be worse than an old one."""
        new = self._new[case]
        return new.number > 0 and (new.scores[0] < FINE if self._graded else new.passes == 0)

    def lost(self, case: str) -> bool:
        """Whether a case's samples were worse on the new side, on average."""
        old, new = self._old[case], self._new[case]
        if old.number == 0:
            return new.total < new.number
        return old.total * max(new.number, 1) > new.total * old.number

    def counts(self, cases: Sequence[str], *, hoping: bool, extra: Supposed = _NOTHING) -> list[Count] | list[Scores]:
        """The samples as the tests take them: what is missing shows a regression where `hoping`, else none."""
        if self._graded:
            return [self._scores(case, hoping=hoping, extra=extra) for case in cases]
        return [self._passes(case, hoping=hoping, extra=extra) for case in cases]

    def _passes(self, case: str, *, hoping: bool, extra: Supposed) -> Count:
        old, new = self._old[case], self._new[case]
        old_passes, old_number, new_passes, new_number = old.passes, old.number, new.passes, new.number
        if extra.side is Side.OLD:
            old_passes, old_number = old_passes + extra.passes, old_number + extra.answers
        else:
            new_passes, new_number = new_passes + extra.passes, new_number + extra.answers
        if hoping:
            return old_passes + self._wanted - old_number, new_passes
        return old_passes, new_passes + self._wanted - new_number

    def _scores(self, case: str, *, hoping: bool, extra: Supposed) -> Scores:
        return (
            self._filled(self._old[case], Side.OLD, FINE if hoping else 0, extra),
            self._filled(self._new[case], Side.NEW, 0 if hoping else FINE, extra),
        )

    def _filled(self, answers: _Answers, side: Side, missing: int, extra: Supposed) -> Steps:
        more = [FINE] * extra.passes + [0] * (extra.answers - extra.passes) if extra.side is side else []
        known = [*answers.scores, *more]
        return tuple(sorted(known + [missing] * (self._wanted - len(known))))

    def fresh(self, case: str) -> Fresh:
        """What the reports show of them."""
        old, new = self._old[case], self._new[case]
        means = [one.total / one.number if self._graded and one.number else None for one in (old, new)]
        return Fresh(old.passes, old.number, new.passes, new.number, *means)
