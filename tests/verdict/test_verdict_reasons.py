import pytest

from promptctl.verdict.compare import compare
from promptctl.verdict.pair import Outcome, Pair
from promptctl.verdict.reasons import comparison_reasons, detectable_sentence, error_reason
from promptctl.verdict.suspect import Confirmed, Fresh, Method

GOOD = Outcome(passed=(True,), scores=(1.0,))
BAD = Outcome(passed=(False,), scores=(0.0,))
FATAL = Outcome(error="too long", fatal=True)


@pytest.mark.parametrize(
    ("n", "drop", "single", "sentence"),
    [
        (
            50,
            0.15,
            0.1,
            (
                "No regression shown. 80% chance of seeing a uniform drop of 15 points or more, or one always-passing case "
                "that falls to 10% or less; smaller changes may be missed."
            ),
        ),
        (
            400,
            0.0091,
            0.0004,
            (
                "No regression shown. 80% chance of seeing a uniform drop of 1 point or more, or one always-passing case "
                "that breaks; smaller changes may be missed."
            ),
        ),
        (
            900,
            0.081,
            None,
            (
                "No regression shown. 80% chance of seeing a uniform drop of 9 points or more, but no single case; smaller "
                "changes may be missed."
            ),
        ),
        (
            2,
            None,
            0.157,
            (
                "No regression shown. 80% chance of seeing one always-passing case that falls to 15% or less, but with 2 "
                "affected cases and these settings no uniform drop; smaller changes may be missed."
            ),
        ),
        (
            1,
            None,
            None,
            (
                "No regression shown. With 1 affected case and these settings neither a uniform drop nor one broken case "
                "would be seen with 80% chance."
            ),
        ),
    ],
)
def test_a_pass_says_what_it_could_have_seen(n, drop, single, sentence):
    assert sentence == detectable_sentence(n, drop, single)


def regressed(confirmed, suspected=(), method=Method.CONFIRMED, fatal=0, **fresh):
    """Twelve cases, of which those named were lost."""
    lost = [*confirmed, *suspected]
    pairs = [
        *(Pair(case, GOOD, BAD) for case in lost),
        *(Pair(f"fatal{index}", GOOD, FATAL) for index in range(fatal)),
        *(Pair(f"c{index}", GOOD, GOOD) for index in range(12 - len(lost) - fatal)),
    ]
    found = Confirmed(
        regressed=True,
        p_value=0.002,
        level=0.04,
        method=method,
        confirmed=frozenset(confirmed),
        suspected=frozenset(suspected),
        fresh={case: fresh.get(case, Fresh(7, 7, 0, 7)) for case in lost},
        drawn=len(lost),
        suspects=len(lost),
    )
    return comparison_reasons(compare(pairs, found))[0]


def test_who_was_confirmed_and_how():
    assert "1 of 12 cases broke (confirmed in 7 of 7 fresh samples)" == regressed(["a"])
    assert "2 of 12 cases broke (both confirmed in 7 of 7 fresh samples)" == regressed(["a", "b"])
    assert "3 of 12 cases broke (all confirmed in 7 of 7 fresh samples)" == regressed(["a", "b", "c"])
    assert "2 of 12 cases broke (both confirmed: a in 7 of 7, b in 6 of 7)" == regressed(
        ["a", "b"], b=Fresh(7, 7, 1, 7)
    )
    assert (
        "3 of 12 cases broke (1 confirmed in 7 of 7 fresh samples; 2 suspected: together they regressed, singly "
        "none can be told)"
    ) == regressed(["a"], ["b", "c"])
    assert (
        "2 of 12 cases broke (1 confirmed in 7 of 7 fresh samples; 1 cannot be answered any more because of the edit)"
    ) == regressed(["a"], fatal=1)
    assert regressed(list("abcdef"), b=Fresh(7, 7, 1, 7)).endswith(
        "(all confirmed: a in 7 of 7, b in 6 of 7, c in 7 of 7, d in 7 of 7, e in 7 of 7, ...)"
    )


def test_without_confirmation_the_edits_own_doing_is_still_told():
    pairs = [Pair("long", GOOD, FATAL), Pair("lost", GOOD, BAD), Pair("kept", GOOD, GOOD)]

    (only,) = comparison_reasons(compare(pairs[::2], None, no_confirm=True))
    (both,) = comparison_reasons(compare(pairs, None, no_confirm=True))

    assert "1 of 2 cases passed before and failed now (1 cannot be answered any more because of the edit)" == only
    assert (
        "2 of 3 cases passed before and failed now (1 were not asked again (--no-confirm): the stated false-alarm rate "
        "does not hold; 1 cannot be answered any more because of the edit)"
    ) == both


def test_a_draw_is_told():
    pairs = [Pair(f"c{index}", GOOD, BAD) for index in range(50)]
    found = Confirmed(flaky=frozenset(pair.id for pair in pairs), drawn=40, suspects=50)

    assert (
        (
            "50 of 50 cases passed before and failed now, and fresh samples say noise: flaky (of 50 suspects 40 were drawn "
            "to be asked again)"
        ),
    ) == comparison_reasons(compare(pairs, found))


def test_a_regression_without_a_case_that_lost_is_still_told():
    found = Confirmed(
        regressed=True,
        p_value=0.002,
        level=0.04,
        method=Method.SUSPECTS_TOGETHER,
        flaky=frozenset("a"),
        drawn=1,
        suspects=1,
    )

    (first, *_) = comparison_reasons(compare([Pair("a", GOOD, BAD)], found))

    assert "The suspects regressed together, though none can be told singly" == first


def test_errors_are_grouped_by_reason():
    failed = [Pair(f"c{index}", GOOD, Outcome(error=f"reason {index % 7}")) for index in range(20)]

    sentence = error_reason(compare(failed, None))

    assert sentence.startswith("20 of 20 cases could not be asked or scored (c0 (new): reason 0; c1 (new): reason 1; ")
    assert sentence.endswith("; and 2 other reasons)")
    assert "(lost: passed before and fails now, and its confirmation was cut short" in error_reason(
        compare([Pair("lost", GOOD, BAD)], None)
    )
