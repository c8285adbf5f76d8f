"""What promptfoo's own parsers refuse, and ours took: SQL that is none, lists of what it may touch, formats, values."""

import pytest

from promptctl.scoring.registry import assertion_problems

MYSQL, POSTGRES = {"databaseType": "MySQL"}, {"databaseType": "PostgreSQL"}


@pytest.mark.parametrize(
    ("value", "text", "says"),
    [
        (POSTGRES, "SELECT * FROM t WHERE id = 1 LOCK IN SHARE MODE", "LOCK IN SHARE MODE does not exist there"),
        (POSTGRES, "SELECT a FROM t WHERE a REGEXP 'x'", "REGEXP does not exist there"),
        (POSTGRES, "SELECT a FROM t LIMIT 5, 10", "LIMIT 5, does not exist there"),
        (MYSQL, "SELECT a FROM t ORDER BY a NULLS LAST", "NULLS LAST does not exist there"),
        (MYSQL, "SELECT a FROM t OFFSET 5", "OFFSET stands without LIMIT"),
        (MYSQL, "SELECT * t", "* has no name"),
        (MYSQL, "SELECT a, b FROM t ORDER", "ORDER stands without BY"),
        (MYSQL, "SELECT * FROM order", "ORDER stands without BY"),
        (MYSQL, "SELECT group FROM t", "GROUP stands without BY"),
        (MYSQL, "SELECT a FROM t WHERE a IN ()", "IN has no values"),
        (MYSQL, "UPDATE t SET", "UPDATE sets nothing"),
        (MYSQL, "SELECT a,, b FROM t", "a comma has nothing behind it"),
    ],
)
def test_what_no_database_of_that_name_reads_is_no_sql(judged, value, text, says):
    found = judged({"type": "is-sql", "value": value}, text)

    assert not found.passed
    assert says in found.reason


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (MYSQL, "SELECT * FROM t WHERE id = 1 LOCK IN SHARE MODE"),
        (MYSQL, "SELECT t.order, `group` FROM t ORDER BY 1"),
        (MYSQL, "SELECT 'order', 'in ()', \"a,,b\" FROM t"),
        (MYSQL, "UPDATE t SET a = 1 WHERE b = 2"),
        (MYSQL, "REPLACE INTO t (a) VALUES (1)"),
        (MYSQL, "SELECT GROUP_CONCAT(a) FROM t GROUP BY b LIMIT 5 OFFSET 5"),
        (POSTGRES, "SELECT a FROM t ORDER BY a NULLS LAST OFFSET 5"),
    ],
)
def test_what_it_reads_stays_sql(judged, value, text):
    assert judged({"type": "is-sql", "value": value}, text).passed


@pytest.mark.parametrize(
    ("text", "touches"),
    [
        ("DROP TABLE users", "the table drop::null::users"),
        ("DROP TABLE IF EXISTS posts, users", "the table drop::null::posts"),
        ("TRUNCATE TABLE users", "the table truncate::null::users"),
        ("CREATE TABLE users (id INT)", "the table create::null::users"),
        ("SELECT id FROM users; DELETE FROM users", "the table delete::null::users"),
        ("REPLACE INTO users (id) VALUES (1)", "the table insert::null::users"),
        ("RENAME TABLE users TO gone", "what RENAME touches cannot be told"),
        ("CALL p()", "what CALL touches cannot be told"),
    ],
)
def test_only_reading_is_allowed_where_only_reading_is(judged, text, touches):
    found = judged({"type": "is-sql", "value": {**MYSQL, "allowedTables": ["select::(.*)::users"]}}, text)

    assert not found.passed
    assert touches in found.reason


