from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptctl.verdict import rule
from promptctl.verdict.confirm import Ask, Confirmation, Fresh, Method, Side, Suspect, suspects
from promptctl.verdict.pair import Outcome, Pair
from promptctl.verdict.statistics import fisher, mcnemar

GOOD = Outcome(passed=(True,), scores=(1.0,), outputs=("a",))
BAD = Outcome(passed=(False,), scores=(0.0,), outputs=("b",))


def cases(count):
    return [Suspect(f"c{index:03}") for index in range(count)]


def start(suspects, **options):
    return Confirmation(suspects, **({"alpha": 0.05, "max_samples": 10} | options))


def run(confirmation, answer):
    """Ask until nothing is left; `answer(ask)` says how. The batches that were asked."""
    batches = []
    while batch := confirmation.next():
        batches.append(batch)
        for ask in batch:
            confirmation.record(ask, answer(ask))
    return batches


def broken(ask):
    return ask.side is Side.OLD


def fine(ask):
    return True


def test_suspects_passed_before_and_fail_now():
    pairs = [
        Pair("lost", GOOD, BAD, cluster="k"),
        Pair("kept", GOOD, GOOD),
        Pair("won", BAD, GOOD),
        Pair("same", GOOD, BAD, unaffected=True),
        Pair("fatal", GOOD, Outcome(error="too long", fatal=True)),
        Pair("failed", Outcome(passed=(True,), error="quota"), BAD),
        Pair("unscored", Outcome(outputs=("a",)), Outcome(outputs=("b",))),
        Pair("added", None, BAD),
        Pair("half", Outcome(passed=(True, False)), Outcome(passed=(False, False, True))),
    ]

    assert [Suspect("lost", "k"), Suspect("half")] == suspects(pairs)


@pytest.mark.parametrize(
    ("count", "samples"), [(1, 6), (2, 7), (3, 7), (4, 7), (5, 7), (6, 8), (11, 8), (12, 8), (20, 9), (40, 9)]
)
def test_needed_samples(count, samples):
    assert samples == rule.needed_samples(count, alpha=0.05, max_samples=10)


def test_needed_samples_are_capped_and_grow_with_the_number_of_prompts():
    assert 5 == rule.needed_samples(4, alpha=0.05, max_samples=5)
    assert 9 == rule.needed_samples(4, alpha=0.05 / 10, max_samples=10)
    assert 6 == rule.needed_samples(3, alpha=0.05, max_samples=10, clustered=True) - 1


def test_no_suspect_needs_nothing():
    confirmation = start([])

    assert () == confirmation.next()
    result = confirmation.result()
    assert (False, None, Method.NONE, True) == (
        result.regressed,
        result.p_value,
        result.method,
        result.possible,
    )


def test_one_broken_case_is_confirmed_and_named():
    confirmation = start(cases(1))

    batches = run(confirmation, broken)

    result = confirmation.result()
    assert result.regressed
    assert Method.CONFIRMED is result.method
    assert frozenset({"c000"}) == result.confirmed
    assert Fresh(6, 6, 0, 6) == result.fresh["c000"]
    assert result.p_value <= result.level == 0.8 * 0.05
    # The new side comes first, and a batch holds all that is certain to be asked.
    assert [Side.NEW] * 3 == [ask.side for ask in batches[0]]
    assert [0, 1, 2] == [ask.round for ask in batches[0]]


@pytest.mark.parametrize(("allowed", "named"), [(0, 10), (9, 10), (12, 13), (29, 30), (99, 30)])
def test_as_many_are_named_as_tell_that_more_regressed_than_are_allowed(allowed, named):
    confirmation = start(cases(30), allowed=allowed)

    run(confirmation, broken)

    result = confirmation.result()
    assert Method.FRESH_PAIRS is result.method
    assert named == len(result.confirmed)
    assert 30 == len(result.confirmed) + len(result.suspected)


