"""The verdict's false alarms, detections and calls, simulated through the real rule; and the table of detectable drops.

    python benchmarks/verdicts.py                 # 300 suites a cell, beside the figures claimed
    python benchmarks/verdicts.py --suites 3000
    python benchmarks/verdicts.py --suites 1000 --variants   # early stop, several prompts, clusters, repeats, grades
    python benchmarks/verdicts.py --suites 3000 --variants --only graded --size 50   # some cells
    python benchmarks/verdicts.py --table         # writes promptctl/verdict/detectable.json (some minutes)

Every number is drawn from a seeded generator: the same command prints the same figures.
"""

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random

from suites import (
    MAX_SAMPLES,
    Found,
    Play,
    Suite,
    confirm,
    replay,
    replay_early,
    replay_graded,
    replay_several,
)

from promptctl.verdict.confirm import Side, Suspect

TABLE = Path(__file__).resolve().parents[1] / "promptctl" / "verdict" / "detectable.json"
ALPHAS = (0.001, 0.05)  # from fifty prompts to one; in between log alpha is interpolated
SIZES = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 500, 1000)
RATES = (0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)
POWER = 0.8
EDITS = 60  # edits that meet one frozen cache


# The situations, and what is claimed of them: (share regressed in percent, mean calls) by number of cases. A false
# alarm's share must not exceed 5%; a detection's must not lie below the figure.


@dataclass(frozen=True, slots=True)
class Situation:
    name: str
    suite: Callable[[int, Random], Suite]
    claimed: dict[int, tuple[float, int | None]]
    detects: bool = False
    play: Play = replay
    slow: int = 1  # so many times fewer suites


def same(rate: float) -> Callable[[int, Random], Suite]:
    return lambda n, _: Suite([rate] * n, [rate] * n)


def mixture(n: int, random: Random) -> Suite:
    rates = [random.betavariate(0.5, 0.2) for _ in range(n)]
    return Suite(rates, rates)


def broken(rest: float) -> Callable[[int, Random], Suite]:
    return lambda n, _: Suite([1.0] + [rest] * (n - 1), [0.0] + [rest] * (n - 1))


def curated(n: int, random: Random) -> Suite:
    """An old side that was recorded until it passed."""
    rates = [random.betavariate(4, 1) for _ in range(n)]
    return Suite(rates, rates, [True] * n)


def drifted(n: int, random: Random) -> Suite:
    """Old answers that a better provider gave; both sides now pass at 0.85."""
    return Suite([0.85] * n, [0.85] * n, [random.random() < 0.9 for _ in range(n)])


