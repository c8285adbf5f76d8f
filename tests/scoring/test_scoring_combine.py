import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.models.call import Reply
from promptctl.scoring.assertion import Assertion, Kind
from promptctl.scoring.combine import score
from promptctl.scoring.result import Context, Score

YES = {"type": "contains", "value": "a"}
NO = {"type": "contains", "value": "z"}


def test_nothing_asserted_is_nothing_said(scored):
    assert Score(None, None, ()) == scored([], "a")


@pytest.mark.parametrize(
    ("specs", "threshold", "passed", "value"),
    [
        ([YES, YES], None, True, 1.0),
        ([YES, NO], None, False, 0.5),
        ([YES, {**NO, "weight": 3}], None, False, 0.25),
        ([YES, NO], 0.5, True, 0.5),
        ([YES, YES], 1.0, True, 1.0),
        ([YES, NO], 0.6, False, 0.5),
        ([YES, {**NO, "weight": 0}], None, True, 1.0),
        ([{**NO, "weight": 0}], None, True, 0.0),
        ([{**NO, "weight": 0}], 0.5, False, 0.0),
        ([NO], 0, True, 0.0),
    ],
)
def test_scores_are_weighted(scored, specs, threshold, passed, value):
    found = scored(specs, "a", threshold=threshold)

    assert (passed, value) == (found.passed, found.score)
    assert len(specs) == len(found.assertions)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=6))
def test_a_score_lies_in_0_to_1_and_passes_with_all(scored, parts):
    found = scored([{**(YES if good else NO), "weight": weight} for good, weight in parts], "a")

    assert 0 <= found.score <= 1
    assert all(good or not weight for good, weight in parts) == found.passed


def test_a_set_nests_its_members(judged):
    spec = {"type": "assert-set", "threshold": 0.5, "weight": 2, "metric": "m", "assert": [YES, NO]}

    found = judged(spec, "a")

    assert (found.passed, found.score, found.reason, found.weight) == (True, 0.5, "score 0.5, threshold 0.5", 2.0)
    assert [member.passed for member in found.assertions] == [True, False]


@pytest.mark.parametrize(
    ("spec", "passed", "reason"),
    [
        ({"type": "assert-set", "assert": [YES, YES]}, True, "all 2 passed"),
        ({"type": "assert-set", "assert": [YES, NO]}, False, "contains: does not contain 'z': 'a'"),
        ({"type": "not-assert-set", "assert": [YES]}, False, "all 1 passed (it must not)"),
        ({"type": "not-assert-set", "assert": [NO]}, True, "contains: does not contain 'z': 'a'"),
        ({"type": "assert-set", "assert": [{"type": "assert-set", "assert": [YES]}]}, True, "all 1 passed"),
        (
            {"type": "assert-set", "assert": [{"type": "cost", "threshold": 1}]},
            False,
            "cost: price unknown: set prices.MODEL in the settings.",
        ),
    ],
)
def test_a_set_says_what_failed_in_it(judged, spec, passed, reason):
    found = judged(spec, "a")

    assert (passed, reason) == (found.passed, found.reason)


def test_a_members_error_is_the_scores(scored):
    found = scored([{"type": "assert-set", "threshold": 0, "assert": [YES, {"type": "cost", "threshold": 1}]}], "a")

    assert found.error == "cost: price unknown: set prices.MODEL in the settings."


EXPECTS = {"type": "equals", "value": "{{ expected }}"}


def test_what_needs_an_expectation_is_left_out_without_one(scored):
    specs = [
        EXPECTS,
        YES,
        {"type": "assert-set", "assert": [EXPECTS]},
        {"type": "assert-set", "assert": [EXPECTS, YES]},
    ]

    found = scored(specs, "a")

    assert [result.type for result in found.assertions] == ["contains", "assert-set"]
    assert len(found.assertions[1].assertions) == 1
    assert Score(None, None, ()) == scored([EXPECTS, {**EXPECTS, "type": "levenshtein"}], "a")


def test_what_can_do_without_an_expectation_is_not_left_out(judged):
    assert judged({"type": "contains", "value": "{{ expected | default('a') }}"}, "a").passed


def test_a_variable_may_be_the_expectation(judged):
    assert judged(EXPECTS, "a", {"expected": "a"}).passed


@pytest.mark.parametrize(
    ("expected", "output"),
    [("a", "a"), (True, "true"), (42, "42"), (None, "null"), ({"a": [1]}, '{"a": [1]}'), ("{{ x }}", "{{ x }}")],
)
def test_a_template_that_is_one_expression_gives_the_value_itself(judged, expected, output):
    assert judged(EXPECTS, output, expected=expected).passed


