"""Includes are followed transitively, and every way they can go wrong has its line."""

import pytest

from promptctl.errors import InvalidSettings, Problem
from promptctl.prompts.analysis import analyse
from promptctl.prompts.partials import MAX_PARTIALS, Partials


def follow(text, files, language="jinja"):
    partials = Partials("p.yaml", files.get if isinstance(files, dict) else files)
    partials.follow(analyse(text, language), lambda line: 10 + line, language)
    return partials


def mistakes(text, files, language="jinja"):
    return [str(problem) for problem in follow(text, files, language).problems]


def test_all_ways_to_name_a_partial():
    files = {
        "a.j2": "{% include 'deep/b.j2' %}",
        "deep/b.j2": "{% from 'm.j2' import x %}",
        "m.j2": "{% macro x() %}{% endmacro %}",
        "i.j2": "{% macro y() %}{% endmacro %}",
        "base.j2": "{% block c %}{% endblock %}",
        "other.j2": "not named",
    }

    found = follow("{% extends './base.j2' %}{% import 'i.j2' as i %}{% include 'a.j2' %}", files)

    assert found.problems == []
    assert sorted(found.found) == ["a.j2", "base.j2", "deep/b.j2", "i.j2", "m.j2"]


def test_a_partial_named_twice_is_read_once():
    asked = []
    follow("{% include 'a.j2' %}{% include 'a.j2' %}", lambda path: asked.append(path) or "x")

    assert asked == ["a.j2"]


def test_a_missing_one():
    assert mistakes("\n{% include 'x.j2' %}", {}) == [
        "p.yaml: line 12: there is no partial 'x.j2'. Paths are relative to the prompts folder.",
    ]
    assert mistakes("{% include 'x.j2' ignore missing %}", {}) == []


def test_a_missing_one_inside_another_says_where():
    assert mistakes("{% include 'a.j2' %}", {"a.j2": "\n{% include 'x.j2' %}"}) == [
        "p.yaml: line 11: in a.j2, line 2: there is no partial 'x.j2'. Paths are relative to the prompts folder.",
    ]


def test_a_circle():
    files = {"a.j2": "{% include 'b.j2' %}", "b.j2": "{% include 'a.j2' %}"}

    assert mistakes("{% include 'a.j2' %}", files) == [
        "p.yaml: line 11: in b.j2, line 1: partials include each other in a circle: a.j2 -> b.j2 -> a.j2.",
    ]


@pytest.mark.parametrize("name", ["/etc/passwd", "../x.j2", "a/../../x.j2", "C:x.j2", "a\\\\b.j2", "", "https://x/y"])
def test_a_path_may_not_escape(name):
    (mistake,) = mistakes(f"{{% include '{name}' %}}", {})

    assert "lies outside the prompts folder" in mistake


@pytest.mark.parametrize(
    "template", ["{% include x %}", "{% include 'a' ~ x %}", "{% include ['a', 'b'] %}", "{% extends x %}"]
)
def test_a_name_may_not_be_computed(template):
    (mistake,) = mistakes(template, {})

    assert "must be written out, not computed" in mistake


def test_a_partial_that_does_not_parse():
    (mistake,) = mistakes("{% include 'a.j2' %}", {"a.j2": "\n{{ x"})

    assert mistake.startswith("p.yaml: line 11: in a.j2, line 2: unexpected end of template")


def test_a_partial_that_cannot_be_read_brings_its_own_mistakes():
    def include(path):
        raise InvalidSettings(Problem(path, "is not valid UTF-8."))

    assert mistakes("{% include 'a.j2' %}", include) == ["a.j2: is not valid UTF-8."]


def test_their_number_is_bounded():
    (mistake,) = mistakes("".join(f"{{% include '{n}' %}}" for n in range(MAX_PARTIALS + 2)), lambda _path: "x")

    assert f"more than {MAX_PARTIALS} partials" in mistake


class TestOfOtherLanguages:
    def test_are_found_with_an_extension_or_an_underscore(self):
        files = {"a.hbs": "{{> x/b}}", "x/_b.txt": "{{> c}}{{> c}}", "c": "{{y}}"}

        found = follow("{{> a}}{{> c}}", files, "handlebars")

        assert found.problems == []
        assert found.found == files

    def test_are_written_in_the_language_of_what_names_them(self):
        assert mistakes("{{> a}}", {"a": "{{#b}}"}, "mustache") == [
            "p.yaml: line 11: in a, line 1: nothing closes '{{#b}}'."
        ]
        assert mistakes("{{> a}}", {"a": "{% include 'gone' %}{{> b}}", "b.md": ""}, "handlebars") == []

    def test_one_partial_is_checked_in_every_language_that_names_it(self):
        partials = Partials("p.yaml", {"a": "{% x %}"}.get)

        partials.follow(analyse("{{> a}}", "mustache"), lambda line: line, "mustache")
        partials.follow(analyse("{% include 'a' %}"), lambda line: line)

        assert [problem.message for problem in partials.problems] == ["in a, line 1: Encountered unknown tag 'x'.."]

    def test_that_are_missing_in_a_circle_or_computed(self):
        assert mistakes("{{> a}}", {}, "mustache") == [
            "p.yaml: line 11: there is no partial 'a'. Paths are relative to the prompts folder."
        ]
        assert mistakes("{{#> a}}{{/a}}", {}, "handlebars") == []
        assert mistakes("{{> a}}", {"a.txt": "{{> a}}"}, "mustache") == [
            "p.yaml: line 11: in a.txt, line 1: partials include each other in a circle: a.txt -> a.txt."
        ]
        assert "must be written out" in mistakes("{{> (lookup a 'b')}}", {}, "handlebars")[0]
        assert "outside the prompts folder" in mistakes("{{> ../a}}", {}, "mustache")[0]
