"""Assertions on what a model other than a chat says: the nearness of meanings, the flags of a moderation."""

import math
from collections.abc import Sequence
from typing import Any

from promptctl.models.call import Kind
from promptctl.scoring.ask import Ask, AskingScorer, JudgeError, Said, Turns
from promptctl.scoring.judge.material import answer, bounded
from promptctl.scoring.result import Context, Outcome
from promptctl.scoring.text import as_text, quoted

SIMILAR = 0.75  # The threshold where the assertion sets none, as promptfoo has it.
_EPSILON = 1e-9

Vector = Sequence[float]


def references(value: Any) -> tuple[str, ...]:
    """One text, or a list of them, to be near to."""
    values = value if isinstance(value, list) else [value]
    if not values or any(one is None or one == "" or isinstance(one, list | dict) for one in values):
        raise ValueError("'value' must be a text that is not empty, or a list of them.")
    return tuple(as_text(one) for one in values)


def similar(metric: str = "cosine") -> AskingScorer:
    """The answer means what one of the texts means: cosine, dot product, or at most a distance (euclidean)."""

    def judge(context: Context, value: tuple[str, ...], threshold: float | None) -> Turns[Outcome]:
        limit = SIMILAR if threshold is None else threshold
        mine, *others = yield from vectors((answer(context.reply), *value))
        near = [_nearness(metric, mine, other) for other in others]
        best = min(near) if metric == "euclidean" else max(near)
        if metric == "euclidean":
            return Outcome(best <= limit + _EPSILON, 1 / (1 + best), f"distance {best:.3f}, limit {limit:.6g}")
        said = f"similarity {best:.3f}, threshold {limit:.6g}, to {quoted(value[near.index(best)])}"
        return Outcome(best >= limit - _EPSILON, min(1.0, max(0.0, best)), said)

    return judge


def _nearness(metric: str, one: Vector, other: Vector) -> float:
    if len(one) != len(other):
        raise JudgeError(f"the embeddings differ in length: {len(one)} and {len(other)}.")
    if metric == "euclidean":
        return math.dist(one, other)
    dot = math.sumprod(one, other) if hasattr(math, "sumprod") else sum(map(float.__mul__, one, other))
    if metric == "dot":
        return dot
    length = math.hypot(*one) * math.hypot(*other)
    return dot / length if length else 0.0


def vectors(texts: Sequence[str]) -> Turns[list[Vector]]:
    """The embeddings of these texts, each distinct one asked once."""
    distinct = list(dict.fromkeys(texts))
    said = yield [Ask("similar", {"text": bounded(text, "the text")}, Kind.EMBEDDING) for text in distinct]
    known = {text: _vector(one) for text, one in zip(distinct, said, strict=True)}
    return [known[text] for text in texts]


def cosines(text: str, others: Sequence[str]) -> Turns[list[float]]:
    """The cosine of one text's embedding with those of others."""
    one, *found = yield from vectors((text, *others))
    return [_nearness("cosine", one, other) for other in found]


def _vector(said: Said) -> Vector:
    from promptctl.models.embedding import embeddings  # 2 ms: base64

    try:
        (found,) = embeddings(said.reply)
    except ValueError:
        raise JudgeError("the answer of the embedding model holds no vector.") from None
    if not all(map(math.isfinite, found)):
        raise JudgeError("the answer of the embedding model holds numbers that are none.")
    return found


def categories(value: Any) -> tuple[str, ...]:
    """The categories that count; all where none is named."""
    values = [] if value is None else value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) and one for one in values):
        raise ValueError("'value' must be a list of categories, as the moderation model names them.")
    return tuple(values)


def moderation(context: Context, value: tuple[str, ...], _threshold: float | None) -> Turns[Outcome]:
    """The moderation model flags nothing in the answer, in these categories."""
    text = answer(context.reply)
    if not text:
        return Outcome(True, 1.0, "there is no text to moderate")
    from promptctl.models.moderation import flags

    (said,) = yield [Ask("moderation", {"text": text}, Kind.MODERATION)]
    try:
        (found,) = flags(said.reply)
    except ValueError:
        raise JudgeError("the answer of the moderation model holds no flags.") from None
    raised = sorted(name for name, flagged in found.categories.items() if flagged)
    counted = [name for name in raised if not value or name in value]
    if counted or (found.flagged and not raised and not value):
        return Outcome(False, 0.0, f"flagged: {', '.join(counted) or 'without a category'}")
    return Outcome(True, 1.0, f"flagged only for {', '.join(raised)}" if raised else "nothing is flagged")
