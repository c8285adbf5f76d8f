"""Variables renamed, made live, made dead; includes in their place; values in words."""

import pytest

from promptctl.prompts.diff import Change, Renamed, ValueDiff, diff, patch, said
from promptctl.prompts.diff.marks import marks, static
from promptctl.prompts.diff.resolved import resolved_messages
from promptctl.prompts.prompt import Message, Prompt


def prompt(text, **fields):
    return Prompt("p", "p.yaml", (Message("system", text),), **{"model": "m", **fields})


def variables(old, new, before="jinja", after="jinja"):
    return diff(prompt(old, language=before), prompt(new, language=after)).variables


class TestVariables:
    @pytest.mark.parametrize(
        ("old", "new", "renamed"),
        [
            ("Read {{ ticket }}, {{ticket}}.", "Read {{ message }}, {{message}}.", (Renamed("ticket", "message"),)),
            ("{% if a %}{{ a }}{% endif %} {{ b }}", "{% if c %}{{ c }}{% endif %} {{ d }}", (Renamed("a", "c"), Renamed("b", "d"))),
            ("Read {{ a }} and {{ a }}.", "Read {{ b }} and {{ a }}.", ()),
            ("Read {{ a }} and {{ a }}.", "Read {{ b }} and {{ c }}.", ()),
            ("Hi {{ a }} {{ b }}", "Hi {{ b }} {{ c }}", ()),
            ("{{ a }}", "{{ b }} {{ c }}", ()),
        ],
    )  # fmt: skip
    def test_renamed(self, old, new, renamed):
        found = variables(old, new)

        assert found.renamed == renamed
        assert {one.new for one in renamed} <= set(found.added)
        assert {one.old for one in renamed} <= set(found.removed)

    @pytest.mark.parametrize(
        ("dead", "before", "live", "after"),
        [
            ("Read the ticket now please.", "jinja", "Read the {{ ticket }} now please.", "jinja"),
            ("Read {{ a }} the ticket now.", "jinja", "Read {{ a }} the {{ ticket }} now.", "jinja"),
            ("Read the {ticket} now.", "jinja", "Read the {{ ticket }} now.", "jinja"),
            ("Read the ${ticket} now.", "jinja", "Read the {{ ticket }} now.", "jinja"),
            ("Read the [ticket] now.", "jinja", "Look at {{ ticket }}.", "jinja"),
            ("{% raw %}{{ ticket }}{% endraw %}", "jinja", "{{ ticket }}", "jinja"),
            ("{{ ticket }}", "literal", "{{ ticket }}", "jinja"),
            ("{{ticket}}", "format", "{ticket}", "format"),
        ],
    )
    def test_live_and_dead(self, dead, before, live, after):
        assert variables(dead, live, before, after).live == ("ticket",)
        assert variables(live, dead, after, before).dead == ("ticket",)

    def test_a_name_that_is_also_a_word_is_not_made_live(self):
        found = variables("A ticket is bad. {{ x }}", "A ticket is bad. {{ x }} {{ ticket }}")

        assert (found.added, found.live) == (("ticket",), ())

    def test_a_name_that_acts_in_another_message_already(self):
        old = Prompt("p", "p.yaml", (Message("system", "Read {ticket}."), Message("user", "{{ ticket }}")))
        new = Prompt("p", "p.yaml", (Message("system", "Read {{ ticket }}."), Message("user", "{{ ticket }}")))

        assert diff(old, new).variables.live == diff(new, old).variables.dead == ("ticket",)
        assert diff(old, old).variables.live == diff(new, new).variables.live == ()

    def test_a_placeholder_is_a_variable(self):
        old = Prompt("p", "p", (Message("placeholder", "history"),), model="m")
        new = Prompt("p", "p", (Message("placeholder", "turns"),), model="m")

        assert diff(old, new).variables.renamed == (Renamed("history", "turns"),)

    def test_a_template_that_does_not_parse_has_none(self):
        assert variables("{% if %}", "{{ a }}").added == ("a",)


