import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.scoring.text import as_text, needles, pattern, quoted, word_range


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (42, "42"),
        (42.0, "42"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (0.00001, "0.00001"),
        (1.5e-7, "0.00000015"),
        (1e-8, "1e-8"),
        (float("inf"), "inf"),
    ],
)
def test_scalars_read_as_in_json(value, text):
    assert text == as_text(value)


def test_what_is_quoted_is_short_and_shows_no_control_characters():
    assert quoted("a\x1b[31m\u202e") == "'a\\x1b[31m\\u202e'"
    assert f"'{'x' * 60}…' (1000 characters)" == quoted("x" * 1000)


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ("a,b", ("a", "b")),
        (" a , b ", ("a", "b")),
        ("a,,,b,", ("a", "b")),
        ('"x, y",z', ("x, y", "z")),
        ('"x" , z', ("x", "z")),
        ('""', ("",)),
        ('"say ""hi""",c', ('say "hi"', "c")),
        (r'"a\"b\\c", d', ('a"b\\c', "d")),
        ('a"b,c', ('a"b', "c")),
        ("two words", ("two words",)),
        ([1, "b", True], ("1", "b", "true")),
        (7, ("7",)),
    ],
)
def test_lists_are_lists_or_text_with_commas(value, items):
    assert items == needles(value)


@pytest.mark.parametrize("value", ["", " , ,", '"a"b,c', '"open, b', [], [None], [["a"]], {"a": 1}, None])
def test_what_is_no_list_of_texts_is_refused(value):
    with pytest.raises(ValueError, match=r"must be a list of texts|is not closed"):
        needles(value)


@given(st.lists(st.text(alphabet=st.characters(exclude_characters='",', exclude_categories=["Cs"])).map(str.strip)))
def test_items_joined_with_commas_come_apart_again(items):
    items = [item for item in items if item]
    if items:
        assert tuple(items) == needles(",".join(items))


@pytest.mark.parametrize(
    ("spec", "output", "passed", "reason"),
    [
        ({"type": "contains", "value": "b"}, "abc", True, "contains 'b'"),
        ({"type": "contains", "value": "B"}, "abc", False, "does not contain 'B': 'abc'"),
        ({"type": "icontains", "value": "B"}, "abc", True, "contains 'B'"),
        ({"type": "not-contains", "value": "b"}, "abc", False, "contains 'b' (it must not)"),
        ({"type": "not-contains", "value": "x"}, "abc", True, "does not contain 'x': 'abc'"),
        ({"type": "contains-any", "value": "x,b"}, "abc", True, "contains 'b'"),
        ({"type": "contains-any", "value": ["x", "y"]}, "abc", False, "contains none of 'x', 'y': 'abc'"),
        ({"type": "icontains-any", "value": "X,B"}, "abc", True, "contains 'B'"),
        ({"type": "contains-all", "value": "a,x,c,y"}, "abc", False, "does not contain 'x', 'y': 'abc'"),
        ({"type": "contains-all", "value": "a,c"}, "abc", True, "contains all of 'a', 'c'"),
        ({"type": "icontains-all", "value": "A,C"}, "abc", True, "contains all of 'A', 'C'"),
        (
            {"type": "contains-all", "value": "1,2,3,4,5,6,7"},
            "abc",
            False,
            "does not contain '1', '2', '3', '4', '5' and 2 more: 'abc'",
        ),
        ({"type": "starts-with", "value": "ab"}, "abc", True, "starts with 'ab'"),
        ({"type": "starts-with", "value": "bc"}, "abc", False, "does not start with 'bc': 'abc'"),
        ({"type": "ends-with", "value": "bc"}, "abc", True, "ends with 'bc'"),
        ({"type": "ends-with", "value": "bc"}, "abc\n", False, "does not end with 'bc': it ends with 'abc\\n'"),
        ({"type": "not-ends-with", "value": "bc"}, "abc", False, "ends with 'bc' (it must not)"),
        ({"type": "regex", "value": "b+"}, "abbc", True, "matches 'b+' with 'bb'"),
        ({"type": "regex", "value": "^c"}, "abc", False, "does not match '^c': 'abc'"),
        ({"type": "word-count", "value": 2}, "one  two\n", True, "2 words"),
        ({"type": "word-count", "value": {"min": 3}}, "one two", False, "2 words, expected 3 to inf"),
        ({"type": "word-count", "value": {"max": 1}}, "one two", False, "2 words, expected 0 to 1"),
        ({"type": "word-count", "value": "1"}, "one two", False, "2 words, expected 1"),
        ({"type": "word-count", "value": 2.0}, "one two", True, "2 words"),
    ],
)
def test_reasons_say_what_was_found(judged, spec, output, passed, reason):
    found = judged(spec, output)

    assert (passed, float(passed), reason, None) == (found.passed, found.score, found.reason, found.error)


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("^billing$", "billing", True),
        ("^billing$", "billing\n", False),
        ("(?m)^b$", "a\nb\nc", True),
        (r"cost: \$5$", "cost: $5", True),
        ("[$]5", "$5", True),
        ("[]$]5", "$5", True),
        (r"[\]$]5", "$5", True),
        (r"(?<year>\d{4})", "in 2024", True),
        (r"\p{Lu}", "É", True),
    ],
)
def test_a_dollar_is_the_end_as_in_javascript(source, text, found):
    assert found == bool(pattern(source).search(text))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "must be a regular expression"),
        (3, "must be a regular expression"),
        ("(", "'(' is no regular expression: missing )"),
        ("(" * 9_000, "is no regular expression"),
        ("a" * 10_001, "longer than 10,000 characters"),
    ],
)
def test_what_is_no_pattern_is_refused(value, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        pattern(value)


def test_a_catastrophic_pattern_is_stopped(judged):
    found = judged({"type": "regex", "value": "(a+)+$"}, "a" * 5_000 + "b")

    assert found.error == "the regular expression took longer than 1 s."
    assert not found.passed


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "must be a number of words"),
        ({"mni": 1}, "must be a number of words"),
        ({"min": 5, "max": 1}, "min 5 must be less than or equal to max 1"),
        (-1, "must be a whole number, not '-1'"),
        (1.5, "must be a whole number, not '1.5'"),
        (True, "must be a whole number, not 'true'"),
        ("many", "must be a whole number, not 'many'"),
        (None, "must be a whole number, not 'null'"),
    ],
)
def test_what_is_no_range_of_words_is_refused(value, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        word_range(value)
