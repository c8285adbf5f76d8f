import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.scoring.schema import schema
from promptctl.scoring.structured import parsed, same

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_a_value_equals_itself_written_as_json(value):
    assert same(parsed(json.dumps(value)), value)


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1, 1.0, True),
        (1, True, False),
        ([0], [False], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ([1, 2], [1], False),
        ([], {}, False),
        (None, None, True),
        ("1", 1, False),
    ],
)
def test_equality_is_that_of_json(left, right, equal):
    assert equal == same(left, right)


@pytest.mark.parametrize(
    ("value", "output", "passed", "reason"),
    [
        ("billing", "billing", True, "equals 'billing'"),
        ("billing", "technical", False, "expected 'billing', got 'technical'"),
        ("billing", "billing\n", False, "expected 'billing', got 'billing\\n' (only white space differs)"),
        ("billing", "Billing", False, "expected 'billing', got 'Billing' (only case differs)"),
        (True, "true", True, "equals 'true'"),
        (None, "null", True, "equals 'null'"),
        (None, "", False, "expected 'null', got ''"),
        ({"a": [1]}, '{"a": [1.0]}', True, "equals '{\"a\": [1]}'"),
        ({"a": 1}, '{"a": true}', False, "expected '{\"a\": 1}', got '{\"a\": true}'"),
        ([1], "[NaN]", False, "expected '[1]', got '[NaN]'"),
    ],
)
def test_equals_compares_text_or_json(judged, value, output, passed, reason):
    found = judged({"type": "equals", "value": value}, output)

    assert (passed, reason, None) == (found.passed, found.reason, found.error)


