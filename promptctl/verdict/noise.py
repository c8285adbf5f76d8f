"""An A/A replay -> how noisy a suite is by itself, which cases are, and what would calm it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from promptctl.verdict.detectable import inputs_for, majority
from promptctl.verdict.intervals import wilson
from promptctl.verdict.pair import Pair
from promptctl.verdict.suspect import Fresh

REPEATS = (1, 3, 5, 7, 9)  # odd: a majority always exists
FRESH_CALLS = 12  # that settle a noisy suspect, on average: benchmarks/verdicts.py
TARGET = 0.1  # the drop, as a fraction, that the advice on inputs is for
LISTED = 8  # cases in a sentence, at most


@dataclass(frozen=True, slots=True)
class FlakyCase:
    """A case that gave both results: passes of all its samples, first and fresh, old and new."""

    id: str
    passes: int
    samples: int


@dataclass(frozen=True, slots=True)
class Noise:
    """What an A/A replay of `cases` scored cases says. `flips` of them changed sides between their first answers."""

    cases: int
    flips: int
    flaky: tuple[FlakyCase, ...]
    pass_rate: float

    def suspects(self, repeat: int) -> float:
        """How many suspects a replay of the unchanged suite would have, with so many first samples a side."""
        return sum(_flip(_rate(case), repeat) for case in self.flaky)


class NoiseTally:
    """The cases of one prompt, one after the other; what is kept grows with the flaky ones alone."""

    def __init__(self, fresh: Mapping[str, Fresh]) -> None:
        self._fresh = fresh
        self._cases = self._flips = self._passes = 0
        self._flaky: list[FlakyCase] = []

    def add(self, pair: Pair) -> None:
        """One case; one that was not scored on both sides, or whose requests differ, says nothing."""
        if pair.request is not None and pair.request[:8] != pair.request[8:]:
            return
        if pair.old is None or pair.new is None or pair.old.passes is None or pair.new.passes is None:
            return
        self._cases += 1
        self._flips += pair.old.passes is not pair.new.passes
        self._passes += pair.old.passes
        fresh = self._fresh.get(pair.id, Fresh())
        passes = sum(pair.old.passed) + sum(pair.new.passed) + fresh.old_passes + fresh.new_passes
        samples = len(pair.old.passed) + len(pair.new.passed) + fresh.old_n + fresh.new_n
        if 0 < passes < samples:
            self._flaky.append(FlakyCase(pair.id, passes, samples))

    def noise(self) -> Noise | None:
        """What was found; None where nothing was scored on both sides."""
        if not self._cases:
            return None
        return Noise(self._cases, self._flips, tuple(self._flaky), self._passes / self._cases)


def noise_sentences(noise: Noise, *, alpha: float, max_samples: int, repeat: int = 1) -> tuple[str, ...]:
    """The suite's noise, its flaky cases, and how many repeats or inputs the gate needs."""
    low, high = wilson(noise.flips, noise.cases)
    flips = f"{noise.flips} of {_cases(noise.cases)} changed between two asks"
    interval = f"{noise.flips / noise.cases:.1%}, 95% Wilson interval {low:.1%} to {high:.1%}"
    said = [f"A/A: both sides are the same, and {flips} ({interval})"]
    if not noise.flaky:
        said.append("No case gave both results: one answer a case is enough for this gate")
    else:
        said.extend((_named(noise.flaky), _repeats(noise, repeat)))
    said.append(_inputs(noise, alpha=alpha, max_samples=max_samples, repeat=_best(noise, repeat)))
    return tuple(said)


def _named(flaky: Sequence[FlakyCase]) -> str:
    # The noisiest first: those nearest to one half.
    worst = sorted(flaky, key=lambda case: (abs(_rate(case) - 0.5), case.id))
    shown = ", ".join(f"{case.id} ({case.passes} of {case.samples} passed)" for case in worst[:LISTED])
    more = f" and {len(worst) - LISTED} more" if len(worst) > LISTED else ""
    verb = "gives" if len(worst) == 1 else "give"
    return f"{_cases(len(worst))} {verb} both results: {shown}{more}"


def _repeats(noise: Noise, repeat: int) -> str:
    """Whether more or fewer first samples would ask less in all."""
    best, calls = _best(noise, repeat), _calls(noise, repeat)
    now, then = (f"about {_number(noise.suspects(count))}" for count in (repeat, best))
    suspects = f"{now[0].upper()}{now[1:]} suspects a replay are noise, and fresh answers settle them"
    if best == repeat:
        enough = "one answer a case is" if best == 1 else f"--repeat {best} is"
        return f"{suspects}: {enough} enough"
    fewer = "one answer a case" if best == 1 else f"--repeat {best}"
    return f"{suspects}; {fewer} leaves {then} and asks least: {_calls(noise, best):.0f} calls, now {calls:.0f}"


def _best(noise: Noise, repeat: int) -> int:
    """The number of first samples that asks least in all: repeats leave fewer suspects, and cost on every case."""
    if not noise.flaky:
        return repeat
    return min(sorted({*REPEATS, repeat}), key=lambda count: _calls(noise, count))


def _calls(noise: Noise, repeat: int) -> float:
    """The calls of a replay of the unchanged suite."""
    return 2 * noise.cases * repeat + FRESH_CALLS * noise.suspects(repeat)


def _inputs(noise: Noise, *, alpha: float, max_samples: int, repeat: int) -> str:
    wanted = inputs_for(TARGET, noise.pass_rate, alpha=alpha, max_samples=max_samples, repeat=repeat)
    asked = "" if repeat == 1 else f", --repeat {repeat}"
    goal = f"a uniform drop of {TARGET * 100:.0f} points (80% power{asked})"
    if wanted is None:
        return f"No number of inputs up to 1,000 shows {goal} at this pass rate and these settings"
    if wanted <= noise.cases:
        return f"{_cases(noise.cases)} are enough for the gate to see {goal}: it takes {wanted}"
    return f"To see {goal} the gate needs {wanted} cases: add {wanted - noise.cases}"


def _rate(case: FlakyCase) -> float:
    """The estimated probability to pass, half a pass and half a failure added: few samples say little."""
    return (case.passes + 0.5) / (case.samples + 1)


def _flip(rate: float, repeat: int) -> float:
    """The chance that the old side passes and the new one fails, each by its own majority."""
    passes = majority(rate, repeat)
    return passes * (1 - passes)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _cases(count: int) -> str:
    return "1 case" if count == 1 else f"{count} cases"
