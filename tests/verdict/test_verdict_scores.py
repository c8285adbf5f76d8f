from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptctl.verdict import rule, scores
from promptctl.verdict.confirm import Confirmation, Method, Side, Suspect
from promptctl.verdict.pair import Outcome, Pair
from promptctl.verdict.statistics import fisher, sign_flip, stratified
from promptctl.verdict.suspect import suspects

quick = settings(deadline=None, max_examples=40)
STEPS = st.sampled_from([0, 100, 333, 500, 505, 950, 1000])


@st.composite
def samples(draw, cases=6):
    r = draw(st.integers(1, 5))
    side = st.lists(STEPS, min_size=r, max_size=r).map(tuple)
    return draw(st.lists(st.tuples(side, side), min_size=1, max_size=cases)), r


@quick
@given(samples(cases=1))
def test_a_case_counts_all_choices(drawn):
    ((old, new),), r = drawn
    choices = [sum(chosen) for chosen in combinations(old + new, r)]

    assert sum(one >= sum(old) for one in choices) / len(choices) == pytest.approx(
        scores.case_p(old, new), rel=1e-12, abs=1e-12
    )


@quick
@given(samples(cases=1), st.integers(1, 80), st.sampled_from([0.001, 0.01, 0.04, 0.3]))
def test_a_case_is_within_a_level_where_its_p_value_is(drawn, times, level):
    ((old, new),), _ = drawn

    assert scores.case_within(old, new, times, level) == (times * scores.case_p(old, new) <= level)


@quick
@given(samples(cases=3))
def test_together_counts_the_choices_of_every_case(drawn):
    cases, r = drawn
    coarse = [tuple(tuple(round(score / 50) for score in side) for side in case) for case in cases]
    sums = {0: 1}
    for old, new in coarse:
        choices = [sum(chosen) for chosen in combinations(old + new, r)]
        found: dict[int, int] = {}
        for total, ways in sums.items():
            for choice in choices:
                found[total + choice] = found.get(total + choice, 0) + ways
        sums = found
    seen = sum(sum(old) for old, _ in coarse)

    expected = sum(ways for total, ways in sums.items() if total >= seen) / sum(sums.values())
    assert expected == pytest.approx(scores.together(cases), rel=1e-12)


@quick
@given(st.data())
def test_passes_and_failures_give_the_tests_of_passes(data):
    r = data.draw(st.integers(1, 8))
    counts = data.draw(st.lists(st.tuples(st.integers(0, r), st.integers(0, r)), min_size=1, max_size=8))
    cases = [((1000,) * a + (0,) * (r - a), (1000,) * d + (0,) * (r - d)) for a, d in counts]

    assert stratified(counts, r) == pytest.approx(scores.together(cases), rel=1e-12)
    assert fisher(counts[0][0], r, counts[0][1], r) == pytest.approx(scores.case_p(*cases[0]), rel=1e-12)


@quick
@given(samples(), st.sampled_from([0.001, 0.02, 0.04, 0.3]))
def test_the_bounds_never_change_the_decision(drawn, level):
    cases, _ = drawn

    assert (scores.together(cases) <= level) == scores.together_within(cases, level)


@quick
@given(samples(), st.data())
def test_more_evidence_never_raises_a_p(drawn, data):
    """The law that stopping the samples early rests on."""
    cases, r = drawn
    at, place, score = data.draw(
        st.tuples(st.integers(0, len(cases) - 1), st.integers(0, r - 1), STEPS),
    )
    old, new = cases[at]
    more = (*old[:place], max(score, old[place]), *old[place + 1 :])
    less = (*new[:place], min(score, new[place]), *new[place + 1 :])

    for better in ((more, new), (old, less)):
        changed = [*cases[:at], better, *cases[at + 1 :]]
        assert scores.case_p(*better) <= scores.case_p(old, new) + 1e-15
        assert scores.together(changed) <= scores.together(cases) + 1e-15


