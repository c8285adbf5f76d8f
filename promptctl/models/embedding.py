"""Texts -> vectors: an embedding as a call like any other, with a fingerprint, a price and a place in the cache.

The reply's text is JSON, `{"embeddings": [...]}`, each vector its little-endian 32-bit floats in base64: a third of
the room of decimal digits, and what a provider computed in the first place.
"""

import base64
import binascii
import json
import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from promptctl.models.attempt import AttemptError, Reach
from promptctl.models.call import Call, Failure, Kind, Reply

PARAMS = frozenset({"dimensions", "user"})


def embedding_call(
    model: str,
    texts: Sequence[str],
    *,
    params: Mapping[str, Any] | None = None,
    endpoint: str | None = None,
) -> Call:
    """The call for the vectors of these texts. One text a call is what the cache serves best.

    `params` may hold `dimensions`; `endpoint` is as for a chat (see Call).
    """
    messages = tuple({"role": "user", "content": text} for text in texts)
    return Call(model, messages, params or {}, endpoint=endpoint, kind=Kind.EMBEDDING)


def embeddings(reply: Reply) -> "tuple[array[float], ...]":
    """The vectors of a reply, in the order of the call's texts. Raises ValueError where it holds none."""
    try:
        found = [_unpacked(one) for one in json.loads(reply.text)["embeddings"]]
    except (KeyError, TypeError, ValueError, RecursionError):
        raise ValueError("the answer holds no embeddings") from None
    return tuple(found)


def embeddings_text(vectors: Iterable[Iterable[float]]) -> str:
    """What `embeddings` reads: the text of a reply."""
    return json.dumps({"embeddings": [_packed(vector) for vector in vectors]})


def vectors_of(response: Any, call: Call) -> str:
    """LiteLLM's answer -> a reply's text. Raises AttemptError where it has not one whole vector for each text."""
    rows = sorted(response.data or (), key=lambda row: row["index"])
    try:
        vectors = [_unpacked(row["embedding"]) for row in rows]
    except (KeyError, TypeError, ValueError):
        vectors = []
    if len(vectors) != len(call.messages) or not all(vectors) or len({len(vector) for vector in vectors}) != 1:
        reason = f"{call.model}: an answer without the embeddings that were asked for"
        raise AttemptError(Failure.TRANSIENT, reason, reach=Reach.LOST)
    return embeddings_text(vectors)


def _packed(vector: Iterable[float]) -> str:
    return base64.b64encode(_little_endian(array("f", vector)).tobytes()).decode("ascii")


def _unpacked(vector: Any) -> "array[float]":
    """Numbers, or their base64, which providers give too. Raises ValueError or TypeError."""
    if not isinstance(vector, str):
        return array("f", vector)
    try:
        raw = base64.b64decode(vector, validate=True)
    except binascii.Error:
        raise ValueError("no base64") from None
    return _little_endian(array("f", raw))


def _little_endian(vector: "array[float]") -> "array[float]":
    if sys.byteorder == "big":
        vector.byteswap()
    return vector
