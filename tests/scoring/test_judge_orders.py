"""What can be proven of a judge without a judge: no answer leaves its fence, becomes a role, or is a judgement itself.

Whether a given model obeys an order that it reads inside the fence cannot be proven here: `promptctl judge calibrate`
measures it, on labels that hold such answers.
"""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from orders_to_a_judge import ORDERS, VERDICT

from promptctl.models.call import Call, Reply
from promptctl.scoring.ask import Ask, Said
from promptctl.scoring.combine import scoring
from promptctl.scoring.judge.fence import fenced, token_of
from promptctl.scoring.judge.judgement import Unreadable, judgement
from promptctl.scoring.registry import parse
from promptctl.scoring.result import Context
from promptctl.settings import JudgeSettings
from promptctl.workflows.bench import Bench, Places

HONEST = {"reason": "it does not do what was asked", "pass": False, "score": 0}
OTHER = Reply("the other side's answer")
TYPES = {
    "llm-rubric": {"value": "names a team"},
    "model-graded-closedqa": {"value": "names a team"},
    "factuality": {"value": "billing"},
    "g-eval": {"value": "names a team"},
    "classifier": {"value": "polite", "threshold": 0.5},
    "context-faithfulness": {"threshold": 0.5},
    "answer-relevance": {"threshold": 0.5},
    "pairwise": {},
    "select-best": {"value": "names a team"},
}
BENCH = Bench(
    JudgeSettings(model="openai/judge", embedding_model="openai/e"),
    Places(None, None),  # type: ignore[arg-type] # the package's own prompts are read from nowhere else
    endpoint=lambda model: None,
    bound=lambda call: call,
)

orders = pytest.mark.parametrize("answer", ORDERS.values(), ids=ORDERS)


def context(answer):
    return Context(Reply(answer), {"context": "Team: billing."}, other=OTHER, question="Which team?")


def first_asks(kind, answer, **more):
    """What a judge is asked first of an answer."""
    turns = scoring((parse({"type": kind, **TYPES[kind], **more}, "p.yaml"),), context(answer))
    try:
        return list(next(turns)), turns
    except StopIteration as stop:
        return [], stop.value


def asked(ask):
    found = BENCH.asked(ask, {}, "", None)
    return [message["role"] for message in found.call.messages], [
        message["content"] for message in found.call.messages
    ], found.token  # fmt: skip


def test_there_are_enough_of_them():
    assert len(ORDERS) >= 50


@orders
@pytest.mark.parametrize("kind", TYPES)
def test_an_answer_stands_in_its_fence_and_nowhere_else(kind, answer):
    asks, _ = first_asks(kind, answer)
    calm, _ = first_asks(kind, "calm")

    assert len(asks) == len(calm)
    for ask, other in zip(asks, calm, strict=True):
        roles, texts, token = asked(ask)
        assert roles == asked(other)[0]  # no role was added
        assert token is not None
        for name, text in ask.data.items():
            assert token not in text
            whole = "\n".join(texts[1:])
            assert whole.count(f"<{name} {token}>") == whole.count(f"\n</{name} {token}>") == 1
            assert fenced(name, text, token) in whole  # word for word, not rendered
        # Beside the fences the request is the same, whatever the answer says.
        assert outside(texts, ask, token) == outside(asked(other)[1], other, asked(other)[2])


def outside(texts, ask, token):
    whole = "\n".join(texts)
    for name, text in sorted(ask.data.items(), key=lambda item: -len(item[1])):
        whole = whole.replace(fenced(name, text, token), f"[{name}]")
    return whole.replace(token, "TOKEN")


@orders
def test_an_echo_of_an_answer_is_no_judgement(answer):
    """A judge that only repeats what it was shown has said nothing."""
    asks, turns = first_asks("llm-rubric", answer)
    token = asked(asks[0])[2]
    for echo in (answer, f"```json\n{answer}\n```", json.dumps(answer), f"{answer}\n\n{VERDICT}", answer.upper()):
        with pytest.raises(Unreadable):
            judgement(echo, token, asks[0].data.values())

    turns.send([Said(Reply(answer), "judge", token)])
    with pytest.raises(StopIteration) as stop:
        turns.send([Said(Reply(answer), "judge", token)])  # the repair says the same
    found = stop.value.value

    assert (False, 0.0) == (found.passed, found.score)
    assert "the judge gave no judgement" in found.error


@orders
def test_an_echo_is_none_where_the_judge_was_told_no_token(answer):
    """Somebody's own judge prompt, which knows nothing of tokens."""
    with pytest.raises(Unreadable):
        judgement(answer, None, [answer, "names a team"])
    with pytest.raises(Unreadable):
        judgement(f"Here is what I read: {answer}", None, [answer])


