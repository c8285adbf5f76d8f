"""A line of an export holds its own proof: the request whose fingerprint it names."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.models.answer_json import BrokenAnswerError
from promptctl.models.call import Call, Origin, Reply, Usage
from promptctl.models.exchange import answer_in, line_of

CALL = Call("m", ({"role": "user", "content": "Hi"},), {"temperature": 0}, sample=1, against="ab" * 32)
REPLY = Reply("Hello", Usage(1, 2), 0.5, 10.0, "m-1", created=1_000.5, origin=Origin.CACHE)


def line(call: Call = CALL, reply: Reply = REPLY, **changes) -> str:
    request = {
        "model": call.model,
        "messages": list(call.messages),
        "params": dict(call.params),
        "tools": list(call.tools),
        "response_format": call.response_format,
        "endpoint": call.endpoint,
    }
    value = json.loads(line_of(call.fingerprint, request, call.sample, call.against, 1, reply))
    return json.dumps({**value, **changes})


def test_there_and_back():
    assert (CALL, REPLY) == answer_in(line())


@given(st.text(), st.text(), st.integers(0, 9))
def test_any_text_travels(content, answer, sample):
    call = Call("m", ({"role": "user", "content": content},), sample=sample)

    assert (call, Reply(answer, origin=Origin.CACHE)) == answer_in(line(call, Reply(answer)))


def request(**changes) -> dict:
    return {**json.loads(line())["request"], **changes}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "broken or cut off"),
        ("[]", "no JSON object"),
        ("[" * 100_000, "nested too deeply"),
        (line(scheme=2), "scheme 2"),
        (line(request=request(model="other")), "not that of its request"),
        (line(request=None), "'request' is missing"),
        (line(request=request(messages="x")), "'messages' is of the wrong type"),
        (line(request=request(params={"temperature": math.nan})), "its request is none"),
        (line(sample=-1), "is no sample's"),
        (line(sample=True), "is no sample's"),
        (line(answer={"text": 1}), "'text' is no text"),
    ],
)
def test_a_broken_line_says_what_is_wrong_with_it(text, says):
    with pytest.raises(BrokenAnswerError, match=says):
        answer_in(text)
