"""How well a judge agrees with people, beyond what chance would do: Cohen's kappa, and whether it may gate."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

MAY_GATE = 0.6  # the lower bound of kappa from which on a judge decides
ADVISORY = 0.4  # below this kappa its judgements are no more than a remark
_CHI_SQUARE = 3.841458820694124  # its 95% quantile at one degree of freedom


class Standing(Enum):
    """What a judge may do after its calibration."""

    GATES = "may gate"
    UNPROVEN = "may not gate yet"
    ADVISORY = "advisory"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Judge against people over labelled answers: `passes` both pass, `fails` both fail; the others disagree."""

    passes: int
    judge_only: int  # the judge passes what people fail
    people_only: int  # people pass what the judge fails
    fails: int

    @property
    def n(self) -> int:
        """Labelled answers."""
        return self.passes + self.judge_only + self.people_only + self.fails

    @property
    def observed(self) -> float | None:
        """The share on which they agree."""
        return (self.passes + self.fails) / self.n if self.n else None

    @property
    def base_rate(self) -> float | None:
        """The share that people pass."""
        return (self.passes + self.people_only) / self.n if self.n else None

    @property
    def kappa(self) -> float | None:
        """(p_o - p_e) / (1 - p_e); None where both say the same of every answer, so that chance explains it all.

        Source: Cohen, Educational and Psychological Measurement 20 (1960) 37-46.
        """
        if not self.n or self.observed is None:
            return None
        judge, people = (self.passes + self.judge_only) / self.n, (self.passes + self.people_only) / self.n
        chance = judge * people + (1 - judge) * (1 - people)
        return (self.observed - chance) / (1 - chance) if chance < 1 else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of kappa by goodness of fit, which stays wide where few labels happen to agree wholly.

        It rests on one pass rate for both: a judge that is laxer or stricter than people is counted as disagreement.
        Source: Donner and Eliasziw, Statistics in Medicine 11 (1992) 1511-1519.
        """
        if not self.n or self.kappa is None:
            return -1.0, 1.0
        rate = (2 * self.passes + self.judge_only + self.people_only) / (2 * self.n)
        spread = rate * (1 - rate)
        least = max(-rate / (1 - rate), -(1 - rate) / rate)  # below it a cell would be less than empty
        centre = 1 - (self.judge_only + self.people_only) / (2 * self.n * spread)
        low = _crossing(self._misfit, min(max(centre, least), 1.0), least)
        high = _crossing(self._misfit, min(max(centre, least), 1.0), 1.0)
        return min(low, self.kappa), max(high, self.kappa)

    def _misfit(self, kappa: float) -> float:
        """How far the three counts lie from those that this kappa expects, beyond the 95% quantile."""
        rate = (2 * self.passes + self.judge_only + self.people_only) / (2 * self.n)
        spread = rate * (1 - rate)
        shares = (rate * rate + spread * kappa, 2 * spread * (1 - kappa), (1 - rate) ** 2 + spread * kappa)
        counts = (self.passes, self.judge_only + self.people_only, self.fails)
        total = 0.0
        for share, count in zip(shares, counts, strict=True):
            expected = self.n * share
            if expected <= 1e-12:
                total += 0.0 if count == 0 else float("inf")
            else:
                total += (count - expected) ** 2 / expected
        return total - _CHI_SQUARE

    @property
    def standing(self) -> Standing:
        """May it gate? From a lower bound of 0.6 on; below a kappa of 0.4 it is advisory."""
        if self.kappa is None or self.kappa < ADVISORY:
            return Standing.ADVISORY
        return Standing.GATES if self.interval[0] >= MAY_GATE else Standing.UNPROVEN


def _crossing(misfit: Callable[[float], float], inside: float, outside: float) -> float:
    """Where the misfit reaches the quantile on the way from a kappa that fits; `outside` where it never does."""
    if misfit(outside) <= 0:
        return outside
    for _ in range(60):
        middle = (inside + outside) / 2
        if misfit(middle) <= 0:
            inside = middle
        else:
            outside = middle
    return inside
