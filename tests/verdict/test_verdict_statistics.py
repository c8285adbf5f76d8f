import json
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from promptctl.verdict.statistics import (
    fisher,
    fisher_two_sided,
    holm,
    mcnemar,
    mcnemar_two_sided,
    permutation,
    sign_flip,
    stratified,
    stratified_within,
)

BBH = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "bbh_pairs.jsonl"
few = st.integers(0, 60)
quick = settings(deadline=None, max_examples=40)  # the load of the machine is not what is tested


@st.composite
def strata(draw):
    samples = draw(st.integers(1, 10))
    passes = st.integers(0, samples)
    return draw(st.lists(st.tuples(passes, passes), min_size=1, max_size=12)), samples


def one_after_the_other(counts, samples):
    pmf = np.array([1.0])
    for old, new in counts:
        pmf = np.convolve(pmf, stats.hypergeom.pmf(np.arange(samples + 1), 2 * samples, old + new, samples))
    return float(pmf[sum(old for old, _ in counts) :].sum())


@quick
@given(few, few)
def test_mcnemar_is_the_binomial_test(lost, gained):
    if lost + gained == 0:
        assert 1.0 == mcnemar(0, 0)
        return

    assert stats.binomtest(lost, lost + gained, alternative="greater").pvalue == pytest.approx(
        mcnemar(lost, gained), rel=1e-12
    )
    assert stats.binomtest(lost, lost + gained).pvalue == pytest.approx(mcnemar_two_sided(lost, gained), rel=1e-12)


@pytest.mark.parametrize(
    ("task", "lost", "gained", "p_value"),
    [
        ("causal_judgement", 46, 28, 0.0474),
        ("ruin_names", 42, 25, 0.0498),
        ("snarks", 35, 32, None),
        ("salient_translation_error_detection", 23, 20, None),
        ("web_of_lies", 4, 113, None),
        ("sports_understanding", 5, 67, None),
    ],
)
def test_mcnemar_knows_the_published_pairs(task, lost, gained, p_value):
    if not BBH.exists():
        pytest.skip("the BIG-Bench Hard pairs lie beside the checkout, and are not there")
    pairs = [json.loads(line) for line in BBH.read_text(encoding="utf-8").splitlines()]
    pairs = [pair for pair in pairs if pair["task"] == task]

    assert lost == sum(pair["old"] > pair["new"] for pair in pairs)
    assert gained == sum(pair["old"] < pair["new"] for pair in pairs)
    two_sided = mcnemar_two_sided(lost, gained)
    assert stats.binomtest(lost, lost + gained).pvalue == pytest.approx(two_sided, rel=1e-12)
    if p_value is not None:
        assert p_value == round(two_sided, 4)


def test_mcnemar_is_scipys_on_all_published_tasks():
    if not BBH.exists():
        pytest.skip("the BIG-Bench Hard pairs lie beside the checkout, and are not there")
    pairs = [json.loads(line) for line in BBH.read_text(encoding="utf-8").splitlines()]

    tasks = sorted({pair["task"] for pair in pairs})
    assert len(tasks) >= 15
    for task in tasks:
        lost = sum(pair["old"] > pair["new"] for pair in pairs if pair["task"] == task)
        gained = sum(pair["old"] < pair["new"] for pair in pairs if pair["task"] == task)
        assert abs(stats.binomtest(lost, lost + gained).pvalue - mcnemar_two_sided(lost, gained)) <= 1e-12
        one_sided = stats.binomtest(lost, lost + gained, alternative="greater").pvalue
        assert abs(one_sided - mcnemar(lost, gained)) <= 1e-12


@quick
@given(st.data())
def test_permutation_is_scipys(data):
    r = data.draw(st.integers(2, 5))
    side = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.8, 1.0]), min_size=r, max_size=r)
    old, new = data.draw(side), data.draw(side)

    theirs = stats.permutation_test(
        (old, new), lambda x, y: sum(x) - sum(y), alternative="greater", n_resamples=np.inf, vectorized=False
    )
    assert abs(theirs.pvalue - permutation(old, new)) <= 1e-12


@quick
@given(st.data())
def test_fisher_is_scipys(data):
    old_n, new_n = data.draw(st.integers(1, 30)), data.draw(st.integers(1, 30))
    old, new = data.draw(st.integers(0, old_n)), data.draw(st.integers(0, new_n))
    table = [[old, old_n - old], [new, new_n - new]]

    assert stats.fisher_exact(table, alternative="greater").pvalue == pytest.approx(
        fisher(old, old_n, new, new_n), rel=0, abs=1e-12
    )
    assert stats.fisher_exact(table).pvalue == pytest.approx(fisher_two_sided(old, old_n, new, new_n), rel=0, abs=1e-12)


