"""A prompt's inputs: checked and chosen in a first pass, read one at a time in a second."""

import json
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from promptctl.errors import Problem
from promptctl.inputs.case import Case
from promptctl.inputs.files import CaseIndex, CheckAssertions, cases_at, check_cases, read_cases
from promptctl.inputs.sampling import sample
from promptctl.inputs.spool import Data, spooled
from promptctl.scoring.lookups import lookups
from promptctl.scoring.script import has_code
from promptctl.workflows.request import ReplayRequest


@dataclass(frozen=True, slots=True)
class ChosenCases:
    """The cases of one prompt that are replayed, in the file's order; each reading goes to the file again.

    `total` counts those that the selection leaves before a sample is drawn. `coded` are the cases' own assertions that
    run code, each once; `looked_up` are the variables that templates of cases' own assertions need; `named` are the ids
    of `--input` that the file has. Where `places` is None every case of the file is chosen.
    """

    index: CaseIndex
    data: Data
    total: int
    coded: tuple[Mapping[str, Any], ...] = ()
    places: Sequence[int] | None = None
    looked_up: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return self.index.count if self.places is None else len(self.places)

    def __iter__(self) -> Iterator[Case]:
        cases = read_cases(self.index.path, self.data, skip=self.index.skipped)
        if self.places is None:
            yield from cases
            return
        wanted = iter(self.places)
        following = next(wanted, None)
        for place, case in enumerate(cases):
            if place == following:
                yield case
                following = next(wanted, None)

    def at(self, numbers: Collection[int]) -> dict[int, Case]:
        """The chosen cases of these numbers, from 0."""
        if self.places is None:
            return cases_at(self.index, self.data, numbers)
        by_place = {self.places[number]: number for number in numbers}
        return {by_place[place]: case for place, case in cases_at(self.index, self.data, by_place.keys()).items()}


def chosen_cases(path: str, data: bytes, request: ReplayRequest, *, check_assertions: CheckAssertions) -> ChosenCases:
    """Check a file of inputs, and choose from it. Raises InvalidInputs with all its mistakes."""
    kept = spooled(data)
    coded: dict[str, Mapping[str, Any]] = {}
    looked_up: set[str] = set()

    def check(specs: Sequence[Mapping[str, Any]], where: str) -> Iterable[Problem]:
        if not specs:
            return ()
        coded.update((json.dumps(spec, sort_keys=True), spec) for spec in specs if has_code([spec]))
        looked_up.update(lookups(specs, looked_up))
        return check_assertions(specs, where)

    index = check_cases(path, kept, check_assertions=check, skip_invalid=request.skip_invalid)
    found = ChosenCases(index, kept, index.count, tuple(coded.values()), looked_up=frozenset(looked_up))
    if not request.only and not request.tags and request.sample is None:
        return found
    places, named = array("L"), set()
    for place, case in enumerate(found):
        if request.only and case.id not in request.only:
            continue
        if request.only:
            named.add(case.id)
        if not request.tags or not set(request.tags).isdisjoint(case.tags):
            places.append(place)
    selected = replace(found, total=len(places), places=places, named=frozenset(named))
    if request.sample is None or request.sample >= len(places):
        return selected
    drawn = sample(selected, request.sample, request.seed)
    few = array("L", (place for place, case in zip(places, selected, strict=True) if case.id in drawn))
    return replace(selected, places=few)
