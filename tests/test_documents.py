"""Hostile and ordinary YAML and JSON; mappings read field by field."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from promptctl.documents import (
    MAX_BYTES,
    Document,
    Fields,
    decode,
    kind_of,
    parse_json,
    parse_yaml,
    plain_value,
    printable,
    shown,
    suggestion,
)
from promptctl.errors import FileError, InvalidPrompt

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(8)
)


def value(text: str):
    return parse_yaml(text, "f.yaml").value


def refusal(text: str) -> str:
    with pytest.raises(FileError) as caught:
        parse_yaml(text, "f.yaml")
    return str(caught.value)


# --- Text


def test_decode_drops_what_is_no_content():
    assert decode("\ufeffa\r\nb\nü".encode(), "f") == "a\nb\nü"
    assert decode(b"", "f") == ""


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a\nb\xff", "f: line 2: is not valid UTF-8. Save it as UTF-8."),
        (b"\x89PNG\0", "f: is not text: it holds NUL bytes. Save it as UTF-8."),
        (b"x" * (MAX_BYTES + 1), "f: is larger than 5 MiB."),
    ],
)
def test_decode_refuses(data, message):
    with pytest.raises(FileError) as caught:
        decode(data, "f")

    assert str(caught.value) == message


def test_decode_takes_another_limit():
    assert len(decode(b"x" * (MAX_BYTES + 1), "f", limit=2 * MAX_BYTES)) == MAX_BYTES + 1


def test_suggestion():
    assert suggestion("mesages", ["messages", "model"]) == "Did you mean 'messages'?"
    assert suggestion("zzz", ["b", "a", "a"]) == "Known: a, b."
    assert suggestion("zzz", []) == ""
    assert suggestion("zzz", [f"n{number:02}" for number in range(30)]).endswith("n19, ...")


def test_printable_bounds_and_cleans():
    assert (
        printable("a\x1b[31m\u202eb\n")
        == "a\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"
    )
    assert printable("x" * 80) == "x" * 60 + "..."


# --- YAML


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("012", "012"),
        ("0o14", "0o14"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("2024-01-01", "2024-01-01"),
        ("1e3", 1000.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("-0", 0),
        ("+7", 7),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("~", None),
        ("", None),
        ("null", None),
        ("=", "="),
        ('"5"', "5"),
        ("'true'", "true"),
        ("!!str 5", "5"),
        ("! 5", "5"),
        ("!!int 7", 7),
        ("!!float 7", 7),
        ("!!bool true", True),
        ("!!null ~", None),
        ("!!seq [a]", ["a"]),
        ("!!map {a: 1}", {"a": 1}),
    ],
)
def test_scalars_of_the_core_schema(text, expected):
    found = value(f"k: {text}")["k"]

    assert (found, type(found)) == (expected, type(expected))


def test_keys_are_text():
    assert value("1: a\nyes: b\nnull: c\ntrue: d\n") == {"1": "a", "yes": "b", "null": "c", "true": "d"}


def test_merge_keys():
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], z: 3}\nd: {<<: *b}\ne: {'<<': 1}\nf: {<<: {<<: *a, y: 5}}\n"

    found = value(text)

    assert found["c"] == {"x": 1, "y": 1, "z": 3}
    assert found["d"] == {"y": 2, "z": 2}
    assert found["e"] == {"<<": 1}
    assert found["f"] == {"x": 1, "y": 5}


def test_aliases_are_copies():
    found = value("a: &a [1]\nb: *a\n")

    found["a"].append(2)
    assert found["b"] == [1]


def test_lines():
    document = parse_yaml("\na: 1\nb:\n  - x\n  - c: y\n    d: |\n      text\ne: {<<: {f: 1}}\n", "f", first_line=10)

    assert document.lines == {
        (): 11,
        ("a",): 11,
        ("b",): 12,
        ("b", 0): 13,
        ("b", 1): 14,
        ("b", 1, "c"): 14,
        ("b", 1, "d"): 15,
        ("e",): 17,
        ("e", "f"): 17,
    }


def test_nothing_is_none():
    assert parse_yaml("", "f") == parse_yaml("# only a comment\n", "f") == Document(None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "f.yaml: line 3: the key 'a' stands here again, after line 1."),
        ("a: !x 1", "f.yaml: line 1: the tag '!x' is not supported. Write plain YAML values."),
        ("a: !!python/object:os.system x", "the tag '!!python/object:os.system' is not supported"),
        ("a: !!binary aGk=", "the tag '!!binary' is not supported"),
        ("a: !!set {x}", "the tag '!!set' is not supported"),
        ("a: !!int x", "'x' is no !!int."),
        ("a: 1e999", "line 1: the number '1e999' is out of range."),
        ("a: " + "1" * 5000, "the number '11111111111111111111...' is out of range."),
        ("a: {{ x }}", 'a key must be text. Put quotes around a value that begins with a template: "{{ name }}".'),
        ("a: {% if x %}", "cannot start any token"),
        ("a: b: c", "mapping values are not allowed in this context. Put quotes around a value that holds ': '."),
        (
            "a: |\n  x\n<<<<<<< HEAD\n  y\n=======\n  z\n>>>>>>> b\n",
            "line 3: holds the marks of a merge conflict. Resolve it, and take them out.",
        ),
        ("a: 'x", "unexpected end of stream while scanning a quoted scalar"),
        ("a\n--- \nb", "line 2: holds a second YAML document; one is expected."),
        ("a: *b", "line 1: names an unknown anchor 'b'."),
        ("a: &a [*a]", "names an unknown anchor 'a'."),
        ("<<: 3", "'<<' takes a mapping, or a list of mappings."),
        ("a: \x07", "control characters are not allowed"),
        ("a: \ud800", "is not valid YAML"),
        ("[" * 100_000, "is nested more than 100 levels deep."),
        ("- " * 100_000, "is nested more than 100 levels deep."),
        ("{a: " * 100_000, "is nested more than 100 levels deep."),
        (BOMB, "its aliases expand to more than 100,000 values."),
        ("x" * (MAX_BYTES + 1), "is larger than 5 MiB."),
    ],
)
def test_refusals(text, message):
    assert message in refusal(text)


def test_deep_aliases_are_refused():
    text = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 150))

    assert "is nested more than 100 levels deep" in refusal(text)


def test_long_chains_of_merges_are_refused():
    text = "a0: &a0 {x: 1}\n" + "".join(f"a{i}: &a{i} {{<<: *a{i - 1}}}\n" for i in range(1, 150))

    assert "is nested more than 100 levels deep" in refusal(text)


def test_merges_and_long_texts_count_as_expansion():
    many = "a: &a {" + ", ".join(f"k{i}: 1" for i in range(2_000)) + "}\n"
    long = f"a: &a {'x' * 100_000}\n"

    assert "its aliases expand" in refusal(many + "b:\n" + "  - {<<: *a}\n" * 100)
    assert "its aliases expand" in refusal(long + "b:\n" + "  - *a\n" * 200)


def test_a_large_file_without_aliases_is_no_bomb():
    assert len(value("- {a: 1, b: 2}\n" * 60_000)) == 60_000


def test_all_mistakes_at_once():
    assert len(refusal("a: 1\na: 2\nb: !x 1\nc: 1e999\n").splitlines()) == 3


def test_the_parser_in_python_serves_where_libyaml_is_missing(monkeypatch):
    monkeypatch.delattr(yaml, "CSafeLoader")

    assert value("a: [1, no]") == {"a": [1, "no"]}
    assert "is nested more than 100 levels deep" in refusal("[" * 200)
    assert "mapping values are not allowed" in refusal("a: b: c")


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(plain)
def test_json_is_read_back(wanted):
    assert parse_json(json.dumps(wanted), "f") == wanted


@given(plain)
def test_what_is_json_is_yaml_too(wanted):
    # YAML knows no escape for the half of a surrogate pair, and json writes pairs.
    text = json.dumps(wanted, ensure_ascii=True)
    if "\\ud" not in text:
        assert parse_yaml(text, "f").value == wanted


@given(st.text())
def test_no_text_crashes_the_parsers(text):
    refused = []
    for parse in (parse_yaml, parse_json):
        try:
            parse(text, "f")
        except FileError as error:
            refused.append(str(error))

    assert all(message.startswith("f: ") for message in refused)


def test_plain_value():
    assert [plain_value(text) for text in ("8", "0.5", "true", "soon", "")] == [8, 0.5, True, "soon", None]
    with pytest.raises(ValueError):
        plain_value("1e999")


# --- JSON


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("NaN", "f.json: line 7: is not valid JSON: NaN is no JSON number."),
        ("[-Infinity]", "-Infinity is no JSON number"),
        ("1e999", "the number 1e999 is out of range"),
        ('{"a": 1, "b": 1, "a": 2}', "the key 'a' stands there twice"),
        ('{"a":}', "line 7: is not valid JSON: Expecting value at column 6."),
        ('{\n"a": 1,\n"b" 2}', "line 9: is not valid JSON"),
        ("[" * 100_000, "nested more than 100 levels deep"),
        ("[" * 200 + "]" * 200, "nested more than 100 levels deep"),
        ('"\\ud800"', "half of a surrogate pair"),
        ("1" * 5_000, "a number is out of range"),
        ("", "Expecting value"),
    ],
)
def test_strict_json(text, message):
    with pytest.raises(FileError) as caught:
        parse_json(text, "f.json", first_line=7)

    assert message in str(caught.value)


def test_json_without_lines():
    with pytest.raises(FileError) as caught:
        parse_json("x", "answer", first_line=None)

    assert str(caught.value).startswith("answer: is not valid JSON")


def test_json_that_only_looks_deep():
    assert parse_json('["' + "[" * 300 + '"]', "f") == ["[" * 300]
    assert parse_json('"\\ud83d\\ude00"', "f") == "😀"


# --- Fields

GOOD = """
name: x
on: true
count: 2.0
rate: 0.5
pick: pass
tags: one
more: [a, b]
map: {a: 1}
nothing:
inner: {deep: {n: 1}}
many: [{n: 1}, {n: 2}]
named: {a: {n: 1}}
"""


def test_fields_of_a_good_file():
    fields = Fields(parse_yaml(GOOD, "f"), "f")

    assert (fields.text("name"), fields.flag("on"), fields.integer("count")) == ("x", True, 2)
    assert (fields.number("rate", minimum=0, maximum=1), fields.choice("pick", "fail", ("pass", "fail"))) == (
        0.5,
        "pass",
    )
    assert (fields.texts("tags"), fields.texts("more"), fields.texts("absent")) == (("one",), ("a", "b"), ())
    assert (fields.mapping("map"), fields.items("more"), fields.any("map")) == ({"a": 1}, ["a", "b"], {"a": 1})
    assert fields.section("inner").section("deep").integer("n") == 1
    assert [one.integer("n") for one in fields.each("many")] == [1, 2]
    assert {name: one.integer("n") for name, one in fields.entries("named").items()} == {"a": 1}
    assert "nothing" not in fields
    assert "name" in fields
    assert fields.section("nothing").value == {}
    fields.finish()


def test_what_is_absent_gives_the_default():
    fields = Fields(Document(None), "f")

    assert (fields.text("a"), fields.integer("a"), fields.number("a"), fields.any("a", 3)) == (None, None, None, 3)
    assert (fields.flag("a"), fields.flag("a", True), fields.choice("a", "x", ("x",))) == (False, True, "x")
    assert (fields.mapping("a"), fields.items("a"), fields.each("a"), fields.entries("a")) == ({}, [], [], {})
    assert fields.problems == []


def test_every_mistake_with_its_line():
    text = """a: 1
