"""Scored pairs -> Comparison: statuses, counts, rates, the difference and its evidence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from promptctl.verdict.delta import Delta, difference
from promptctl.verdict.noise import Noise, NoiseTally
from promptctl.verdict.pair import Pair, Status
from promptctl.verdict.slices import Slice
from promptctl.verdict.status import CaseStatus, case_status
from promptctl.verdict.suspect import Confirmed
from promptctl.verdict.tally import SideTotals, Tally
from promptctl.verdict.totals import Usage
from promptctl.verdict.waivers import Excuse

NOBODY: Mapping[str, Excuse] = {}  # is excused

__all__ = ["Comparison", "Delta", "SideTotals", "compare"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a prompt's replay says, before any gate.

    `old` and `delta` are None for an added prompt. `regressed` says that a regression was established: by the rule, by
    the edit's own doing, or, under `no_confirm`, by a suspect. `affected` counts the comparable cases that a difference
    could show in, `lost` and `gained` those of them that changed sides. `both_old` and `both_new` are the usage of the
    cases that both sides answered: only they can be held against each other. `told` are the cases that a sentence may
    name, in order: regressed, in error, or suspected for nothing; `excused` says which of the regressed do not count,
    and why: `regressed` and `confirmed` are about the others. `repeat` is the number of first samples; `noise` what
    an A/A replay found; `clustered` and `weighted` say that cases share clusters, or count differently.
    """

    told: tuple[CaseStatus, ...]
    counts: Mapping[str, int]
    new: SideTotals
    old: SideTotals | None = None
    delta: Delta | None = None
    confirmed: Confirmed | None = None
    regressed: bool = False
    no_confirm: bool = False
    affected: int = 0
    lost: int = 0
    gained: int = 0
    both_old: Usage = field(default_factory=Usage)
    both_new: Usage = field(default_factory=Usage)
    slices: tuple[Slice, ...] = ()
    noise: Noise | None = None
    repeat: int = 1
    clustered: bool = False
    weighted: bool = False
    alpha: float = 0.05
    max_samples: int = 10
    excused: Mapping[str, Excuse] = field(default_factory=dict)

    @property
    def added(self) -> bool:
        """Whether there is no old version."""
        return self.old is None


def compare(  # noqa: PLR0913 - each is one fact of the replay, most with a default
    pairs: Iterable[Pair],
    confirmed: Confirmed | None,
    *,
    no_confirm: bool = False,
    added: bool = False,
    aa: bool = False,
    alpha: float = 0.05,
    max_samples: int = 10,
    excuses: Mapping[str, Excuse] = NOBODY,
    excused: Confirmed | None = None,
) -> Comparison:
    """Compare both sides of one prompt. `alpha` and `max_samples` are those of the confirmation.

    Cases with `excuses` are confirmed apart (`excused`), so that they have no part in what is said of the others.

    `added`: the prompt has no old version (also told by its pairs, where there are any). `aa`: both sides are the same,
    asked apart. The pairs are taken one after the other; of a case that no sentence names less than a hundred bytes are
    kept meanwhile.
    """
    tally = Tally()
    noise = NoiseTally({} if confirmed is None else confirmed.fresh)
    for pair in pairs:
        apart = excused if pair.id in excuses else confirmed
        tally.add(pair, case_status(pair, apart, no_confirm=no_confirm))
        if aa:
            noise.add(pair)
    counts = tally.counts()
    apart_told = {c.id: excuses[c.id] for c in tally.told if c.status is Status.REGRESSED and c.id in excuses}
    if added or (counts["inputs"] and tally.new_alone):
        return Comparison(tuple(tally.told), counts, tally.new.totals(tally.scored), weighted=tally.weighted)
    return Comparison(
        tuple(tally.told),
        counts,
        tally.new.totals(tally.scored),
        old=tally.old.totals(tally.scored),
        delta=difference(tally, confirmed, no_confirm=no_confirm, alpha=alpha, max_samples=max_samples),
        confirmed=confirmed,
        regressed=_is_regressed(tally, confirmed, excuses, no_confirm=no_confirm),
        no_confirm=no_confirm,
        affected=len(tally.affected),
        lost=tally.lost,
        gained=tally.gained,
        both_old=tally.both_old.usage(),
        both_new=tally.both_new.usage(),
        slices=tally.slices.slices(),
        noise=noise.noise(),
        repeat=tally.repeat,
        clustered=tally.clustered,
        weighted=tally.weighted,
        alpha=alpha,
        max_samples=max_samples,
        excused=apart_told,
    )


def _is_regressed(
    tally: Tally, confirmed: Confirmed | None, excuses: Mapping[str, Excuse], *, no_confirm: bool
) -> bool:
    regressed = [case for case in tally.told if case.status is Status.REGRESSED and case.id not in excuses]
    if any(case.fatal for case in regressed):
        return True
    if no_confirm:
        return bool(regressed)
    return confirmed is not None and confirmed.regressed
