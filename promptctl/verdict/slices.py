"""The cases of each tag -> which tags got worse by first answers. Advice: it decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from promptctl.verdict.statistics import mcnemar_two_sided

FALSE_DISCOVERIES = 0.05  # of the slices that are called different, the share that may be so by chance
SHOWN = 3  # tags, at most
TOO_FEW = 6  # discordant cases before an exact two-sided test can reach 5%


@dataclass(frozen=True, slots=True)
class Slice:
    """One tag: comparable cases, lost and gained by first answers, exact two-sided McNemar p, adjusted for all tags."""

    tag: str
    cases: int
    lost: int
    gained: int
    p_value: float
    adjusted: float

    @property
    def different(self) -> bool:
        """Whether it changed by more than chance, among as many slices as there are."""
        return self.adjusted <= FALSE_DISCOVERIES


class SliceTally:
    """Comparable cases, one after the other, counted by tag."""

    def __init__(self) -> None:
        self._counts: dict[str, list[int]] = {}

    def add(self, tags: Sequence[str], *, old: bool, new: bool) -> None:
        """One case that both sides answered and that was scored."""
        for tag in dict.fromkeys(tags):
            counts = self._counts.setdefault(tag, [0, 0, 0])
            counts[0] += 1
            counts[1] += old and not new
            counts[2] += new and not old

    def slices(self) -> tuple[Slice, ...]:
        """All tags, the clearest change first."""
        return _adjusted(self._counts)


def _adjusted(counts: Mapping[str, Sequence[int]]) -> tuple[Slice, ...]:
    found = [
        (mcnemar_two_sided(lost, gained), tag, cases, lost, gained) for tag, (cases, lost, gained) in counts.items()
    ]
    adjusted = benjamini_hochberg([p_value for p_value, *_ in found])
    slices = [
        Slice(tag, cases, lost, gained, p_value, corrected)
        for (p_value, tag, cases, lost, gained), corrected in zip(found, adjusted, strict=True)
    ]
    return tuple(sorted(slices, key=lambda one: (one.p_value, one.gained - one.lost, one.tag)))


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values, in the order given. Source: Benjamini and Hochberg 1995."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__, reverse=True)
    adjusted = [1.0] * len(p_values)
    ceiling = 1.0
    for rank, index in zip(range(len(p_values), 0, -1), order, strict=True):
        ceiling = min(ceiling, len(p_values) / rank * p_values[index])
        adjusted[index] = ceiling
    return adjusted


def slice_sentences(slices: Sequence[Slice]) -> tuple[str, ...]:
    """The tags that lost most, and whether that is more than chance; none where no tag lost more than it gained."""
    worse = [one for one in slices if one.lost > max(one.gained, 1)]
    return tuple(_sentence(one, len(slices)) for one in worse[:SHOWN])


def _sentence(one: Slice, tags: int) -> str:
    found = f"Tag {one.tag}: {one.lost} of {one.cases} cases lost and {one.gained} gained, by first answers"
    says = "worse by more than chance" if one.different else "no more than chance"
    tested = f"exact McNemar p = {one.p_value:.2g}"
    if tags > 1:
        tested += f"; for {tags} tags by Benjamini-Hochberg {one.adjusted:.2g}"
    return f"{found}: {says} ({tested})"
