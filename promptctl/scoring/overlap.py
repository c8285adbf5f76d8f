"""Assertions on the words that an answer shares with a reference: bleu, gleu, rouge-n."""

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

from promptctl.scoring.assertion import Judge
from promptctl.scoring.result import Context, Outcome
from promptctl.scoring.text import as_text, quoted
from promptctl.scoring.tokens import grams, treebank, words

LIMIT = 2_000_000  # Characters of an answer or of its references: some seconds of counting.
TINY = 1e-7  # What promptfoo puts in the place of a precision of 0, so that its logarithm is one.

Score = Callable[[str, tuple[str, ...]], float]


def references(value: Any) -> tuple[str, ...]:
    """The texts to compare with: one, or a list of which the nearest counts."""
    found = value if isinstance(value, list) else [value]
    if not found or any(item is None or isinstance(item, list | dict) for item in found):
        raise ValueError("'value' must be a text, or a list of texts.")
    return tuple(map(as_text, found))


def one_reference(value: Any) -> tuple[str, ...]:
    """The text to compare with."""
    if value is None or isinstance(value, list | dict):
        raise ValueError("'value' must be a text.")
    return (as_text(value),)


def overlap(name: str, score: Score, least: float) -> Judge:
    """A score of at least `threshold`, `least` where the assertion sets none."""

    def judge(context: Context, value: tuple[str, ...], threshold: float | None) -> Outcome:
        length = max(len(context.output), *map(len, value))
        if length > LIMIT:
            raise ValueError(f"the texts are too long for {name}: {length:,} characters.")
        found = score(context.output, value)
        limit = least if threshold is None else threshold
        said = f"{name} {found:.4g}, threshold {limit:g}"
        if found >= limit:
            return Outcome(True, found, said)
        return Outcome(False, found, f"{said}: {quoted(context.output)}")

    return judge


def bleu(output: str, value: tuple[str, ...]) -> float:
    """BLEU of one sentence: Papineni et al. 2002 (doi:10.3115/1073083.1073135), as promptfoo computes it.

    Words are parted by white space, case does not count. Orders of 1 to 4 words weigh the same; those longer than the
    answer are left out. A precision is the best over the references.
    """
    candidate = words(output.lower())
    if not candidate:
        return 0.0
    listed = [words(text.lower()) or [""] for text in value]
    nearest = min((len(text) for text in listed), key=lambda length: (abs(length - len(candidate)), length))
    sizes = range(1, min(4, len(candidate)) + 1)
    logarithm = sum(math.log(_precision(candidate, listed, size) or TINY) for size in sizes) / len(sizes)
    brevity = 1.0 if len(candidate) > nearest else math.exp(1 - nearest / len(candidate))
    return brevity * math.exp(logarithm)


def _precision(candidate: list[str], listed: list[list[str]], size: int) -> float:
    counts = Counter(grams(candidate, size))
    best = max((counts & Counter(grams(text, size))).total() for text in listed)
    return best / counts.total()


def gleu(output: str, value: tuple[str, ...]) -> float:
    """GLEU: Wu et al. 2016 (arXiv:1609.08144, section 6), the best over the references.

    The smaller of precision and recall over all runs of 1 to 4 words. As promptfoo has it, case and full stops at the
    end of a word do not count.
    """
    candidate = _bare(output)
    return max(_gleu(candidate, _bare(text)) for text in value) if candidate else 0.0


def _bare(text: str) -> list[str]:
    found = [word.rstrip(".") for word in words(text.lower())]
    return found if any(found) else []


def _gleu(candidate: list[str], reference: list[str]) -> float:
    if not reference:
        return 0.0
    ours, theirs = (
        Counter(gram for size in range(1, 5) for gram in _sized(text, size)) for text in (candidate, reference)
    )
    return (ours & theirs).total() / max(ours.total(), theirs.total())


def _sized(text: list[str], size: int) -> list[Any]:
    return [(word,) for word in text] if size == 1 else grams(text, size)


def rouge_n(output: str, value: tuple[str, ...]) -> float:
    """ROUGE-1 as an F-measure: Lin 2004 (aclanthology.org/W04-1013), counts clipped, case folded, Treebank tokens."""
    ours, theirs = (Counter(treebank(text.lower())) for text in (output, value[0]))
    shared = (ours & theirs).total()
    return 2 * shared / (ours.total() + theirs.total()) if shared else 0.0
