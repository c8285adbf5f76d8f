import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from promptctl.verdict.intervals import clopper_pearson_upper, newcombe, tango, wilson

quick = settings(deadline=None, max_examples=40)  # the load of the machine is not what is tested


@st.composite
def paired(draw):
    n = draw(st.integers(1, 80))
    lost = draw(st.integers(0, n))
    return lost, draw(st.integers(0, n - lost)), n


@quick
@given(st.data())
def test_wilson_is_scipys(data):
    n = data.draw(st.integers(1, 200))
    passes = data.draw(st.integers(0, n))
    expected = stats.binomtest(passes, n).proportion_ci(method="wilson")

    assert (pytest.approx(expected.low, abs=1e-12), pytest.approx(expected.high, abs=1e-12)) == wilson(passes, n)


def test_intervals_of_nothing_exclude_nothing():
    assert (0.0, 1.0) == wilson(0, 0)
    assert (-1.0, 1.0) == tango(0, 0, 0)
    assert (-1.0, 1.0) == newcombe(0, 0, 0, 0)
    assert 1.0 == clopper_pearson_upper(3, 3)


@pytest.mark.parametrize(("n", "percent"), [(20, 13.9), (50, 5.8), (100, 3.0), (200, 1.5)])
def test_unseen_failures_with_none_lost(n, percent):
    assert percent == round(100 * clopper_pearson_upper(0, n), 1)


@quick
@given(st.data())
def test_clopper_pearson_is_the_beta_quantile(data):
    n = data.draw(st.integers(1, 500))
    lost = data.draw(st.integers(0, n - 1))

    assert stats.beta.ppf(0.95, lost + 1, n - lost) == pytest.approx(clopper_pearson_upper(lost, n), abs=1e-9)


def likelihood_score(lost, gained, n, delta):
    """Tango's statistic with its nuisance parameter found by brute force."""

    def minus_likelihood(q):
        chances = (q, q + delta, 1 - 2 * q - delta)
        terms = zip((lost, gained, n - lost - gained), chances, strict=True)
        return -sum(count * math.log(max(chance, 1e-300)) for count, chance in terms if count)

    low, high = max(0.0, -delta), (1 - delta) / 2
    q = optimize.minimize_scalar(minus_likelihood, bounds=(low, high), method="bounded", options={"xatol": 1e-12}).x
    return (gained - lost - n * delta) / math.sqrt(n * (2 * q + delta * (1 - delta)))


@pytest.mark.parametrize(("lost", "gained", "n"), [(4, 1, 40), (1, 9, 30), (12, 2, 50), (3, 3, 20)])
def test_tango_inverts_the_score_test(lost, gained, n):
    low, high = tango(lost, gained, n)

    assert 1.959964 == pytest.approx(likelihood_score(lost, gained, n, low), abs=1e-4)
    assert -1.959964 == pytest.approx(likelihood_score(lost, gained, n, high), abs=1e-4)


@quick
@given(paired())
def test_swapping_the_sides_mirrors_the_intervals(drawn):
    lost, gained, n = drawn
    low, high = tango(lost, gained, n)
    below, above = newcombe(n - lost - gained, lost, gained, 0)

    assert (pytest.approx(-high, abs=1e-9), pytest.approx(-low, abs=1e-9)) == tango(gained, lost, n)
    assert (pytest.approx(-above, abs=1e-9), pytest.approx(-below, abs=1e-9)) == newcombe(
        n - lost - gained, gained, lost, 0
    )
    assert -1 <= low <= (gained - lost) / n <= high <= 1
    assert -1 <= below <= (gained - lost) / n + 1e-12
    assert (gained - lost) / n - 1e-12 <= above <= 1


@pytest.mark.parametrize("counts", [(30, 4, 1, 5), (5, 3, 9, 2), (0, 4, 4, 0), (20, 0, 0, 20)])
def test_newcombe_and_tango_agree_roughly(counts):
    both, lost, gained, neither = counts

    assert tango(lost, gained, sum(counts)) == pytest.approx(newcombe(both, lost, gained, neither), abs=0.09)


def test_a_wider_confidence_is_a_wider_interval():
    narrow, wide = tango(4, 1, 40, confidence=0.9), tango(4, 1, 40)

    assert wide[0] < narrow[0] < narrow[1] < wide[1]
