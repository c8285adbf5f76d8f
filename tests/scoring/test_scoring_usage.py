"""levenshtein, cost and latency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.models.call import Reply
from promptctl.scoring.result import Context
from promptctl.scoring.similarity import levenshtein


@pytest.mark.parametrize(
    ("spec", "output", "passed", "reason"),
    [
        ({"type": "levenshtein", "value": "kitten"}, "sitting", True, "distance 3, limit 5"),
        (
            {"type": "levenshtein", "value": "kitten", "threshold": 2},
            "sitting",
            False,
            "distance 3, limit 2: expected 'kitten', got 'sitting'",
        ),
        ({"type": "levenshtein", "value": 42, "threshold": 0}, "42", True, "distance 0, limit 0"),
        ({"type": "not-levenshtein", "value": "a"}, "b", False, "distance 1, limit 5 (it must not)"),
        ({"type": "levenshtein", "value": ""}, "abc", True, "distance 3, limit 5"),
    ],
)
def test_the_distance_is_said(judged, spec, output, passed, reason):
    found = judged(spec, output)

    assert (passed, reason) == (found.passed, found.reason)


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_distance_is_the_same_from_either_side(left, right):
    there = levenshtein(Context(Reply(left), {}), right, 8)
    back = levenshtein(Context(Reply(right), {}), left, 8)

    assert there.passed == back.passed
    assert not there.passed or abs(len(left) - len(right)) <= 8


def test_long_texts_are_told_apart_cheaply(judged):
    spec = {"type": "levenshtein", "value": "{{ v }}", "threshold": 100}

    same = judged(spec, "b" * 1_000_000, {"v": "b" * 1_000_000})
    other = judged(spec, "b" * 1_000_000, {"v": "b"})

    assert same.reason == "distance 0, limit 100"
    assert other.reason.startswith("distance more than 100, limit 100")


def test_what_would_never_end_is_an_error(judged):
    found = judged({"type": "levenshtein", "value": "{{ v }}", "threshold": 1e6}, "b" * 10**7, {"v": "c" * 10**7})

    assert found.error == "the texts are too long for levenshtein: 10,000,000 characters."


def test_cost_and_latency_have_numbers(judged):
    cost = judged({"type": "cost", "threshold": 0.001}, cost_usd=0.0025)
    latency = judged({"type": "latency", "threshold": 500}, latency_ms=612.5)

    assert (cost.passed, cost.reason) == (False, "cost 0.0025 USD, limit 0.001 USD")
    assert (latency.passed, latency.reason) == (False, "took 612.5 ms, limit 500 ms")
    assert judged({"type": "not-latency", "threshold": 500}, latency_ms=612.5).passed


def test_what_is_unknown_is_an_error(judged):
    cost = judged({"type": "cost", "threshold": 1}, model="openai/gpt-5-mini")
    nameless = judged({"type": "cost", "threshold": 1})
    latency = judged({"type": "latency", "threshold": 1})

    assert cost.error == "price unknown: set prices.openai/gpt-5-mini in the settings."
    assert nameless.error == "price unknown: set prices.MODEL in the settings."
    assert latency.error == "latency unknown: the answer was recorded without it."
    assert (cost.passed, cost.score) == (False, 0.0)


def test_a_free_answer_costs_nothing(judged):
    assert judged({"type": "cost", "threshold": 0}, cost_usd=0.0).passed