SITUATIONS = (
    Situation("A/A, 0.5", same(0.5), {20: (1.6, 100), 50: (1.9, 278), 200: (2.5, 1077)}),
    Situation("A/A, 0.8", same(0.8), {20: (1.1, 67), 50: (0.9, 192), 200: (1.7, 891)}),
    Situation("A/A, 0.95", same(0.95), {20: (0.0, 46), 50: (0.0, 116), 200: (0.7, 490)}),
    Situation("A/A, Beta(0.5, 0.2)", mixture, {20: (0.6, 55), 50: (0.9, 148), 200: (1.8, 661)}),
    Situation("A/A, curated old side", curated, {20: (5.0, None), 50: (5.0, None), 200: (5.0, None)}),
    Situation("A/A, provider drifted", drifted, {20: (5.0, None), 50: (5.0, None), 200: (5.0, None)}),
    Situation("one broken, rest 0.98", broken(0.98), {20: (100, 56), 50: (100, 125), 200: (100, 469)}, detects=True),
    Situation("one broken, rest 0.7", broken(0.7), {20: (100, 110), 50: (100, 269), 200: (91, 1052)}, detects=True),
    Situation(
        "all 0.95 -> 0.80",
        lambda n, _: Suite([0.95] * n, [0.80] * n),
        {20: (18, 80), 50: (69, 245), 200: (99.9, 942)},
        detects=True,
    ),
    Situation(
        "one in ten 1 -> 0.2",
        lambda n, _: Suite([1.0] * n, [0.2] * (n // 10) + [1.0] * (n - n // 10)),
        {20: (92, 59), 50: (99.9, 144), 200: (100, 432)},
        detects=True,
    ),
    Situation(
        "half broken",
        lambda n, _: Suite([0.95] * n, [0.0] * (n // 2) + [0.95] * (n - n // 2)),
        {20: (100, 64), 50: (100, 147), 200: (100, 480)},
        detects=True,
    ),
)
QUIET = {20: (5.0, None), 50: (5.0, None), 200: (5.0, None)}


def clustered(rate: float, size: int, broken: int = 0) -> Callable[[int, Random], Suite]:
    """Clusters whose cases pass or fail together; `broken` of them fail now."""

    def made(n: int, _: Random) -> Suite:
        new = [0.0 if case // size < broken else rate for case in range(n)]
        old = [1.0 if case // size < broken else rate for case in range(n)]
        return Suite(old, new, clusters=[f"k{case // size}" for case in range(n)])

    return made


def repeated(old: float, new: float, repeat: int) -> Callable[[int, Random], Suite]:
    return lambda n, _: Suite([old] * n, [new] * n, repeat=repeat)


def fell(old: float, new: float) -> Callable[[int, Random], Suite]:
    return lambda n, _: Suite([old] * n, [new] * n)


# Beyond the table: what else the rule promises. Nothing is claimed of detection here but a floor.
VARIANTS = (
    Situation("early stop: A/A, 0.5", same(0.5), QUIET, play=replay_early),
    Situation("early stop: A/A, 0.8", same(0.8), QUIET, play=replay_early),
    Situation("early stop: A/A, 0.95", same(0.95), QUIET, play=replay_early),
    Situation("early stop: A/A, Beta", mixture, QUIET, play=replay_early),
    Situation("early stop: A/A, curated", curated, QUIET, play=replay_early),
    Situation("early stop: A/A, drifted", drifted, QUIET, play=replay_early),
    Situation(
        "early stop: one broken", broken(0.98), {20: (99, 56), 50: (99, 125), 200: (99, 469)}, True, replay_early
    ),
    Situation(
        "early stop: 0.95 -> 0.80", fell(0.95, 0.8), {20: (10, 80), 50: (55, 245), 200: (98, 942)}, True, replay_early
    ),
    Situation(
        "early stop: half broken",
        SITUATIONS[-1].suite,
        {20: (95, 64), 50: (100, 147), 200: (100, 480)},
        True,
        replay_early,
    ),
    Situation("ten prompts: A/A, 0.8", same(0.8), {20: (5.0, None), 50: (5.0, None)}, play=replay_several, slow=5),
    Situation("clusters of 5: A/A, 0.8", clustered(0.8, 5), QUIET),
    Situation(
        "clusters of 5: one breaks", clustered(0.9, 5, 1), {20: (95, None), 50: (95, None), 200: (90, None)}, True
    ),
    Situation("three repeats: A/A, 0.8", repeated(0.8, 0.8, 3), QUIET),
    Situation(
        "three repeats: 0.95 -> 0.6", repeated(0.95, 0.6, 3), {20: (50, None), 50: (95, None), 200: (99, None)}, True
    ),
    Situation("graded: A/A", same(1.0), {10: (5.0, None), **QUIET}, play=replay_graded),
    Situation(
        "graded: all fall by 0.2",
        fell(1.0, 0.8),
        {10: (60, None), 20: (90, None), 50: (99, None), 200: (99, None)},
        True,
        replay_graded,
    ),
)
FROZEN = {50: 2.3, 200: 3.3}


def cell(task: tuple[int, int, int]) -> tuple[float, float]:
    """Share regressed and mean calls of one situation at one size."""
    index, n, suites = task
    random = Random(f"{index}/{n}")
    situation = (*SITUATIONS, *VARIANTS)[index]
    suites //= situation.slow
    found: list[Found] = [situation.play(situation.suite(n, random), random) for _ in range(suites)]
    return sum(one.regressed for one in found) / suites, sum(one.calls for one in found) / suites


def frozen(task: tuple[int, int, bool]) -> tuple[float, float]:
    """The worst of 60 caches whose old first answers never change, and the mean: A/A at 0.95, many edits a cache.

    A `curated` one was recorded until it passed.
    """
    n, edits, until_it_passed = task
    random = Random(f"frozen/{n}/{until_it_passed}")
    shares = []
    for _ in range(EDITS):
        first = [until_it_passed or random.random() < 0.95 for _ in range(n)]
        suite = Suite([0.95] * n, [0.95] * n, first)
        shares.append(sum(replay(suite, random).regressed for _ in range(edits)) / edits)
    return max(shares), sum(shares) / EDITS


def print_claims(suites: int, pool: ProcessPoolExecutor, *, variants: bool, only: str, size: int | None) -> bool:
    """Print every cell beside its claim; whether all hold, a detection within its simulation error."""
    first = len(SITUATIONS) if variants else 0
    numbered = enumerate(VARIANTS if variants else SITUATIONS, first)
    chosen = [(index, one) for index, one in numbered if only in one.name]
    sizes = {one.name: [n for n in one.claimed if size in {None, n}] for _, one in chosen}
    results = iter(pool.map(cell, [(index, n, suites) for index, one in chosen for n in sizes[one.name]]))
    print(f"{suites} suites a cell; regressed [mean calls] | claimed\n")
    good = True
    for _, situation in chosen:
        for n in sizes[situation.name]:
            claimed, calls = situation.claimed[n]
            share, mean = next(results)
            number = suites // situation.slow
            error = 3 * math.sqrt(max(claimed * (100 - claimed), 100.0) / 1e4 / number)
            holds = share >= claimed / 100 - error if situation.detects else share <= 0.05 + error
            good &= holds
            least = "least" if situation.detects else "most"
            bound = f"{claimed:5.1f}% [{calls}]" if calls else f"at {least} {claimed:g}%"
            fewer = "" if number == suites else f" ({number} suites)"
            line = f"{situation.name:26} n={n:<4} {share:6.1%} [{mean:.0f}] | {bound}{fewer}"
            line += "" if holds else "  FAILS"
            print(line, flush=True)
    edits = max(20, suites // 5)
    tasks = [] if only or size else [(n, edits, variants) for n in FROZEN]
    for (n, _, curated), (worst, mean) in zip(tasks, pool.map(frozen, tasks), strict=True):
        holds = mean <= 0.05 and worst <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / edits)
        good &= holds
        shown = f"worst of {EDITS} {worst:5.1%}, mean {mean:.1%} ({edits} edits each) | worst {FROZEN[n]:4.1f}%"
        name = "A/A, frozen and curated" if curated else "A/A, frozen old side"
        print(f"{name:26} n={n:<4} {shown}{'' if holds else '  FAILS'}")
    return good


# The table.


def detected(n: int, rate: float, drop: float, random: Random, alpha: float) -> bool:
    """Whether a uniform drop is seen. Cases are alike, so only the number of suspects has to be drawn."""
    lost = rate * (1 - rate + drop)
    suspects = [Suspect(str(case)) for case in range(sum(random.random() < lost for _ in range(n)))]
    return confirm(suspects, lambda ask: random.random() < rate - drop * (ask.side is Side.NEW), random, alpha=alpha)[0]


def enough(n: int, rate: float, drop: float, alpha: float, suites: int) -> bool:
    """Whether the power reaches 80%; the same random numbers for every drop, and no more suites than it takes."""
    random = Random(f"{n}/{rate}/{alpha}")
    hits = 0
    for count in range(1, suites + 1):
        hits += detected(n, rate, drop, Random(random.randrange(1 << 60)), alpha)
        if count >= 20 and abs(hits / count - POWER) > 3 * math.sqrt(POWER * (1 - POWER) / count):
            return hits / count > POWER
    return hits / suites >= POWER


def smallest_drop(task: tuple[float, int, float, int]) -> float | None:
    alpha, n, rate, suites = task
    if not enough(n, rate, rate, alpha, suites):
        return None
    low, high = 0.0, rate
    while high - low > 0.004:
        middle = (low + high) / 2
        low, high = (low, middle) if enough(n, rate, middle, alpha, suites) else (middle, high)
    return round(high, 3)


def write_table(suites: int, pool: ProcessPoolExecutor) -> None:
    tasks = [(alpha, n, rate, suites) for alpha in ALPHAS for n in SIZES for rate in RATES]
    drops: Iterator[float | None] = iter(pool.map(smallest_drop, tasks))
    grid = [[[next(drops) for _ in RATES] for _ in SIZES] for _ in ALPHAS]
    rows = ",\n".join(
        "    [\n" + ",\n".join(f"      {json.dumps(row)}" for row in alpha_rows) + "\n    ]" for alpha_rows in grid
    )
    head = {
        "about": "Smallest uniform drop of the pass rate seen with 80% chance: drop[alpha][n][pass_rate]; null: none.",
        "made_by": f"benchmarks/verdicts.py --table --suites {suites}",
        "power": POWER,
        "max_samples": MAX_SAMPLES,
        "alpha": ALPHAS,
        "n": SIZES,
        "pass_rate": RATES,
    }
    lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items())
    TABLE.write_text(f'{{\n{lines},\n  "drop": [\n{rows}\n  ]\n}}\n', encoding="utf-8")
    print(f"wrote {TABLE}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suites", type=int, default=300)
    parser.add_argument("--table", action="store_true")
    parser.add_argument(
        "--variants", action="store_true", help="early stop, several prompts, clusters, repeats, grades"
    )
    parser.add_argument("--only", default="", help="the situations whose name holds this text")
    parser.add_argument("--size", type=int, help="the cells of so many cases alone")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    options = parser.parse_args()
    start = time.monotonic()
    with ProcessPoolExecutor(options.workers) as pool:
        good = True
        if options.table:
            write_table(options.suites, pool)
        else:
            good = print_claims(options.suites, pool, variants=options.variants, only=options.only, size=options.size)
    print(f"{time.monotonic() - start:.0f} s")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
