import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.errors import InvalidInputs
from promptctl.inputs.case import MISSING, Case
from promptctl.inputs.files import check_cases, digest, read_cases


def cases(data: str | bytes) -> list[Case]:
    return list(read_cases("t.csv", data if isinstance(data, bytes) else data.encode()))


def mistakes(data: str | bytes) -> list[str]:
    with pytest.raises(InvalidInputs) as caught:
        check_cases("t.csv", data if isinstance(data, bytes) else data.encode())
    return list(caught.value.lines())


def test_columns_are_variables_or_the_cases_own():
    (case,) = cases(
        "id,ticket,expected,tags,weight,cluster,assert,source,n\n"
        't-1,"My card, twice",billing,"eu, vip",2.5,conv-7,"[{""type"": ""is-json""}]","{""row"": 1}",42\n'
    )

    expected = Case(
        "t-1",
        {"ticket": "My card, twice", "n": "42"},
        "billing",
        ({"type": "is-json"},),
        ("eu", "vip"),
        2.5,
        "conv-7",
        {"row": 1},
    )
    assert expected == case
    assert case.line == 2


def test_an_empty_cell_of_the_cases_own_is_none():
    (case,) = cases("id,ticket,expected,tags,weight,cluster,assert,source\n,,,,,,,x\n".replace(",x", ",{}"))

    assert Case(digest({"ticket": ""}), {"ticket": ""}, source={}) == case
    assert MISSING is case.expected


def test_a_prefix_tells_a_variable_from_a_column_of_the_case():
    (case,) = cases("id,vars.id,vars.ticket\nt-1,customer 9,hello\n")

    assert case.id == "t-1"
    assert case.vars == {"id": "customer 9", "ticket": "hello"}


def test_tags_may_be_a_json_list():
    (case,) = cases('tags,a\n"[""x, y"", ""z""]",1\n')

    assert case.tags == ("x, y", "z")


def test_rows_know_their_first_line():
    found = cases('\ufeffticket,n\r\n"two\r\nlines",1\r\n\r\n,\r\nlast,2\r\n')

    assert [(case.vars["ticket"], case.line) for case in found] == [("two\r\nlines", 2), ("last", 6)]


@given(st.lists(st.tuples(st.text(), st.text(min_size=1)), min_size=1, unique=True))
def test_cells_are_read_as_they_were_written(rows):
    rows = [row for row in rows if "\0" not in "".join(row)]
    text = io.StringIO()
    csv.writer(text).writerows([("a", "b"), *rows])

    assert rows == [(case.vars["a"], case.vars["b"]) for case in cases(text.getvalue().encode("utf-8", "replace"))]


def test_a_cell_may_be_longer_than_csv_likes():
    (case,) = cases("a\n" + "x" * 200_000 + "\n")

    assert len(case.vars["a"]) == 200_000


@pytest.mark.parametrize(
    ("data", "messages"),
    [
        (
            "a,b\n1\n1,2,3\n",
            ["line 2: has 1 cells, and the header 2 columns.", "line 3: has 3 cells, and the header 2 columns."],
        ),
        (
            "a,a,id,id\n1,2,3,4\n",
            ["line 1: the column 'id' stands there twice.", "line 1: the column 'a' stands there twice."],
        ),
        ("a,vars.a\n1,2\n", ["line 1: the column 'a' stands there twice."]),
        ("a,,\n1,2,3\n", ["line 1: a column has no name. The first line names the columns."]),
        ("a;b\n1;2\n", ["line 1: its columns are parted by ';'. Save it with commas."]),
        (
            "a,__prefix\n1,2\n",
            [
                "line 1: unknown column '__prefix'. Write '__expected', 'expected', or assertions as JSON under 'assert'."
            ],
        ),
        (
            "a,weight,assert\n1,heavy,[\n2,nan,{}\n",
            [
                "line 2: the cell 'assert' is not valid JSON: Expecting value at column 2.",
                "line 2: 'weight' must be a number greater than 0, not 'heavy'.",
                "line 3: 'assert' must be a list of assertions. Put [ ] around it.",
                "line 3: 'weight' must be a number greater than 0, not 'nan'.",
            ],
        ),
        ('a\n1\n"open\n', ["line 3: is not valid CSV: unexpected end of data. Is a quote left open?"]),
        ('a\n"x"y\n', ["line 2: is not valid CSV: ',' expected after '\"'. Is a quote left open?"]),
        (b"a\n1\n\xff\n2\n", ["line 3: is not valid UTF-8. Save it as UTF-8."]),
        (b"a\n1\n\xff", ["line 3: is not valid UTF-8. Save it as UTF-8."]),
        ("id,a\nx,1\nx,2\n", ["line 3: the id 'x' is the same as line 2."]),
        ("a,b\n", ['holds no inputs. One JSON object a line: {"vars": {"name": "value"}}.']),
    ],
)
def test_mistakes_are_reported_with_their_lines(data, messages):
    assert [f"t.csv: {message}" for message in messages] == mistakes(data)
