"""What one instruction asks for and another forbids: PL402."""

from collections.abc import Iterator, Sequence

from promptctl.prompts.lint.pair import Pair
from promptctl.prompts.lint.sentences import Sentence
from promptctl.prompts.lint.wording import Polarity, bag, is_conditional, polarity

_HINT = "Remove one, or say when each of them holds."


def pairs(told: Sequence[Sentence]) -> Iterator[Pair]:
    """An `always` or an imperative, and a `never` or `do not`, of the same words; conditions excuse both.

    A prohibition of one word (`Do not explain.`) is held against an explicit `always` alone.
    """
    forbidden: dict[frozenset[str], Sentence] = {}
    asked: dict[frozenset[str], tuple[Polarity, Sentence]] = {}
    for sentence in told:
        if is_conditional(sentence.text):
            continue
        kind, rest = polarity(sentence.text)
        key = bag(rest)
        if not key:
            continue
        if kind is Polarity.NEVER:
            forbidden.setdefault(key, sentence)
        elif key not in asked or asked[key][0] is Polarity.PLAIN:
            asked[key] = (kind, sentence)
    for key, never in forbidden.items():
        if key not in asked:
            continue
        kind, always = asked[key]
        if kind is Polarity.PLAIN and len(key) < 2:
            continue
        first, second = sorted((always, never), key=lambda one: (one.partial or "", one.message, one.part, one.start))
        yield Pair(first, second, '"{second}" contradicts "{first}" in {line}.', _HINT)