b: [x]
c: maybe
d: [1, x, '']
e: -1
f: 1.5
g: {h: {i: 'no'}, jj: 1}
k: [{l: ''}, 3, null]
m: ' '
n: true
nam: 1
"""
    fields = Fields(parse_yaml(text, "f.yaml"), "f.yaml")

    fields.text("a")
    fields.mapping("b")
    fields.choice("c", "pass", ("pass", "fail"))
    fields.texts("d")
    fields.number("e", above=0, maximum=0.5, hint="A fraction.")
    fields.integer("f", minimum=1)
    deep = fields.section("g")
    deep.section("h").flag("i")
    deep.refuse_unknown("h", "j")
    [one.text("l", empty=True) for one in fields.each("k")]
    fields.text("m")
    fields.integer("n")
    fields.texts("g")
    fields.items("a")
    fields.choice("a", "x", ("x",))
    fields.refuse_unknown(*"abcdefgkmn", "name")

    with pytest.raises(InvalidPrompt) as caught:
        fields.finish(InvalidPrompt)
    assert caught.value.lines() == (
        "f.yaml: line 1: 'a' must be a text, not 1.",
        "f.yaml: line 1: 'a' must be a list, not 1.",
        "f.yaml: line 1: 'a' must be x, not 1.",
        "f.yaml: line 2: 'b' must be a mapping of keys to values, not a list.",
        "f.yaml: line 3: 'c' must be pass or fail, not 'maybe'. Known: fail, pass.",
        "f.yaml: line 4: 'd[1]' must be a text, not 1.",
        "f.yaml: line 4: 'd[3]' must be a text, not ''.",
        "f.yaml: line 5: 'e' must be a number of more than 0 and at most 0.5, not -1. A fraction.",
        "f.yaml: line 6: 'f' must be a whole number of at least 1, not 1.5.",
        "f.yaml: line 7: 'g.h.i' must be true or false, not 'no'.",
        "f.yaml: line 7: unknown key 'g.jj'. Did you mean 'j'?",
        "f.yaml: line 7: 'g' must be a list of texts, not a mapping.",
        "f.yaml: line 8: 'k[2]' must be a mapping of keys to values, not a number.",
        "f.yaml: line 8: 'k[3]' is empty.",
        "f.yaml: line 9: 'm' must not be empty.",
        "f.yaml: line 10: 'n' must be a whole number, not true.",
        "f.yaml: line 11: unknown key 'nam'. Did you mean 'name'?",
    )


def test_a_value_that_is_no_mapping():
    assert [str(problem) for problem in Fields(parse_yaml("- a", "f"), "f").problems] == [
        "f: line 1: the file must be a mapping of keys to values, not a list."
    ]
    assert [str(problem) for problem in Fields("x", "f", line=7).problems] == [
        "f: line 7: the line must be a mapping of keys to values, not a text."
    ]


def test_kinds_and_values_in_a_users_words():
    assert [kind_of(one) for one in ({}, [], "", True, 1, 1.5, None)] == [
        "a mapping",
        "a list",
        "a text",
        "true or false",
        "a number",
        "a number",
        "nothing",
    ]
    assert [shown(one) for one in ("a\n", False, 1.5, None, [])] == [
        "'a\N{REPLACEMENT CHARACTER}'",
        "false",
        "1.5",
        "nothing",
        "a list",
    ]
