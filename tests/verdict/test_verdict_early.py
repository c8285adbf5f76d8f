from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from promptctl.verdict.early import EarlyStop, evidence


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_evidence_is_the_beta_integral(lost, won):
    pairs = lost + won
    expected = 2.0 ** (pairs + 1) * special.beta(lost + 1, won + 1) * stats.beta.sf(0.5, lost + 1, won + 1)

    assert expected == pytest.approx(evidence(lost, won), rel=1e-9)


@given(st.integers(0, 40), st.integers(0, 40))
def test_under_the_null_the_evidence_is_a_martingale(lost, won):
    """The law that lets one look at it as often as one likes."""
    assert (evidence(lost + 1, won) + evidence(lost, won + 1)) / 2 == pytest.approx(evidence(lost, won), rel=1e-12)


def test_nine_pairs_lost_one_after_the_other_stop_the_replay():
    early = EarlyStop(alpha=0.05)

    for _ in range(8):
        early.add(1, 0)
    assert early.wants()
    assert not early.stopped
    early.add(1, 0)

    assert early.stopped
    assert not early.wants()
    assert pytest.approx(10 / 1023) == early.p_value


def test_pairs_that_agree_say_nothing_and_forty_are_the_draw():
    early = EarlyStop(alpha=0.05)

    assert all(early.wants() for _ in range(40))
    for _ in range(40):
        early.add(0.7, 0.7)

    assert early.p_value == 1.0
    assert not early.wants()
    assert not early.stopped


def test_of_suspects_that_share_their_noise_the_first_takes_part():
    early = EarlyStop(alpha=0.05)

    assert early.wants(("one conversation", b"request a"))
    assert not early.wants(("one conversation", b"request b"))
    assert not early.wants(("another", b"request a"))
    assert early.wants(("another", b"request b"))


def test_looking_after_every_pair_keeps_the_error_rate():
    random = Random(1)
    stopped = 0
    for _ in range(2_000):
        early = EarlyStop(alpha=0.25)  # the level is a fifth of it: 5%
        while early.wants():
            early.add(*random.choice([(1, 0), (0, 1)]))
        stopped += early.stopped

    assert stopped / 2_000 <= 0.05
