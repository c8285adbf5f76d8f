"""What is kept of a case that is done: all that a verdict needs, in about a hundred bytes."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from promptctl.verdict.pair import Outcome, Pair
from promptctl.workflows.facts import Facts

share = st.floats(0, 1)
tokens = st.none() | st.integers(0, 2**31 - 1)
maybe = st.none() | st.floats(0, 1e6)


@st.composite
def outcomes(draw, repeat):
    scored = draw(st.integers(0, repeat))
    answers = draw(st.integers(scored, repeat))
    return Outcome(
        passed=tuple(draw(st.lists(st.booleans(), min_size=scored, max_size=scored))),
        scores=tuple(draw(st.lists(share, min_size=scored, max_size=scored))),
        error=draw(st.none() | st.sampled_from(["429", "cannot be rendered"])),
        fatal=draw(st.booleans()),
        costs=tuple(draw(st.lists(maybe, min_size=answers, max_size=answers))),
        latencies=tuple(draw(st.lists(maybe, min_size=answers, max_size=answers))),
        input_tokens=draw(tokens),
        output_tokens=draw(tokens),
        reasoning_tokens=draw(tokens),
        cached_tokens=draw(tokens),
        graded=draw(st.booleans()),
    )


@st.composite
def kept(draw):
    repeat = draw(st.integers(1, 3))
    pairs = draw(
        st.lists(
            st.builds(
                Pair,
                id=st.text(max_size=12) | st.text(min_size=60, max_size=70),
                old=st.none() | outcomes(repeat),
                new=st.none() | outcomes(repeat),
                unaffected=st.booleans(),
                changed=st.booleans(),
                weight=st.sampled_from([1.0, 2.5]),
                cluster=st.none() | st.sampled_from(["a", "b"]),
                tags=st.sampled_from([(), ("eu",), ("eu", "us")]),
            ),
            max_size=6,
        )
    )
    return repeat, pairs


@given(kept(), st.randoms())
def test_facts_come_back_as_they_were_whatever_the_order(drawn, random):
    repeat, pairs = drawn
    facts = Facts(len(pairs), repeat)
    places = list(range(len(pairs)))
    random.shuffle(places)

    for place in places:
        facts.put(place, pairs[place])

    assert pairs == list(facts)
    assert pairs[:2] == facts[:2]


SIDE = Outcome((True,), (1.0,), costs=(0.01,), latencies=(12.5,), input_tokens=9)


def test_of_many_cases_hardly_anything_is_in_memory():
    tracemalloc.start()
    facts = Facts(20_000)
    for place in range(20_000):
        facts.put(place, Pair(f"case-{place:06}", SIDE, SIDE, request=place.to_bytes(16, "big")))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size < 20_000 * 40
    assert [f"case-{place:06}" for place in range(20_000)] == [pair.id for pair in facts]
    assert SIDE == facts[19_999].new


def test_places_are_found_again_in_whatever_order_they_came():
    facts = Facts(20_000)
    places = [place * 7_919 % 20_000 for place in range(20_000)]

    for place in places:
        facts.put(place, Pair(str(place), SIDE, None))

    assert [str(place) for place in range(20_000)] == [pair.id for pair in facts]


def test_requests_come_back_where_they_tell_something():
    same, other, uneven = b"x" * 16, b"y" * 16, b"1" * 8 + b"2" * 8
    for aa in (False, True):
        facts = Facts(4, aa=aa)
        repeats = [
            facts.put(place, Pair(str(place), request=one)) for place, one in enumerate([same, other, same, uneven])
        ]

        assert [False, False, True, False] == repeats
        assert [same, None, same, uneven if aa else None] == [pair.request for pair in facts]
