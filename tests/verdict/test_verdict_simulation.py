"""The rule's promises, on small seeded simulations; benchmarks/verdicts.py holds it to the whole table."""

from random import Random

import pytest

from promptctl.verdict.confirm import Confirmation, Side, Suspect


def regressed_share(old, new, *, suites, seed, first_old=None):
    random = Random(seed)
    found = 0
    for _ in range(suites):
        first = first_old or [random.random() < rate for rate in old]
        suspects = [Suspect(str(case)) for case, rate in enumerate(new) if first[case] and random.random() >= rate]
        confirmation = Confirmation(suspects, alpha=0.05, max_samples=10, name=False)
        while batch := confirmation.next():
            for ask in batch:
                rates = old if ask.side is Side.OLD else new
                confirmation.record(ask, random.random() < rates[int(ask.id)])
        found += confirmation.result().regressed
    return found / suites


@pytest.mark.parametrize("rate", [0.5, 0.8, 0.95])
def test_unchanged_suites_rarely_regress(rate):
    assert regressed_share([rate] * 50, [rate] * 50, suites=60, seed=1) <= 0.05


def test_a_frozen_old_side_that_was_recorded_until_it_passed_raises_no_alarm():
    rates = [0.9] * 50

    assert regressed_share(rates, rates, suites=60, seed=2, first_old=[True] * 50) <= 0.05


def test_one_broken_case_among_noisy_ones_is_found():
    old, new = [1.0] + [0.7] * 29, [0.0] + [0.7] * 29

    assert regressed_share(old, new, suites=40, seed=3) >= 0.95


def test_half_of_the_cases_broken_is_found():
    assert regressed_share([0.95] * 50, [0.0] * 25 + [0.95] * 25, suites=20, seed=4) == 1.0