class TestMarks:
    @pytest.mark.parametrize(
        ("text", "language", "found"),
        [
            ("a {{ b }} {% c %} {# d #}", "jinja", ["{{ b }}", "{% c %}", "{# d #}"]),
            ("{% raw %}{{ b }}{%- endraw -%}{{ c }}", "jinja", ["{% raw %}", "{%- endraw -%}", "{{ c }}"]),
            ("{% raw %}{{ b }}", "jinja", ["{% raw %}"]),
            ("{{ a {% b %}", "jinja", ["{% b %}"]),
            ("{{{ a }}} {% b %}", "mustache", ["{{{ a }}}"]),
            ("{a} {{b}} {", "format", ["{a}"]),
            ("$a ${b} $$c $5", "dollar", ["$a", "${b}"]),
            ("{{ a }}", "literal", []),
        ],
    )
    def test_where_a_template_acts(self, text, language, found):
        assert [mark.text for mark in marks(text, language)] == found

    def test_many_that_never_close_take_no_time(self):
        text = "{{ {% {# " * 50_000

        assert list(marks(text, "jinja")) == []
        assert static(text, "jinja", "") == text


class TestResolved:
    TONE = "Be kind.\nBe brief always.\n"

    def test_text_that_moved_into_a_partial(self):
        old = prompt(f"Intro.\n{self.TONE}End.")
        new = prompt("Intro.\n{% include '_t.j2' %}End.", partials={"_t.j2": self.TONE})

        assert diff(old, new).resolved.unchanged
        assert diff(old, new).remarks == ("text moved into _t.j2; the resolved prompt is unchanged",)
        assert diff(new, old).remarks == ("text moved out of _t.j2; the resolved prompt is unchanged",)

    def test_but_for_a_blank(self):
        old = prompt(f"Intro.\n{self.TONE}End.")
        new = prompt("Intro.\n{% include '_t.j2' %}\nEnd.", partials={"_t.j2": self.TONE})

        assert diff(old, new).remarks[0] == "text moved into _t.j2; the resolved prompt is unchanged but for its form"

    def test_a_partial_that_stands_twice(self):
        include = "{% include './_t.j2' %}"
        old = prompt(f"x{include}", partials={"_t.j2": self.TONE})
        new = prompt(f"x{include}{include}", partials={"_t.j2": self.TONE})

        assert diff(old, new).remarks == ("the resolved prompt went from 27 to 53 characters (2.0 times as long)",)

    @pytest.mark.parametrize(
        ("text", "language", "expected"),
        [
            ("a {%- include 'x' -%} b", "jinja", "aXb"),
            ("{% include 'x' ignore missing %}{% include 'no' ignore missing with context %}", "jinja", "X"),
            ("{# {% include 'x' %} #}{{ a }}", "jinja", "{# {% include 'x' %} #}{{ a }}"),
            ("{% raw %}{% include 'x' %}{% endraw %}", "jinja", "{% raw %}{% include 'x' %}{% endraw %}"),
            ("{% include 'y' %}", "jinja", "<X>"),
            ("a {{> x }} b", "handlebars", "a X b"),
            ("{{> x y=1 }}", "handlebars", None),
            ("{{#> x }}{{/x}}", "handlebars", None),
            ("{% include 'no' %}", "jinja", None),
            ("{% include name %}", "jinja", None),
            ("{% extends 'base' %}", "jinja", "A own C"),
            ("{% extends './base' %}{% block b %}new{% endblock %} gone", "jinja", "A new C"),
            ("{% extends 'heir' %}{% block c %}deep{% endblock c %}", "jinja", "A [deep] C"),
            ("{% extends 'base' %}{% block b %}{% include 'x' %}{% endblock %}", "jinja", "A X C"),
            ("{% block b %}here{% endblock %}", "jinja", "here"),
            ("{% extends 'base' %}{% block b %}{{ super() }}{% endblock %}", "jinja", None),
            ("{% extends 'base' %}{%- block b -%}x{%- endblock -%}", "jinja", None),
            ("{% if a %}{% extends 'base' %}{% endif %}", "jinja", None),
            ("{% extends name %}", "jinja", None),
            ("{% extends 'no' %}", "jinja", None),
            ("{% extends 'ring' %}", "jinja", None),
            ("{% extends 'nest' %}{% block n %}{% block n %}{% endblock %}{% endblock %}", "jinja", None),
            ("{% import 'x' as m %}", "jinja", None),
            ("{% include 'loop' %}", "jinja", None),
            ("{% include 'empty' %}", "jinja", None),
            ("a {x}", "format", "a {x}"),
        ],
    )
    def test_what_can_be_told_without_rendering(self, text, language, expected):
        partials = {"x": "X", "y": "<{% include 'x' %}>", "loop": "{% include 'loop' %}", "empty": ""}
        partials |= {
            "base": "A {% block b %}own{% endblock %} C",
            "heir": "{% extends 'base' %}{% block b %}[{% block c %}{% endblock %}]{% endblock %}",
            "ring": "{% extends 'ring' %}",
            "nest": "{% block n %}{% endblock %}",
        }
        found = resolved_messages(prompt(text, language=language, partials=partials))

        assert (None if found is None else found[0].content) == expected

    def test_parts_and_placeholders(self):
        parts = ({"type": "text", "text": "{% include 'x' %}"}, {"type": "image_url", "image_url": "a"})
        found = resolved_messages(
            Prompt("p", "p", (Message("user", parts), Message("placeholder", "h")), partials={"x": "X"})
        )

        assert found[0].content == ({"type": "text", "text": "X"}, parts[1])
        assert found[1] == Message("placeholder", "h")

    def test_what_grows_without_end_is_not_told(self):
        partials = {f"p{n}": f"{{% include 'p{n + 1}' %}}" * 10 for n in range(8)} | {"p8": "x" * 10}

        assert resolved_messages(prompt("{% include 'p0' %}", partials=partials)) is None

    def test_blocks_that_hold_one_another_end(self):
        names = [f"b{n}" for n in range(8)]
        partials = {"base": "{% block b0 %}{% endblock %}"}
        for at, name in enumerate(names):
            inner = "".join(f"{{% block {other} %}}{{% endblock %}}" for other in names if other != name)
            parent = f"t{at - 1}" if at else "base"
            partials[f"t{at}"] = f"{{% extends '{parent}' %}}{{% block {name} %}}{inner}{{% endblock %}}"

        assert resolved_messages(prompt("{% extends 't7' %}", partials=partials)) is None

    def test_nothing_included_is_nothing_to_resolve(self):
        assert diff(prompt("a"), prompt("b")).resolved is None
        assert diff(prompt("{% include n %}", partials={"x": "X"}), prompt("b")).resolved is None


