"""str.format and what came out of f-strings, held against Python itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.prompts.analysis import TemplateProblem, analyse
from promptctl.prompts.prompt import Message, Prompt
from promptctl.prompts.template import RenderError, render


def assert_within(problem, template):
    assert 1 <= problem.line <= template.count("\n") + 1


def text(template, values):
    return render(Prompt("p", "p", (Message("user", template),), language="format"), values)[0].content


def failure(template, **values):
    with pytest.raises(RenderError) as caught:
        text(template, values)
    return caught.value


VALUES = {"x": "v", "n": 1234.5, "i": 7, "w": 5, "none": None, "t": True, "q": "it's", "u": "ä"}


@pytest.mark.parametrize(
    "template",
    [
        "a {x} {{x}} {{{x}}}",
        "{x!r} {q!r} {u!a} {x!s:>4}|",
        "{n:.1f} {n:,} {i:03d} {x:<5}| {x:^{w}}| {i:>{w}}|{n:{w}.{i}f}",
        "{none} {t} {i:x} {x:}",
        "\n{x}\r\n{{ }}",
        "",
        "{{}}",
    ],
)
def test_says_what_str_format_says(template):
    assert text(template, VALUES) == template.format(**VALUES)


@given(
    st.lists(
        st.one_of(st.text(st.sampled_from("ab \n'\":!"), max_size=4), st.sampled_from(["{{", "}}", "{x}", "{i:>4}"]))
    )
)
def test_says_what_str_format_says_of_any_mixture(parts):
    template = "".join(parts)

    assert text(template, VALUES) == template.format(**VALUES)


@pytest.mark.parametrize(
    ("template", "names", "expected"),
    [
        ("{u.name} {u[name]} {u['name']} {u[\"name\"]} {u[a b]}", {"u"}, "N N N N ab"),
        ("{l[0]} {l[-1]} {d[k][0].z} {l[0]!r:>3}", {"l", "d"}, "1 2 Z   1"),
        ("{ x } {\nx\n}", {"x"}, "v v"),
        ("{', '.join(tags)}", {"', '.join(tags)"}, "joined"),
        ("{d['a:b']} {a != b} {f(x, {1: '}'})!s:>5}", {"d", "a != b", "f(x, {1: '}'})"}, "colon differs  call"),
        ("{it's} {it's}", {"it's"}, "1 1"),
        ("{user.name}", {"user"}, "whole"),
        ("{} {}", {"0", "1"}, "first second"),
        ("{1}{0}{1}", {"0", "1"}, "secondfirstsecond"),
        ("{!r:>8}", {"0"}, " 'first'"),
        ("{l[9]!s}{m['a'}]}", {"l", "m['a'}]"}, "nine!"),
    ],
)
def test_fields_are_looked_up_whole_and_then_walked(template, names, expected):
    values = {
        "u": {"name": "N", "a b": "ab"}, "l": [1, 2], "d": {"k": [{"z": "Z"}], "a:b": "colon"}, "x": "v",
        "', '.join(tags)": "joined", "a != b": "differs", "f(x, {1: '}'})": "call", "it's": 1,
        "user.name": "whole", "user": {}, "0": "first", "1": "second", "l[9]": "nine", "m['a'}]": "!",
    }  # fmt: skip

    assert analyse(template, "format").variables == names
    assert text(template, values) == expected


@pytest.mark.parametrize(
    ("template", "line", "reason"),
    [
        ("a\n}", 2, "a '}' that closes nothing"),
        ("\n\n{x", 3, "a '{' that nothing closes"),
        ("{x:{y", 1, "a '{' that nothing closes"),
        ("{x[a}", 1, "a '{' that nothing closes"),
        ('{{x}}\n{"a": 1}', 2, "write the braces of JSON twice"),
        ("{0}{}", 1, "fields with a number beside fields without one"),
        ("{x!q}", 1, "no conversion is called 'q'"),
        ("{x:{y:{z}}}", 1, "a format inside a format"),
        ("{x:a}}b}", 1, "a '}' that closes nothing"),
    ],
)
def test_what_is_no_template(template, line, reason):
    with pytest.raises(TemplateProblem, match=reason) as caught:
        analyse(template, "format")

    assert caught.value.line == line


def test_what_is_absent_is_named():
    assert failure("{a.b}").variable == "a"
    assert failure("{a.b}", a={"c": 1}).reason == "message 1 (user): line 1: 'a.b' has no element 'b'"
    assert failure("\n{a[2]}", a=[1]).reason == "message 1 (user): line 2: 'a[2]' has no element '2'"
    assert failure("{x:{w}}", x=1).variable == "w"


@pytest.mark.parametrize("template", ["{x.__class__}", "{x.upper}", "{x[__class__]}"])
def test_attributes_are_out_of_reach(template):
    assert "has no element" in failure(template, x="s").reason


def test_formats_are_bounded_and_their_mistakes_named():
    assert failure("{x:>1001}", x=1).refused
    assert failure("{x:.{w}f}", x=1.5, w=10**9).refused
    assert failure("{x}" * 6, x="a" * 1024 * 1024).refused
    assert (
        failure("{x:zz}", x=1).reason
        == "message 1 (user): line 1: the field 'x': Unknown format code 'z' for object of type 'int'"
    )
    assert "unsupported format string" in failure("{x:5}", x=[1]).reason


def test_values_are_never_parsed_again():
    assert text("{x}{y!s}", {"x": "{y}", "y": "{{x}}"}) == "{y}{{x}}"


@given(st.text(st.sampled_from("{}[]():!'\".ax1\\\n "), max_size=30))
def test_any_text_is_read_or_refused(template):
    try:
        names = analyse(template, "format").variables
    except TemplateProblem as error:
        assert_within(error, template)
        return
    try:
        text(template, dict.fromkeys(names, "v"))
    except RenderError as error:
        assert error.variable is None  # noqa: PT017 - no name is missing, though an element or a format may be wrong
