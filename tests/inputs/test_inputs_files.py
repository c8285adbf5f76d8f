import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.errors import InvalidInputs, Problem
from promptctl.inputs.case import MISSING, Case
from promptctl.inputs.files import CaseIndex, cases_at, check_cases, digest, read_cases
from promptctl.inputs.lines import LINE_LIMIT

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def jsonl(*rows) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def cases(path: str, data: bytes) -> list[Case]:
    return list(read_cases(path, data))


def mistakes(path: str, data: bytes, **kwargs) -> list[str]:
    with pytest.raises(InvalidInputs) as caught:
        check_cases(path, data, **kwargs)
    return list(caught.value.lines())


def test_a_line_says_everything_about_its_case():
    row = {
        "id": "t-001",
        "vars": {"ticket": "My card", "n": 2},
        "expected": "billing",
        "assert": [{"type": "contains", "value": "bill"}],
        "tags": ["enterprise", "eu"],
        "weight": 3,
        "cluster": "conv-7",
        "source": {"trace": "abc"},
    }

    (case,) = cases("t.inputs.jsonl", jsonl(row))

    assert (
        Case(
            "t-001",
            {"ticket": "My card", "n": 2},
            "billing",
            ({"type": "contains", "value": "bill"},),
            ("enterprise", "eu"),
            3.0,
            "conv-7",
            {"trace": "abc"},
        )
        == case
    )
    assert case.line == 1


def test_vars_are_all_a_case_needs():
    (case,) = cases("t.jsonl", b'{"vars": {"a": "x"}}')

    assert Case("bac82bcae3ff", {"a": "x"}) == case
    assert MISSING is case.expected


def test_null_is_an_expectation():
    (case,) = cases("t.jsonl", b'{"vars": {}, "expected": null}')

    assert case.expected is None


def test_a_number_as_id_becomes_text():
    assert [case.id for case in cases("t.jsonl", jsonl({"id": 7, "vars": {}}, {"id": "x", "vars": {}}))] == ["7", "x"]


def test_the_digest_knows_no_order_of_keys():
    assert digest({"a": 1, "b": {"c": "é", "d": 2}}) == digest({"b": {"d": 2, "c": "é"}, "a": 1})
    assert digest({"a": 1}) != digest({"a": "1"})


@given(st.lists(st.dictionaries(st.text(), json_values, max_size=3), min_size=1, max_size=5, unique_by=digest))
def test_what_is_written_is_read(variables):
    data = jsonl(*({"vars": values, "expected": "x"} for values in variables if "expected" not in values))
    if not data:
        return

    found = cases("t.jsonl", data)

    assert [values for values in variables if "expected" not in values] == [case.vars for case in found]
    index = check_cases("t.jsonl", data)
    assert len(found) == index.count
    assert dict(enumerate(found)) == cases_at(index, data, range(len(found)))


def test_marks_windows_line_ends_and_blank_lines_do_no_harm():
    data = b'\xef\xbb\xbf{"vars": {"a": 1}}\r\n\r\n   \r\n{"vars": {"a": 2}}'

    assert [(case.vars["a"], case.line) for case in cases("t.jsonl", data)] == [(1, 1), (2, 4)]


def test_the_index_knows_all_cases():
    data = jsonl(
        {"id": "b", "vars": {"x": 1, "y": 1}, "tags": ["eu"]},
        {"id": "a", "vars": {"x": 1, "z": 1}, "tags": ["us", "eu"]},
    )

    index = check_cases("t.jsonl", data)

    expected = CaseIndex("t.jsonl", 2, frozenset({"eu", "us"}), frozenset({"x", "y", "z"}), common=frozenset({"x"}))
    assert expected == index
    assert list(index.starts) == [0, data.index(b"\n") + 1]


def test_cases_are_read_one_at_a_time():
    found = read_cases("t.jsonl", b'{"vars": {"a": 1}}\nnot json\n')

    assert next(found).vars == {"a": 1}
    with pytest.raises(InvalidInputs, match="line 2"):
        next(found)


