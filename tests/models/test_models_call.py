"""Fingerprints: equal calls have equal ones, on every machine, for ever."""

import math
from collections import OrderedDict
from enum import IntEnum, StrEnum
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.models.call import Call, Reply, canonical

MESSAGES = ({"role": "system", "content": "Route."}, {"role": "user", "content": "Grüße, 世界 🙂 \x00"})
TOOL = {"type": "function", "function": {"name": "route", "parameters": {"type": "object", "required": ["team"]}}}

# Golden vectors. One of these may change only together with SCHEME: whoever's recordings they are would lose them.
GOLDEN = [
    (
        Call("openai/gpt-5-mini", ({"role": "user", "content": "hi"},)),
        "d4f43258fa0b53b50dca4836c0fb8c5f627091e4cadc67534e2a57cac1a29c80",
    ),
    (
        Call("openai/gpt-5-mini", MESSAGES, {"temperature": 0.7, "max_tokens": 8}, sample=3),
        "89f9d53a53d733124cc5d3ea4b6b977e94026859aa343bf44c697852e7f042f6",
    ),
    (
        Call("local/smollm2", MESSAGES, tools=(TOOL,), response_format={"type": "json_object"}, endpoint="sha256:ab"),
        "a8f167768719a033e9d18ad8ae908f78f81d683663ac98fd2e90fa56aebc9e74",
    ),
    (
        Call("m", MESSAGES, {"seed": 1}, sample=2, against="0" * 64),
        "52ef23a69df9c04a7c5441625efa21b008223c1e94aa43475755d07659b9f94d",
    ),
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


class Role(StrEnum):
    USER = "user"


class Size(IntEnum):
    SMALL = 8


def user(content="hi", **more):
    return Call("m", ({"role": "user", "content": content},), **more)


@pytest.mark.parametrize(("call", "golden"), GOLDEN, ids=range(len(GOLDEN)))
def test_fingerprints_never_change(call, golden):
    assert golden == call.fingerprint


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (user(params={"temperature": 0}), user(params={"temperature": 0.0})),
        (user(params={"temperature": 0}), user(params={"temperature": -0.0})),
        (user(params={"max_tokens": 8}), user(params={"max_tokens": 8.0})),
        (user(params={"max_tokens": 8}), user(params={"max_tokens": Size.SMALL})),
        (user(params={"x": 10**16}), user(params={"x": 1e16})),
        (user(params={"top_p": None}), user()),
        (user(params={"a": 1, "b": 2}), user(params={"b": 2, "a": 1})),
        (user(params={"stop": ["a"]}), user(params={"stop": ("a",)})),
        (user(params=MappingProxyType({"a": 1})), user(params={"a": 1})),
        (user(params={"a": OrderedDict(b=1)}), user(params={"a": {"b": 1}})),
        (user(response_format={}), user()),
        (user(params={"logit_bias": {50256: -100}}), user(params={"logit_bias": {"50256": -100.0}})),
        (Call("m", ({"role": Role.USER, "content": "x"},)), Call("m", ({"content": "x", "role": "user"},))),
        (user(params={"x": {Role.USER: 1}}), user(params={"x": {"user": 1}})),
        (user(tools=({"a": [1.0]},)), user(tools=({"a": [1]},))),
    ],
)
def test_equal_requests_have_equal_fingerprints(one, other):
    assert one.fingerprint == other.fingerprint


@pytest.mark.parametrize(
    "other",
    [
        user("hi "),
        user("hi", params={"temperature": 0}),
        user("hi", params={"stop": "a"}),
        user("hi", tools=({},)),
        user("hi", response_format={"type": "json_object"}),
        user("hi", endpoint="http://127.0.0.1:1"),
        user("hi", sample=1),
        user("hi", against="0" * 64),
        Call("n", ({"role": "user", "content": "hi"},)),
        Call("m", ({"role": "system", "content": "hi"},)),
    ],
)
def test_whatever_reaches_the_provider_counts(other):
    assert user("hi").fingerprint != other.fingerprint


def test_text_is_taken_as_it_is():
    composed, decomposed = user("\u00e9"), user("e\u0301")

    assert composed.fingerprint != decomposed.fingerprint


def test_true_is_not_one_and_text_is_no_number():
    assert len({user(params={"x": value}).fingerprint for value in (True, 1, "1")}) == 3


def test_half_a_surrogate_pair_has_a_fingerprint():
    assert len(user("\ud800").fingerprint) == 64


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_does_not_have_are_refused(number):
    with pytest.raises(ValueError, match="JSON compliant"):
        _ = user(params={"temperature": number}).fingerprint


@pytest.mark.parametrize("value", [{1, 2}, object(), b"bytes"])
def test_what_is_no_json_is_refused(value):
    with pytest.raises(TypeError, match="which is no JSON"):
        _ = user(params={"x": value}).fingerprint


def test_samples_share_the_request_and_differ_in_the_fingerprint():
    call = user(params={"temperature": 1})
    again = call.resampled(2, against="a" * 64)

    assert call.request == again.request
    assert Call(call.model, call.messages, call.params, sample=2, against="a" * 64).fingerprint == again.fingerprint
    assert call.fingerprint != again.fingerprint


@given(json_values)
def test_the_canonical_form_of_a_canonical_form_is_itself(value):
    assert canonical(value) == canonical(canonical(value))


@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_the_order_of_keys_does_not_count(params):
    reverse = dict(reversed(params.items()))

    assert user(params=params).fingerprint == user(params=reverse).fingerprint


def test_the_ids_of_tool_calls_are_no_difference_between_answers():
    def calling(number, arguments='{"q": 1}'):
        return Reply("", tool_calls=({"id": number, "function": {"name": "f", "arguments": arguments}},))

    assert calling("call_1").called == calling("call_2", '{"q":1}').called
    assert calling("call_1").called != calling("call_1", '{"q":2}').called
    assert '[{"name": "f", "arguments": "no JSON"}]' == calling("call_1", "no JSON").said
    assert '[{"name": "f", "arguments": {"q": "?"}}]' == calling("call_1", '{"q": "\\ud800"}').said
    assert "[" * 9_000 in calling("call_1", "[" * 9_000 + "]" * 9_000).said
    assert '["f"]' == Reply("", tool_calls=({"function": "f"},)).said
