import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptctl.verdict.compare import compare
from promptctl.verdict.intervals import clopper_pearson_upper, tango, wilson
from promptctl.verdict.pair import Outcome, Pair, Status
from promptctl.verdict.status import case_status
from promptctl.verdict.suspect import Confirmed, Fresh, Method, Side, is_suspect


def outcome(*passed, **more):
    return Outcome(passed=passed, scores=tuple(map(float, passed)), outputs=("x",) * len(passed), **more)


GOOD, BAD, PLAIN = outcome(True), outcome(False), Outcome(outputs=("x",))
ERROR = Outcome(error="429 after 5 attempts")
FATAL = Outcome(error="context window exceeded", fatal=True)


def confirmed(**more):
    return Confirmed(regressed=True, p_value=0.001, level=0.04, method=Method.CONFIRMED, **more)


def status(pair, found=None, **options):
    return case_status(pair, found, **options)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (GOOD, GOOD, Status.PASS),
        (BAD, BAD, Status.FAIL),
        (BAD, GOOD, Status.IMPROVED),
        (PLAIN, PLAIN, Status.UNSCORED),
        (GOOD, PLAIN, Status.UNSCORED),
        (ERROR, GOOD, Status.ERROR),
        (GOOD, ERROR, Status.ERROR),
        (FATAL, GOOD, Status.ERROR),
        (FATAL, FATAL, Status.ERROR),
        (ERROR, FATAL, Status.ERROR),
        (GOOD, None, Status.ERROR),
        (GOOD, FATAL, Status.REGRESSED),
        (BAD, FATAL, Status.REGRESSED),
        (PLAIN, FATAL, Status.REGRESSED),
        (None, GOOD, Status.PASS),
        (None, BAD, Status.FAIL),
        (None, PLAIN, Status.UNSCORED),
        (None, FATAL, Status.ERROR),
        (None, outcome(True, True, False), Status.FLAKY),
        (outcome(True, True, True), outcome(True, False, True), Status.FLAKY),
        (outcome(False, False, True), outcome(True, True, True), Status.FLAKY),
        (outcome(True, True, True), outcome(True, True, True), Status.PASS),
        (outcome(*[False] * 8), outcome(*[True] * 7, False), Status.IMPROVED),
        (outcome(*[True] * 10), outcome(*[True] * 5, *[False] * 5), Status.PASS),
    ],
)
def test_a_case_that_is_no_suspect_has_one_status(old, new, expected):
    assert expected is status(Pair("a", old, new)).status


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (confirmed(confirmed=frozenset("a")), (Status.REGRESSED, True)),
        (confirmed(suspected=frozenset("a")), (Status.REGRESSED, False)),
        (confirmed(flaky=frozenset("a")), (Status.FLAKY, False)),
        (Confirmed(flaky=frozenset("a")), (Status.FLAKY, False)),
        (Confirmed(cut_short=frozenset("a")), (Status.ERROR, False)),
        (None, (Status.ERROR, False)),
    ],
)
def test_fresh_samples_decide_on_a_suspect(found, expected):
    case = status(Pair("a", GOOD, BAD, changed=True), found)

    assert expected == (case.status, case.confirmed)
    assert case.suspected
    assert case.changed


def test_without_confirmation_a_suspect_regressed_and_is_not_confirmed():
    case = status(Pair("a", GOOD, BAD), no_confirm=True)

    assert (Status.REGRESSED, False, True) == (case.status, case.confirmed, case.suspected)


def test_an_error_names_its_reason_and_side():
    old, new, both = (status(Pair("a", *sides)) for sides in ((ERROR, GOOD), (GOOD, ERROR), (FATAL, FATAL)))

    assert (Side.OLD, "429 after 5 attempts") == (old.side, old.reason)
    assert (Side.NEW, "429 after 5 attempts") == (new.side, new.reason)
    assert (Side.OLD, "context window exceeded") == (both.side, both.reason)