def test_every_mistake_is_reported_with_its_line():
    data = b"""{"vars": {"a": 1}
{"vras": {"a": 1}}
[1]
{"vars": ["a"]}
{"vars": {"expected": 1}, "expected": 1}
{"vars": {"a": 2}, "weight": 0}
{"vars": {"a": 3}, "weight": true}
{"vars": {"a": 4}, "tags": "eu", "cluster": [1]}
{"vars": {"a": 5}, "tags": [1], "assert": {"type": "equals"}, "source": 3}
{"vars": {"a": 6}, "assert": ["x"], "id": ""}
{"vars": {"a": 7}, "id": "two\\nlines"}
{"vars": {"a": 8}, "weight": NaN}
"""

    found = mistakes("t.jsonl", data)

    assert found == [
        "t.jsonl: line 1: is not valid JSON: Expecting ',' delimiter at column 18.",
        "t.jsonl: line 2: unknown key 'vras'. Did you mean 'vars'?",
        't.jsonl: line 2: \'vars\' is missing. Variables go there: {"vars": {"name": "value"}}.',
        "t.jsonl: line 3: the line must be a mapping of keys to values, not a list.",
        "t.jsonl: line 4: 'vars' must be a mapping of names to values, not a list.",
        (
            "t.jsonl: line 5: 'expected' is both a variable and the expectation beside it. "
            "Assertions could not tell them apart: rename the variable."
        ),
        "t.jsonl: line 6: 'weight' must be a number greater than 0, not 0.",
        "t.jsonl: line 7: 'weight' must be a number greater than 0, not true.",
        "t.jsonl: line 8: 'cluster' must be a text, not a list.",
        "t.jsonl: line 9: 'assert' must be a list of assertions. Put [ ] around it.",
        "t.jsonl: line 9: 'tags[1]' must be a text, not 1.",
        "t.jsonl: line 9: 'source' must be a mapping of keys to values, not 3.",
        "t.jsonl: line 10: 'id' must be a text, not ''.",
        "t.jsonl: line 10: 'assert[1]' must be a mapping of keys to values, not a text.",
        "t.jsonl: line 11: 'id' must be one line of at most 200 printable characters, not 'two\N{REPLACEMENT CHARACTER}lines'.",
        "t.jsonl: line 12: is not valid JSON: NaN is no JSON number.",
    ]


def test_a_variable_named_expected_alone_is_fine():
    (case,) = cases("t.jsonl", b'{"vars": {"expected": 1}}')

    assert case.vars == {"expected": 1}


def test_a_weight_beyond_every_float_is_a_mistake():
    data = b'{"vars": {}, "weight": 1' + b"0" * 400 + b"}"

    assert mistakes("t.jsonl", data) == [
        "t.jsonl: line 1: 'weight' must be a number greater than 0, not 'a number that is out of range'."
    ]


def test_a_cluster_may_be_a_number():
    (case,) = cases("t.jsonl", b'{"vars": {}, "cluster": 7}')

    assert case.cluster == "7"


def test_the_listing_ends_after_twenty():
    found = mistakes("t.jsonl", b"{\n" * 25)

    assert len(found) == 21
    assert found[-1] == "t.jsonl: and 5 more mistakes."
    assert mistakes("t.jsonl", b"{\n" * 21)[-1] == "t.jsonl: and 1 more mistake."


def test_duplicate_ids_are_named_with_both_lines():
    data = jsonl({"id": "a", "vars": {"x": 1}}, {"vars": {"x": 2}}, {"id": "a", "vars": {"x": 3}}, {"vars": {"x": 2}})

    assert mistakes("t.jsonl", data) == [
        "t.jsonl: line 3: the id 'a' is the same as line 1.",
        "t.jsonl: line 4: has the same variables as line 2. Remove one, or give each an id.",
    ]


def test_duplicates_are_found_where_lines_are_not_known():
    data = b'[{"id": "a", "vars": {}}, {"id": "a", "vars": {"b": 1}}, {"vars": {"c": 1}}, {"vars": {"c": 1}}]'

    assert mistakes("t.json", data) == [
        "t.json: the id 'a' is the same as that of another.",
        "t.json: has the same variables as another. Remove one, or give each an id.",
    ]


