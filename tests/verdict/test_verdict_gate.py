import pytest

from promptctl.settings import GateSettings
from promptctl.verdict.compare import compare
from promptctl.verdict.gate import GateResult, exit_code, judge, overall
from promptctl.verdict.pair import Outcome, Pair, Verdict
from promptctl.verdict.suspect import Confirmed, Fresh, Method

GOOD = Outcome(passed=(True,), scores=(1.0,), outputs=("x",))
BAD = Outcome(passed=(False,), scores=(0.0,), outputs=("y",))
PLAIN = Outcome(outputs=("x",))
ERROR = Outcome(error="quota exhausted")
FATAL = Outcome(error="context window exceeded", fatal=True)
NONE_LOST = GateResult("max_regressions", 0, 0, ok=True)


def many(count, old=GOOD, new=GOOD, prefix="c"):
    return [Pair(f"{prefix}{index}", old, new) for index in range(count)]


def lost(count):
    return many(count, GOOD, BAD, prefix="lost")


def named(count, **more):
    cases = [f"lost{index}" for index in range(count)]
    return Confirmed(
        regressed=True,
        p_value=0.0006,
        level=0.04,
        method=Method.CONFIRMED,
        confirmed=frozenset(cases),
        fresh={case: Fresh(7, 7, 0, 7) for case in cases},
        drawn=count,
        suspects=count,
        **more,
    )


def flaky(count):
    return Confirmed(flaky=frozenset(f"lost{index}" for index in range(count)), drawn=count, suspects=count)


def judged(pairs, confirmed=None, *, no_confirm=False, **gates):
    return judge(compare(pairs, confirmed, no_confirm=no_confirm), GateSettings(**gates))


def test_nothing_lost_is_passed_and_says_what_it_could_have_seen():
    judgement = judged(many(50))

    assert Verdict.PASSED is judgement.verdict
    assert (NONE_LOST,) == judgement.gates
    assert judgement.reasons[0].startswith("No regression shown. 80% chance of seeing a uniform drop of ")
    assert (
        "With 0 of 50 lost, at most 5.9% of such inputs would be lost (95% Clopper-Pearson upper bound)."
        == judgement.reasons[1]
    )


def test_confirmed_cases_regress_and_are_told_in_one_sentence():
    judgement = judged([*many(38), *lost(2)], named(2))

    assert Verdict.REGRESSED is judgement.verdict
    assert (GateResult("max_regressions", 0, 2, ok=False),) == judgement.gates
    assert (
        "2 of 40 cases broke (both confirmed in 7 of 7 fresh samples)",
        "p = 0.0006 against 0.04: fresh samples of single cases, exact Fisher test with Holm's correction",
    ) == judgement.reasons


def test_together_without_names_counts_as_one():
    found = Confirmed(
        regressed=True,
        p_value=0.01,
        level=0.04,
        method=Method.SUSPECTS_TOGETHER,
        suspected=frozenset({"lost0", "lost1"}),
        drawn=2,
        suspects=2,
    )

    judgement = judged([*many(8), *lost(2)], found)

    assert Verdict.REGRESSED is judgement.verdict
    assert GateResult("max_regressions", 0, 1, ok=False) == judgement.gates[0]
    assert (
        "2 of 10 cases regressed (2 suspected: together they regressed, singly none can be told)"
        == (judgement.reasons[0])
    )


def test_regressions_within_the_limit_pass_and_are_told():
    judgement = judged([*many(8), *lost(2)], named(2), max_regressions=2)

    assert Verdict.PASSED is judgement.verdict
    assert "2 regressed, and max_regressions allows 2" in judgement.reasons
    assert not any("No regression shown" in reason for reason in judgement.reasons)


def test_raw_losses_never_fail():
    judgement = judged([*many(5), *lost(5)], flaky(5), max_pass_rate_drop=0.99)

    assert Verdict.PASSED is judgement.verdict
    assert "5 of 10 cases passed before and failed now, and fresh samples say noise: flaky" == judgement.reasons[0]


