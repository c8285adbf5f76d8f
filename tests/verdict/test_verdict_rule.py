from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptctl.verdict import rule


@settings(deadline=None)
@given(st.integers(1, 40), st.sampled_from([0.05, 0.01, 0.001]), st.booleans())
def test_needed_samples_are_two_more_than_the_fewest(suspects, alpha, clustered):
    r = rule.needed_samples(suspects, alpha=alpha, max_samples=100, clustered=clustered)
    ways = rule.looks(suspects, clustered=clustered) * suspects

    assert ways / comb(2 * (r - 2), r - 2) <= 0.8 * alpha
    assert r == 3 or ways / comb(2 * (r - 3), r - 3) > 0.8 * alpha


@settings(deadline=None, max_examples=40)
@given(st.data(), st.booleans())
def test_holds_is_the_p_value_within_the_level(data, clustered):
    samples = data.draw(st.integers(1, 9))
    passes = st.integers(0, samples)
    counts = data.draw(st.lists(st.tuples(passes, passes), min_size=1, max_size=8))
    suspects = len(counts) + data.draw(st.integers(0, 2))

    expected = rule.rule_p(counts, suspects, samples, clustered=clustered) <= 0.04

    assert expected == rule.holds(counts, suspects, samples, alpha=0.05, clustered=clustered)


def test_no_suspect_cannot_decide():
    assert not rule.can_decide(0, alpha=0.05, max_samples=10)


def test_no_case_left_shows_nothing():
    assert 1.0 == rule.rule_p([], 3, 7)


@pytest.mark.parametrize(("suspects", "clustered", "looks"), [(1, False, 1), (2, False, 2), (2, True, 1)])
def test_looking_twice_is_paid_for(suspects, clustered, looks):
    assert looks == rule.looks(suspects, clustered=clustered)
