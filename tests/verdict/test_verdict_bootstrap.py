from random import Random

import numpy as np
import pytest
from scipy import stats

from promptctl.verdict.bootstrap import mean_interval


def groups(values):
    return [(value, 1.0) for value in values]


@pytest.mark.parametrize("seed", range(6))
def test_bca_agrees_with_scipys(seed):
    random = Random(seed)
    values = [random.betavariate(2, 5) - random.betavariate(2, 4) for _ in range(60)]

    found = mean_interval(groups(values))

    theirs = stats.bootstrap(
        (values,), np.mean, method="BCa", n_resamples=20_000, rng=np.random.default_rng(seed)
    ).confidence_interval
    assert found.method == "BCa bootstrap"
    width = theirs.high - theirs.low
    assert theirs.low == pytest.approx(found.low, abs=0.05 * width)
    assert theirs.high == pytest.approx(found.high, abs=0.05 * width)


def test_it_covers_the_mean_of_skewed_scores():
    random = Random(3)
    hits = 0
    for _ in range(120):
        low_high = mean_interval(groups([random.expovariate(1) for _ in range(30)]))
        hits += low_high.low <= 1 <= low_high.high

    assert hits / 120 >= 0.88


def test_the_same_cases_give_the_same_interval():
    values = [0.1, -0.2, 0.05, 0.4, -0.3, 0.0, 0.2]

    assert mean_interval(groups(values)) == mean_interval(groups(values))


def test_equal_differences_are_a_point():
    found = mean_interval(groups([-0.25] * 12))

    assert (-0.25, -0.25, "all equal") == (found.low, found.high, found.method)


def test_clusters_widen_it():
    random = Random(4)
    values = [random.gauss(0, 1) for _ in range(20)]
    alone = mean_interval(groups([value for value in values for _ in range(5)]))
    clustered = mean_interval([(5 * value, 5.0) for value in values])

    assert clustered.high - clustered.low > 1.5 * (alone.high - alone.low)


def test_many_cases_take_the_normal_interval():
    random = Random(5)
    values = [random.random() for _ in range(3_000)]

    found = mean_interval(groups(values))

    assert found.method == "normal"
    assert found.high - found.low == pytest.approx(2 * 1.96 * stats.sem(values), rel=1e-3)