def test_what_the_edit_made_unanswerable_is_confirmed_at_once():
    comparison = compare([Pair("a", GOOD, FATAL, changed=True), Pair("b", GOOD, GOOD)], None)

    (case,) = comparison.told
    assert (True, True, "context window exceeded", Side.NEW) == (case.confirmed, case.fatal, case.reason, case.side)
    assert comparison.regressed
    assert (1, 2, 0.5, 0.5) == (
        comparison.counts["confirmed"],
        comparison.counts["scored"],
        comparison.new.pass_rate,
        comparison.new.score,
    )
    assert (-0.5, Method.CONFIRMED, None) == (
        comparison.delta.pass_rate,
        comparison.delta.method,
        comparison.delta.p_value,
    )


def test_unaffected_stays_unaffected_and_counts_where_its_answer_is_known():
    pairs = [Pair("known", GOOD, GOOD, unaffected=True), Pair("unknown", unaffected=True), Pair("lost", GOOD, BAD)]

    comparison = compare(pairs, confirmed(confirmed=frozenset({"lost"})))

    assert (2, 2, 1) == (comparison.counts["unaffected"], comparison.counts["scored"], comparison.affected)
    assert (1.0, 0.5) == (comparison.old.pass_rate, comparison.new.pass_rate)
    assert -1 / 3 == comparison.delta.pass_rate


def example():
    """The contract's example: forty inputs, three of them unaffected."""
    return [
        *(Pair(f"same{index}", unaffected=True) for index in range(3)),
        *(Pair(f"pass{index}", GOOD, GOOD, changed=index < 4) for index in range(30)),
        Pair("fail", BAD, BAD),
        Pair("won", BAD, GOOD, changed=True),
        *(Pair(f"lost{index}", GOOD, BAD, changed=True) for index in range(4)),
        Pair("split", outcome(True, True, False), outcome(True, True, True)),
    ]


def test_counts_add_up_in_the_contracts_order():
    found = confirmed(confirmed=frozenset(f"lost{index}" for index in range(4)), flaky=frozenset())

    comparison = compare(example(), found)

    expected = {
        "inputs": 40,
        "unaffected": 3,
        "pass": 30,
        "fail": 1,
        "improved": 1,
        "regressed": 4,
        "flaky": 1,
        "unscored": 0,
        "error": 0,
        "scored": 37,
        "confirmed": 4,
        "changed": 9,
    }
    assert list(expected.items()) == list(comparison.counts.items())
    assert (35 / 37, 32 / 37) == (comparison.old.pass_rate, comparison.new.pass_rate)
    assert (4, 1, -0.075) == (comparison.lost, comparison.gained, comparison.delta.pass_rate)


def test_the_difference_carries_its_evidence():
    delta = compare(example(), confirmed()).delta

    low, high = tango(4, 1, 37)
    assert (low * 37 / 40, high * 37 / 40) == delta.ci
    assert delta.ci[0] < -0.075 < delta.ci[1]
    assert -37 / 40 * tango(4, 1, 37, confidence=0.9)[0] == delta.drop_upper
    assert clopper_pearson_upper(4, 37) == delta.unseen_upper
    assert (0.001, 0.04, Method.CONFIRMED) == (delta.p_value, delta.level, delta.method)
    assert 0.1 < delta.mde < 0.3
    assert 0 < delta.single_case < 0.2


def test_rates_carry_their_wilson_interval():
    comparison = compare(example(), None)

    assert wilson(comparison.new.passes, comparison.new.scored) == comparison.new.pass_rate_ci


def test_without_confirmation_there_is_no_test_and_no_power():
    delta = compare(example(), None, no_confirm=True).delta

    assert (Method.NONE, None, None) == (delta.method, delta.p_value, delta.level)
    assert 0 < delta.mde < 1
    assert 0 < delta.single_case < 0.5


def test_nothing_comparable_has_no_difference():
    delta = compare([Pair("a", PLAIN, PLAIN, changed=True), Pair("b", GOOD, ERROR)], None).delta

    assert (None, None, None) == (delta.pass_rate, delta.ci, delta.unseen_upper)


