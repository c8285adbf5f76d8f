"""Rendering: strict, typed, and never a value parsed again."""

from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.prompts.prompt import Message, Prompt, RenderedMessage, Variable
from promptctl.prompts.template import (
    Renderer,
    RenderError,
    evaluate,
    evaluate_tree,
    render,
    required_variables,
    type_name,
    variables,
)


def prompt(*texts, **fields):
    return Prompt("p", "p.yaml", tuple(Message("user", text) for text in texts), **fields)


def text(template, **values):
    return render(prompt(template), values)[0].content


def failure(template, values=None, **fields):
    with pytest.raises(RenderError) as caught:
        render(prompt(template, **fields), values or {})
    return caught.value


def test_messages_keep_role_order_and_extra():
    given = Prompt("p", "p.yaml", (Message("system", "Be {{ mood }}."), Message("user", "{{ q }}", {"name": "ann"})))

    rendered = render(given, {"mood": "kind", "q": "Hi"})

    assert rendered == (RenderedMessage("system", "Be kind."), RenderedMessage("user", "Hi", {"name": "ann"}))
    assert rendered[1].to_json() == {"role": "user", "content": "Hi", "name": "ann"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("line\n", "line\n"),
        ("a\n{{ t }}\n", "a\nhello\n"),
        ("{% if t %}yes{% endif %}\n", "yes\n"),
        ("{{ t }} {{t}}{{\tt\n}}", "hello hellohello"),
        ("{ {{ t }} }}", "{ hello }}"),
        ("{{ x.a }}{{ x['a'] }}", "11"),
        ("{{ t.upper() }} {{ t.replace('l', 'L') }} {{ t[1:3] }} {{ t[0] }}", "HELLO heLLo el h"),
        ("{% for k, v in x.items() %}{{ k }}={{ v }} {{ loop.index }}/{{ loop.length }}{% endfor %}", "a=1 1/1"),
        ("{{ x.get('q', 'd') }} {{ ','.join(['a', 'b']) }} {{ 'ab'.center(4) }}|", "d a,b  ab |"),
        ("{{ q | default('z') }}{% if q is defined %}1{% else %}2{% endif %}", "z2"),
        ("{{ ['a', 'b'] | map('upper') | join(', ') }}", "A, B"),
        ("{{ [{'n': 1}, {'n': 2}] | map(attribute='n') | join('+') }}", "1+2"),
        ("{{ [{'n': 1}, {'n': 2}] | join('+', attribute='n') }}", "1+2"),
        ("{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.current }}", "aba"),
        ("{% set j = joiner(',') %}{{ j() }}a{{ j() }}b", "a,b"),
        ("{% set ns = namespace(n=0) %}{% for i in range(4) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "6"),
        ("{% macro m(a, b=2) %}{{ a }}-{{ b }}{% endmacro %}{{ m(1) }} {{ m(3, 4) }}", "1-2 3-4"),
        ("{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}{{ t }}{% endcall %}", "<hello>"),
        ("{% for n in [[1, [2]], 3] recursive %}{{ loop(n) if n is iterable else n }}.{% endfor %}", "1.2...3."),
        ("{% filter upper %}a{{ t }}{% endfilter %}", "AHELLO"),
        ("{% raw %}{{ t }}{% endraw %}{# gone #}", "{{ t }}"),
        ("{{ '%05.1f|%s' % (1.25, t) }} {{ '%s!' | format(t) }}", "001.2|hello hello!"),
        (
            "{{ none }} {{ true }} {{ 1.0 }} {{ 2 ** 10 }} {{ 7 // 2 }} {{ 'a' in t }} {{ 3 * 'x' }}",
            "None True 1.0 1024 3 False xxx",
        ),
        ("{{ {'b': [1]} | tojson }} {{ '<ä>' | tojson }} {{ [1] | tojson(indent=1) }}", '{"b": [1]} "<ä>" [\n 1\n]'),
        ("{{ t ~ '<' ~ 1 }}", "hello<1"),
        ("{{ 'a\nb' | indent(2) }} {{ 'a' | indent('> ', true) }}", "a\n  b > a"),
        ("{{ [1, 2, 3] | batch(2, 0) | list }} {{ [1, 2, 3] | slice(2) | list }}", "[[1, 2], [3, 0]] [[1, 2], [3]]"),
        ("{{ 2.567 | round(1) }} {{ [[1], [2]] | sum(start=[]) }} {{ [1, 2] | sum }}", "2.6 [1, 2] 3"),
        ("{{ 'a b c' | wordwrap(3) }} {{ 'aa' | replace('a', 'b') }} {{ 'x' | center(3) }}|", "a b\nc bb  x |"),
        (
            "{{ 'a\tb'.expandtabs(4) }} {{ 'a'.zfill(3) }} {{ 'abab'.count('a') }} {{ [1, 1].count(1) }}",
            "a   b 00a 2 2",
        ),
        ("{{ 1 < 2 < 3 }} {{ (1).bit_length() }}", "True 1"),
        ("{{ t | attr('upper') is callable }}", "True"),
        ("{% with a = 1 %}{{ a }}{% endwith %}{% set b %}x{{ t }}{% endset %}{{ b }}", "1xhello"),
        ("a\r\nb{{ t }}\r", "a\nbhello\n"),
        ("a\r\nb", "a\nb"),
    ],
)
def test_templates_say_what_jinja_says(template, expected):
    assert text(template, t="hello", x={"a": 1}) == expected


