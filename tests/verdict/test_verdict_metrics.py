from itertools import permutations

from promptctl.verdict.metrics import MOST, Metric, MetricSide, MetricTally, Named
from promptctl.verdict.suspect import Side


def named(score, *, weight=1.0, side=Side.NEW, name="m"):
    return Named(name, side, score, score >= 0.5, weight)


def metrics(*cases):
    tally = MetricTally()
    for results, weight in cases:
        tally.add(results, weight)
    return tally.metrics()


def test_a_metric_is_the_weighted_mean_of_its_results():
    (found,) = metrics(([named(1.0, weight=3), named(0.0)], 1.0), ([named(0.0)], 2.0))

    assert found == Metric("m", None, MetricSide(0.5, 1, 3))


def test_results_that_weigh_nothing_have_their_plain_mean():
    (found,) = metrics(([named(1.0, weight=0), named(0.25, weight=0)], 1.0), ([named(0.25)], 0.0))

    assert found.new == MetricSide(0.5, 1, 3)


def test_the_order_of_the_cases_moves_no_digit():
    cases = [
        ([named(score, weight=weight)], 1.0) for score, weight in ((0.1, 1e9), (0.7, 0.3), (0.3, 1e-3), (0.9, 7.1))
    ]

    assert len({metrics(*order) for order in permutations(cases)}) == 1


def test_sides_are_apart_and_names_are_bounded():
    both = [named(1.0, side=Side.OLD, name="b"), named(0.0, name="b"), named(0.5, name="a")]

    assert [(one.name, one.old is None, one.new is None) for one in metrics((both, 1.0))] == [
        ("a", True, False),
        ("b", False, False),
    ]
    assert len(metrics(([named(1.0, name=f"n{number}") for number in range(MOST + 5)], 1.0))) == MOST