def test_where_one_case_decides_and_the_others_fell_together_those_outside_the_draw_did_too():
    confirmation = start(cases(60))
    drawn = sorted(ask.id for ask in confirmation.next())
    worst, fallen = drawn[0], drawn[1:13]

    def answer(ask):
        if ask.round == 0 or ask.side is Side.OLD:
            return True  # the first fresh pairs show nothing
        return ask.id != worst and not (ask.id in fallen and ask.round == 8)

    run(confirmation, answer)

    result = confirmation.result()
    assert Method.CONFIRMED is result.method
    assert result.confirmed == {worst}
    assert result.suspected == {*fallen, *(result.suspected | result.flaky) - {*drawn}}
    assert len(result.suspected) == 12 + 20


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("count", [1, 2, 3, 7, 40])
def test_the_fewest_samples_that_could_decide(count, clustered):
    fewest = rule.fewest_samples(count, alpha=0.05, clustered=clustered)

    assert rule.can_decide(count, alpha=0.05, max_samples=fewest, clustered=clustered)
    assert not rule.can_decide(count, alpha=0.05, max_samples=fewest - 1, clustered=clustered)


def test_the_reported_p_is_the_deciding_one():
    confirmation = start(cases(1), name=False)

    run(confirmation, broken)

    # After four of six old answers the worst case is significant already.
    assert Fresh(4, 4, 0, 6) == confirmation.result().fresh["c000"]
    assert fisher(4, 6, 0, 6) == confirmation.result().p_value


def test_one_lucky_case_is_flaky_and_cheap():
    confirmation = start(cases(1))

    batches = run(confirmation, fine)

    result = confirmation.result()
    assert not result.regressed
    assert frozenset({"c000"}) == result.flaky
    assert [3] == [len(batch) for batch in batches]
    assert result.p_value > result.level


def test_many_broken_cases_are_seen_in_one_fresh_pair_each():
    confirmation = start(cases(8))

    batches = run(confirmation, broken)

    result = confirmation.result()
    assert Method.FRESH_PAIRS is result.method
    assert mcnemar(8, 0) == result.p_value
    assert 0.2 * 0.05 == result.level
    assert [8, 8] == [len(batch) for batch in batches[:2]]
    assert frozenset(case.id for case in cases(8)) == result.confirmed
    assert {Fresh(8, 8, 0, 8)} == set(result.fresh.values())


def test_step_two_is_left_out_where_it_cannot_succeed():
    confirmation = start(cases(6))

    first = confirmation.next()

    assert {Side.NEW} == {ask.side for ask in first}
    assert len(first) > 6  # more than one round: there is no look after the first


def test_fresh_pairs_are_the_first_of_the_r_pairs():
    confirmation = start(cases(9))

    batches = run(confirmation, lambda ask: ask.id < "c002" or ask.side is Side.OLD)

    asks = [ask for batch in batches for ask in batch]
    assert len(asks) == len(set(asks))
    assert {Side.NEW} == {ask.side for ask in batches[0]}
    assert {Side.OLD} == {ask.side for ask in batches[1]}


def test_above_forty_suspects_a_seeded_draw_of_forty():
    confirmation = start(cases(100), seed=3)
    same = start(list(reversed(cases(100))), seed=3)
    other = start(cases(100), seed=4)

    drawn = {ask.id for ask in confirmation.next()}

    assert 40 == len(drawn)
    assert drawn == {ask.id for ask in same.next()}
    assert drawn != {ask.id for ask in other.next()}


def test_a_large_regression_names_ten_and_suspects_the_rest():
    confirmation = start(cases(100))

    run(confirmation, broken)

    result = confirmation.result()
    assert 10 == len(result.confirmed)
    assert frozenset(case.id for case in cases(100)) == result.confirmed | result.suspected
    assert frozenset() == result.flaky
    assert (40, 100, 9) == (result.drawn, result.suspects, result.needed_samples)
    assert 2 * 40 + 10 * 2 * 8 == sum(one.old_n + one.new_n for one in result.fresh.values())


