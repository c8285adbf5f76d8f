"""Jinja's includes, imports and inheritance: read at one revision, rendered from what was read, bounded."""

import pytest

from promptctl.errors import InvalidPrompt
from promptctl.prompts.analysis import required_variables, variables
from promptctl.prompts.formats import PromptText, read_prompt
from promptctl.prompts.template import RenderError, render

FILES = {
    "base.j2": "{% block head %}HEAD {{ team }}{% endblock %}|{% block body %}base{% endblock %}|{{ foot }}",
    "mid.j2": "{% extends 'base.j2' %}{% block body %}mid {{ super() }}{% block inner %}inner{% endblock %}{% endblock %}",
    "m.j2": "{% import 'n.j2' as n %}{% macro hi(who, loud=false) %}{{ n.bang(who) if loud else who }}{% endmacro %}",
    "n.j2": "{% macro bang(x) %}{{ x }}!{% endmacro %}",
    "tone.j2": "Be {{ mood | default('kind') }}.{% include 'deep/er.j2' %}",
    "deep/er.j2": "{% set local = 1 %}{{ local }}{{ outer }}",
}
VALUES = {"team": "T", "foot": "F", "q": "Q", "outer": "O"}


def read(text, files=FILES):
    return read_prompt(PromptText("p", "p.j2", text.encode(), files.get))


@pytest.mark.parametrize(
    ("template", "names", "partials", "expected"),
    [
        ("{% extends 'base.j2' %}", {"team", "foot"}, {"base.j2"}, "HEAD T|base|F"),
        ("{% extends './mid.j2' %}{% block inner %}{{ q }} {{ super() }}{% endblock %}", {"team", "foot", "q"}, {"base.j2", "mid.j2"}, "HEAD T|mid baseQ inner|F"),
        ("{% extends 'mid.j2' %}{% block body %}<{{ super() }}>{% endblock %}ignored {{ q }}", {"team", "foot", "q"}, {"base.j2", "mid.j2"}, "HEAD T|<mid baseinner>|F"),
        ("{% import 'm.j2' as m %}{{ m.hi(q) }}{{ m.hi(q, loud=true) }}", {"q"}, {"m.j2", "n.j2"}, "QQ!"),
        ("{% from 'm.j2' import hi as hello %}{{ hello(q, true) }}", {"q"}, {"m.j2", "n.j2"}, "Q!"),
        ("{% include 'tone.j2' %}{% include 'gone.j2' ignore missing %}", {"mood", "outer"}, {"tone.j2", "deep/er.j2"}, "Be kind.1O"),
        ("{% extends 'base.j2' %}{% block head %}{% include 'tone.j2' %}{% endblock %}", {"team", "foot", "mood", "outer"}, {"base.j2", "tone.j2", "deep/er.j2"}, "Be kind.1O|base|F"),
        ("{% for outer in [1, 2] %}{% include 'deep/er.j2' %}{% endfor %}", set(), {"deep/er.j2"}, "1112"),
    ],
)  # fmt: skip
def test_are_resolved(template, names, partials, expected):
    prompt = read(template)

    assert variables(prompt) == names
    assert set(prompt.partials) == partials
    assert render(prompt, VALUES)[0].content == expected


def test_what_a_partial_guards_is_optional():
    assert required_variables(read("{% include 'tone.j2' %}")) == {"outer"}


def test_a_prompt_is_whole_in_itself():
    files = dict(FILES)
    prompt = read("{% extends 'base.j2' %}", files)
    files["base.j2"] = "changed"

    assert render(prompt, VALUES)[0].content == "HEAD T|base|F"


@pytest.mark.parametrize(
    ("template", "files", "reason"),
    [
        ("{% extends 'a' %}", {"a": "{% extends 'b' %}", "b": "{% extends 'a' %}"}, "circle: a -> b -> a"),
        ("{% import 'a' as a %}", {"a": "{% from 'a' import b %}"}, "circle: a -> a"),
        ("{% extends 'gone' %}", {}, "there is no partial 'gone'"),
        ("{% extends 'a' %}", {"a": "{% block x %}"}, "in a, line 1: "),
        ("{% extends base %}", {}, "must be written out, not computed"),
        ("{% from '../x' import y %}", {}, "lies outside the prompts folder"),
    ],
)
def test_what_cannot_be_read_is_named(template, files, reason):
    with pytest.raises(InvalidPrompt, match=reason):
        read(template, files)


@pytest.mark.parametrize(
    "template",
    [
        "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}",
        "{% macro m(n) %}{{ m(n) }}{{ m(n) }}{% endmacro %}{{ m(0) }}",
        "{% import 'twice.j2' as t %}{{ t.m(0) }}",
        "{% include '0.j2' %}",
        "{% for n in [[1]] recursive %}{{ loop([n]) }}{% endfor %}",
        "{% extends 'loud.j2' %}{% block a %}" + "{{ super() }}" * 200 + "{% endblock %}",
    ],
)
def test_recursion_and_growth_end_in_a_refusal(template):
    files = {
        **{f"{n}.j2": f"{{% include '{n + 1}.j2' %}}" * 2 for n in range(60)}, "60.j2": "x",
        "twice.j2": "{% macro m(n) %}{{ m(n) }}{{ m(n) }}{% endmacro %}",
        "loud.j2": "{% block a %}{{ 'x' * 100000 }}{% endblock %}",
    }  # fmt: skip

    with pytest.raises(RenderError) as caught:
        render(read(template, files), {})
    assert caught.value.refused
