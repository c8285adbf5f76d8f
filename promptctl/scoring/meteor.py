"""The assertion `meteor`: Banerjee and Lavie 2005 (aclanthology.org/W05-0909), without WordNet."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from promptctl.scoring.result import Context, Outcome
from promptctl.scoring.text import quoted
from promptctl.scoring.tokens import words

LONGEST = 200_000  # Characters of an answer or a reference.
LIMIT = 5_000  # Words of an answer or a reference.
BEAM = 32  # Alignments that are followed at once, as METEOR's own later versions do.
LEAST = 0.5  # The threshold where the assertion sets none.


class Matches(NamedTuple):
    """An alignment on its way: pairs so far, how many cross, how many chunks they make."""

    crossings: int
    chunks: int
    pairs: tuple[tuple[int, int], ...]
    used: frozenset[int]


def meteor(context: Context, value: tuple[str, ...], threshold: float | None) -> Outcome:
    """A score of at least `threshold`, over the reference that fits best."""
    if max(len(context.output), *map(len, value)) > LONGEST:
        raise ValueError(f"the texts are too long for meteor: {len(context.output):,} characters.")
    candidate = _tokens(context.output)
    listed = [_tokens(text) for text in value]
    longest = max(len(candidate), *map(len, listed))
    if longest > LIMIT:
        raise ValueError(f"the texts are too long for meteor: {longest:,} words.")
    found = max(_score(candidate, reference) for reference in listed)
    limit = LEAST if threshold is None else threshold
    said = f"meteor {found:.4g}, threshold {limit:g}"
    good = found >= limit
    return Outcome(good, found, said if good else f"{said}: {quoted(context.output)}")


def _tokens(text: str) -> list[str]:
    return [word.rstrip(".") for word in words(text.lower())]


def _score(candidate: Sequence[str], reference: Sequence[str]) -> float:
    """Fmean = 10PR / (R + 9P), less the penalty 0.5 (chunks / matches)^3."""
    pairs = _aligned(candidate, reference)
    if not pairs:
        return 0.0
    precision, recall = len(pairs) / len(candidate), len(pairs) / len(reference)
    mean = 10 * precision * recall / (recall + 9 * precision)
    return mean * (1 - 0.5 * (_chunks(pairs) / len(pairs)) ** 3)


def _chunks(pairs: Sequence[tuple[int, int]]) -> int:
    follows = sum(right == left + 1 and there == here + 1 for (left, here), (right, there) in itertools.pairwise(pairs))
    return len(pairs) - follows


def _aligned(candidate: Sequence[str], reference: Sequence[str]) -> list[tuple[int, int]]:
    """The pairs of words: first those that are equal, then among the rest those of one stem (Porter 1980)."""
    exact = _stage(dict(enumerate(candidate)), dict(enumerate(reference)), ())
    ours, theirs = {left for left, _ in exact}, {right for _, right in exact}
    left = {index: _stem(word) for index, word in enumerate(candidate) if index not in ours}
    right = {index: _stem(word) for index, word in enumerate(reference) if index not in theirs}
    return sorted(exact + _stage(left, right, tuple(exact)))


def _stage(left: dict[int, str], right: dict[int, str], fixed: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """As many pairs as can be; of the ways to do it, the one with the fewest crossings, then the fewest chunks."""
    places: dict[str, list[int]] = defaultdict(list)
    for index, word in right.items():
        places[word].append(index)
    spare = {word: max(0, count - len(places[word])) for word, count in Counter(left.values()).items()}
    beam = [Matches(0, 0, (), frozenset())]
    for index, word in left.items():
        if not places[word]:
            continue
        # A word that the reference has less often stays without a partner somewhere.
        waits = beam if spare[word] else []
        grown = [
            _grown(state, index, place, fixed) for state in beam for place in places[word] if place not in state.used
        ]
        beam = sorted({*grown, *waits}, key=lambda state: (-len(state.pairs), *state[:2]))[:BEAM]
    return list(min(beam, key=lambda state: (-len(state.pairs), *state[:2])).pairs)


def _grown(state: Matches, left: int, right: int, fixed: tuple[tuple[int, int], ...]) -> Matches:
    crossed = sum(other > right for _, other in state.pairs)
    crossed += sum((here < left) != (there < right) for here, there in fixed)
    joined = bool(state.pairs) and state.pairs[-1] == (left - 1, right - 1)
    return Matches(
        state.crossings + crossed, state.chunks + (not joined), (*state.pairs, (left, right)), state.used | {right}
    )


@cache
def _stemmer() -> Any:
    import snowballstemmer  # 20 ms: only meteor pays it

    return snowballstemmer.stemmer("porter")


def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word))
