"""Fresh pairs, one after the other -> may the replay stop, since a regression is established?

Cases are asked in a seeded random order and every suspect gets one fresh pair at once. Under the null hypothesis a
discordant pair was lost or won with equal chance. The evidence E is the likelihood of what was seen under a chance of
losing that is uniform on (1/2, 1), relative to 1/2: a martingale that starts at 1. It exceeds 1/level with probability
`level` at most, however often one looks (Ville 1939). It stands for step 2 of the rule and spends that step's level.
"""

from collections.abc import Hashable, Sequence
from fractions import Fraction
from math import comb

from promptctl.verdict.rule import DRAW, FIRST_SHARE


def evidence(lost: int, won: int) -> float:
    """E = 2^(m+1) B(b+1, c+1) P(Beta(b+1, c+1) >= 1/2) for b lost and c won of m discordant pairs."""
    pairs = lost + won
    # The Beta tail is a binomial one, and the Beta function a binomial coefficient: the powers of 2 cancel.
    tail = sum(comb(pairs + 1, i) for i in range(lost + 1))
    return float(Fraction(tail, (pairs + 1) * comb(pairs, lost)))


class EarlyStop:
    """The fresh pairs of one prompt. `alpha` is the prompt's own level.

    The first 40 suspects, in the random order, take part: they are the draw that the rule goes on with otherwise. Of
    suspects that share their noise only the first does: a martingale needs pairs that are independent.
    """

    def __init__(self, *, alpha: float) -> None:
        self._level = FIRST_SHARE * alpha
        self._lost = 0
        self._won = 0
        self.pairs = 0
        self._best = 1.0
        self._wanted = 0
        self._shared: set[Hashable] = set()

    def wants(self, noise: Sequence[Hashable] = ()) -> bool:
        """Whether one more suspect is to be asked at once; `noise` names what it may share with others."""
        if self._wanted >= DRAW or self.stopped or not self._shared.isdisjoint(noise):
            return False
        self._wanted += 1
        self._shared.update(noise)
        return True

    def add(self, old: float, new: float) -> None:
        """A suspect's fresh pair: 1 or 0 for a pass or a failure, or both scores."""
        self.pairs += 1
        self._lost += new < old
        self._won += new > old
        self._best = max(self._best, evidence(self._lost, self._won))

    @property
    def stopped(self) -> bool:
        """Whether a regression is established."""
        return self.p_value <= self._level

    @property
    def p_value(self) -> float:
        """An anytime-valid one: 1 / the largest E so far."""
        return 1 / self._best