def test_outside_the_draw_is_flaky_where_nothing_was_shown():
    confirmation = start(cases(50))

    run(confirmation, fine)

    assert frozenset(case.id for case in cases(50)) == confirmation.result().flaky


def test_beside_a_broken_case_the_lucky_ones_are_flaky():
    confirmation = start(cases(3))

    run(confirmation, lambda ask: ask.id != "c001" or ask.side is Side.OLD)

    result = confirmation.result()
    assert frozenset({"c001"}) == result.confirmed
    assert frozenset({"c000", "c002"}) == result.flaky
    assert frozenset() == result.suspected


def weak(ask):
    """Seven of eight before, four of eight now: no case alone is significant."""
    return ask.round != 0 if ask.side is Side.OLD else ask.round >= 5


def test_suspects_together_can_show_what_none_shows_alone():
    confirmation = start(cases(6))

    run(confirmation, weak)

    result = confirmation.result()
    assert result.regressed
    assert Method.SUSPECTS_TOGETHER is result.method
    assert frozenset() == result.confirmed
    assert frozenset(case.id for case in cases(6)) == result.suspected


def test_together_regressed_but_a_case_without_loss_is_flaky():
    confirmation = start(cases(6))

    run(confirmation, lambda ask: True if ask.id == "c003" else weak(ask))

    result = confirmation.result()
    assert Method.SUSPECTS_TOGETHER is result.method
    assert frozenset({"c003"}) == result.flaky


def test_clusters_leave_the_joint_tests_out():
    shared = [Suspect(case.id, "one conversation") for case in cases(8)]
    confirmation = start(shared)

    batches = run(confirmation, broken)

    assert Method.CONFIRMED is confirmation.result().method
    assert len(batches[0]) > 8  # no look after the first pair
    together = start([Suspect(case.id, "one conversation") for case in cases(6)])
    run(together, weak)
    assert not together.result().regressed


def test_clusters_of_one_share_nothing():
    confirmation = start([Suspect(case.id, case.id) for case in cases(8)])

    run(confirmation, broken)

    assert Method.FRESH_PAIRS is confirmation.result().method


def test_clustered_can_be_said():
    confirmation = start(cases(8), clustered=True)

    run(confirmation, broken)

    assert Method.CONFIRMED is confirmation.result().method


@pytest.mark.parametrize(
    ("count", "max_samples", "possible"),
    [(1, 3, False), (1, 4, True), (2, 3, True), (7, 1, True), (6, 1, True), (5, 1, False), (1, 0, False)],
)
def test_what_max_samples_makes_impossible_is_not_asked(count, max_samples, possible):
    confirmation = start(cases(count), max_samples=max_samples)

    asked = run(confirmation, broken)

    result = confirmation.result()
    assert possible == result.possible == result.regressed == bool(asked)
    assert possible or frozenset(case.id for case in cases(count)) == result.flaky


def test_all_cut_short_establishes_nothing():
    confirmation = start(cases(50))

    run(confirmation, lambda ask: None)

    result = confirmation.result()
    assert (False, None, Method.NONE) == (result.regressed, result.p_value, result.method)
    assert frozenset(case.id for case in cases(50)) == result.cut_short


def test_a_case_cut_short_is_left_out_and_not_asked_on():
    confirmation = start(cases(3))

    batches = run(confirmation, lambda ask: None if ask.id == "c000" else broken(ask))

    result = confirmation.result()
    assert frozenset({"c000"}) == result.cut_short
    assert frozenset({"c001", "c002"}) == result.confirmed
    assert not any(ask.id == "c000" for batch in batches[1:] for ask in batch)


def test_missing_answers_after_the_decision_cost_only_the_name():
    confirmation = start(cases(8))
    asked = 0

    def budget(ask):
        nonlocal asked
        asked += 1
        return broken(ask) if asked <= 16 else None

    run(confirmation, budget)

    result = confirmation.result()
    assert result.regressed
    assert frozenset() == result.confirmed | result.cut_short
    assert frozenset(case.id for case in cases(8)) == result.suspected


