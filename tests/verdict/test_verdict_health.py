from promptctl.verdict.health import HealthTally, Verified
from promptctl.verdict.pair import Outcome, Pair
from promptctl.verdict.slices import Slice

GOOD, BAD = Outcome(passed=(True,), scores=(1.0,)), Outcome(passed=(False,), scores=(0.0,))


def advice(pairs, results=(), slices=()):
    health = HealthTally()
    seen = set()
    for pair in pairs:
        health.add(pair, results, repeats=pair.request in seen)
        seen |= {pair.request} - {None}
    return health.advice(slices)


def test_a_healthy_suite_gets_no_advice():
    mixed = [Verified("1. equals", passed=True), Verified("1. equals", passed=False)]

    assert advice([Pair(f"c{n}", GOOD, GOOD if n else BAD, request=b"%d" % n) for n in range(30)], mixed) == ()


def test_cases_with_the_same_requests_are_named():
    (said,) = advice([Pair(name, GOOD, BAD, request=b"same") for name in "abc"])

    assert said == ("2 cases repeat the requests of another (b, c): duplicates share their answers and add no evidence")


def test_a_suite_that_always_passes_cannot_show_what_gets_better():
    (said,) = advice([Pair(f"c{n}", GOOD, GOOD) for n in range(12)])

    assert said.startswith("All 12 scored cases always pass")


def test_a_suite_that_never_passed_cannot_show_what_breaks():
    graded = Outcome(passed=(False,), scores=(0.4,), graded=True)

    (said,) = advice([Pair(f"c{n}", BAD, BAD) for n in range(3)])
    assert said.startswith("None of the 3 scored cases passes on the old side, so that none can break")
    for seen in (Pair("x", GOOD, BAD), Pair("x", graded, BAD)):
        assert () == advice([Pair("a", BAD, BAD), seen])
    assert () == advice([Pair("a", None, BAD), Pair("b", Outcome(), Outcome())])


def test_assertions_that_never_fail_or_never_pass_are_named():
    results = [Verified("1. is-json", passed=True), Verified("2. contains", passed=False)]
    never, always = advice([Pair(f"c{n}", GOOD, BAD) for n in range(20)], results)

    assert never == "Never failed in this replay: 1. is-json"
    assert always == "Never passed in this replay: 2. contains. Is what it wants possible?"


def test_few_answers_say_nothing_of_an_assertion():
    assert advice([Pair("a", GOOD, BAD)], [Verified("1. is-json", passed=True)]) == ()


def test_tags_with_too_few_cases_are_named():
    (said,) = advice([], slices=[Slice("big", 9, 0, 0, 1, 1), Slice("few", 3, 0, 0, 1, 1), Slice("one", 1, 0, 0, 1, 1)])

    assert said == "Tags with too few cases to tell a change by themselves (it takes 6): one (1), few (3)"