def tool(required, properties, **extra):
    parameters = {"type": "object", "properties": properties, "required": required}
    return {"type": "function", "function": {"name": "lookup", "parameters": parameters, **extra}}


CITY = {"type": "string", "enum": ["x"]}


class TestSaid:
    @pytest.mark.parametrize(
        ("old", "new", "sentences"),
        [
            (tool(["a"], {"a": {}}), tool(["a", "city"], {"a": {}}), ["parameter 'city' became required"]),
            (tool(["a", "city"], {"a": {}}), tool(["a"], {"a": {}}), ["parameter 'city' is no longer required"]),
            (tool([], {"a": {"type": "string"}}), tool([], {"a": {"type": "number"}}), ["parameter 'a': type string -> number"]),
            (tool([], {"a": {}}), tool([], {"a": {}, "b": {"type": "string"}}), ["parameter 'b' added"]),
            (tool([], {"a": {}, "b": {}}), tool([], {"b": {}}), ["parameter 'a' removed"]),
            (tool([], {"c": CITY}), tool([], {"c": {**CITY, "enum": ["x", "y"]}}), ["parameter 'c' may be 'y'"]),
            (tool([], {"c": {**CITY, "enum": ["x", "y"]}}), tool([], {"c": CITY}), ["parameter 'c' may no longer be 'y'"]),
            (tool([], {"c": {"type": "string"}}), tool([], {"c": CITY}), ['parameter \'c\': enum added: ["x"]']),
            (tool([], {}, description="a"), tool([], {}, description="b"), ["description a -> b"]),
            (tool(["a", "b"], {"a": {}}), tool(["b", "a"], {"a": {}}), ["only an order of values changed"]),
            (tool([], {"o": {"type": "object", "properties": {"q": {"type": "string"}}}}), tool([], {"o": {"type": "object", "properties": {"q": {"type": "null"}}}}), ["parameter 'o.q': type string -> null"]),
        ],
    )  # fmt: skip
    def test_tools(self, old, new, sentences):
        found = said(diff(prompt("x", tools=(old,)), prompt("x", tools=(new,))))

        assert list(found) == [f"tool lookup: {sentence}" for sentence in sentences]

    def test_tools_that_came_went_or_changed_places(self):
        a, b = {"type": "a"}, {"type": "b"}

        assert said(diff(prompt("x", tools=(a,)), prompt("x", tools=(b,)))) == ("tool a: removed", "tool b: added")
        assert said(diff(prompt("x", tools=(a, b)), prompt("x", tools=(b, a)))) == ("tools: in another order: b, a",)

    def test_a_required_set_as_a_whole(self):
        bare = {"type": "function", "function": {"name": "lookup", "parameters": {"properties": {"a": {}}}}}
        full = tool(["a", "b"], {"a": {}})
        full["function"]["parameters"].pop("type")

        assert said(diff(prompt("x", tools=(bare,)), prompt("x", tools=(full,)))) == (
            "tool lookup: parameters 'a', 'b' became required",
        )
        assert said(diff(prompt("x", tools=(full,)), prompt("x", tools=(bare,)))) == (
            "tool lookup: parameters 'a', 'b' are no longer required",
        )

    def test_responses(self):
        def schema(properties):
            return {"type": "json_schema", "json_schema": {"name": "n", "schema": {"properties": properties}}}

        old, new = prompt("x", response_format=schema({"t": {}})), prompt("x", response_format=schema({"u": {}}))

        assert said(diff(old, new)) == ("response: field 't' removed", "response: field 'u' added")
        assert said(diff(prompt("x"), new)) == ("response_format added",)

    def test_plain_values(self):
        old = prompt(
            "x", params={"temperature": 0, "stop": ["a"], "logit_bias": {"1": 5, "2": 1}}, description="a" * 80
        )
        new = prompt("x", params={"temperature": 0.7, "seed": 1, "logit_bias": {"1": 6, "2": 1}}, description="b" * 80)

        assert said(diff(old, new)) == (
            "temperature 0 -> 0.7",
            'stop removed, was ["a"]',
            "logit_bias.1 5 -> 6",
            "seed added: 1",
            "description changed",
        )

    def test_flags_inside_of_nested_values(self):
        old, new = (
            prompt("x", response_format={"json_schema": {"strict": flag, "n": {"a": not flag, "b": 1}}})
            for flag in (True, False)
        )

        assert said(diff(old, new)) == (
            "response: json_schema.n.a false -> true",
            "response: json_schema.strict true -> false",
        )
        one, true = ({"json_schema": {"s": [{"a": value}, {}]}} for value in (1, True))
        assert said(diff(prompt("x", response_format=one), prompt("x", response_format=true))) == (
            "response: json_schema.s[0].a 1 -> true",
        )

    def test_another_format_or_language_names_both(self):
        old, new = prompt("x"), prompt("x", format="frontmatter", language="mustache")

        assert said(diff(old, new)) == ("language jinja -> mustache", "format yaml -> frontmatter")
        assert patch(old, diff(old, new)) == new
        assert patch(new, diff(new, old)) == old

    def test_a_script_and_a_format(self):
        found = diff(prompt("x"), prompt("x", script="{{ a }}", format="markdown"))

        assert found.change is Change.MODIFIED
        assert [one.path for one in found.other] == ["script", "format"]
        assert isinstance(found.other[0], ValueDiff)
