from promptctl.verdict.compare import compare
from promptctl.verdict.noise import FlakyCase, Noise, noise_sentences
from promptctl.verdict.pair import Outcome, Pair
from promptctl.verdict.reasons import comparison_reasons
from promptctl.verdict.suspect import Confirmed, Fresh

RULE = {"alpha": 0.05, "max_samples": 10}


def outcome(*passed):
    return Outcome(passed=passed, scores=tuple(map(float, passed)), outputs=("x",) * len(passed))


def calm(count):
    return [Pair(f"c{n}", outcome(True), outcome(True)) for n in range(count)]


def test_cases_that_gave_both_results_are_found_in_all_their_samples():
    pairs = [
        *calm(20),
        Pair("fell", outcome(True), outcome(False)),
        Pair("rose", outcome(False), outcome(True)),
        Pair("fails", outcome(False), outcome(False)),
        Pair("unscored", Outcome(outputs=("x",)), Outcome(outputs=("y",))),
        Pair("edited", outcome(True), outcome(False), request=b"12345678abcdefgh"),
    ]
    found = Confirmed(flaky=frozenset({"fell"}), fresh={"fell": Fresh(5, 6, 2, 3)}, drawn=1, suspects=1)

    noise = compare(pairs, found, aa=True).noise

    assert (23, 2) == (noise.cases, noise.flips)
    assert (FlakyCase("fell", 8, 11), FlakyCase("rose", 1, 2)) == noise.flaky


def test_only_an_aa_replay_speaks_of_noise():
    assert compare(calm(20), None).noise is None
    assert not any("A/A" in reason for reason in comparison_reasons(compare(calm(20), None)))
    assert any("A/A" in reason for reason in comparison_reasons(compare(calm(20), None, aa=True)))


def test_a_quiet_suite_needs_one_answer_and_is_told_how_many_inputs():
    first, second, third = noise_sentences(Noise(20, 0, (), 1.0), **RULE)

    assert first == (
        "A/A: both sides are the same, and 0 of 20 cases changed between two asks (0.0%, 95% Wilson interval 0.0% to "
        "16.1%)"
    )
    assert second == "No case gave both results: one answer a case is enough for this gate"
    assert third.startswith("To see a uniform drop of 10 points (80% power) the gate needs ")
    assert "add " in third


def test_enough_inputs_are_said_to_be_enough():
    *_, said = noise_sentences(Noise(500, 0, (), 1.0), **RULE)

    assert said.startswith(
        "500 cases are enough for the gate to see a uniform drop of 10 points (80% power): it takes "
    )


def test_flaky_cases_are_named_the_noisiest_first():
    flaky = (FlakyCase("mostly", 9, 10), FlakyCase("coin", 5, 10), *(FlakyCase(f"x{n}", 8, 10) for n in range(9)))

    _, named, repeats, _ = noise_sentences(Noise(50, 4, flaky, 0.9), **RULE)

    assert named.startswith("11 cases give both results: coin (5 of 10 passed), x0 (8 of 10 passed), ")
    assert named.endswith(" and 3 more")
    assert "suspects a replay are noise" in repeats
    assert repeats.endswith(": one answer a case is enough")


def test_repeats_are_recommended_where_they_ask_less():
    flaky = tuple(FlakyCase(f"x{n}", 17, 20) for n in range(20))

    quiet = noise_sentences(Noise(20, 6, flaky, 0.85), **RULE)[2]
    much = noise_sentences(Noise(20, 6, flaky, 0.85), repeat=9, **RULE)[2]

    assert "one answer a case" in quiet
    assert "one answer a case leaves about " in much