def test_only_unaffected_cases_have_no_difference_for_certain():
    comparison = compare([Pair("a", GOOD, GOOD, unaffected=True), Pair("b", unaffected=True)], None)

    assert (0.0, "(0.0, 0.0)", None) == (
        comparison.delta.pass_rate,
        str(comparison.delta.ci),  # and no -0.0
        comparison.delta.unseen_upper,
    )
    assert not comparison.regressed


def test_an_added_prompt_has_one_side():
    comparison = compare([Pair("a", None, GOOD), Pair("b", None, BAD)], None)

    assert comparison.added
    assert (None, None, 0.5) == (comparison.old, comparison.delta, comparison.new.pass_rate)
    assert compare([], None, added=True).added
    assert not compare([], None).added


def test_a_case_cut_short_leaves_the_rates():
    comparison = compare([Pair("a", GOOD, BAD), Pair("b", GOOD, GOOD)], Confirmed(cut_short=frozenset("a")))

    assert (1, 1, 0.0) == (comparison.counts["error"], comparison.counts["scored"], comparison.delta.pass_rate)


def used(cost, latency, output):
    return outcome(
        True,
        costs=(cost,),
        latencies=(latency,),
        input_tokens=10,
        output_tokens=output,
        reasoning_tokens=0,
        cached_tokens=None,
    )


def test_usage_sums_up_and_an_unknown_price_is_unknown():
    pairs = [Pair(f"c{index}", used(0.1, 10.0 * index, 5), used(None, None, 7)) for index in range(1, 21)]
    pairs.append(Pair("failed", used(0.1, 990.0, 5), ERROR))

    comparison = compare(pairs, None)

    old, new = comparison.old.usage, comparison.new.usage
    assert (21, pytest.approx(2.1), 110.0, 200.0) == (old.answers, old.cost_usd, old.latency_p50, old.latency_p95)
    assert (210, 105, 0, None) == (old.input_tokens, old.output_tokens, old.reasoning_tokens, old.cached_tokens)
    assert (20, None, None, None, 140) == (
        new.answers,
        new.cost_usd,
        new.latency_p50,
        new.latency_p95,
        new.output_tokens,
    )
    assert (20, pytest.approx(2.0)) == (comparison.both_old.answers, comparison.both_old.cost_usd)


outcomes = st.sampled_from([None, GOOD, BAD, PLAIN, ERROR, FATAL, outcome(True, False), outcome(True, False, False)])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(outcomes, outcomes, st.booleans()), max_size=20), st.data())
def test_the_eight_statuses_always_add_up(drawn, data):
    pairs = [Pair(str(index), old, new, unaffected=same) for index, (old, new, same) in enumerate(drawn)]
    parts = [data.draw(st.sampled_from(["confirmed", "suspected", "flaky", "cut_short"])) for _ in pairs]
    groups = {
        part: frozenset(pair.id for pair, own in zip(pairs, parts, strict=True) if own == part and is_suspect(pair))
        for part in parts
    }

    comparison = compare(pairs, confirmed(**groups))

    assert len(pairs) == sum(comparison.counts[one] for one in Status)
    told = {case.id for case in comparison.told}
    assert sum(comparison.counts[one] for one in ("regressed", "error")) <= len(told) == len(comparison.told)
    assert comparison.counts["scored"] == comparison.new.scored
    if comparison.delta is not None and comparison.delta.pass_rate is not None:
        low, high = comparison.delta.ci
        assert low - 1e-9 <= comparison.delta.pass_rate <= high + 1e-9


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from([GOOD, BAD]), st.sampled_from([GOOD, BAD])), min_size=1, max_size=20))
def test_swapping_the_versions_swaps_improved_and_suspected(drawn):
    there = compare([Pair(str(index), *sides) for index, sides in enumerate(drawn)], None, no_confirm=True)
    back = compare([Pair(str(index), *sides[::-1]) for index, sides in enumerate(drawn)], None, no_confirm=True)

    assert (there.counts["improved"], there.counts["regressed"]) == (back.counts["regressed"], back.counts["improved"])
    assert there.delta.pass_rate == -back.delta.pass_rate


