"""The waivers of both sides -> who is excused in a replay, and what must be said of those that mean nothing."""

from collections.abc import Iterable
from datetime import date

from promptctl.errors import InvalidWaivers, Problem, UserError
from promptctl.snapshot import Snapshot
from promptctl.verdict.waiver_file import PATH, read_waivers
from promptctl.verdict.waivers import NO_PARDON, Excuse, Pardon, Waivers, gone_prompts

NONE = Waivers()
LISTED = 5


def waivers_at(snapshot: Snapshot) -> Waivers:
    """The waivers at a snapshot's Source; none where there is no file. Raises InvalidWaivers."""
    if not snapshot.exists(PATH):
        return NONE
    try:
        return read_waivers(snapshot.read(PATH))
    except InvalidWaivers:
        raise
    except UserError as error:
        raise InvalidWaivers(Problem("", str(error))) from None


class Excusing:
    """Whom the new side's waivers excuse, on a day (UTC)."""

    def __init__(self, now: Waivers, before: Waivers, day: date) -> None:
        self._now = now
        self._before = before
        self._day = day

    @classmethod
    def between(cls, old: Snapshot, new: Snapshot, day: date) -> "Excusing":
        """The new side's; an old side whose file is broken had none that one could know."""
        now = waivers_at(new)
        if now == NONE:
            return cls(NONE, NONE, day)
        try:
            return cls(now, waivers_at(old), day)
        except InvalidWaivers:
            return cls(now, NONE, day)

    def pardon(self, prompt: str) -> Pardon:
        """What holds for the cases of a prompt."""
        return NO_PARDON if self._now == NONE else Pardon(prompt, self._now, self._before, self._day)

    def notes(self, prompts: Iterable[str]) -> list[str]:
        """What names prompts that are no more."""
        gone = gone_prompts(self._now, prompts) if self._now != NONE else ()
        return [
            f"{PATH} names {case} of {prompt}, and there is no such prompt: remove it."
            for prompt, case in gone[:LISTED]
        ] + ([f"{PATH}: and {len(gone) - LISTED} more of prompts that are gone."] if len(gone) > LISTED else [])


class Excused:
    """Of one prompt's cases in a replay: who is excused, as they are done."""

    def __init__(self, pardon: Pardon = NO_PARDON) -> None:
        self._pardon = pardon
        self.by_case: dict[str, Excuse] = {}

    def note(self, case: str, answer: str | None) -> Excuse | None:
        """A case is done with this first answer on its new side."""
        excuse = self._pardon.excuse(case, answer)
        if excuse is not None:
            self.by_case[case] = excuse
        return excuse

    def lapsed(self, regressed: Iterable[str]) -> list[str]:
        """Of cases that regressed: what must be said of waivers that have expired."""
        found = [self._pardon.lapsed[case] for case in regressed if case in self._pardon.lapsed]
        return [
            f"The waiver of {old.id} expired on {old.expires} ({old.owner}: {old.reason}): it counts again"
            for old in found
        ]

    @property
    def any_named(self) -> bool:
        """Whether any case is named at all."""
        return bool(self._pardon.cases)

    def gone(self, cases: Iterable[str]) -> list[str]:
        """What names none of these cases, which are all that the prompt's inputs hold."""
        named = set(self._pardon.cases)
        for case in cases:
            named.discard(case)
        return [f"{PATH} names {case}, and the inputs have no such case: remove it" for case in sorted(named)]
