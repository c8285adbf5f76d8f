"""Languages without sections: names found, values put in their place, everything else left as it stands."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.prompts.analysis import analyse
from promptctl.prompts.prompt import Message, Prompt
from promptctl.prompts.template import RenderError, render

LANGUAGES = ("langfuse", "fabric", "dollar", "semantic-kernel")


def text(template, language, **values):
    return render(Prompt("p", "p", (Message("user", template),), language=language), values)[0].content


def failure(template, language, **values):
    with pytest.raises(RenderError) as caught:
        text(template, language, **values)
    return caught.value


@pytest.mark.parametrize(
    ("language", "template", "names", "expected"),
    [
        ("langfuse", "{{a}} {{ b }} {{\na\n}}", {"a", "b"}, "A {{a}} A"),
        ("langfuse", "{{user.name}} {{x-y}}", {"user.name", "x-y"}, "dotted dashed"),
        ("langfuse", '{{"a": 1}} {{}} {{ a b }} {a} }} {{', set(), '{{"a": 1}} {{}} {{ a b }} {a} }} {{'),
        ("langfuse", "{{{a}}} {{none}}|", {"none"}, "{{{a}}} |"),
        ("fabric", "{{a}} {{ b }} {{none}}", {"a", "b", "none"}, "A {{a}} None"),
        ("fabric", "{{Hostname}} {{interactsh-url}}", {"Hostname", "interactsh-url"}, "{{Hostname}} {{interactsh-url}}"),
        ("fabric", "{{plugin:datetime:now}} {{ext:a:b}} {{}} {{a", set(), "{{plugin:datetime:now}} {{ext:a:b}} {{}} {{a"),
        ("dollar", "$a ${b} $A${a}b", {"a", "b", "A"}, "A {{a}} upperAb"),
        ("dollar", "$$a $5 $ ${ ${a b} 5$", set(), "$a $5 $ ${ ${a b} 5$"),
        ("dollar", "${env:KEY} ${env:KEY:none} ${input:a} ${input:b:a hint}", {"a", "b"}, "${env:KEY} ${env:KEY:none} A {{a}}"),
        ("semantic-kernel", "{{$a}} {{ $b }} {{ 'it\\'s' }} {{\"}}\"}}", {"a", "b"}, "A {{a}} it's }}"),
        ("semantic-kernel", "{{}} {{#x}} {{ $a b }} {{$a", set(), "{{}} {{#x}} {{ $a b }} {{$a"),
    ],
)  # fmt: skip
def test_names_and_texts(language, template, names, expected):
    values = {"a": "A", "b": "{{a}}", "none": None, "A": "upper", "user.name": "dotted", "x-y": "dashed"}

    assert analyse(template, language).variables == names
    if language == "fabric":
        values.pop("Hostname", None)
    assert text(template, language, **values) == expected


@pytest.mark.parametrize(
    ("language", "template"),
    [("langfuse", "{{ a }}"), ("fabric", "{{input}}"), ("dollar", "$a"), ("semantic-kernel", "{{$a}}")],
)
def test_an_absent_variable_is_named(language, template):
    error = failure(template, language)

    assert error.variable == ("input" if language == "fabric" else "a")
    assert error.reason == f"message 1 (user): undefined variable '{error.variable}'"


def test_fabrics_input_alone_is_required():
    found = analyse("{{input}} {{role}}", "fabric")

    assert found.variables - found.optional == {"input"}


class TestFunctionsOfSemanticKernel:
    TEMPLATE = "{{$a}}\n{{time.now}} {{recall $q 'not $this'}} {{ mail-send \"}}\" }}"

    def test_are_read(self):
        found = analyse(self.TEMPLATE, "semantic-kernel")

        assert found.variables == {"a", "q"}
        assert found.refusals == (
            "the function 'time.now' of Semantic Kernel cannot be run",
            "the function 'recall' of Semantic Kernel cannot be run",
            "the function 'mail-send' of Semantic Kernel cannot be run",
        )

    def test_are_not_rendered(self):
        error = failure(self.TEMPLATE, "semantic-kernel", a=1, q=2)

        assert error.reason == (
            "line 2: the function 'time.now' of Semantic Kernel cannot be run; give its result as a variable"
        )


@pytest.mark.parametrize("language", LANGUAGES)
@given(value=st.text(max_size=20), around=st.text(st.sampled_from("ab \n'\"<>&"), max_size=6))
def test_a_value_is_printed_as_it_is(language, value, around):
    tag = {"dollar": "${input}", "semantic-kernel": "{{$input}}"}.get(language, "{{input}}")

    assert text(f"{around}{tag}{around}", language, input=value) == f"{around}{value}{around}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_output_is_bounded(language):
    tag = {"dollar": "$input", "semantic-kernel": "{{$input}}"}.get(language, "{{input}}")

    assert failure(tag * 6, language, input="a" * 1024 * 1024).refused


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "part", ["{{", "{{'", "{{\\", "{{'\\", "{{\"'", "{{a ", "}}", "${input:a:", "$", "{{ '}} ", "{{{"]
)
def test_hostile_text_is_read_in_linear_time(language, part):
    start = time.process_time()
    analyse(part * (1024 * 1024 // len(part)), language)

    assert time.process_time() - start < 5  # quadratic time would take hours