def test_values_are_never_parsed_again_or_escaped():
    hostile = "{{ 7 * 7 }} {% for %} </script>&\nsystem:\n"

    assert text("{{ v }}", v=hostile) == hostile
    assert text("{{ v | trim }}|", v=hostile) == hostile.strip() + "|"


def test_a_literal_prompt_is_sent_as_it_stands():
    assert render(prompt("{{ no }} {%", language="literal"), {})[0].content == "{{ no }} {%"


@pytest.mark.parametrize(
    "template",
    [
        "a {{ ticket }}",
        "{{ ticket.x }}",
        "{{ ticket | upper }}",
        "{% for t in ticket %}{% endfor %}",
        "{{ [ticket] }}",
        "{{ ticket() }}",
        "{{ ticket ~ 'x' }}",
        "{{ [ticket] | join }}",
        "{{ ticket | tojson }}",
    ],
)
def test_an_undefined_variable_is_named_with_its_message(template):
    error = failure(template)

    assert error.variable == "ticket"
    assert error.reason == "message 1 (user): undefined variable 'ticket'"
    assert not error.refused


def test_an_absent_element_says_of_what():
    assert (
        failure("{{ user.nme }}", {"user": {"name": "a"}}).reason == "message 1 (user): a mapping has no element 'nme'"
    )
    assert failure("{{ user[3] }}", {"user": [1]}).reason == "message 1 (user): a list has no element 3"
    assert failure("{{ u.x }}", {"u": 3}).reason == "message 1 (user): a number has no element 'x'"
    assert failure("{% set ns = namespace(a=1) %}{{ ns.b }}").reason.endswith("a namespace has no element 'b'")


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ 1 / 0 }}", "ZeroDivisionError: division by zero"),
        ("{{ 1 + 'a' }}", "TypeError: unsupported operand type(s) for +: 'int' and 'str'"),
        ("{% include 'gone.j2' %}", "no such partial: 'gone.j2'"),
    ],
)
def test_what_goes_wrong_inside_is_one_line(template, reason):
    assert failure(template).reason == f"message 1 (user): {reason}"


def test_three_braces_open_a_mapping():
    with pytest.raises(RenderError, match=r"^line 1: "):
        Renderer(prompt("{{{ t }}}"))


def test_a_template_that_does_not_parse_is_refused_before_any_case():
    with pytest.raises(RenderError, match=r"^line 2: "):
        Renderer(prompt("a\n{% if %}"))


def test_deep_nesting_is_an_error_and_no_crash():
    for depth in (300, 5000):
        with pytest.raises(RenderError, match="nested too deeply"):
            Renderer(prompt("{{ " + "(" * depth + "a" + ",)" * depth + " }}"))
    nested = []
    for _ in range(5000):
        nested = [nested]
    assert failure("{{ v }}", {"v": nested}).refused


def test_partials_render_with_the_values():
    given = prompt("{% include './_shared/tone.j2' %} {{ q }}", partials={"_shared/tone.j2": "Be {{ mood }}."})

    assert render(given, {"mood": "kind", "q": "Hi"})[0].content == "Be kind. Hi"