PERSON = {"type": "object", "required": ["name"], "properties": {"age": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("spec", "output", "passed", "reason"),
    [
        ({"type": "is-json"}, "[1]", True, "is JSON"),
        ({"type": "is-json", "value": ""}, "[1]", True, "is JSON"),
        (
            {"type": "is-json"},
            "{'a': 1}",
            False,
            "is no JSON: Expecting property name enclosed in double quotes at line 1, column 2: \"{'a': 1}\"",
        ),
        (
            {"type": "is-json"},
            "```json\n1\n```",
            False,
            (
                "is no JSON: Expecting value at line 1, column 1: '```json\\n1\\n```' "
                "(it stands in a code fence: contains-json looks inside)"
            ),
        ),
        ({"type": "is-json"}, "[Infinity]", False, "is no JSON: Infinity is no JSON"),
        ({"type": "is-json"}, "1" * 5_000, True, "is JSON"),
        ({"type": "is-json", "value": PERSON}, '{"name": "A"}', True, "is JSON that conforms to the schema"),
        (
            {"type": "is-json", "value": PERSON},
            '{"name": "A", "age": "x"}',
            False,
            "breaks the schema at $.age: 'x' is not of type 'integer'",
        ),
        (
            {"type": "is-json", "value": "{required: [name]}"},
            "{}",
            False,
            "breaks the schema at $: 'name' is a required property",
        ),
        ({"type": "is-json", "value": False}, "1", False, "breaks the schema at $: False schema does not allow 1"),
        ({"type": "not-is-json"}, "[1]", False, "is JSON (it must not)"),
        ({"type": "not-is-json", "value": PERSON}, "{}", True, "breaks the schema at $: 'name' is a required property"),
        ({"type": "contains-json"}, 'so: {"a": 1}.', True, "contains JSON"),
        ({"type": "contains-json"}, "see [1]", False, "contains no JSON: 'see [1]'"),
        (
            {"type": "contains-json", "value": {"type": "array"}},
            "see [1]",
            True,
            "contains JSON that conforms to the schema",
        ),
        (
            {"type": "contains-json", "value": PERSON},
            '{"a"} {"b": 1} {"name": "A"}',
            True,
            "contains JSON that conforms to the schema",
        ),
        (
            {"type": "contains-json", "value": PERSON},
            '{"name": "A", "age": 1.5}',
            False,
            "breaks the schema at $.age: 1.5 is not of type 'integer'",
        ),
    ],
)
def test_json_is_found_and_checked(judged, spec, output, passed, reason):
    found = judged(spec, output)

    assert (passed, reason, None) == (found.passed, found.reason, found.error)


@pytest.mark.parametrize(
    ("spec", "output"),
    [
        ({"type": "is-json"}, "[" * 100_000),
        ({"type": "is-json"}, "[" * 20_000 + "]" * 20_000),
        ({"type": "is-json"}, '{"a":' * 301 + "1" + "}" * 301),
        ({"type": "equals", "value": [1]}, "[" * 100_000),
        ({"type": "is-json", "value": {"$ref": "#"}}, "1"),
    ],
)
def test_deep_nesting_is_the_assertions_error(judged, spec, output):
    found = judged(spec, output)

    assert found.error == "the answer, or what it is compared with, is nested too deep."


def test_json_of_many_brackets_is_not_deep(judged):
    assert judged({"type": "is-json"}, "[" + "[]," * 1_000 + "[" * 200 + "]" * 200 + "]").passed


def test_json_deep_inside_an_answer_does_not_crash(judged):
    assert judged({"type": "contains-json"}, '{"a":' * 2_000 + "1" + "}" * 2_000).error is None


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"type": "strnig"}, "the JSON schema is invalid: $.type: 'strnig' is not valid"),
        ({"pattern": "("}, "the JSON schema is invalid: $.pattern: '(' is not a 'regex'"),
        ({"$schema": "http://json-schema.org/draft-07/schema#", "items": 3}, "the JSON schema is invalid: $.items"),
        ({"$ref": "#/definitions/none"}, "$ref '#/definitions/none' leads nowhere in it"),
        ({"properties": {"a": {"$ref": "http://127.0.0.1:9/schema.json"}}}, "leads nowhere in it"),
    ],
)
def test_a_bad_schema_is_refused(value, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        schema(value)


def test_a_schema_that_is_nested_too_deep_is_refused():
    value = {}
    for _ in range(2_000):
        value = {"not": value}

    with pytest.raises(ValueError, match="nested too deep"):
        schema(value)


@pytest.mark.parametrize(
    ("value", "instance", "conforms"),
    [
        ({"$ref": "#/$defs/n", "$defs": {"n": {"type": "integer"}}}, 1, True),
        ({"$ref": "#/definitions/n", "definitions": {"n": {"type": "integer"}}}, "x", False),
        ({"items": [{"type": "integer"}]}, ["x"], False),  # a tuple, as in draft 7
        ({"prefixItems": [{"type": "integer"}]}, ["x"], False),  # a tuple, as in 2020-12
        ({"$schema": "http://json-schema.org/draft-07/schema#", "type": "integer"}, 1, True),
        ({"$schema": "https://example.org/own", "type": "integer"}, "x", False),
        ({"$defs": {"n": {"$id": "urn:n", "type": "integer"}}, "$ref": "urn:n"}, "x", False),
        ({"pattern": "^a$"}, "a", True),
        ({"pattern": "^a$"}, "a\n", False),
        ({"pattern": ""}, "a", True),
        ({"pattern": r"\p{Lu}"}, "É", True),
        ({"pattern": "a"}, 3, True),
        ({"patternProperties": {"^x-": {"type": "integer"}}}, {"x-a": "b", "y": "c"}, False),
        ({"patternProperties": {"^x-": {"type": "integer"}}}, {"x-a": 1, "y": "c"}, True),
        ({"patternProperties": {"^x-": {"type": "integer"}}}, [], True),
        ({"patternProperties": {"^x-": {}}, "additionalProperties": False}, {"y": 1}, False),
        ({"uniqueItems": True}, [{"a": [1]}, {"a": [1.0]}], False),
        ({"uniqueItems": True}, [1, True, "1"], True),
        ({"uniqueItems": True}, "aa", True),
        ({"uniqueItems": False}, [1, 1], True),
        ({"format": "date-time"}, "2024-01-01T10:00:00Z", True),
        ({"format": "date-time"}, "2024-01-01", False),
        ({"format": "date-time"}, "tomorrow, at noon", False),
        ({"format": "date-time"}, 3, True),
        ({"format": "uri"}, "https://example.org/a?b", True),
        ({"format": "uri"}, "not a uri", False),
        ({"format": "uri"}, 3, True),
        ({"format": "regex"}, "(", False),
        ({"format": "email"}, "nobody", False),
    ],
)
def test_schemas_mean_what_they_say(value, instance, conforms):
    assert conforms == (schema(value).breach(instance) is None)


def test_a_long_breach_is_shortened():
    breach = schema({"type": "string"}).breach(["x" * 1000])

    assert breach.startswith("$: ['xxx")
    assert breach.endswith("xxx'] is not of type 'string'")
    assert len(breach) < 170


def _doubling():
    steps = {f"d{step}": {"allOf": [{"$ref": f"#/$defs/d{step + 1}"}] * 2} for step in range(40)}
    return {"$defs": {**steps, "d40": {}}, "$ref": "#/$defs/d0"}


@pytest.mark.parametrize(
    ("value", "output"),
    [
        (_doubling(), "1"),
        ({"uniqueItems": True}, json.dumps([[number] for number in range(20_000)])),
        ({"patternProperties": {"^a": {}}}, json.dumps({str(number): 1 for number in range(20_000)})),
    ],
)
def test_a_validation_is_stopped(judged, monkeypatch, value, output):
    monkeypatch.setattr("promptctl.scoring.schema.SECONDS", 0.01)

    found = judged({"type": "is-json", "value": value}, output)

    assert found.error == "checking the JSON schema took longer than 0.01 s."


def test_a_catastrophic_pattern_of_a_schema_is_stopped(judged, monkeypatch):
    monkeypatch.setattr("promptctl.scoring.schema.PATTERN_SECONDS", 0.05)

    found = judged({"type": "is-json", "value": {"pattern": "(a+)+$"}}, json.dumps("a" * 5_000 + "b"))

    assert found.error == "a pattern of the JSON schema took longer than 0.05 s."


@pytest.mark.parametrize("output", ["{" * 2_000_000, '{"a":"' * 500_000, '{"a":[1,' * 500_000])
def test_looking_for_json_is_stopped(judged, monkeypatch, output):
    monkeypatch.setattr("promptctl.scoring.structured.SEARCH_SECONDS", 0.05)

    found = judged({"type": "contains-json"}, output)

    assert "took longer than 0.05 s" in found.error


@pytest.mark.parametrize("value", ["a: [", "just text", [1], 3])
def test_what_is_no_schema_is_refused(value):
    from promptctl.scoring.structured import optional_schema

    with pytest.raises(ValueError, match="JSON schema"):
        optional_schema(value)