@quick
@given(strata())
def test_stratified_is_the_convolution_of_hypergeometrics(drawn):
    counts, samples = drawn

    assert one_after_the_other(counts, samples) == pytest.approx(stratified(counts, samples), abs=1e-12)


@quick
@given(strata(), st.sampled_from([0.001, 0.02, 0.04, 0.3]))
def test_the_bounds_never_change_the_stratified_decision(drawn, level):
    counts, samples = drawn

    assert (stratified(counts, samples) <= level) == stratified_within(counts, samples, level)


def test_stratified_of_one_case_is_fisher_and_of_none_is_certain():
    assert fisher(7, 7, 2, 7) == stratified([(7, 2)], 7)
    assert 1.0 == stratified([], 7)
    assert not stratified_within([], 7, 0.04)


def test_stratified_holds_forty_cases_of_ten():
    counts = [(index % 11, index * 7 % 9) for index in range(40)]

    assert one_after_the_other(counts, 10) == pytest.approx(stratified(counts, 10), rel=1e-10)


@quick
@given(strata(), st.data())
def test_more_evidence_never_raises_the_stratified_p(drawn, data):
    """The law that the early stop rests on."""
    counts, samples = drawn
    at = data.draw(st.integers(0, len(counts) - 1))
    old, new = counts[at]
    p_value = stratified(counts, samples)

    if old < samples:
        assert stratified([*counts[:at], (old + 1, new), *counts[at + 1 :]], samples) <= p_value + 1e-15
    if new > 0:
        assert stratified([*counts[:at], (old, new - 1), *counts[at + 1 :]], samples) <= p_value + 1e-15


def test_holm_adjusts_step_by_step():
    assert [pytest.approx(0.03), pytest.approx(0.06), pytest.approx(0.06)] == holm([0.01, 0.04, 0.03])
    assert [1.0, 1.0] == holm([0.9, 0.8])
    assert [] == holm([])


@quick
@given(st.lists(st.sampled_from([-1.0, -0.5, -1 / 3, 0.0, 0.25, 1.0]), min_size=1, max_size=8))
def test_sign_flip_counts_all_signs(differences):
    seen = sum(differences)
    flips = [
        sum(s * d for s, d in zip(signs, differences, strict=True))
        for signs in product((1, -1), repeat=len(differences))
    ]

    assert sum(one <= seen + 1e-9 for one in flips) / len(flips) == pytest.approx(sign_flip(differences), abs=1e-12)


@quick
@given(st.integers(0, 30), st.integers(0, 30))
def test_sign_flip_of_wins_and_losses_is_mcnemar(lost, gained):
    assert mcnemar(lost, gained) == pytest.approx(sign_flip([-1.0] * lost + [1.0] * gained), rel=1e-12)


def test_sign_flip_rounds_odd_scores_to_the_safe_side():
    differences = [-0.1234567, 0.0345678, -0.4567891, -0.0000123, 0.2718281, -0.3141592]
    flips = [
        sum(s * d for s, d in zip(signs, differences, strict=True))
        for signs in product((1, -1), repeat=len(differences))
    ]
    exact = sum(one <= sum(differences) + 1e-12 for one in flips) / len(flips)

    assert exact <= sign_flip(differences) <= exact + 0.05


def test_sign_flip_of_forty_odd_scores_is_close_to_normal():
    differences = [(-1) ** index * (index % 37) / 36.5 - 0.04 for index in range(40)]
    normal = stats.norm.cdf(sum(differences) / sum(d * d for d in differences) ** 0.5)

    assert normal == pytest.approx(sign_flip(differences), abs=0.03)


scores = st.lists(st.sampled_from([0.0, 0.2, 1 / 3, 0.5, 0.9, 1.0]), min_size=1, max_size=5)


@quick
@given(scores, scores)
def test_permutation_counts_all_choices(old, new):
    values = [*old, *new]
    choices = [sum(chosen) for chosen in combinations(values, len(old))]

    assert sum(one >= sum(old) - 1e-9 for one in choices) / len(choices) == pytest.approx(
        permutation(old, new), abs=1e-12
    )


@quick
@given(st.integers(0, 8), st.integers(0, 8))
def test_permutation_of_passes_is_fisher(old, new):
    assert fisher(old, 8, new, 8) == pytest.approx(
        permutation([1.0] * old + [0.0] * (8 - old), [1.0] * new + [0.0] * (8 - new)), rel=1e-12
    )
