import json
from importlib.resources import files

import pytest

from promptctl.verdict.detectable import (
    Detectable,
    detectable,
    inputs_for,
    majority,
    single_case,
    unconfirmed,
    uniform_drop,
)
from promptctl.verdict.statistics import fisher

TABLE = json.loads(files("promptctl.verdict").joinpath("detectable.json").read_text(encoding="utf-8"))
RULE = {"alpha": 0.05, "max_samples": 10}


def cell(alpha, n, rate):
    return TABLE["drop"][TABLE["alpha"].index(alpha)][TABLE["n"].index(n)][TABLE["pass_rate"].index(rate)]


@pytest.mark.parametrize(("n", "rate"), [(20, 0.95), (50, 0.8), (200, 1.0), (1000, 0.5)])
def test_a_point_of_the_table_is_its_cell(n, rate):
    assert cell(0.05, n, rate) == uniform_drop(n, rate, **RULE)


def test_between_points_lies_between_cells():
    corners = [cell(0.05, n, rate) for n in (50, 100) for rate in (0.8, 0.9)]

    assert min(corners) < uniform_drop(70, 0.86, **RULE) < max(corners)


def test_more_prompts_see_less():
    assert uniform_drop(100, 0.9, **RULE) < uniform_drop(100, 0.9, alpha=0.05 / 5, max_samples=10)


def test_beyond_the_table_its_last_row_holds():
    assert (
        cell(0.05, 1000, 0.9) == uniform_drop(30_000, 0.9, **RULE) == uniform_drop(1000, 0.9, alpha=0.2, max_samples=10)
    )


@pytest.mark.parametrize(
    ("n", "rate", "rule"),
    [
        (50, 0.05, RULE),  # below the table
        (1, 0.5, RULE),  # a single noisy case
        (50, 0.9, {"alpha": 0.05, "max_samples": 4}),  # fewer samples than the table was made with
        (50, 0.9, {"alpha": 1e-5, "max_samples": 10}),
    ],
)
def test_what_the_table_does_not_hold_is_not_promised(n, rate, rule):
    assert uniform_drop(n, rate, **rule) is None


def test_samples_that_are_never_needed_are_not_missed():
    assert uniform_drop(5, 0.9, alpha=0.05, max_samples=7) == uniform_drop(5, 0.9, **RULE)


def test_every_drop_can_happen():
    for alpha_rows in TABLE["drop"]:
        for row in alpha_rows:
            assert len(TABLE["pass_rate"]) == len(row)
            assert all(drop is None or 0 < drop <= rate for drop, rate in zip(row, TABLE["pass_rate"], strict=True))


def test_a_single_case_by_hand():
    rate = single_case(1, 1.0, **RULE)

    # Six fresh pairs; two passes of six are still significant against six of six.
    assert fisher(6, 6, 2, 6) <= 0.04 < fisher(6, 6, 3, 6)
    confirmed = sum(ways * rate**passes * (1 - rate) ** (6 - passes) for passes, ways in ((0, 1), (1, 6), (2, 15)))
    assert 0.8 == pytest.approx((1 - rate) * confirmed, abs=1e-4)


def test_noise_hides_a_single_case():
    quiet, noisy = single_case(100, 1.0, **RULE), single_case(100, 0.7, **RULE)

    assert noisy < quiet < 0.2
    assert single_case(5000, 0.5, **RULE) is None  # the draw of forty mostly misses it
    assert single_case(1, 1.0, alpha=0.05, max_samples=3) is None


def test_nothing_compared_sees_nothing():
    assert Detectable() == detectable(0, 1.0, **RULE)
    assert Detectable(cell(0.05, 50, 0.9), single_case(50, 0.9, **RULE)) == detectable(50, 0.9, **RULE)


def test_repeats_hide_a_uniform_drop_and_confirm_a_single_case_as_well():
    assert uniform_drop(50, 0.95, **RULE) < uniform_drop(50, 0.95, repeat=3, **RULE) < 0.3
    assert single_case(50, 0.9, **RULE) < single_case(50, 0.9, repeat=3, **RULE)
    assert majority(0.5, 3) == pytest.approx(0.5)
    assert majority(0.9, 3) == pytest.approx(0.9**3 + 3 * 0.9**2 * 0.1)


def test_clusters_promise_no_uniform_drop():
    found = detectable(50, 0.9, clustered=True, **RULE)

    assert found.drop is None
    assert found.single > single_case(50, 0.9, **RULE)  # one look only, and it costs nothing


def test_an_effective_size_lies_between_whole_ones():
    assert uniform_drop(60, 0.9, **RULE) <= uniform_drop(55.5, 0.9, **RULE) <= uniform_drop(50, 0.9, **RULE)
    assert detectable(0.4, 0.9, **RULE) == Detectable()


@pytest.mark.parametrize(("drop", "rate"), [(0.1, 0.9), (0.2, 0.9), (0.05, 1.0)])
def test_how_many_inputs_a_drop_takes(drop, rate):
    wanted = inputs_for(drop, rate, **RULE)

    assert uniform_drop(wanted, rate, **RULE) <= drop < uniform_drop(wanted - 1, rate, **RULE)


def test_a_drop_that_no_number_of_inputs_shows_is_not_promised():
    assert inputs_for(0.01, 0.5, **RULE) is None


@pytest.mark.parametrize(("n", "rate", "repeat"), [(8, 1.0, 1), (8, 0.9, 1), (30, 0.95, 1), (20, 0.9, 3), (3, 0.5, 1)])
def test_where_nobody_asks_again_one_lost_case_is_seen(n, rate, repeat):
    seen = unconfirmed(n, majority(rate, repeat), repeat=repeat)

    def power(drop):
        return 1 - (1 - majority(rate, repeat) * (1 - majority(rate - drop, repeat))) ** n

    assert power(seen.drop) >= 0.8 - 1e-3
    assert power(max(0.0, seen.drop - 1e-3)) < 0.8 or seen.drop < 1e-3
    assert 1 - majority(seen.single, repeat) == pytest.approx(0.8, abs=1e-3)


def test_where_nobody_asks_again_nothing_is_seen_of_what_never_passed():
    assert unconfirmed(20, 0.0).drop is None
    assert unconfirmed(0, 0.9) == Detectable()


@pytest.mark.parametrize("n", [1, 10, 200])
def test_nothing_is_seen_of_what_never_passed(n):
    assert detectable(n, 0.0, **RULE) == Detectable()
    assert unconfirmed(n, 0.0) == Detectable()
