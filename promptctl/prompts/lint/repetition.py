"""The same instruction twice: PL401."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from promptctl.prompts.lint.pair import Pair
from promptctl.prompts.lint.sentences import Sentence
from promptctl.prompts.lint.wording import is_instruction, words

_LEAST = 5  # words; shorter ones ("Be brief.") are repeated on purpose
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
# Words that point at what stands around the sentence: the same words mean something else in another place.
_POINTING = re.compile(
    r"\b(?:this|these|those|each|above|below|following|previous|next|here)\b|^\W*(?:it|they)\b", re.IGNORECASE
)
_HINT = "Keep one: when only one of two copies is edited, they contradict each other."


def pairs(told: Sequence[Sentence]) -> Iterator[Pair]:
    """Instructions of the same words in the same order, each named once, with the first of them.

    Only what opens its line or list item counts: what follows there is said of that item. A copied passage is one
    finding, at its first sentence.
    """
    first: dict[tuple[str, ...], int] = {}
    copies: dict[int, int] = {}  # the place of a copy -> that of what it copies
    for place, sentence in enumerate(told):
        key = words(_TEMPLATE.sub(" ", sentence.text))
        if _counts(sentence, key) and first.setdefault(key, place) != place:
            copies[place] = first[key]
    named: set[int] = set()
    counted = Counter(copies.values())
    for place, original in copies.items():
        if original not in named and not _goes_on(place, original, copies, told):
            many = counted[original]
            times = f", and {many - 1} more {'time' if many == 2 else 'times'}" if many > 1 else ""
            yield Pair(
                told[original], told[place], f'the same instruction stands in {{line}}{times}: "{{second}}".', _HINT
            )
        named.add(original)


def _counts(sentence: Sentence, key: tuple[str, ...]) -> bool:
    alone = sentence.opens and len(key) >= _LEAST
    return alone and is_instruction(sentence.text) and not _POINTING.search(sentence.text)


def _goes_on(place: int, original: int, copies: dict[int, int], told: Sequence[Sentence]) -> bool:
    """Whether the line before is a copy of the line before the original: one passage, named already."""
    before = next((other for other in range(place - 1, -1, -1) if told[other].opens), -1)
    return before in copies and copies[before] == next(
        (other for other in range(original - 1, -1, -1) if told[other].opens), -2
    )