def test_without_confirmation_every_suspect_counts():
    judgement = judged([*many(8), *lost(2)], no_confirm=True)

    assert Verdict.REGRESSED is judgement.verdict
    assert GateResult("max_regressions", 0, 2, ok=False) == judgement.gates[0]
    assert (
        (
            "2 of 10 cases passed before and failed now (nobody asked again (--no-confirm): the stated false-alarm rate "
            "does not hold)"
        ),
    ) == judgement.reasons
    clean = judged(many(8), no_confirm=True)
    assert Verdict.PASSED is clean.verdict
    assert (
        "No case that passed before fails now.",
        (
            "No regression shown. 80% chance of seeing a uniform drop of 19 points or more, or one always-passing case "
            "that falls to 20% or less; smaller changes may be missed."
        ),
        "With 0 of 8 lost, at most 31.3% of such inputs would be lost (95% Clopper-Pearson upper bound).",
    ) == clean.reasons


def test_the_edits_own_doing_regresses_at_once():
    judgement = judged([*many(9), Pair("long", GOOD, FATAL)])

    assert Verdict.REGRESSED is judgement.verdict
    assert ("1 of 10 cases broke (1 cannot be answered any more because of the edit)",) == judgement.reasons


def test_a_drop_fails_only_where_a_regression_is_shown():
    pairs = [*many(8), *lost(2)]

    above = judged(pairs, named(2), max_regressions=5, max_pass_rate_drop=0.1)
    within = judged(pairs, named(2), max_regressions=5, max_pass_rate_drop=0.2)

    assert (Verdict.REGRESSED, GateResult("max_pass_rate_drop", 0.1, 0.2, ok=False)) == (above.verdict, above.gates[1])
    assert Verdict.PASSED is within.verdict


def test_a_drop_that_cannot_be_excluded_is_inconclusive():
    judgement = judged(many(10), max_pass_rate_drop=0.01)
    enough = judged(many(400), max_pass_rate_drop=0.01)

    assert Verdict.INCONCLUSIVE is judgement.verdict
    assert judgement.gates[1].ok
    assert "cannot be excluded" in judgement.reasons[0]
    assert Verdict.PASSED is enough.verdict


@pytest.mark.parametrize(
    ("passing", "limit", "verdict", "ok"),
    [
        (50, 0.9, Verdict.PASSED, True),
        (50, 0.95, Verdict.INCONCLUSIVE, True),
        (40, 0.7, Verdict.INCONCLUSIVE, True),
        (20, 0.9, Verdict.REGRESSED, False),
    ],
)
def test_min_pass_rate_is_held_against_the_interval(passing, limit, verdict, ok):
    judgement = judged([*many(passing), *many(50 - passing, BAD, BAD, "bad")], min_pass_rate=limit)

    assert verdict is judgement.verdict
    assert GateResult("min_pass_rate", limit, passing / 50, ok=ok) == judgement.gates[1]


def test_min_pass_rate_without_a_rate():
    unscored = judged([Pair("a", PLAIN, PLAIN)], min_pass_rate=0.5)
    unknown = judged([Pair("a", unaffected=True)], min_pass_rate=0.5)

    assert (Verdict.INCONCLUSIVE, None) == (unscored.verdict, unscored.gates[1].actual)
    assert (Verdict.UNAFFECTED, None) == (unknown.verdict, unknown.gates[1].actual)


def test_an_unaffected_prompt_may_still_miss_an_absolute_gate():
    same = [Pair(f"c{index}", BAD, BAD, unaffected=True) for index in range(20)]

    assert Verdict.REGRESSED is judged(same, min_pass_rate=0.9).verdict
    assert Verdict.UNAFFECTED is judged(same, min_pass_rate=0.1).verdict
    assert Verdict.UNAFFECTED is judged(same, max_pass_rate_drop=0.0).verdict


def test_no_input_and_no_affected_case_are_unaffected():
    assert (Verdict.UNAFFECTED, ("no inputs",)) == (judged([]).verdict, judged([]).reasons)
    same = judged([Pair("a", unaffected=True)])
    assert (Verdict.UNAFFECTED, ("1 of 1 case unaffected: both versions send the same request",)) == (
        same.verdict,
        same.reasons,
    )


