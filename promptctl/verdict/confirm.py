"""Which suspicious cases to ask again, and when that is enough.

The workflow asks what `next()` says, records every answer, and goes on until `next()` says nothing. The samples stop as
soon as the outcome can no longer change: the best case (all that is missing passes on the old side and fails on the new
one) is not significant any more, or the worst case is already. That moves no decision; it saves calls.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256

from promptctl.verdict import rule
from promptctl.verdict.samples import Samples, Supposed
from promptctl.verdict.statistics import holm, mcnemar, sign_flip
from promptctl.verdict.suspect import Ask, Confirmed, Fresh, Method, Side, Suspect, is_suspect, suspects

__all__ = [
    "Ask",
    "Confirmation",
    "Confirmed",
    "Fresh",
    "Method",
    "Side",
    "Suspect",
    "is_suspect",
    "share_noise",
    "suspects",
]

_Batch = tuple[Ask, ...]
_NONE = Supposed(Side.NEW, 0, 0)


class Confirmation:
    """Steps 2 and 3 of the rule for the suspects of one prompt.

    `alpha` is this prompt's own level (the run's, divided by the number of prompts). `seed` chooses the draw of 40
    where there are more suspects. `clustered` says that suspects share noise; by default, that two of them name the
    same cluster or send the same requests. `name=False` stops at the decision, without the samples that only tell
    which cases regressed; else as many are asked on as tell that more regressed than are `allowed`. After an early look
    (`early`: the p-value that decided, or 1.0 where it did not decide) there is no step 2: its level was spent.
    """

    def __init__(  # noqa: PLR0913 - each is one fact of the replay, most with a default
        self,
        suspects: Sequence[Suspect],
        *,
        alpha: float,
        max_samples: int,
        seed: int = 0,
        clustered: bool | None = None,
        name: bool = True,
        allowed: int = 0,
        early: float | None = None,
    ) -> None:
        self._all = tuple(suspect.id for suspect in suspects)
        self._drawn = draw(self._all, seed)
        self._clustered = share_noise(suspects) if clustered is None else clustered
        self._graded = any(suspect.graded for suspect in suspects)
        self._alpha = alpha
        self._r = rule.needed_samples(len(self._drawn), alpha=alpha, max_samples=max_samples, clustered=self._clustered)
        self._possible = not self._drawn or rule.can_decide(
            len(self._drawn), alpha=alpha, max_samples=max_samples, clustered=self._clustered
        )
        self._name = name
        self._most_named = max(rule.NAMED, allowed + 1)
        self._early = early
        self._samples = Samples(self._drawn, self._r, graded=self._graded)
        self._waiting: dict[Ask, None] = {}
        self._cut_short: set[str] = set()
        self._unnamed: set[str] = set()
        self._decision: tuple[bool, float, float, Method] | None = None
        if early is not None and early <= rule.FIRST_SHARE * alpha:
            self._decision = (True, early, rule.FIRST_SHARE * alpha, Method.FRESH_PAIRS)
        self._batches = self._course()

    def next(self) -> tuple[Ask, ...]:
        """The samples to ask now, all at once if you like; () when there is nothing left to find out.

        Samples that were handed out and not recorded are handed out again.
        """
        while not self._waiting:
            batch = next(self._batches, None)
            if batch is None:
                return ()
            self._waiting = dict.fromkeys(batch)
        return tuple(self._waiting)

    def record(self, ask: Ask, passed: bool | None, score: float | None = None) -> None:  # noqa: FBT001 - an answer, no switch
        """Note whether a fresh sample passed, and its score; None where there is no answer: that case is cut short."""
        del self._waiting[ask]
        if passed is not None:
            self._samples.add(ask, passed=passed, score=score)
        elif self._decision is None or (self._early is not None and ask.round == 0):
            # Also where pairs of others have decided: of this case no fresh answer tells anything.
            self._cut_short.add(ask.id)
        else:
            self._unnamed.add(ask.id)

    def result(self) -> Confirmed:
        """What is known now; a case whose samples are still missing counts as cut short."""
        cut_short = frozenset(self._cut_short if self._decision or not self._possible else self._drawn)
        if self._drawn and len(cut_short) == len(self._drawn):
            # Nothing stands for the suspects outside the draw either.
            cut_short = frozenset(self._all)
        regressed, p_value, level, method = self._decision or (False, None, None, Method.NONE)
        named = self._named() if regressed else frozenset()
        suspected = self._suspected(named, cut_short) if regressed else frozenset()
        return Confirmed(
            regressed=regressed,
            p_value=p_value,
            level=level,
            method=method,
            confirmed=named,
            suspected=suspected,
            flaky=frozenset(self._all) - named - suspected - cut_short,
            cut_short=cut_short,
            possible=self._possible,
            fresh={case: self._samples.fresh(case) for case in self._drawn},
            needed_samples=self._r,
            drawn=len(self._drawn),
            suspects=len(self._all),
            clustered=self._clustered,
            graded=self._graded,
            early=self._early is not None and method is Method.FRESH_PAIRS,
        )

    def _course(self) -> Iterator[_Batch]:
        if not self._possible and self._decision is None:
            return
        if self._early is None:
            yield from self._fresh_pairs()
        elif self._decision is not None:
            # The pairs that decided: nobody is asked for them a second time.
            yield self._rounds(Side.NEW, 1)
            yield self._rounds(Side.OLD, 1)
        if self._decision is None:
            yield from self._all_samples()
        if self._name and self._decision is not None and self._decision[0]:
            yield from self._naming()

    def _fresh_pairs(self) -> Iterator[_Batch]:
        """Step 2; broken off where no answer could make it significant."""
        level = rule.FIRST_SHARE * self._alpha
        if self._clustered or mcnemar(len(self._drawn), 0) > level:
            return
        yield self._rounds(Side.NEW, 1)
        if mcnemar(sum(map(self._samples.can_fall, self._live())), 0) > level:
            return
        yield self._rounds(Side.OLD, 1)
        p_value = self._pairs_p()
        if p_value <= level:
            self._decision = (True, p_value, level, Method.FRESH_PAIRS)

    def _pairs_p(self) -> float:
        live = self._live()
        if self._graded:
            return sign_flip([self._samples.first_difference(case) for case in live])
        fell = [self._samples.first_fell(case) for case in live]
        return mcnemar(fell.count(1), fell.count(-1))

    def _all_samples(self) -> Iterator[_Batch]:
        """Step 3: the new side round by round, then the old side, until the outcome stands."""
        for side in (Side.NEW, Side.OLD):
            while self._live() and (rounds := self._certain_rounds(side)):
                yield self._rounds(side, rounds)
        if not self._live():
            return
        best = self._counts(hoping=True)
        regressed = self._holds(best)
        # Of the bounds on the final p-value the one that decided.
        counts = self._counts(hoping=False) if regressed else best
        k = rule.looks(len(self._drawn), clustered=self._clustered)
        single = min(1.0, k * rule.single_p(counts, len(self._drawn), self._r))
        p_value = rule.rule_p(counts, len(self._drawn), self._r, clustered=self._clustered, graded=self._graded)
        level = rule.SECOND_SHARE * self._alpha
        alone = self._clustered or single <= (level if regressed else p_value)
        method = Method.CONFIRMED if alone else Method.SUSPECTS_TOGETHER
        self._decision = (regressed, p_value, level, method)

    def _naming(self) -> Iterator[_Batch]:
        """The rest of the r samples for the suspects that look worst, so that those that regressed can be named."""
        for side in (Side.NEW, Side.OLD):
            chosen = self._worth_naming()
            yield tuple(
                Ask(case, side, number)
                for case in chosen
                for number in range(self._samples.number(case, side), self._r)
            )

    def _worth_naming(self) -> list[str]:
        level = rule.SECOND_SHARE * self._alpha
        best = dict(zip(self._live(), map(self._case_p, self._counts(hoping=True)), strict=True))
        worst = dict(zip(self._live(), map(self._case_p, self._counts(hoping=False)), strict=True))
        possible = [case for case in best if case not in self._unnamed and best[case] <= level]
        possible.sort(key=lambda case: (best[case], worst[case]))
        return possible[: self._most_named]

    def _named(self) -> frozenset[str]:
        # Samples that were not asked count against naming, and a case cut short cannot be named: both only raise p.
        live = self._live()
        p_values = [self._case_p(counts) for counts in self._counts(hoping=False)]
        adjusted = holm(p_values + [1.0] * (len(self._drawn) - len(live)))
        return frozenset(
            case for case, p_value in zip(live, adjusted, strict=False) if p_value <= rule.SECOND_SHARE * self._alpha
        )

    def _suspected(self, named: frozenset[str], cut_short: frozenset[str]) -> frozenset[str]:
        """The suspects that regressed together, without the named ones and those whose own samples show no loss.

        Where a single case decided, the others must show it together, without it.
        """
        others = {case for case in self._live() if case not in named and self._samples.lost(case)}
        others |= frozenset(self._all) - frozenset(self._drawn) - cut_short
        if self._decision is not None and self._decision[3] is Method.CONFIRMED:
            rest = [case for case in self._live() if case not in named]
            together = not self._clustered and self._together(rest)
            return frozenset(others) if together else frozenset()
        return frozenset(others)

    def _together(self, cases: Sequence[str]) -> bool:
        """Whether these cases show a regression together, samples that were not asked counted against it."""
        counts = self._samples.counts(cases, hoping=False)
        return 2 * rule.together_p(counts, self._r, graded=self._graded) <= rule.SECOND_SHARE * self._alpha

    def _certain_rounds(self, side: Side) -> int:
        """How many more rounds of a side will be asked whatever they say; 0 where the outcome stands."""
        asked = max(self._samples.number(case, side) for case in self._live())
        left, rounds = self._r - asked, 0
        while rounds < left and self._open(side, rounds):
            rounds += 1
        return rounds

    def _open(self, side: Side, rounds: int) -> bool:
        """Whether the outcome could still turn either way after so many more rounds, whatever they say."""
        extremes = ((0, 0),) if rounds == 0 else ((rounds, rounds), (0, rounds))
        return all(
            self._holds(self._counts(hoping=True, extra=Supposed(side, *extreme)))
            and not self._holds(self._counts(hoping=False, extra=Supposed(side, *extreme)))
            for extreme in extremes
        )

    def _counts(self, *, hoping: bool, extra: Supposed = _NONE) -> rule.Counts:
        return self._samples.counts(self._live(), hoping=hoping, extra=extra)

    def _holds(self, counts: rule.Counts) -> bool:
        return rule.holds(
            counts, len(self._drawn), self._r, alpha=self._alpha, clustered=self._clustered, graded=self._graded
        )

    def _case_p(self, counts: rule.Count | rule.Scores) -> float:
        return rule.case_p(counts, self._r)

    def _rounds(self, side: Side, rounds: int) -> _Batch:
        asked = self._samples.number
        return tuple(Ask(case, side, asked(case, side) + number) for number in range(rounds) for case in self._live())

    def _live(self) -> list[str]:
        return [case for case in self._drawn if case not in self._cut_short]


def draw(cases: Sequence[str], seed: int) -> tuple[str, ...]:
    """At most 40 of the cases, in their order: the same ones for the same seed, whatever the order."""
    chosen = set(sorted(cases, key=lambda case: place(case, seed))[: rule.DRAW])
    return tuple(case for case in cases if case in chosen)


def place(case: str, seed: int) -> bytes:
    """A case's place in the seeded random order."""
    return sha256(f"{seed}\0{case}".encode("utf-8", "surrogatepass")).digest()


def share_noise(suspects: Sequence[Suspect]) -> bool:
    """Whether two of them name one cluster, or send the same requests on both sides."""
    clusters = [suspect.cluster for suspect in suspects if suspect.cluster is not None]
    requests = [suspect.request for suspect in suspects if suspect.request is not None]
    return len(clusters) > len(set(clusters)) or len(requests) > len(set(requests))
