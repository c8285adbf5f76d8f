"""Regressions that somebody answers for until a day, and answers that were accepted as they are -> who is excused."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import TypeVar

Case = tuple[str, str]  # a prompt's name, and the id of one of its inputs


@dataclass(frozen=True, slots=True)
class Waiver:
    """Somebody answers for a case that regressed. It holds up to `expires`, that day included."""

    prompt: str
    id: str
    reason: str
    owner: str
    expires: date
    made: date

    @property
    def case(self) -> Case:
        """Which case is meant."""
        return self.prompt, self.id

    def holds(self, day: date) -> bool:
        """Whether it still counts."""
        return day <= self.expires


@dataclass(frozen=True, slots=True)
class Acceptance:
    """An answer of a case without `expected` that is right as it is; no expiry. `answer` is its text's digest."""

    prompt: str
    id: str
    answer: str
    owner: str
    made: date

    @property
    def case(self) -> Case:
        """Which case is meant."""
        return self.prompt, self.id


@dataclass(frozen=True, slots=True)
class Waivers:
    """All of a repository's, at one version; sorted, one of each kind a case."""

    waivers: tuple[Waiver, ...] = ()
    accepted: tuple[Acceptance, ...] = ()

    def waived(self, case: Case) -> Waiver | None:
        """The waiver of a case."""
        return next((waiver for waiver in self.waivers if waiver.case == case), None)

    def acceptance(self, case: Case) -> Acceptance | None:
        """The accepted answer of a case."""
        return next((accepted for accepted in self.accepted if accepted.case == case), None)

    def with_waiver(self, case: Case, waiver: Waiver | None) -> "Waivers":
        """The same with this waiver in place of the case's, or with none."""
        rest = [other for other in self.waivers if other.case != case]
        return replace(self, waivers=_sorted([*rest, *([] if waiver is None else [waiver])]))

    def with_acceptance(self, case: Case, accepted: Acceptance | None) -> "Waivers":
        """The same with this accepted answer in place of the case's, or with none."""
        rest = [other for other in self.accepted if other.case != case]
        return replace(self, accepted=_sorted([*rest, *([] if accepted is None else [accepted])]))


@dataclass(frozen=True, slots=True)
class Excuse:
    """Why a regressed case does not count. `until` is None for an accepted answer; `brought`: by the change itself."""

    by: str
    made: date
    reason: str = ""
    until: date | None = None
    brought: bool = False


def answer_digest(text: str) -> str:
    """What an accepted answer is known by: the SHA-256 of its text."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Pardon:
    """What holds for the cases of one prompt on a day.

    `now` are the new version's waivers, `before` the old one's: what is not in these was brought by the very change
    that is compared.
    """

    def __init__(self, prompt: str, now: Waivers, before: Waivers, day: date) -> None:
        mine = [waiver for waiver in now.waivers if waiver.prompt == prompt]
        self._waivers = {waiver.id: waiver for waiver in mine if waiver.holds(day)}
        self.lapsed = {waiver.id: waiver for waiver in mine if not waiver.holds(day)}
        self._accepted = {accepted.id: accepted for accepted in now.accepted if accepted.prompt == prompt}
        self._known: frozenset[Waiver | Acceptance] = frozenset((*before.waivers, *before.accepted))

    @property
    def cases(self) -> frozenset[str]:
        """Every case that is named, whether what names it holds or not."""
        return frozenset((*self._waivers, *self.lapsed, *self._accepted))

    def excuse(self, case: str, answer: str | None) -> Excuse | None:
        """Why this case does not count, should it have regressed with this answer; None where it does."""
        waiver = self._waivers.get(case)
        if waiver is not None:
            brought = waiver not in self._known
            return Excuse(waiver.owner, waiver.made, waiver.reason, waiver.expires, brought=brought)
        accepted = self._accepted.get(case)
        if accepted is not None and answer is not None and accepted.answer == answer_digest(answer):
            return Excuse(accepted.owner, accepted.made, brought=accepted not in self._known)
        return None


_Entry = TypeVar("_Entry", Waiver, Acceptance)
NO_PARDON = Pardon("", Waivers(), Waivers(), date.min)


def gone_prompts(waivers: Waivers, prompts: Iterable[str]) -> tuple[Case, ...]:
    """The cases that are named of prompts that are no more."""
    there = set(prompts)
    named = {waiver.case for waiver in waivers.waivers} | {accepted.case for accepted in waivers.accepted}
    return tuple(sorted(case for case in named if case[0] not in there))


def _sorted(entries: Iterable[_Entry]) -> tuple[_Entry, ...]:
    return tuple(sorted(entries, key=lambda entry: entry.case))