def test_all_unscored_is_inconclusive():
    judgement = judged([Pair("a", PLAIN, PLAIN)])

    assert (Verdict.INCONCLUSIVE, ("No case can be compared: add assertions or expected values",)) == (
        judgement.verdict,
        judgement.reasons,
    )


def test_confirmation_that_cannot_decide_is_inconclusive():
    impossible = Confirmed(possible=False, flaky=frozenset({"lost0"}), suspects=1, drawn=1)

    judgement = judged([*many(5), *lost(1)], impossible)

    assert Verdict.INCONCLUSIVE is judgement.verdict
    assert (
        "1 case passed before and fails now, and confirm.max_samples is too small for any fresh answers to confirm it: "
        "raise it to 4 or more"
    ) == judgement.reasons[0]


def test_a_limit_that_confirmed_cases_never_reach_says_so():
    judgement = judged([*many(8), *lost(2)], named(2), max_regressions=40)

    assert Verdict.PASSED is judgement.verdict
    assert any("never more than 40 are confirmed, so set max_pass_rate_drop" in reason for reason in judgement.reasons)


def test_any_error_is_an_error_unless_the_gate_allows_it():
    pairs = [*many(9), Pair("failed", GOOD, ERROR)]

    strict, lenient = judged(pairs), judged(pairs, max_error_rate=0.1)

    assert Verdict.ERROR is strict.verdict
    assert GateResult("max_error_rate", 0.0, 0.1, ok=False) == strict.gates[1]
    assert ("1 of 10 cases could not be asked or scored (failed (new): quota exhausted)",) == strict.reasons
    assert Verdict.PASSED is lenient.verdict
    assert GateResult("max_error_rate", 0.1, 0.1, ok=True) == lenient.gates[1]
    assert strict.reasons[0] == lenient.reasons[0]
    assert "max_error_rate" == judged(many(3), max_error_rate=0.1).gates[1].gate


def test_only_errors_within_the_limit_leave_the_question_open():
    judgement = judged([Pair("a", GOOD, ERROR)], max_error_rate=1.0)

    assert (Verdict.INCONCLUSIVE, "No case can be compared") == (judgement.verdict, judgement.reasons[-1])


def test_an_established_regression_comes_before_an_error():
    assert Verdict.REGRESSED is judged([*lost(2), Pair("failed", GOOD, ERROR)], named(2)).verdict


def test_an_added_prompt_is_held_to_absolute_gates_alone():
    pairs = many(20, None, BAD)
    relative = {"max_cost_increase": 0.1, "max_pass_rate_drop": 0.1}

    free, held = judged(pairs, **relative), judged(pairs, min_pass_rate=0.5, **relative)

    assert (Verdict.PASSED, ()) == (free.verdict, free.gates)
    assert (Verdict.REGRESSED, ["min_pass_rate"]) == (held.verdict, [gate.gate for gate in held.gates])


def answered(cost=0.1, latency=100.0, output=10, reasoning=0, read=100, cached=0):
    return Outcome(
        input_tokens=read,
        cached_tokens=cached,
        passed=(True,),
        scores=(1.0,),
        outputs=("x",),
        costs=(cost,),
        latencies=(latency,),
        output_tokens=output,
        reasoning_tokens=reasoning,
    )


@pytest.mark.parametrize(
    ("gate", "new", "actual"),
    [
        ("max_cost_increase", {"cost": 0.15}, 0.5),
        ("max_latency_increase", {"latency": 150.0}, 0.5),
        ("max_output_tokens_increase", {"output": 15}, 0.5),
    ],
)
def test_an_increase_above_its_limit_regresses(gate, new, actual):
    pairs = many(4, answered(), answered(**new))

    above, within = judged(pairs, **{gate: 0.4}), judged(pairs, **{gate: 0.6})

    assert (Verdict.REGRESSED, pytest.approx(actual), False) == (
        above.verdict,
        above.gates[1].actual,
        above.gates[1].ok,
    )
    assert f"above {gate} 0.4" in above.reasons[0]
    assert (Verdict.PASSED, True) == (within.verdict, within.gates[1].ok)


