"""A sample is the same everywhere, and every tag has its share of it."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.inputs.case import Case
from promptctl.inputs.sampling import sample


def cases(**sizes: int) -> list[Case]:
    return [Case(f"{tag}-{n}", {}, tags=(tag,)) for tag, size in sizes.items() for n in range(size)]


def by_tag(drawn: frozenset[str]) -> Counter[str]:
    return Counter(one.partition("-")[0] for one in drawn)


def test_the_same_seed_draws_the_same_and_another_another():
    some = cases(a=100)

    assert sample(some, 5, 1) == sample(reversed(some), 5, 1)
    assert sample(some, 5, 1) != sample(some, 5, 2)
    assert ["a-39", "a-57", "a-98"] == sorted(sample(some, 3, 0)), "on every machine"


@pytest.mark.parametrize(
    ("size", "share"),
    [(10, {"a": 7, "b": 2, "c": 1}), (4, {"a": 3, "b": 1}), (1, {"a": 1}), (100, {"a": 70, "b": 20, "c": 10})],
)
def test_every_tag_has_its_share(size, share):
    assert share == by_tag(sample(cases(a=70, b=20, c=10), size, 7))


def test_more_than_there_are_is_all():
    assert 3 == len(sample(cases(a=2, b=1), 50, 0))


@given(st.lists(st.integers(0, 30), max_size=6), st.integers(0, 100), st.integers())
def test_exactly_so_many(sizes, size, seed):
    some = [Case(f"{tag}-{n}", {}, tags=(str(tag),)) for tag, count in enumerate(sizes) for n in range(count)]

    assert min(size, len(some)) == len(sample(some, size, seed))


def test_a_case_that_is_added_moves_few_others():
    before, after = sample(cases(a=100), 20, 0), sample(cases(a=101), 20, 0)

    assert 19 <= len(before & after)