def test_imports_and_inheritance():
    partials = {
        "m.j2": "{% macro hi(n) %}Hi {{ n }}{% endmacro %}",
        "base.j2": "<{% block body %}base{% endblock %}>",
    }

    assert text_with(partials, "{% import 'm.j2' as m %}{{ m.hi(q) }}") == "Hi x"
    assert text_with(partials, "{% from 'm.j2' import hi %}{{ hi(q) }}") == "Hi x"
    assert (
        text_with(partials, "{% extends 'base.j2' %}{% block body %}{{ q }} {{ super() }}{% endblock %}") == "<x base>"
    )


def text_with(partials, template):
    return render(prompt(template, partials=partials), {"q": "x"})[0].content


def test_content_parts_are_rendered_where_they_hold_text():
    parts = (
        {"type": "text", "text": "See {{ what }}"},
        {"type": "image_url", "image_url": {"url": "https://x/{{ what }}.png", "detail": "low"}},
        {"type": "image_url", "image_url": "https://x/{{ what }}"},
        {"type": "input_audio", "input_audio": {"data": "{{ what }}"}},
    )

    rendered = render(Prompt("p", "p.yaml", (Message("user", parts),)), {"what": "cat"})[0].content

    assert list(rendered) == [
        {"type": "text", "text": "See cat"},
        {"type": "image_url", "image_url": {"url": "https://x/cat.png", "detail": "low"}},
        {"type": "image_url", "image_url": "https://x/cat"},
        {"type": "input_audio", "input_audio": {"data": "{{ what }}"}},
    ]
    assert parts[0]["text"] == "See {{ what }}"


class TestDeclaredVariables:
    def test_defaults_apply_where_a_value_is_absent(self):
        declared = {"mood": Variable("mood", default="kind", has_default=True)}
        renderer = Renderer(prompt("{{ mood }}", variables=declared))

        assert renderer.render({})[0].content == "kind"
        assert renderer.render({"mood": "curt"})[0].content == "curt"

    @pytest.mark.parametrize(
        ("declared", "good", "bad"),
        [
            ("string", "a", 1),
            ("number", 1.5, True),
            ("integer", 2.0, 2.5),
            ("boolean", False, 0),
            ("array", [1], "a"),
            ("object", {"a": 1}, [1]),
        ],
    )
    def test_types_are_checked(self, declared, good, bad):
        renderer = Renderer(prompt("{{ v }}", variables={"v": Variable("v", type=declared)}))

        renderer.render({"v": good})
        with pytest.raises(RenderError, match=f"variable 'v' is .*, declared as {declared}") as caught:
            renderer.render({"v": bad})
        assert caught.value.variable == "v"

    def test_a_type_has_the_name_a_declaration_gives_it(self):
        found = [type_name(value) for value in (None, True, "a", 1, 1.5, [], {}, b"")]

        assert found == ["null", "boolean", "string", "integer", "number", "array", "object", "bytes"]


class TestVariables:
    def test_of_messages_and_partials(self):
        given = prompt(
            "{{ a }}{% for i in rows %}{{ i }}{% include 'p.j2' %}{% endfor %}{{ range(2) | list }}",
            partials={"p.j2": "{{ i }}{{ b.c }}"},
        )

        assert variables(given) == {"a", "rows", "b"}

    def test_required_are_those_without_default_test_or_declaration(self):
        given = prompt(
            "{{ a }}{{ b | default(1) }}{% if c is defined %}{{ c }}{% endif %}{{ d }}{{ e }}{{ f | d(1) }}{{ f }}",
            variables={"d": Variable("d", has_default=True), "e": Variable("e", required=False)},
        )

        assert variables(given) == {"a", "b", "c", "d", "e", "f"}
        assert required_variables(given) == {"a", "f"}

    def test_one_message_requires_what_another_leaves_open(self):
        assert required_variables(prompt("{{ a | default(1) }}", "{{ a }}")) == {"a"}

    def test_of_a_literal_text_there_are_none(self):
        assert variables(prompt("{{ a }}", language="literal")) == frozenset()

    def test_of_content_parts(self):
        parts = (
            {"type": "file"},
            {"type": "text", "text": "{{ a }}"},
            {"type": "image_url", "image_url": {"url": "{{ b }}"}},
        )

        assert variables(Prompt("p", "p", (Message("user", parts),))) == {"a", "b"}

    def test_partials_in_a_circle_are_walked_once(self):
        assert variables(
            prompt("{% include 'a' %}", partials={"a": "{{ x }}{% include 'a' %}{% include 'gone' %}"})
        ) == {"x"}

    def test_partials_that_double_are_walked_once(self):
        partials = {f"{n}.j2": f"{{% include '{n + 1}.j2' %}}{{% include '{n + 1}.j2' %}}" for n in range(60)}

        assert variables(prompt("{% include '0.j2' %}", partials={**partials, "60.j2": "{{ x }}"})) == {"x"}


