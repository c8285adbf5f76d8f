"""What a stranger's template may not do, and that it ends in good time."""

import pytest

from promptctl.prompts.budget import MAX_CALLS, MAX_OUTPUT, Budget, Refused, current, printed
from promptctl.prompts.prompt import Message, Prompt
from promptctl.prompts.template import RenderError, render


class Thing:
    """An object of an application that calls render itself."""

    secret = "key"

    def method(self):
        return self.secret


def refusal(template, **fields):
    given = Prompt("p", "p.yaml", (Message("user", template),), **fields)
    with pytest.raises(RenderError) as caught:
        render(given, {"x": {"a": 1}, "t": "hello", "thing": Thing(), "call": Thing().method})
    assert caught.value.refused, caught.value.reason
    assert "\n" not in caught.value.reason
    return caught.value.reason


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__ }}",
        "{{ ''['__class__'] }}",
        "{{ '' | attr('__class__') }}",
        "{{ ['a'] | map(attribute='__class__') | list }}",
        "{{ ['a'] | map('attr', '__class__') | list }}",
        "{{ ['a'] | sort(attribute='__class__') }}",
        "{{ x.__init__.__globals__ }}",
        "{{ x['__init__'] }}",
        "{{ x.update({}) }}",
        "{{ x.pop('a') }}",
        "{{ x.get.__self__ }}",
        "{{ 'a'.format(1) }}",
        "{{ ''.format_map }}",
        "{{ t.encode() }}",
        "{{ self }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler.__init__ }}",
        "{{ joiner.__init__ }}",
        "{{ namespace.__init__ }}",
        "{% set ns = namespace() %}{{ ns.__class__ }}",
        "{{ range.__class__ }}",
        "{{ dict.mro() }}",
        "{{ dict.fromkeys('ab') }}",
        "{{ (1).__class__ }}",
        "{{ 1 .real }}",
        "{{ none.__class__ }}",
        "{{ [].append(1) }}",
        "{% for i in [1] %}{{ loop.__class__ }}{% endfor %}",
        "{% for i in [1] %}{{ loop._iterable }}{% endfor %}",
        "{% macro m() %}{% endmacro %}{{ m.__globals__ }}",
        "{% macro m() %}{% endmacro %}{{ m._func }}",
        "{{ thing.secret }}",
        "{{ thing['secret'] }}",
        "{{ thing.method() }}",
        "{{ thing }}",
        "{{ call }}",
        "{{ call() }}",
        "{{ call.__func__ }}",
        "{{ t.upper }}",
        "{{ x.items }}",
        "{{ x | map('upper') }}",
        "{% autoescape true %}{{ t }}{% endautoescape %}",
    ],
)
def test_there_is_no_way_out(template):
    refusal(template)