@pytest.mark.parametrize("data", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_a_file_without_inputs_is_a_mistake(data):
    assert mistakes("t.jsonl", data) == [
        't.jsonl: holds no inputs. One JSON object a line: {"vars": {"name": "value"}}.'
    ]


@pytest.mark.parametrize("path", ["t.csv", "t.yaml", "t.json"])
def test_an_empty_file_of_any_kind_is_a_mistake(path):
    assert "holds no inputs" in mistakes(path, b"")[0]


def test_an_unknown_kind_of_file_is_a_mistake():
    found = mistakes("t.inputs.xlsx", b"PK")

    assert found == ["t.inputs.xlsx: is no kind of inputs file that promptctl reads. Use .jsonl, .csv, .yaml or .json."]


def test_a_json_array_under_the_wrong_name_is_one_mistake():
    (found,) = mistakes("t.jsonl", b'[\n{"vars": {}},\n{"vars": {}}\n]')

    assert found.startswith("t.jsonl: is a JSON array. Rename it to .json")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"vars": {"a": "\xff"}}', "is not valid UTF-8. Save it as UTF-8."),
        (b'{"vars": {"a": "\0"}}', "is not text: it holds NUL bytes. Save it as UTF-8."),
        (b'{"vars": {"a": "' + b"x" * LINE_LIMIT + b'"}}', "is longer than 5 MiB."),
        (b'{"vars": {"a": ' + b"[" * 50_000, "is nested more than 100 levels deep."),
        (b'{"vars": {"a": ' + b"[" * 200 + b"]" * 200 + b"}}", "is nested more than 100 levels deep."),
        (b'{"vars": {"a": "\\ud800"}}', "is not valid JSON: it holds half of a surrogate pair."),
        (b'{"vars": {}, "vars": {}}', "is not valid JSON: the key 'vars' stands there twice."),
    ],
)
def test_hostile_lines_are_mistakes(line, message):
    assert [f"t.jsonl: line 2: {message}"] == mistakes("t.jsonl", b'{"vars": {}}\n' + line + b"\n")


def test_assertions_are_checked_where_a_check_is_given():
    def check(specs, where):
        return [Problem(where, f"bad {spec['type']}.") for spec in specs if spec["type"] == "contians"]

    data = jsonl({"vars": {"a": 1}}, {"vars": {"a": 2}, "assert": [{"type": "contians"}, {"type": "equals"}]})

    assert mistakes("t.jsonl", data, check_assertions=check) == ["t.jsonl: line 2: bad contians."]
    assert check_cases("t.jsonl", data).count == 2


YAML = b"""
- id: t-1
  vars: {ticket: "a", when: 2024-01-01}
  expected: true
- vars:
    ticket: b
    when: later
"""


@pytest.mark.parametrize("path", ["t.yaml", "t.yml"])
@pytest.mark.parametrize("key", [b"", b"cases:", b"inputs:"])
def test_yaml_says_the_same(path, key):
    found = cases(path, key + YAML)

    assert [case.vars for case in found] == [{"ticket": "a", "when": "2024-01-01"}, {"ticket": "b", "when": "later"}]
    assert [case.expected for case in found] == [True, MISSING]
    assert [case.line for case in found] == [2, 5]


def test_json_is_a_list_too():
    assert [case.id for case in cases("t.json", b'{"cases": [{"id": "a", "vars": {}}]}')] == ["a"]
    assert [case.id for case in cases("t.json", b'[{"id": "b", "vars": {}}]')] == ["b"]


@pytest.mark.parametrize(
    ("data", "messages"),
    [
        (b"just text", ["t.yaml: must be a list of inputs. Each is a mapping with 'vars'."]),
        (b"cases: 3\n", ["t.yaml: line 1: 'cases' must be a list, not 3."]),
        (
            b"cases: [{vars: {}}]\nextra: 1\n",
            ["t.yaml: line 2: unknown key 'extra'. Known: cases."],
        ),
        (b"- vars: {a: 1}\n-\n", ["t.yaml: line 2: input 2 is empty."]),
        (b"- vars: {a: 1}\n- 3\n", ["t.yaml: line 2: '[2]' must be a mapping of keys to values, not a number."]),
        (
            b"- vars: {a: 1}\n  wieght: 1\n- vars: {a: 1}\n  wieght: 1\n",
            [
                "t.yaml: line 2: unknown key '[1].wieght'. Did you mean 'weight'?",
                "t.yaml: line 4: unknown key '[2].wieght'. Did you mean 'weight'?",
            ],
        ),
        (
            b"- vars: {a: 1}\n- vars: {a: 1}\n",
            ["t.yaml: line 2: has the same variables as line 1. Remove one, or give each an id."],
        ),
    ],
)
def test_mistakes_in_yaml_have_their_lines(data, messages):
    assert messages == mistakes("t.yaml", data)


def test_broken_yaml_is_one_mistake():
    (found,) = mistakes("t.yaml", b"- vars: {a: 1\n")

    assert found.startswith("t.yaml: line")
    assert "is not valid YAML" in found
