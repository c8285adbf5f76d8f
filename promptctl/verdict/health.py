"""The cases of a replay -> advice on the inputs and assertions: what they cannot tell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from promptctl.verdict.pair import Pair
from promptctl.verdict.slices import TOO_FEW, Slice

ENOUGH = 20  # results of an assertion before "never failed" says something
EASY = 10  # cases before "all pass" says something
LISTED = 5


@dataclass(frozen=True, slots=True)
class Verified:
    """One assertion's result on one answer: its place and type (`2. contains`), and whether it passed."""

    assertion: str
    passed: bool


class HealthTally:
    """The cases of one prompt, one after the other."""

    def __init__(self) -> None:
        self._scored = self._pass = self._before = self._could_break = 0
        self._repeated: list[str] = []
        self._repeats = 0
        self._assertions: dict[str, list[int]] = {}

    def add(self, pair: Pair, results: Iterable[Verified], *, repeats: bool) -> None:
        """One case, what its assertions said of its answers, and whether it repeats the requests of another."""
        for result in results:
            counts = self._assertions.setdefault(result.assertion, [0, 0])
            counts[0] += 1
            counts[1] += result.passed
        if repeats:
            self._repeats += 1
            if len(self._repeated) < LISTED:
                self._repeated.append(pair.id)
        if pair.new is None or pair.new.passes is None:
            return
        if pair.old is not None and pair.old.passed:
            self._before += 1
            self._could_break += pair.old.graded or any(pair.old.passed)
        self._scored += 1
        self._pass += all(all(side.passed) for side in (pair.old, pair.new) if side is not None)

    def advice(self, slices: Sequence[Slice]) -> tuple[str, ...]:
        """Plain sentences; none where there is nothing to say."""
        return tuple(
            said
            for said in (self._duplicates(), self._easy(), self._hopeless(), *self._idle(), _small_tags(slices))
            if said is not None
        )

    def _duplicates(self) -> str | None:
        if not self._repeats:
            return None
        more = ", ..." if self._repeats > len(self._repeated) else ""
        verb = "case repeats" if self._repeats == 1 else "cases repeat"
        named = ", ".join(self._repeated)
        return (
            f"{self._repeats} {verb} the requests of another ({named}{more}): duplicates share their answers and add "
            "no evidence"
        )

    def _easy(self) -> str | None:
        if self._scored < EASY or self._pass < self._scored:
            return None
        return (
            f"All {self._scored} scored cases always pass: they show what breaks, and cannot show what gets better. "
            "Add some that fail now"
        )

    def _hopeless(self) -> str | None:
        if not self._before or self._could_break:
            return None
        return (
            f"None of the {self._before} scored cases passes on the old side, so that none can break: this replay "
            "could see no regression. Add some that pass, or see whether what is asserted is possible"
        )

    def _idle(self) -> list[str | None]:
        asked = {name: counts for name, counts in self._assertions.items() if counts[0] >= ENOUGH}
        never = [name for name, (number, passed) in asked.items() if passed == number]
        always = [name for name, (_, passed) in asked.items() if passed == 0]
        return [
            f"Never failed in this replay: {_listed(never)}" if never else None,
            f"Never passed in this replay: {_listed(always)}. Is what it wants possible?" if always else None,
        ]


def _small_tags(slices: Sequence[Slice]) -> str | None:
    few = sorted((one for one in slices if one.cases < TOO_FEW), key=lambda one: (one.cases, one.tag))
    if not few:
        return None
    named = _listed([f"{one.tag} ({one.cases})" for one in few])
    return f"Tags with too few cases to tell a change by themselves (it takes {TOO_FEW}): {named}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more
