"""Kappa, its interval, and who may gate: known values, scipy as the oracle, and the rate at which a poor judge gets through."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.verdict.agreement import ADVISORY, MAY_GATE, Agreement, Standing

COUNTS = st.integers(0, 60)


@pytest.mark.parametrize(
    ("cells", "kappa"),
    [
        ((20, 5, 10, 15), 0.4),  # the textbook's: p_o 0.7, p_e 0.5
        ((45, 15, 25, 15), 0.1304),
        ((25, 35, 5, 35), 0.2593),  # the same agreement as above, other margins
        ((10, 0, 0, 10), 1.0),
        ((0, 10, 10, 0), -1.0),
        ((5, 5, 5, 5), 0.0),
        ((20, 0, 0, 0), None),
        ((0, 0, 0, 0), None),
    ],
)
def test_kappa(cells, kappa):
    found = Agreement(*cells).kappa

    assert (None if kappa is None else pytest.approx(kappa, abs=5e-5)) == found


@pytest.mark.parametrize(
    ("cells", "standing"),
    [
        ((10, 0, 0, 10), Standing.GATES),
        ((5, 0, 0, 5), Standing.UNPROVEN),  # ten labels that agree wholly prove little
        ((58, 7, 10, 25), Standing.UNPROVEN),
        ((10, 5, 5, 10), Standing.ADVISORY),
        ((20, 0, 0, 0), Standing.ADVISORY),  # all pass: agreement by chance looks the same
        ((0, 0, 0, 0), Standing.ADVISORY),
        ((0, 10, 10, 0), Standing.ADVISORY),
    ],
)
def test_who_may_gate(cells, standing):
    assert standing == Agreement(*cells).standing


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_the_interval_holds_kappa_and_does_not_care_what_is_called_a_pass(a, b, c, d):
    found, turned = Agreement(a, b, c, d), Agreement(d, c, b, a)
    low, high = found.interval

    assert -1 - 1e-9 <= low <= high <= 1 + 1e-9
    assert found.interval == pytest.approx(turned.interval, abs=1e-6)
    if found.kappa is not None:
        assert low <= found.kappa <= high
        assert found.kappa == pytest.approx(turned.kappa)
        assert (found.standing is Standing.GATES) == (low >= MAY_GATE and found.kappa >= ADVISORY)


@pytest.mark.parametrize("cells", [(20, 3, 2, 25), (40, 1, 4, 10), (7, 2, 1, 9), (90, 4, 4, 6)])
def test_the_ends_are_where_the_fit_is_refused(cells):
    """Goodness of fit at one degree of freedom, solved anew with scipy."""
    optimize = pytest.importorskip("scipy.optimize")
    stats = pytest.importorskip("scipy.stats")
    n, apart = sum(cells), cells[1] + cells[2]
    rate = (2 * cells[0] + apart) / (2 * n)
    spread = rate * (1 - rate)

    def misfit(kappa):
        expected = [
            n * (rate**2 + spread * kappa),
            2 * n * spread * (1 - kappa),
            n * ((1 - rate) ** 2 + spread * kappa),
        ]
        seen = (cells[0], apart, cells[3])
        return sum((o - e) ** 2 / e for o, e in zip(seen, expected, strict=True)) - stats.chi2.ppf(0.95, 1)

    centre = 1 - apart / (2 * n * spread)
    least = max(-rate / (1 - rate), -(1 - rate) / rate)
    low = optimize.brentq(misfit, least + 1e-9, centre)
    high = optimize.brentq(misfit, centre, 1 - 1e-9)
    found = Agreement(*cells)

    assert (min(low, found.kappa), max(high, found.kappa)) == pytest.approx(found.interval, abs=1e-9)


@pytest.mark.parametrize(("labels", "rate"), [(20, 0.5), (50, 0.8), (200, 0.5)])
def test_a_judge_at_the_bound_gets_through_in_one_of_forty(labels, rate):
    """True kappa 0.6: nominal 2.5%; a thousand calibrations, seeded."""
    chance = rate * rate + (1 - rate) * (1 - rate)
    both = (MAY_GATE * (1 - chance) + chance - 1 + 2 * rate) / 2
    shares = (both, rate - both, rate - both, 1 - 2 * rate + both)
    draw = random.Random(1)
    gates = 0
    for _ in range(1_000):
        drawn = draw.choices(range(4), shares, k=labels)
        gates += Agreement(*(drawn.count(cell) for cell in range(4))).standing is Standing.GATES

    assert gates <= 40