@orders
def test_a_judge_that_quotes_the_answer_is_heard_all_the_same(answer):
    asks, turns = first_asks("llm-rubric", answer)
    token = asked(asks[0])[2]
    verdict = json.dumps({"id": token, **HONEST})
    for reply in (f"{answer}\n{verdict}", f"{verdict}\n{answer}", json.dumps({**json.loads(verdict), "quote": answer})):
        assert judgement(reply, token, asks[0].data.values())["pass"] is False

    with pytest.raises(StopIteration) as stop:
        turns.send([Said(Reply(f"{answer}\n{verdict}"), "judge", token)])
    found = stop.value.value

    assert (False, 0.0, None) == (found.passed, found.score, found.error)


@orders
def test_an_order_does_not_come_back_by_way_of_the_repair(answer):
    """The second request says why the first reply could not be read, in words of our own."""
    asks, turns = first_asks("llm-rubric", "calm")
    token = asked(asks[0])[2]
    (again,) = turns.send([Said(Reply(answer), "judge", token)])
    roles, texts, _ = asked(again)

    assert [*asked(asks[0])[0], "user"] == roles
    assert len(texts[-1]) < 250
    assert answer.strip()[:12] not in texts[-1] or not answer.strip()


def test_a_fence_is_the_same_in_every_run_and_another_for_every_text():
    first, second = token_of({"output": "a", "rubric": "b"}), token_of({"rubric": "b", "output": "a"})

    assert first == second
    assert len({token_of({"output": str(number)}) for number in range(200)}) == 200


@given(st.dictionaries(st.text(max_size=5), st.text(), max_size=3))
def test_no_text_holds_its_token(texts):
    token = token_of(texts)

    assert all(token not in text.lower() for text in texts.values())


def test_a_text_that_holds_the_token_that_it_would_have_gets_another():
    """It cannot be made, since the token depends on the text; were it made, the next token is tried."""
    first = token_of({"output": "x"})
    second = token_of({"output": "x", "vars": first})

    assert first != second


def test_several_judgements_that_differ_are_none():
    asks, _ = first_asks("llm-rubric", "calm")
    token = asked(asks[0])[2]
    good, bad = (json.dumps({"id": token, "reason": "r", "pass": passed}) for passed in (True, False))

    assert judgement(f"{good} {good}", token, ())["pass"] is True
    with pytest.raises(Unreadable, match="several judgements that differ"):
        judgement(f"{good} {bad}", token, ())


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "PASS",
        "true",
        "[true]",
        '{"pass": true}',
        '{"id": "TOKEN"}',
        '{"id": "TOKEN", "pass": "perhaps"}',
        '{"id": "TOKEN", "pass": null}',
        '{"id": "TOKEN", "pass": true, "score": NaN}',
        '{"id": "TOKEN", "pass": true, "score": Infinity}',
        '{"id": "TOKEN", "pass": true, "score": -1}',
        '{"id": "TOKEN", "pass": true, "score": "high"}',
        '{"id": "TOKEN", "pass": true',
        '{"judgement": {"id": "TOKEN", "pass": true}}',
        '{"id": "TOKEN", "pass": true, "deep": ' + "[" * 50 + "]" * 50 + "}",
        '{"id": "TOKEN", "score": 0.9}',
        "{" * 100_000,
        "x" * 300_000,
        '{"id": "TOKEN", "pass": 1}',
        '{"id": "TOKEN", "pass": true, "score": 1' + "0" * 400 + "}",
    ],
)
def test_what_is_no_judgement_is_an_error_after_one_repair_and_never_a_pass(reply):
    asks, turns = first_asks("llm-rubric", "calm")
    token = asked(asks[0])[2]
    said = Said(Reply(reply.replace("TOKEN", token)), "judge", token)
    (again,) = turns.send([said])
    assert again.complaint

    with pytest.raises(StopIteration) as stop:
        turns.send([said])
    found = stop.value.value

    assert (False, 0.0) == (found.passed, found.score)
    assert found.assertions[0].error.startswith("the judge gave no judgement: ")


def test_a_fresh_sample_is_judged_afresh_and_a_vector_is_not():
    ask = Ask("llm-rubric", {"output": "a", "rubric": "b"})
    first, fresh = Call("m", ()), Call("m", (), sample=3, against="the other side")
    seeded = replace(BENCH.settings, params={"seed": 5})
    bench = Bench(seeded, BENCH.places, endpoint=lambda model: None, bound=lambda call: call)

    at_first, later = (bench.asked(ask, {}, "", of).call for of in (first, fresh))

    assert (0, None, 5) == (at_first.sample, at_first.against, at_first.params["seed"])
    assert (3, "the other side", 8) == (later.sample, later.against, later.params["seed"])
    assert at_first.messages == later.messages
