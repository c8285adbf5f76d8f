"""Embeddings and moderations: calls like any other, through LiteLLM to a provider on the loopback interface."""

import math
from array import array

import pytest
from provider import Provider

from promptctl.models.call import Call, CallFailed, Failure, Kind, Reply, Usage
from promptctl.models.client import Client, Limits, Policy
from promptctl.models.costs import bounded, ceiling
from promptctl.models.embedding import embedding_call, embeddings, embeddings_text
from promptctl.models.exchange import answer_in, line_of
from promptctl.models.facts import facts
from promptctl.models.moderation import Flags, flags, flags_text, moderation_call
from promptctl.models.rate import estimated_tokens
from promptctl.settings import Price
from promptctl.settings import Provider as ProviderSettings
from promptctl.store import open_store

EMBED = "openai/text-embedding-3-small"
MODERATE = "openai/omni-moderation-latest"


@pytest.fixture(scope="module")
def server():
    with Provider() as provider:
        yield provider


@pytest.fixture
def provider(server):
    server.reset()
    return server


def client(provider, root, **more):
    async def sleep(seconds):
        pass

    parts = {
        "store": open_store("sqlite:///answers.db", root),
        "environ": {},
        "providers": {"openai": ProviderSettings(api_base=provider.url)},
        "policy": Policy(retries=3, timeout=60),
        "sleep": sleep,
    }
    return Client(**{**parts, **more})


def ask(provider, root, *calls, **more):
    with client(provider, root, **more) as asking:
        return [answer for _, answer in asking.ask(calls)], asking.stats


def cosine(one, other):
    return math.sumprod(one, other) if hasattr(math, "sumprod") else sum(a * b for a, b in zip(one, other, strict=True))


def test_vectors_come_back_and_are_asked_once(provider, tmp_path):
    calls = [embedding_call(EMBED, [text]) for text in ("the cat sat", "the cat sat down", "quarterly revenue")]

    answers, stats = ask(provider, tmp_path, *calls)
    again, later = ask(provider, tmp_path, *calls)

    assert (3, 3) == (provider.calls, stats.calls)
    assert (0, 3) == (later.calls, later.from_cache)
    assert {reply.text for reply in answers} == {reply.text for reply in again}
    assert {16} == {len(embeddings(reply)[0]) for reply in answers}
    assert all(isinstance(reply, Reply) and reply.cost_usd and reply.cost_usd > 0 for reply in answers)


def test_texts_that_share_words_lie_close_and_keep_their_order(provider, tmp_path):
    (reply,), _ = ask(
        provider, tmp_path, embedding_call(EMBED, ["the cat sat", "the cat sat down", "quarterly revenue"])
    )

    cat, down, revenue = embeddings(reply)

    assert cosine(cat, down) > 0.5 > cosine(cat, revenue)
    assert reply.usage == Usage(11, 0, None, None)
    assert reply.model == "text-embedding-3-small"


def test_dimensions_reach_the_provider_and_a_price_of_the_settings_counts(provider, tmp_path):
    call = embedding_call(EMBED, ["hello you"], params={"dimensions": 4})

    (reply,), stats = ask(provider, tmp_path, call, prices={EMBED: Price(1.0, 5.0)})

    assert len(embeddings(reply)[0]) == 4
    assert stats.spent_usd == pytest.approx(3e-6)


def test_flags_come_back_and_cost_nothing(provider, tmp_path):
    (reply,), stats = ask(provider, tmp_path, moderation_call(MODERATE, ["hello", "FLAG=violence now"]))

    clean, bad = flags(reply)

    assert (clean.flagged, bad.flagged) == (False, True)
    assert (bad.categories["violence"], bad.categories["hate"], bad.scores["violence"]) == (True, False, 0.9)
    assert (stats.calls, stats.spent_usd) == (1, 0.0)