def test_templates_see_variables_in_lists_and_schemas_and_thresholds(judged):
    values = {"words": ["a", "b"], "limit": 3, "kind": "integer", "name": "x"}

    assert judged({"type": "contains-all", "value": "{{ words }}"}, "ab", values).passed
    assert judged({"type": "contains-any", "value": ["{{ name }}", "y"]}, "xs", values).passed
    assert not judged({"type": "is-json", "value": {"type": "{{ kind }}"}}, '"x"', values).passed
    assert judged({"type": "levenshtein", "value": "abc", "threshold": "{{ limit }}"}, "xyz", values).passed
    assert not judged({"type": "levenshtein", "value": "abc", "threshold": "{{ limit - 1 }}"}, "xyz", values).passed
    assert not judged({"type": "regex", "value": "^{{ name }}$"}, "y", values).passed


@pytest.mark.parametrize(
    ("spec", "values", "error"),
    [
        ({"type": "equals", "value": "{{ nme }}"}, {}, "undefined variable 'nme'"),
        (
            {"type": "contains", "value": "{{ name }}"},
            {"name": ""},
            "'value' must be a text that is not empty, or a number.",
        ),
        (
            {"type": "contains", "value": "{{ name }}"},
            {"name": {}},
            "'value' must be a text that is not empty, or a number.",
        ),
        (
            {"type": "regex", "value": "{{ name }}"},
            {"name": "("},
            "'(' is no regular expression: missing ) at position 1.",
        ),
        ({"type": "levenshtein", "value": "{{ name }}"}, {"name": None}, "'value' must be a text."),
        (
            {"type": "levenshtein", "value": "a", "threshold": "{{ name }}"},
            {"name": "3"},
            "the threshold {{ name }} gives no number of at least 0.",
        ),
        (
            {"type": "assert-set", "assert": [YES], "threshold": "{{ name }}"},
            {"name": -1},
            "the threshold {{ name }} gives no number of at least 0.",
        ),
        ({"type": "python", "value": "True"}, {}, "code is not allowed here: pass --allow-code"),
    ],
)
def test_what_goes_wrong_is_the_assertions_error(scored, spec, values, error):
    found = scored([spec, YES], "a", values)

    assert (False, 0.0, error) == (found.assertions[0].passed, found.assertions[0].score, found.assertions[0].error)
    assert f"{spec['type']}: {error}" == found.error
    assert found.assertions[1].passed
    assert found.passed is False


def test_a_surprise_in_a_scorer_is_the_assertions_error():
    def broken(*_):
        raise ZeroDivisionError("x\n" * 1000)

    assertion = Assertion("equals", Kind(str, broken))

    (found,) = score([assertion], Context(Reply("a"), {})).assertions

    assert found.error.startswith("ZeroDivisionError: x x x")
    assert len(found.error) == 501


def test_an_error_counts_even_without_weight(scored):
    assert (
        scored([{"type": "cost", "threshold": 1, "weight": 0}, YES], "a").error
        == "cost: price unknown: set prices.MODEL in the settings."
    )


@pytest.mark.parametrize(
    ("transform", "output", "value"),
    [
        ("{{ output | trim | upper }}", " yes\n", "YES"),
        ("{{ json.team }}", '{"team": "billing"}', "billing"),
        ("{{ json.parts }}", '{"parts": [1, {"a": true}]}', [1, {"a": True}]),
        ("{{ json.count }}", '{"count": 3.0}', "3"),
        ("{{ output }} of {{ name }}, {{ expected }}", "a", "a of x, y"),
    ],
)
def test_a_transform_changes_what_is_judged(judged, transform, output, value):
    found = judged({"type": "equals", "value": value, "transform": transform}, output, {"name": "x"}, "y")

    assert found.passed, found.reason


def test_a_transform_that_fails_is_its_assertions_error(scored):
    found = scored(
        [
            {"type": "equals", "value": "a", "transform": "{{ json.team }}"},
            {"type": "equals", "value": "a", "transform": "{{ output.x.y }}"},
            {"type": "equals", "value": "a"},
        ],
        "a",
    )

    assert [True, True, False] == [result.error is not None for result in found.assertions]


def test_a_transform_that_needs_an_expectation_is_skipped_without_one(scored):
    assert scored([{"type": "equals", "value": "a", "transform": "{{ expected }}"}], "a").passed is None