def test_a_batch_is_handed_out_until_it_is_recorded():
    confirmation = start(cases(2))

    first = confirmation.next()
    confirmation.record(first[0], passed=False)

    assert first[1:] == confirmation.next()
    with pytest.raises(KeyError):
        confirmation.record(Ask("c000", Side.OLD, 9), passed=False)
    assert frozenset({"c000", "c001"}) == confirmation.result().cut_short


def test_cases_of_one_request_share_their_answers_and_leave_the_joint_tests_out():
    copies = [Suspect(case.id, request=b"the same") for case in cases(8)]
    confirmation = start(copies)

    run(confirmation, broken)

    assert confirmation.result().clustered
    assert Method.CONFIRMED is confirmation.result().method
    apart = start([Suspect(case.id, request=case.id.encode()) for case in cases(8)])
    run(apart, broken)
    assert Method.FRESH_PAIRS is apart.result().method


def test_the_decision_of_an_early_look_stands_and_is_only_named():
    confirmation = start(cases(9), early=0.005)

    batches = run(confirmation, broken)

    result = confirmation.result()
    assert (True, 0.005, 0.2 * 0.05, Method.FRESH_PAIRS) == (
        result.regressed,
        result.p_value,
        result.level,
        result.method,
    )
    assert result.early
    assert [9, 9] == [len(batch) for batch in batches[:2]]
    assert frozenset(case.id for case in cases(9)) == result.confirmed


def test_after_an_early_look_that_decided_nothing_there_is_no_second_step():
    confirmation = start(cases(9), early=1.0)

    run(confirmation, broken)

    assert Method.SUSPECTS_TOGETHER is confirmation.result().method
    assert not confirmation.result().early


def straight(answers, count, *, alpha=0.05, clustered=False):
    """The rule without its early stop: step 2, else all r pairs."""
    r = rule.needed_samples(count, alpha=alpha, max_samples=10, clustered=clustered)
    first = [(answers[case, Side.OLD][0], answers[case, Side.NEW][0]) for case in range(count)]
    lost, gained = sum(old > new for old, new in first), sum(old < new for old, new in first)
    if not clustered and mcnemar(lost, gained) <= 0.2 * alpha:
        return True
    counts = [(sum(answers[case, Side.OLD][:r]), sum(answers[case, Side.NEW][:r])) for case in range(count)]
    return rule.rule_p(counts, count, r, clustered=clustered) <= 0.8 * alpha


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 2**32),
    st.integers(1, 14),
    st.sampled_from([0.0, 0.2, 0.5, 0.8]),
    st.sampled_from([0.05, 0.01, 0.2]),
    st.booleans(),
)
def test_stopping_early_moves_no_decision(seed, count, rate, alpha, clustered):
    random = Random(seed)
    answers = {
        (case, side): [random.random() < (0.85 if side is Side.OLD else rate) for _ in range(10)]
        for case in range(count)
        for side in Side
    }
    confirmation = start(cases(count), name=False, alpha=alpha, clustered=clustered)

    run(confirmation, lambda ask: answers[int(ask.id[1:]), ask.side][ask.round])

    result = confirmation.result()
    assert straight(answers, count, alpha=alpha, clustered=clustered) == result.regressed
    assert result.regressed == (result.p_value <= result.level)
    parts = [result.confirmed, result.suspected, result.flaky, result.cut_short]
    assert count == sum(map(len, parts)) == len(frozenset().union(*parts))


def test_after_an_early_stop_a_suspect_without_a_fresh_answer_is_cut_short():
    confirmation = start(cases(12), early=0.005)

    run(confirmation, lambda ask: None if ask.id in {"c003", "c007"} else broken(ask))
    result = confirmation.result()

    assert result.regressed
    assert {"c003", "c007"} == result.cut_short
    assert not result.flaky
    assert 12 == len(result.confirmed | result.suspected | result.cut_short)
