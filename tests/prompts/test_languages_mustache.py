"""Mustache: what its specification says, strictly, unescaped and bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.prompts.analysis import TemplateProblem, analyse, required_variables, variables
from promptctl.prompts.languages import candidates
from promptctl.prompts.prompt import Message, Prompt
from promptctl.prompts.template import RenderError, render


def assert_within(problem, template):
    assert 1 <= problem.line <= template.count("\n") + 1


def prompt(template, partials=None):
    return Prompt("p", "p", (Message("user", template),), language="mustache", partials=partials or {})


def text(template, partials=None, **values):
    return render(prompt(template, partials), values)[0].content


def failure(template, partials=None, **values):
    with pytest.raises(RenderError) as caught:
        text(template, partials, **values)
    return caught.value


VALUES = {
    "a": "<A> & {{b}}", "n": 3, "none": None, "zero": 0, "blank": "", "yes": True, "no": False, "void": [], "nothing": {},
    "l": [1, 2], "o": {"a": "oa", "k": {"z": "Z"}}, "os": [{"n": 1}, {"n": 2, "last": True}], "ll": [[1], [2, 3]],
}  # fmt: skip


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{a}} {{{a}}} {{&a}} {{ n }}", "<A> & {{b}} <A> & {{b}} <A> & {{b}} 3"),
        ("{{o.k.z}} {{l.1}} {{none}}| {{yes}}", "Z 2 | True"),
        ("{{#os}}{{n}}{{^last}}, {{/last}}{{/os}}", "1, 2"),
        ("{{#l}}{{.}};{{/l}}{{#ll}}{{#.}}{{.}}{{/.}}|{{/ll}}", "1;2;1|23|"),
        ("{{#o}}{{a}} {{n}}{{/o}}{{#o.k}}{{z}}{{/o.k}}", "oa 3Z"),
        ("{{#yes}}{{n}}{{/yes}}{{#no}}x{{/no}}{{#void}}x{{/void}}{{#none}}x{{/none}}{{#zero}}x{{/zero}}", "3"),
        ("{{#a}}{{.}}{{/a}}{{#blank}}x{{/blank}}{{#nothing}}y{{/nothing}}{{#gone}}x{{/gone}}{{#o.x}}x{{/o.x}}", "<A> & {{b}}y"),
        ("{{^no}}1{{/no}}{{^gone}}2{{/gone}}{{^void}}3{{/void}}{{^yes}}x{{/yes}}{{^o.gone.x}}4{{/o.gone.x}}", "1234"),
        ("{{=<% %>=}}<%n%> {{n}} <%={{ }}=%>{{n}}", "3 {{n}} 3"),
        ("{{=| |=}}|#yes||n||/yes|", "3"),
        ("a{{! {{ n }}}b", "a}b"),
        ("", ""),
    ],
)  # fmt: skip
def test_rendering(template, expected):
    assert text(template, **VALUES) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("a\n{{#yes}}\nb\n{{/yes}}\nc", "a\nb\nc"),
        ("a\r\n{{#yes}}\r\nb\r\n{{/yes}}\r\nc", "a\r\nb\r\nc"),
        ("  {{#yes}}  \nb\n\t{{/yes}}\t\n", "b\n"),
        ("{{! x }}\n{{!\ny\n}}\nz", "z"),
        ("a {{! x }}\nb", "a \nb"),
        (" {{#yes}}{{/yes}}\nb", " \nb"),
        ("  {{=<% %>=}}\n<%n%>", "3"),
        ("  {{n}}\nb", "  3\nb"),
        ("{{#yes}}\n{{#yes}}\nb\n{{/yes}}\n{{/yes}}", "b\n"),
    ],
)
def test_a_tag_alone_on_its_line_takes_the_line_with_it(template, expected):
    assert text(template, **VALUES) == expected


class TestPartials:
    def test_are_named_with_or_without_extension_and_underscore(self):
        partials = {"a": "1", "b.mustache": "2", "x/_c.txt": "3", "_d": "4{{n}}"}

        assert text("{{>a}}{{> b }}{{> x/c }}{{> _d}}{{> d}}", partials, n=5) == "1234545"
        assert list(candidates("mustache", "x/c")) == [
            "x/c", "x/c.mustache", "x/c.txt", "x/c.md", "x/_c", "x/_c.mustache", "x/_c.txt", "x/_c.md",
        ]  # fmt: skip
        assert next(iter(candidates("mustache", "_c"))) == "_c"

    def test_alone_on_a_line_are_indented_but_not_their_values(self):
        partials = {"p": "a\n{{v}}\n\n  {{> q}}\n", "q": "b\nc\n"}

        assert text("  {{> p}}\n{{> q}}|", partials, v="x\ny") == "  a\n  x\ny\n\n    b\n    c\nb\nc\n|"

    def test_their_names_are_variables_optional_inside_a_section(self):
        partials = {"p": "{{x}}{{#y}}{{z}}{{/y}}", "q": "{{w}}"}
        given = prompt("{{> p}}{{#s}}{{> q}}{{/s}}{{^t}}{{> r}}{{/t}}", {**partials, "r": "{{v}}"})

        assert variables(given) == {"x", "y", "z", "s", "w", "t", "v"}
        assert required_variables(given) == {"x", "v"}

    def test_that_are_not_there(self):
        assert failure("\n{{> gone}}").reason == "message 1 (user): line 2: there is no partial 'gone'"

    def test_that_double_are_refused(self):
        partials = {f"p{n}": f"{{{{> p{n + 1}}}}}" * 2 for n in range(60)}

        assert failure("{{> p0}}", {**partials, "p60": "x"}).refused

    def test_that_call_themselves_are_refused(self):
        assert failure("{{> p}}", {"p": "{{> p}}"}).refused
        assert failure(" {{> p}}\n", {"p": "a\n {{> p}}\n"}).refused


@pytest.mark.parametrize(
    ("template", "required", "optional"),
    [
        ("{{a.b}} {{{c}}}", {"a", "c"}, set()),
        ("{{#a}}{{b}}{{.}}{{/a}}", set(), {"a", "b"}),
        ("{{#a}}{{a}}{{/a}}{{^b}}{{c}}{{/b}}", {"c"}, {"a", "b"}),
        ("{{#a}}{{b}}{{/a}}{{b}}", {"b"}, {"a"}),
        ("{{^a}}{{a}}{{/a}}{{.}}", {"a"}, set()),
        ("{{! x }}{{=<% %>=}}{{y}}<%z.0%>", {"z"}, set()),
    ],
)
def test_variables(template, required, optional):
    found = analyse(template, "mustache")

    assert found.variables - found.optional == required
    assert found.optional == optional


@pytest.mark.parametrize(
    ("template", "line", "reason"),
    [
        ("a\n{{#a}}\n", 2, "nothing closes '{{#a}}'"),
        ("{{^a.b}}", 1, "nothing closes '{{^a.b}}'"),
        ("\n\n{{/a}}", 3, "'{{/a}}' closes nothing"),
        ("{{#a}}\n{{/b}}", 2, "'{{/b}}' stands where '{{#a}}' must be closed"),
        ("{{#.}}\n{{/b}}", 2, "'{{/b}}' stands where '{{#.}}' must be closed"),
        ("x\n{{a", 2, "a tag that nothing closes"),
        ("{{{a}}", 1, "a tag that nothing closes"),
        ("{{}}", 1, "'' is no name"),
        ("{{a..b}}", 1, "'a..b' is no name"),
        ("{{#if a}}{{/if}}", 1, "'if a' is no name (sections with a helper are Handlebars)"),
        ('{{"a"}}', 1, "'\"a\"' is no name"),
        ("{{> a b}}", 1, "'a b' is no name of a partial"),
        ("{{$a}}", 1, "'{{$' is not supported: parents and blocks are no part of every Mustache"),
        ("{{=a=}}", 1, "delimiters are changed by two of them with a blank between, as in {{=<% %>=}}"),
        ("{{#a}}" * 101, 1, "nested too deeply"),
    ],
)
def test_what_is_no_template(template, line, reason):
    with pytest.raises(TemplateProblem) as caught:
        analyse(template, "mustache")

    assert (caught.value.line, caught.value.message) == (line, reason)


def test_what_is_absent_is_named():
    assert failure("{{x}}").variable == "x"
    assert failure("{{#l}}{{name}}{{/l}}", l=[{}]).variable == "name"
    assert failure("\n{{o.x.y}}", o={"x": {}}).reason == "message 1 (user): line 2: 'o.x' has no element 'y'"
    assert failure("{{o.3}}", o=[1]).reason == "message 1 (user): line 1: 'o' has no element '3'"


def test_functions_are_not_called():
    assert failure("{{#f}}x{{/f}}", f=lambda text: text).refused
    assert failure("{{f}}", f=lambda: "x").refused


def test_rendering_is_bounded():
    many = list(range(2000))

    assert failure("{{#l}}{{#l}}x{{/l}}{{/l}}", l=many).reason.endswith(
        "more than 100,000 loop rounds in one rendering"
    )
    assert failure("{{#l}}{{x}}{{/l}}", l=many, x="a" * 100_000).refused
    assert failure("{{x}}" * 6, x="a" * 1024 * 1024).refused


@given(st.lists(st.sampled_from(["{{", "}}", "{{#a}}", "{{/a}}", "{{^a}}", "{{> a}}", "{{=", "=}}", "{", "}", "a", " ", "\n", "{{!", "<% %>", "{{a}}"])))  # fmt: skip
def test_any_text_is_read_or_refused(parts):
    template = "".join(parts)

    try:
        names = analyse(template, "mustache").variables
    except TemplateProblem as error:
        assert_within(error, template)
        return
    assert names <= {"a"}
    assert isinstance(text(template, {"a": ""}, a=[{"a": 1}, {"a": None}]), str)


@given(st.text(max_size=20))
def test_a_value_is_printed_as_it_is(value):
    assert text("{{x}}|{{{x}}}|{{&x}}|{{#y}}{{.}}{{/y}}", x=value, y=[value]) == "|".join([value] * 4)
