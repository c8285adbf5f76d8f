"""`expected` in CSV and YAML files: one cell or one value changes, in the form that it had."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.documents import Fields
from promptctl.errors import UserError
from promptctl.inputs.case import MISSING
from promptctl.inputs.csv_rows import csv_rows
from promptctl.inputs.editing import replaced, with_expected
from promptctl.inputs.files import read_cases

CELLS = (
    b'\xef\xbb\xbfid, expected ,t,tags\r\na,old,"x\r\ny, ""q""",t\r\n\r\nb,"old, one",z,\r\nc,,=1,\r\nd,"""q""",last,'
)


@pytest.mark.parametrize(
    ("case", "before", "answer", "after"),
    [
        ("a", b"a,old,", "new", b"a,new,"),
        ("a", b"a,old,", "n,w", b'a,"n,w",'),
        ("a", b"a,old,", 'a"b\n\xfc', b'a,"a""b\n\xc3\xbc",'),
        ("a", b"a,old,", " = 1", b"a, = 1,"),
        ("b", b'"old, one"', "plain", b'"plain"'),
        ("d", b'"""q"""', "x", b'"x"'),
    ],
)
def test_one_cell_of_a_csv_file(case, before, answer, after):
    edited = with_expected("i.csv", CELLS, case, answer)

    assert CELLS.replace(before, after) == edited.data
    assert CELLS == replaced("i.csv", edited.data, case, edited.after, edited.before)


@pytest.mark.parametrize("bad", [b"b,\xff,old", b"b,\0,old"])
def test_lines_that_are_no_text_stay_and_do_not_count(bad):
    data = b"id,t,expected\na,x,old\n" + bad + b"\n" + bad + b"\nc,z,old\nd,q,old\n"
    edited = with_expected("i.csv", data, "c", "new")

    assert data.replace(b"c,z,old", b"c,z,new") == edited.data
    assert data == replaced("i.csv", edited.data, "c", edited.after, edited.before)
    assert [2, 5, 6] == [row.line() for row in csv_rows("i.csv", data) if isinstance(row, Fields)]


@pytest.mark.parametrize("path", ["i.json", "i.yaml"])
def test_a_key_that_nobody_knows_moves_no_case(path):
    cases = [{"id": name, "vars": {}, "expected": "old"} for name in "abc"]
    data = json.dumps({"note": 1, "cases": cases}).encode()
    edited = with_expected(path, data, "b", "new")

    assert ["old", "new", "old"] == [case["expected"] for case in json.loads(edited.data)["cases"]]


@pytest.mark.parametrize("answer", ["", "a\0b"])
def test_what_a_cell_cannot_say_is_left_to_people(answer):
    with pytest.raises(
        UserError, match=r"i.csv: line 2: .* expected of 'a' without other changes\. Set it to .* by hand"
    ):
        with_expected("i.csv", CELLS, "a", answer)


BLOCKS = b"""\
# inputs
cases:
  # first
  - id: a      # the id
    vars: {t: x}
    expected: old  # why
  - {id: b, vars: {t: y}, expected: old, tags: [q]}
  - id: c
    vars: {t: z}
    expected: |
      one
      two

    tags: [v]
  - id: d
    vars: {t: w}
    expected:
      # of two
      a: 1
      b: [2]
  - id: e
    expected: 'it''s'
    vars: {t: v}
  - id: f
    expected: &five 5
    vars: {t: k, n: *five}
  - id: g
    vars: {t: u}
    "expected" :
    - a
"""


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize(
    ("case", "before", "answer", "after"),
    [
        ("a", b"old  # why", "new", b"new  # why"),
        ("a", b"old  # why", "true", b'"true"  # why'),
        ("a", b"old  # why", "a: b # c", b'"a: b # c"  # why'),
        ("a", b"old  # why", "\u2028", b'"\\u2028"  # why'),
        ("b", b"old, tags", "x, y", b'"x, y", tags'),
        ("c", b"|\n      one\n      two\n", "three\n\n four\n", b"|\n      three\n\n       four\n"),
        ("c", b"|\n      one\n      two\n", "three", b"|-\n      three\n"),
        ("d", b"\n      # of two\n      a: 1\n      b: [2]\n", {"a": [True]}, b' {"a": [true]}\n'),
        ("e", b"'it''s'", "'s", b"'''s'"),
        ("g", b"\n    - a\n", ["b"], b' ["b"]\n'),
    ],
)
def test_one_value_of_a_yaml_file(case, before, answer, after, end):
    data = BLOCKS.replace(b"\n", end)
    tail = data.rindex(b"- id: " + case.encode()) if case != "b" else data.index(b"{id: b")
    edited = with_expected("i.yaml", data, case, answer)
    (found,) = (one.expected for one in read_cases("i.yaml", edited.data) if one.id == case)

    assert data[:tail] + data[tail:].replace(before.replace(b"\n", end), after.replace(b"\n", end), 1) == edited.data
    assert answer == found
    assert data == replaced("i.yaml", edited.data, case, edited.after, edited.before)


@pytest.mark.parametrize(
    ("data", "case"),
    [
        (BLOCKS, "f"),
        (b"- &a {id: a, vars: {}, expected: 1}\n- {<<: *a, id: b}\n", "a"),
        (b"- &a {id: a, vars: {}, expected: 1}\n- {<<: *a, id: b}\n", "b"),
    ],
)
def test_a_value_that_others_share_is_left_to_people(data, case):
    with pytest.raises(UserError, match=f"expected of '{case}' without other changes. Set it to 6 by hand"):
        with_expected("i.yaml", data, case, 6)


@pytest.mark.parametrize(
    ("path", "data"),
    [("i.jsonl", b'{"id": "b", "vars": {}, "expected": "x"}'), ("i.yaml", BLOCKS), ("i.csv", CELLS)],
)
def test_half_a_surrogate_pair_is_refused(path, data):
    with pytest.raises(UserError, match="the answer of 'b' holds half of a surrogate pair"):
        with_expected(path, data, "b", "x\ud800")


WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn", "Zl", "Zp")) | st.sampled_from("\n,\"' #:-|>&*!%@`[]{}"),
    min_size=1,
)


@given(WORDS, WORDS, st.sampled_from(["plain", "quoted", "double", "literal"]))
def test_any_text_is_read_as_it_was_written(old, new, style):
    written = {
        "plain": "old",
        "quoted": "'it''s'",
        "double": json.dumps(old, ensure_ascii=False),
        "literal": "|\n    x\n",
    }[style]
    block = f"- id: a\n  vars: {{t: 1}}\n  expected: {written}\n- {{id: b, vars: {{}}}}\n".encode()
    table = io.StringIO()
    csv.writer(table).writerows([["id", "expected", "t"], ["a", old, "x,y"], ["b", "", old]])

    for path, data in (("i.yaml", block), ("i.csv", table.getvalue().encode())):
        edited = with_expected(path, data, "a", new)
        first, second = read_cases(path, edited.data)
        assert (new, "b", MISSING) == (first.expected, second.id, second.expected)
        assert data == replaced(path, edited.data, "a", edited.after, edited.before)