@pytest.mark.parametrize(
    "template",
    [
        "{% for i in range(10 ** 9) %}{% endfor %}",
        "{% for i in range(1000) %}{% for j in range(1000) %}x{% endfor %}{% endfor %}",
        "{% for i in range(99999) %}{% for j in 'ab' %}{% endfor %}{% endfor %}",
        "{% macro f(n) %}{{ f(n - 1) }}{{ f(n - 1) }}{% endmacro %}{{ f(9) }}",
        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(30) }}",
        "{{ 'a' * 10 ** 9 }}",
        "{{ [1] * 10 ** 9 }}",
        "{{ 10 ** 9 * 'a' }}",
        "{{ 2 ** 100000 }}",
        "{% set ns = namespace(x=3) %}{% for i in range(99) %}{% set ns.x = ns.x * ns.x %}{% endfor %}",
        "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x %}{{ ns.x }}{{ ns.x }}{% endset %}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=(1,)) %}{% for i in range(99) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ ns.x == ns.x }}",
        "{% set ns = namespace(x={}) %}{% for i in range(99) %}{% set ns.x = dict(a=ns.x, b=ns.x) %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x={}) %}{% for i in range(99) %}{% set ns.x = {'a': ns.x, 'b': ns.x} %}{% endfor %}{{ ns.x | tojson }}",
        "{% for i in range(1000) %}{{ 'x' * 10000 }}{% endfor %}",
        "{% set a = 'x' * 5000000 %}{% for i in range(1000) %}{% if a == a %}{% endif %}{% endfor %}",
        "{{ 'x' | center(1000000000) }}",
        "{{ 'x'.ljust(1000000000) }}",
        "{{ '\t'.expandtabs(1000000000) }}",
        "{{ 'a' | indent(1000000000) }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '%*d' % (100000000, 1) }}",
        "{{ '%.99999f' | format(1) }}",
        "{{ ('a' * 1000) | replace('a', 'b' * 5000000) }}",
        "{{ ('a' * 1000).replace('a', 'b' * 5000000) }}",
        "{{ t.join(['a' * 1000000] * 1000) }}",
        "{{ ['a' * 1000000] | batch(1000000000, 'x') | list }}",
        "{{ [1] | slice(1000000000) | list }}",
        "{{ 1.5 | round(1000000000, 'floor') }}",
        "{{ [[1]] | tojson(indent=1000000000) }}",
        "{{ ('a' * 100000) | wordwrap(1, wrapstring='x' * 5000000) }}",
        "{{ range(100000) | map('center', 1000) | join }}",
        "{{ range(100000) | map('string') | map('list') | map('list') | map('list') | map('list') | map('list') | map('join') | list }}",
        "{{ ([['a'] * 100] * 1000) | sum(start=[]) }}",
    ],
)
def test_every_cost_is_bounded(template):
    refusal(template)


def test_includes_that_double_come_to_an_end():
    partials = {f"{n}.j2": f"{{% include '{n + 1}.j2' %}}{{% include '{n + 1}.j2' %}}" for n in range(40)}

    assert "more work" in refusal("{% include '0.j2' %}", partials={**partials, "40.j2": "x"})


def test_a_partial_that_includes_itself_comes_to_an_end():
    refusal("{% include 'a.j2' %}", partials={"a.j2": "{% include 'a.j2' %}"})


def test_output_is_bounded_over_all_messages():
    half = "x" * (MAX_OUTPUT // 2 + 1)
    given = Prompt("p", "p.yaml", (Message("user", "{{ v }}"), Message("user", "{{ v }}")))

    with pytest.raises(RenderError, match="5 MiB of output"):
        render(given, {"v": half})


def test_data_may_have_any_key():
    given = Prompt(
        "p", "p.yaml", (Message("user", "{{ x._id }} {{ x.update }} {{ x['items'] }}{% if true %}{% endif %}"),)
    )

    assert render(given, {"x": {"_id": 7, "update": "u", "items": [1]}})[0].content == "7 u [1]"


def test_values_are_never_changed():
    values = {"x": {"a": [1]}}
    for template in ("{{ x.a.append(2) }}", "{{ x.a.extend([2]) }}", "{{ x.clear() }}", "{% set x.b = 1 %}"):
        with pytest.raises(RenderError):
            render(Prompt("p", "p.yaml", (Message("user", template),)), values)

    assert values == {"x": {"a": [1]}}


def test_calls_are_counted():
    budget = Budget()

    for _ in range(MAX_CALLS):
        budget.call()
    with pytest.raises(Refused, match="calls"):
        budget.call()


def test_outside_a_rendering_every_operation_has_its_own_bound():
    assert current() is not current()
    with pytest.raises(Refused):
        current().string(MAX_OUTPUT + 1)


def test_bytes_and_sets_weigh_what_they_hold():
    budget = Budget()

    assert budget.weight(b"abc") == 3
    assert budget.weight({"ab"}) == 8 + 8 + 2
    assert printed({"a": 1}) == "{'a': 1}"