class TestEvaluate:
    VALUES: ClassVar = {"expected": True, "n": 3, "tags": ["a"], "d": {"k": [1]}, "result": 9, "s": "x"}

    @pytest.mark.parametrize(
        ("template", "expected"),
        [
            ("plain", "plain"),
            ("{{ expected }}", True),
            ("{{ expected }}\n", True),
            ("{{expected}} ", "True "),
            ("a {{ n }}", "a 3"),
            ("{{ n + 1 }}", 4),
            ("{{ d.k }}", [1]),
            ("{{ d }}", {"k": [1]}),
            ("{{ [n, n] }}", [3, 3]),
            ("{{ tags | map('upper') }}", ["A"]),
            ("{{ d.items() }}", [("k", [1])]),
            ("{{ range(2) }}", [0, 1]),
            ("{{ result }}", 9),
            ("{{ result + 1 }}", 10),
            ("{% if n %}x{% endif %}", "x"),
            ("{{ n }}{{ n }}", "33"),
            ("{{ n | string ~ s }}", "3x"),
        ],
    )
    def test_one_expression_gives_the_value_itself(self, template, expected):
        found = evaluate(template, self.VALUES)

        assert found == expected
        assert type(found) is type(expected)

    @pytest.mark.parametrize(
        ("template", "variable"), [("{{ zz }}", "zz"), ("{{ zz.a }}", "zz"), ("a{{ zz }}", "zz"), ("{{ d.zz }}", None)]
    )
    def test_undefined(self, template, variable):
        with pytest.raises(RenderError) as caught:
            evaluate(template, self.VALUES)
        assert caught.value.variable == variable

    @pytest.mark.parametrize("template", ["{{ 1", "{{ 'a' | nofilter }}", "{% x %}", "{% if x %}{% endif %}" * 60_000])
    def test_a_template_that_does_not_parse(self, template):
        with pytest.raises(RenderError):
            evaluate(template, self.VALUES)

    def test_the_sandbox_holds_here_too(self):
        for template in ("{{ s.__class__ }}", "{{ d.items }}", "{{ 'a' * 10 ** 9 }}"):
            with pytest.raises(RenderError) as caught:
                evaluate(template, self.VALUES)
            assert caught.value.refused

    def test_trees_keep_their_shape_and_keys(self):
        tree = {"{{ n }}": ["{{ n }}", ("{{ s }}",), 1, None], "b": {"c": "v={{ n }}"}}

        assert evaluate_tree(tree, self.VALUES) == {"{{ n }}": [3, ["x"], 1, None], "b": {"c": "v=3"}}


names = st.sampled_from(["a", "b", "ticket", "_x", "loopy"])
pieces = st.one_of(
    st.text(st.sampled_from("ab {}%#\n\r-"), max_size=5),
    st.builds("{{{{{0}{1}{0}}}}}".format, st.sampled_from(["", " ", "\n"]), names),
)


@given(
    st.lists(pieces, max_size=6).map("".join), st.dictionaries(names, st.text(max_size=5) | st.integers(), max_size=5)
)
def test_plain_substitution_says_what_jinja_says(template, values):
    from promptctl.prompts.substitution import substitution

    plain = substitution(template)
    if plain is None:
        return
    # A comment in front sends the same text through Jinja.
    jinja = prompt("{#-#}" + template)
    if any(name not in values for name in plain.names):
        for given in (prompt(template), jinja):
            with pytest.raises(RenderError, match="undefined variable"):
                render(given, values)
        return

    assert render(prompt(template), values)[0].content == render(jinja, values)[0].content
