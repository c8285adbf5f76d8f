from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.verdict.design import Design


def design(cases):
    found = Design()
    for weight, cluster in cases:
        found.add(weight, cluster)
    return found


@given(st.lists(st.sampled_from([0, 1]), min_size=1, max_size=30))
def test_cases_that_stand_alone_count_in_full(values):
    alike = design([(2.0, None)] * len(values))

    assert len(values) == alike.effective_size(values)
    assert sum(values) / len(values) == alike.mean(values)
    assert not alike.weighted
    assert not alike.shared


def test_copies_count_once():
    copies = design([(1.0, f"k{case // 5}") for case in range(50)])

    assert copies.shared
    assert pytest.approx(10, rel=0.12) == copies.effective_size([case // 5 % 2 for case in range(50)])


def test_clusters_without_common_noise_count_almost_in_full():
    random = Random(1)
    clustered = design([(1.0, f"k{case // 4}") for case in range(400)])

    assert clustered.effective_size([random.random() < 0.5 for _ in range(400)]) > 280


def test_weights_count_as_kish_says():
    weights = [1.0] * 50 + [4.0] * 50
    random = Random(2)
    found = design([(weight, None) for weight in weights])
    values = [random.random() < 0.5 for _ in weights]

    kish = sum(weights) ** 2 / sum(weight**2 for weight in weights)
    assert kish == pytest.approx(found.effective_size(values), rel=0.15)
    assert sum(w * v for w, v in zip(weights, values, strict=True)) / 250 == found.mean(values)


def test_where_nothing_varies_the_clusters_count():
    assert design([(1.0, f"k{case // 5}") for case in range(50)]).effective_size([0] * 50) == 10.0


@given(
    st.lists(
        st.tuples(st.floats(0.1, 9), st.sampled_from(["a", "b", None]), st.integers(-1, 1)), min_size=1, max_size=20
    )
)
def test_no_design_makes_cases_count_for_more(cases):
    found = design([(weight, cluster) for weight, cluster, _ in cases])

    assert 0 < found.effective_size([value for *_, value in cases]) <= len(cases)