def test_making_a_table_makes_its_columns(judged):
    rules = {**MYSQL, "allowedColumns": ["select::null::(.*)", "create::null::id"]}

    assert judged({"type": "is-sql", "value": rules}, "CREATE TABLE t (id INT)").passed
    assert "create::null::name" in judged({"type": "is-sql", "value": rules}, "CREATE TABLE t (name TEXT)").reason


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("time", "12:00:00.5+01:00", "12:00:00"),
        ("time", "12:00:00Z", "25:00:00Z"),
        ("date-time", "2024-02-29t12:00:00z", "2023-02-29T12:00:00Z"),
        ("date-time", "2024-01-01 12:00:00+01:00", "2024-01-01T12:00:00"),
        ("duration", "P1Y2M3DT4H5M6S", "P"),
        ("email", "a.b+c@d-e.org", "a@b"),
        ("email", "o'brien@example.co.uk", "a b@c.d"),
        ("hostname", "a-b.example.com", "-a.com"),
        ("uri", "mailto:a@b.c", "/relative"),
        ("uri", "urn:x:y", "http://a b"),
        ("uri-reference", "../x?y#z", "a b"),
        ("uuid", "123e4567-E89b-12d3-a456-426614174000", "123e4567"),
        ("json-pointer", "/a~1b/0", "a"),
        ("relative-json-pointer", "1/a", "-1/a"),
        ("byte", "YQ==", "YQ"),
        ("ipv4", "1.2.3.4", "1.2.3.256"),
        ("date", "2024-02-29", "2024-02-30"),
    ],
)
def test_a_format_is_checked(judged, name, good, bad):
    spec = {"type": "is-json", "value": {"type": "string", "format": name}}

    assert judged(spec, f'"{good}"').passed
    assert not judged(spec, f'"{bad}"').passed


@pytest.mark.parametrize(("name", "good", "bad"), [("int32", "2147483647", "2147483648"), ("int64", "1e3", "1.5")])
def test_a_number_has_a_format_too(judged, name, good, bad):
    spec = {"type": "is-json", "value": {"type": "number", "format": name}}

    assert judged(spec, good).passed
    assert not judged(spec, bad).passed


def test_a_format_says_nothing_of_other_types_and_null_may_be_allowed(judged):
    assert judged({"type": "is-json", "value": {"format": "email"}}, "[1]").passed
    assert judged({"type": "is-json", "value": {"type": "string", "nullable": True}}, "null").passed
    assert not judged({"type": "is-json", "value": {"type": "string"}}, "null").passed


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        ('[{"a": 1}, {"b": 2}]', True),
        ('[[{"b": 2}]]', True),
        ("[1, 2]", False),
        ("{", False),
        ("{ ", False),
        ("ends with {b:", True),
    ],
)
def test_an_object_is_found_inside_of_a_list(judged, text, passed):
    spec = {"type": "contains-json", "value": {"type": "object", "required": ["b"]}}

    assert judged(spec, text).passed is passed


def test_a_bare_brace_is_no_json(judged):
    assert not judged({"type": "contains-json"}, "{").passed
    assert judged({"type": "contains-json"}, "{}").passed


def test_the_declared_encoding_of_an_answer_is_not_looked_for(judged):
    assert judged({"type": "is-xml"}, "<?xml version='1.0' encoding='bogus'?><root/>").passed
    assert not judged({"type": "is-xml"}, '<!DOCTYPE root SYSTEM "a.dtd#part"><root/>').passed


def test_a_call_that_is_spoken_of_is_none(judged):
    spoken = '{\n"input":\n{"type":"tool_use","name":"a"}\n} is an example.\n{"type":"tool_use","name":"b"}'

    assert judged({"type": "tool-call-f1", "value": ["b"]}, spoken).passed


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"type": "starts-with", "value": 42}, "'value' must be a text, not 42. Write it in quotes: '42'."),
        ({"type": "rouge-n", "value": True}, "'value' must be a text, not true."),
        ({"type": "contains", "value": True}, "'value' must be a text or a number, not true."),
        ({"type": "contains-any", "value": 42}, "'value' must be a text or a list, not 42."),
        ({"type": "bleu", "value": {"a": 1}}, "'value' must be a text or a list"),
    ],
)
def test_a_value_of_the_wrong_kind_is_a_mistake(spec, says):
    (problem,) = assertion_problems([spec], "p.yaml")

    assert says in str(problem)


@pytest.mark.parametrize(
    "spec",
    [
        {"type": "regex", "value": "("},
        {"type": "not-regex", "value": "[a"},
        {"type": "json-path", "value": {"path": "$.a", "regex": "("}},
    ],
)
def test_an_expression_that_is_none_is_the_error_of_its_assertion_alone(scored, spec):
    assert len(assertion_problems([spec], "p.yaml")) == 1  # for whoever looks for mistakes
    assert assertion_problems([spec], "p.yaml", keeps_unusable=True) == []

    broken, good = scored([spec, {"type": "equals", "value": "x"}], "x").assertions

    assert (broken.passed, broken.score) == (False, 0.0)
    assert "is no regular expression" in broken.error
    assert good.passed


@pytest.mark.parametrize("name", ["starts-with", "contains", "contains-any", "rouge-n"])
def test_what_a_template_gives_may_be_a_number(scored, name):
    assert scored([{"type": name, "value": "{{ n }}"}], "42", {"n": 42}).passed