def test_nothing_is_no_evidence():
    assert scores.together([]) == 1.0
    assert not scores.together_within([], 0.04)


def test_forty_cases_of_ten_odd_scores_are_summed():
    random = Random(1)
    cases = [tuple(tuple(scores.steps(random.random()) for _ in range(10)) for _ in range(2)) for _ in range(40)]

    assert 0.0 < scores.together(cases) < 1.0


def graded(*values):
    return Outcome(passed=(True,) * len(values), scores=values, graded=True)


def test_a_graded_case_is_a_suspect_where_its_score_fell():
    passed = Outcome(passed=(True,), scores=(0.9,))
    pairs = [
        Pair("fell", graded(0.9), graded(0.8)),
        Pair("rose", graded(0.8), graded(0.9)),
        Pair("same", graded(0.8), graded(0.8)),
        Pair("mean", graded(0.9, 0.8), graded(0.8, 0.8)),
        Pair("bar", passed, Outcome(passed=(True,), scores=(0.8,))),
        Pair("unaffected", graded(0.9), graded(0.8), unaffected=True),
    ]

    assert [Suspect("fell", graded=True), Suspect("mean", graded=True)] == suspects(pairs)


def run(confirmation, score):
    asked = 0
    while batch := confirmation.next():
        asked += len(batch)
        for ask in batch:
            value = score(ask)
            confirmation.record(ask, value > 0, value)
    return confirmation.result(), asked


def test_a_score_that_fell_is_confirmed_and_named():
    noise = Random(1)
    confirmation = Confirmation([Suspect("a", graded=True)], alpha=0.05, max_samples=10)

    result, asked = run(confirmation, lambda ask: (0.8 if ask.side is Side.OLD else 0.4) + noise.random() / 10)

    assert result.regressed
    assert result.graded
    assert Method.CONFIRMED is result.method
    assert frozenset({"a"}) == result.confirmed
    assert result.fresh["a"].old_score > 0.7 > result.fresh["a"].new_score
    assert asked <= 12


def test_many_scores_that_fell_are_seen_in_one_fresh_pair_each():
    many = [Suspect(f"c{index}", graded=True) for index in range(12)]
    fell = {Side.OLD: 0.81, Side.NEW: 0.7}

    result, _ = run(Confirmation(many, alpha=0.05, max_samples=10, name=False), lambda ask: fell[ask.side])

    assert Method.FRESH_PAIRS is result.method
    assert sign_flip([-0.11] * 12) == pytest.approx(result.p_value)


def straight(answers, count):
    """The rule without its early stop: step 2, else all r pairs."""
    r = rule.needed_samples(count, alpha=0.05, max_samples=10)
    first = [(answers[case, Side.NEW][0] - answers[case, Side.OLD][0]) / 1000 for case in range(count)]
    if sign_flip(first) <= 0.2 * 0.05:
        return True
    counts = [(tuple(answers[case, Side.OLD][:r]), tuple(answers[case, Side.NEW][:r])) for case in range(count)]
    return rule.rule_p(counts, count, r, graded=True) <= 0.8 * 0.05


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 8), st.sampled_from([0.0, 0.2, 0.4, 0.6]))
def test_stopping_early_moves_no_decision(seed, count, drop):
    random = Random(seed)
    answers = {
        (case, side): [
            scores.steps(random.betavariate(4, 2) - (drop * random.random() if side is Side.NEW else 0))
            for _ in range(10)
        ]
        for case in range(count)
        for side in Side
    }
    many = [Suspect(f"c{index}", graded=True) for index in range(count)]

    result, _ = run(
        Confirmation(many, alpha=0.05, max_samples=10, name=False),
        lambda ask: answers[int(ask.id[1:]), ask.side][ask.round] / 1000,
    )

    assert straight(answers, count) == result.regressed
    assert result.regressed == (result.p_value <= result.level)
