"""`__expected` columns of a CSV file of inputs."""

import pytest

from promptctl.errors import InvalidInputs
from promptctl.inputs.cells import TYPES, assertion
from promptctl.inputs.files import check_cases, read_cases
from promptctl.scoring.registry import KINDS, assertion_problems


def test_every_type_may_stand_in_a_cell():
    assert {"assert-set"} == {name for name in KINDS if ":" not in name} - TYPES


def test_a_row_may_carry_several_assertions_a_metric_and_a_threshold():
    data = b"q,__expected,__expected2,__metric,__threshold\nhi,hello,contains:x,tone,0.5\nho,,,,\n"

    first, second = read_cases("t.csv", data)

    assert (
        {"type": "equals", "value": "hello", "metric": "tone"},
        {"type": "contains", "value": "x", "metric": "tone"},
    ) == first.assertions
    assert (0.5, {"q": "hi"}) == (first.threshold, first.vars)
    assert ((), None) == (second.assertions, second.threshold)


def test_a_misspelt_type_in_a_cell_is_an_error_with_its_line():
    with pytest.raises(InvalidInputs) as caught:
        check_cases("t.csv", b"q,__expected\nhi,contians:x\n", check_assertions=assertion_problems)

    assert "t.csv: line 2: assertion 1 (contians): unknown type 'contians'. Did you mean 'contains'?" in str(
        caught.value
    )


@pytest.mark.parametrize("threshold", ["2", "-1", "x"])
def test_a_threshold_is_a_share(threshold):
    with pytest.raises(InvalidInputs, match="'threshold' must be a number from 0 to 1"):
        check_cases("t.csv", f"q,__threshold\nhi,{threshold}\n".encode())


def test_lists_in_cells_keep_commas_in_quotes():
    assert {"type": "contains-all", "value": ["x, y", "z"]} == assertion('contains-all:"x, y",z')
