"""Made-up suites, replayed through the real rule: what verdicts.py counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from promptctl.verdict.confirm import Confirmation, Side, Suspect, place
from promptctl.verdict.detectable import majority
from promptctl.verdict.early import EarlyStop
from promptctl.verdict.suspect import Ask

MAX_SAMPLES = 10


@dataclass(frozen=True, slots=True)
class Suite:
    """The probability of every case to pass on each side; `first_old` holds old first answers that are frozen.

    Cases of one cluster pass or fail together, sample by sample. A case passes where half of `repeat` first samples do.
    """

    old: Sequence[float]
    new: Sequence[float]
    first_old: Sequence[bool] | None = None
    clusters: Sequence[str] | None = None
    repeat: int = 1


@dataclass(frozen=True, slots=True)
class Found:
    regressed: bool
    calls: int


Play = Callable[[Suite, Random], Found]


def replay(suite: Suite, random: Random, *, alpha: float = 0.05) -> Found:
    """One replay of a suite: first answers, suspects, confirmation."""
    n = len(suite.old)
    coin = _Coin(suite, random)
    first_old = suite.first_old or [coin.first(case, Side.OLD) for case in range(n)]
    first_new = [coin.first(case, Side.NEW) for case in range(n)]
    lost = [case for case in range(n) if first_old[case] and not first_new[case]]
    clusters = suite.clusters
    suspects = [Suspect(str(case), None if clusters is None else clusters[case]) for case in lost]
    regressed, asked = confirm(suspects, coin.fresh, random, alpha=alpha)
    return Found(regressed, 2 * n * suite.repeat + asked)


@dataclass(slots=True)
class _Coin:
    """Answers of a suite: independent ones, or one for a whole cluster."""

    suite: Suite
    random: Random
    shared: dict[tuple[str, Side, int], float] = field(default_factory=dict)

    def first(self, case: int, side: Side) -> bool:
        rate = self._rate(case, side)
        if self.suite.repeat > 1:
            rate = majority(rate, self.suite.repeat)
        return self._draw(case, side, -1) < rate

    def fresh(self, ask: Ask) -> float:
        case = int(ask.id)
        return float(self._draw(case, ask.side, ask.round) < self._rate(case, ask.side))

    def _rate(self, case: int, side: Side) -> float:
        return (self.suite.old if side is Side.OLD else self.suite.new)[case]

    def _draw(self, case: int, side: Side, number: int) -> float:
        if self.suite.clusters is None:
            return self.random.random()
        key = self.suite.clusters[case], side, number
        if key not in self.shared:
            self.shared[key] = self.random.random()
        return self.shared[key]


def confirm(
    suspects: Sequence[Suspect],
    answer: Callable[[Ask], float],
    random: Random,
    *,
    alpha: float,
    early: float | None = None,
    known: dict[Ask, float] | None = None,
) -> tuple[bool, int]:
    """Whether the rule says regressed, and how many fresh samples it took beside those that are `known`."""
    seed = random.randrange(1 << 30) if early is None else 0
    confirmation = Confirmation(suspects, alpha=alpha, max_samples=MAX_SAMPLES, seed=seed, name=False, early=early)
    known = known or {}
    asked = 0
    while batch := confirmation.next():
        for ask in batch:
            asked += ask not in known
            score = known[ask] if ask in known else answer(ask)
            confirmation.record(ask, score > 0.5, score)
    return confirmation.result().regressed, asked


def replay_early(suite: Suite, random: Random, *, alpha: float = 0.05) -> Found:
    """With --early-stop: in random order, a fresh pair for every suspect at once, until a regression is established."""
    coin, early = _Coin(suite, random), EarlyStop(alpha=alpha)
    known: dict[Ask, float] = {}
    suspects: list[Suspect] = []
    order = sorted(range(len(suite.old)), key=lambda case: place(str(case), 0))
    for asked, case in enumerate(order, 1):
        first_old = suite.first_old[case] if suite.first_old else coin.first(case, Side.OLD)
        if not first_old or coin.first(case, Side.NEW):
            continue
        suspects.append(Suspect(str(case)))
        if early.wants():
            old, new = (Ask(str(case), side, 0) for side in (Side.OLD, Side.NEW))
            known |= {old: coin.fresh(old), new: coin.fresh(new)}
            early.add(known[old], known[new])
        if early.stopped:
            return Found(True, 2 * asked + len(known))
    calls = 2 * len(order) + len(known)
    regressed, more = confirm(suspects, coin.fresh, random, alpha=alpha, early=1.0, known=known)
    return Found(regressed, calls + more)


def replay_several(suite: Suite, random: Random, *, prompts: int = 10) -> Found:
    """So many prompts with the same suite: alpha is shared, and one regression fails the run."""
    found = [replay(suite, random, alpha=0.05 / prompts) for _ in range(prompts)]
    return Found(any(one.regressed for one in found), sum(one.calls for one in found))


def replay_graded(suite: Suite, random: Random, *, alpha: float = 0.05) -> Found:
    """Scores instead of passes: Beta(4, 2) noise, lower by 1 less the case's probability."""

    def score(case: int, side: Side) -> float:
        return max(0.0, random.betavariate(4, 2) - 1 + (suite.old if side is Side.OLD else suite.new)[case])

    n = len(suite.old)
    lost = [case for case in range(n) if score(case, Side.NEW) < score(case, Side.OLD)]
    suspects = [Suspect(str(case), graded=True) for case in lost]
    regressed, asked = confirm(suspects, lambda ask: score(int(ask.id), ask.side), random, alpha=alpha)
    return Found(regressed, 2 * n + asked)