def test_more_output_names_its_cause():
    judgement = judged(many(4, answered(), answered(output=110, reasoning=100)), max_output_tokens_increase=0.1)

    assert judgement.reasons[0].endswith(": new answers carry 100 reasoning tokens; old ones carried none")
    more = judged(many(1, answered(reasoning=5), answered(output=99, reasoning=50)), max_output_tokens_increase=0.1)
    assert more.reasons[0].endswith(": new answers carry 50 reasoning tokens; old ones carried 5")


@pytest.mark.parametrize(
    ("new", "cause"),
    [
        ({"read": 400, "output": 12}, "new answers carry 400 input tokens; old ones carried 100"),
        ({"read": 120, "output": 90}, "new answers carry 90 output tokens; old ones carried 10"),
        ({"output": 410, "reasoning": 400}, "new answers carry 400 reasoning tokens; old ones carried none"),
        ({"cached": 0}, "new answers carry no cached tokens; old ones carried 80"),
        ({"cached": 80}, "no class of tokens grew; the same tokens cost more"),
    ],
)
def test_a_rise_of_cost_names_the_class_of_tokens_that_costs_most(new, cause):
    judgement = judged(many(4, answered(cached=80), answered(cost=0.2, **{"cached": 80} | new)), max_cost_increase=0.1)

    assert judgement.reasons[0].endswith(f"above max_cost_increase 0.1: {cause}")


def test_a_rise_of_latency_names_what_was_written():
    slow = answered(latency=900.0, output=300, reasoning=200)

    judgement = judged(many(4, answered(), slow), max_latency_increase=0.1)

    assert judgement.reasons[0].endswith(": new answers carry 200 reasoning tokens; old ones carried none")


@pytest.mark.parametrize(
    ("gate", "new"),
    [
        ("max_cost_increase", {"cost": None}),
        ("max_latency_increase", {"latency": None}),
        ("max_output_tokens_increase", {"output": None}),
    ],
)
def test_a_gate_that_cannot_be_checked_is_an_error(gate, new):
    judgement = judged(many(4, answered(), answered(**new)), **{gate: 0.4})

    assert (Verdict.ERROR, GateResult(gate, 0.4, None, ok=False)) == (judgement.verdict, judgement.gates[1])
    assert judgement.reasons[0].startswith(f"{gate} could not be checked: ")


def test_an_increase_from_nothing():
    same = judged(many(2, answered(cost=0.0), answered(cost=0.0)), max_cost_increase=0.0)
    rose = judged(many(2, answered(cost=0.0), answered(cost=0.1)), max_cost_increase=9.0)

    assert (Verdict.PASSED, 0.0) == (same.verdict, same.gates[1].actual)
    assert (Verdict.REGRESSED, None, "cost rose from 0 to 0.2") == (
        rose.verdict,
        rose.gates[1].actual,
        rose.reasons[0],
    )


def test_no_answer_is_no_increase():
    judgement = judged([Pair("a", unaffected=True)], max_cost_increase=0.1)

    assert Verdict.UNAFFECTED is judgement.verdict


@pytest.mark.parametrize(
    ("verdicts", "verdict", "code"),
    [
        ([], Verdict.UNAFFECTED, 0),
        (["unaffected", "passed"], Verdict.PASSED, 0),
        (["passed", "inconclusive"], Verdict.INCONCLUSIVE, 0),
        (["inconclusive", "error"], Verdict.ERROR, 3),
        (["error", "regressed", "passed"], Verdict.REGRESSED, 1),
    ],
)
def test_the_runs_verdict_is_the_first_that_holds(verdicts, verdict, code):
    verdicts = [Verdict(one) for one in verdicts]

    assert verdict is overall(verdicts)
    assert code == exit_code(verdicts, GateSettings())


def test_inconclusive_fails_where_the_gate_says_so():
    assert 4 == exit_code([Verdict.PASSED, Verdict.INCONCLUSIVE], GateSettings(on_inconclusive="fail"))


def test_a_weighted_rate_says_that_it_is_one():
    pairs = [Pair("heavy", None, BAD, weight=9.0), *(Pair(f"c{n}", None, GOOD) for n in range(9))]

    judgement = judged(pairs, min_pass_rate=0.99)

    assert "9 of 10 pass (by weight 50.0%, 95% Wilson interval " in judgement.reasons[0]