def test_fresh_samples_are_numbers():
    assert (0, 0, 0, 0) == (Fresh().old_passes, Fresh().old_n, Fresh().new_passes, Fresh().new_n)


def test_rates_and_differences_are_weighted():
    pairs = [Pair("heavy", GOOD, BAD, weight=6.0), *(Pair(f"c{n}", GOOD, GOOD, weight=1.0) for n in range(4))]

    comparison = compare(pairs, None, no_confirm=True)

    assert (1.0, 0.4) == (comparison.old.pass_rate, comparison.new.pass_rate)
    assert pytest.approx(-0.6) == comparison.delta.pass_rate
    assert comparison.weighted
    assert comparison.delta.size < 5
    low, high = comparison.new.pass_rate_ci
    assert low < wilson(2, 5)[0] < 0.4 < high


def test_equal_weights_change_nothing():
    alike = [Pair(pair.id, pair.old, pair.new, pair.unaffected, pair.changed, weight=3.0) for pair in example()]

    weighted, plain = compare(alike, None).delta, compare(example(), None).delta

    assert pytest.approx(plain.pass_rate) == weighted.pass_rate
    assert pytest.approx(plain.ci) == weighted.ci


def test_an_unaffected_case_keeps_its_weight():
    pairs = [Pair("a", GOOD, BAD, weight=1.0), Pair("b", unaffected=True, weight=3.0)]

    assert -0.25 == compare(pairs, None, no_confirm=True).delta.pass_rate


def clusters(*names):
    """Twelve cases, of which the first four were lost."""
    return [Pair(f"c{n}", GOOD, BAD if n < 4 else GOOD, cluster=names[n % len(names)]) for n in range(12)]


NOISE = Confirmed(flaky=frozenset(f"c{n}" for n in range(12)), drawn=4, suspects=4)


def test_clusters_widen_the_interval_and_promise_no_uniform_drop():
    alone = compare(clusters(None), NOISE)
    shared = compare([Pair(p.id, p.old, p.new, cluster=f"k{n // 4}") for n, p in enumerate(clusters(None))], NOISE)

    assert pytest.approx(3.0, abs=0.6) == shared.delta.size
    assert shared.delta.ci[0] < alone.delta.ci[0]
    assert shared.delta.ci[1] > alone.delta.ci[1]
    assert shared.delta.unseen_upper > alone.delta.unseen_upper
    assert (None, True) == (shared.delta.mde, shared.clustered)
    assert alone.delta.pass_rate == shared.delta.pass_rate


def test_clusters_of_one_change_nothing():
    assert compare(clusters(None), NOISE).delta == compare(clusters(*(f"k{n}" for n in range(12))), NOISE).delta


def test_scores_between_0_and_1_have_a_difference_of_their_own():
    def scored(value):
        return Outcome(passed=(True,), scores=(value,), outputs=("x",))

    pairs = [Pair(f"c{n}", scored(0.9), scored(0.9 - n / 40)) for n in range(12)]

    delta = compare(pairs, None).delta

    assert pytest.approx(-sum(range(12)) / 40 / 12) == delta.score
    assert delta.score_ci.low < delta.score < delta.score_ci.high < 0
    assert delta.score_ci.method == "BCa bootstrap"
    assert compare(clusters(None), NOISE).delta.score is None


def test_repeats_are_averaged_before_cases_are():
    noise = Confirmed(flaky=frozenset("a"), drawn=1, suspects=1)
    once = compare([Pair("a", outcome(True), outcome(False)), Pair("b", GOOD, GOOD)], noise)
    often = compare([Pair("a", outcome(*[True] * 9), outcome(*[False] * 9)), Pair("b", GOOD, GOOD)], noise)

    assert (once.delta.pass_rate, once.delta.ci) == (often.delta.pass_rate, often.delta.ci)
    assert 9 == often.repeat
    assert (
        pytest.approx(-1 / 6)
        == compare(
            [Pair("a", outcome(True, True, True), outcome(True, True, False)), Pair("b", GOOD, GOOD)], None
        ).delta.score
    )
