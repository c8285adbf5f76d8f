"""Replacing one case's `expected`: no other byte moves."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.errors import InvalidInputs, UserError
from promptctl.inputs.case import Case
from promptctl.inputs.editing import expectation, replaced, with_expected
from promptctl.inputs.files import read_cases

LINES = (
    b'\xef\xbb\xbf{"id": "a", "vars": {"expected": "no", "x": "{\\"expected\\": 1}"}}\r\n'
    b'  {"vars":{"t":"\xc3\xbc"} ,"expected" :  "old" , "id":"b","tags":["\\u0065"]}   \r\n'
    b"\n"
    b'{"id": "c", "expected": {"k": [1, 2]}, "vars": {}}'
)


def test_only_the_value_changes_in_a_line():
    edited = with_expected("i.jsonl", LINES, "b", 'new "ü"\u2028')

    assert LINES.replace(b'"old"', b'"new \\"\xc3\xbc\\"\\u2028"') == edited.data
    assert ('"old"', '"new \\"ü\\"\\u2028"') == (edited.before, edited.after)
    assert LINES == replaced("i.jsonl", edited.data, "b", edited.after, edited.before)
    assert replaced("i.jsonl", LINES, "b", edited.after, edited.before) is None


def test_an_id_is_found_where_it_is_first_a_value_then_an_id_and_where_it_is_escaped():
    data = b'{"id": "a", "vars": {"x": "b"}, "expected": 1}\n{"id": "b", "vars": {}, "expected": 2}\n'
    assert data.replace(b"2", b"3") == with_expected("i.jsonl", data, "b", 3).data

    data = b'{"id": "\\u00fc", "vars": {}, "expected": 1}\n{"id": 7, "vars": {}, "expected": 2}\n'
    assert data.replace(b"1", b"3") == with_expected("i.jsonl", data, "ü", 3).data
    assert data.replace(b"2", b"3") == with_expected("i.jsonl", data, "7", 3).data


def test_a_value_of_the_last_line_without_an_end():
    edited = with_expected("i.jsonl", LINES, "c", {"k": []})

    assert LINES.replace(b'{"k": [1, 2]}', b'{"k": []}') == edited.data


def test_a_file_that_escapes_goes_on_escaping():
    data = b'{"id": "a", "vars": {"t": "\\u00fc"}, "expected": "x"}\n'

    assert b'"expected": "\\u00fc"' in with_expected("i.jsonl", data, "a", "ü").data


@pytest.mark.parametrize("head", ["", "\ufeff"])
@pytest.mark.parametrize("shape", ["[%s]", ' {"note": 1, "cases": [%s]}', '{"inputs":[ %s ]}\n'])
def test_a_json_file(head, shape):
    text = head + shape % '{"id": "a", "vars": {}, "expected": 1} ,\n {"id": "b", "vars": {}, "expected": [2]}'
    if "note" in text:
        text = text.replace('"note": 1, ', "")
    edited = with_expected("i.json", text.encode(), "b", [3])

    assert text.replace("[2]", "[3]").encode() == edited.data


def test_a_case_that_is_not_there_or_expects_nothing():
    with pytest.raises(InvalidInputs, match="no input has the id 'z'"):
        with_expected("i.jsonl", LINES, "z", "x")
    with pytest.raises(UserError, match="'a' has no expected"):
        with_expected("i.jsonl", LINES, "a", "x")


def test_an_answer_becomes_what_was_expected_before():
    assert "3" == expectation(Case("a", {}, "4"), "3")
    assert 3 == expectation(Case("a", {}, 4), " 3\n")
    assert {"k": True} == expectation(Case("a", {}, {}), '{"k": true}')
    assert "yes" == expectation(Case("a", {}, None), "yes")
    with pytest.raises(UserError, match="expected is a list, and the new answer is no JSON: 'yes'"):
        expectation(Case("a", {}, []), "yes")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=5,
).filter(lambda value: value is not None)


@given(JSON, JSON, st.booleans())
def test_what_is_written_is_read_and_taken_back(old, new, escaped):
    rows = [{"id": "a", "vars": {"x": old}}, {"id": "b", "vars": {"y": new}, "expected": old, "tags": ["t"]}]
    data = "".join(json.dumps(row, ensure_ascii=escaped) + "\n" for row in rows).encode()
    edited = with_expected("i.jsonl", data, "b", new)

    first, second = read_cases("i.jsonl", edited.data)
    assert (new, {"y": new}, {"x": old}) == (second.expected, second.vars, first.vars)
    assert data == replaced("i.jsonl", edited.data, "b", edited.after, edited.before)