@pytest.mark.parametrize(
    "call", [embedding_call(EMBED, ["a"]), moderation_call(MODERATE, ["a"])], ids=["embed", "flag"]
)
@pytest.mark.parametrize("fault", ["fail_429", "fail_500", "garbage", "drop"])
def test_a_fault_is_retried_by_us_alone(provider, tmp_path, call, fault):
    provider.config(**{fault: 1.0}, retry_after=0)

    (failed,), stats = ask(provider, tmp_path, call)

    assert isinstance(failed, CallFailed)
    assert (failed.failure, failed.attempts, provider.calls, stats.retries) == (Failure.TRANSIENT, 4, 4, 3)


@pytest.mark.parametrize(
    "call", [embedding_call(EMBED, ["a"]), moderation_call(MODERATE, ["a"])], ids=["embed", "flag"]
)
def test_a_wrong_key_is_final(provider, tmp_path, call):
    provider.config(status="unauthorized")

    (failed,), _ = ask(provider, tmp_path, call)

    assert (failed.failure, provider.calls) == (Failure.AUTH, 1)
    assert "123456789" not in failed.reason


def test_a_parameter_of_chats_is_none_of_an_embedding(provider, tmp_path):
    (failed,), _ = ask(provider, tmp_path, embedding_call(EMBED, ["a"], params={"temperature": 0}))

    assert (failed.failure, failed.reason) == (Failure.REQUEST, "the parameter 'temperature' may not be sent")
    assert provider.calls == 0


def test_an_embedder_that_takes_no_dimensions_says_so(provider, tmp_path):
    (failed,), _ = ask(
        provider, tmp_path, embedding_call("openai/text-embedding-ada-002", ["a"], params={"dimensions": 4})
    )

    reason = "parameter 'dimensions' is not supported by openai/text-embedding-ada-002; supported: "
    assert failed.reason.startswith(reason)
    assert "temperature" not in failed.reason


def test_a_budget_holds_them_too(provider, tmp_path):
    calls = [embedding_call(EMBED, [f"{number} {'x' * 1000}"]) for number in range(50)]

    answers, stats = ask(provider, tmp_path, *calls, limits=Limits(max_cost_usd=0.0001))

    assert 0 < stats.spent_usd <= 0.0001
    assert {Failure.BUDGET} == {answer.failure for answer in answers if isinstance(answer, CallFailed)}


def test_bounds():
    call = embedding_call(EMBED, ["x" * 400])

    assert call is bounded(call, facts(EMBED))
    assert ceiling(call, {}) == pytest.approx(460 * 0.02 / 1e6, rel=0.2)
    assert estimated_tokens(call) == 101
    assert ceiling(moderation_call(MODERATE, ["x"]), {}) == 0.0


def test_a_kind_is_part_of_the_fingerprint_and_travels():
    chat = Call(EMBED, ({"role": "user", "content": "a"},))
    embed, flag = embedding_call(EMBED, ["a"]), moderation_call(EMBED, ["a"])
    request = {"model": EMBED, "messages": list(embed.messages), "kind": "embedding"}

    call, reply = answer_in(line_of(embed.fingerprint, request, 0, None, 1, Reply("{}")))

    assert 3 == len({chat.fingerprint, embed.fingerprint, flag.fingerprint})
    assert (embed, Kind.EMBEDDING, "{}") == (call, call.kind, reply.text)
    assert embed.resampled(2).kind is Kind.EMBEDDING
    assert embed.fingerprint == "9e130e31bfb2862b5cedc4c9dcc6da2fa14db26a232ae181363e45a9c2fa05bb"


@pytest.mark.parametrize(
    "text", ["", "{}", '{"embeddings": 3}', '{"embeddings": ["%"]}', '{"embeddings": ["AA=="]}', "[" * 9999]
)
def test_what_is_no_answer_of_that_kind_says_so(text):
    with pytest.raises(ValueError, match="holds no"):
        embeddings(Reply(text))
    with pytest.raises(ValueError, match="holds no"):
        flags(Reply(text))


def test_there_and_back():
    vectors = [[0.5, -1.25], [3.0, 1e-8]]
    said = (Flags(flagged=True, categories={"hate": True}, scores={"hate": 0.75}),)

    assert [array("f", one) for one in vectors] == list(embeddings(Reply(embeddings_text(vectors))))
    assert said == flags(Reply(flags_text(said)))
