"""Two languages or two formats of the answer: PL404."""

import re
from collections.abc import Iterator, Mapping, Sequence

from promptctl.prompts.lint.pair import Pair
from promptctl.prompts.lint.sentences import Sentence
from promptctl.prompts.lint.wording import Polarity, is_conditional, polarity

_LANGUAGES = (
    "english|german|french|spanish|italian|portuguese|dutch|polish|russian|ukrainian|czech|swedish|danish|norwegian|finnish"
    "|greek|turkish|arabic|hebrew|hindi|bengali|chinese|mandarin|japanese|korean|vietnamese|thai|indonesian|romanian"
    "|hungarian"
)
_FORMATS: Mapping[str, str] = {
    "json": "JSON",
    "yaml": "YAML",
    "xml": "XML",
    "csv": "CSV",
    "html": "HTML",
    "markdown": "Markdown",
    "plain text": "plain text",
    "plaintext": "plain text",
}
_VERBS = "answer|respond|reply|write|speak|output|return|format|produce|generate|communicate"
_ANSWERS = "answers?|responses?|reply|replies|output|result"
_FILLERS = (
    f"only|always|all|your|the|entire|whole|final|{_ANSWERS}|must|should|will|be|is|are|written|formatted|given|returned"
    "|exclusively|strictly|back|to|users?|customers?|it|them"
)
# The sentence begins with its demand: what stands further on is as often about the input, or an example.
_ASKED = (
    r"^(?:please\s+|always\s+|only\s+|you\s+(?:must|should|will|have to|need to)\s+|make sure to\s+|be sure to\s+)*"
    rf"(?:{_VERBS}|(?:all\s+|your\s+|the\s+|every\s+)*(?:{_ANSWERS}))\b(?:\s+(?:{_FILLERS}))" + r"{0,7}\s+"
)
_LANGUAGE = re.compile(rf"{_ASKED}in\s+(?:\w+\s+)?(?P<word>{_LANGUAGES})\b", re.IGNORECASE)
_FORMAT = re.compile(
    rf"{_ASKED}(?:(?:in|as|with|using)\s+)?"
    r"(?:(?:only|just|a|an|one|single|valid|strict|raw|pure|well-formed|human-readable)\s+)*"
    r"(?P<word>json|yaml|xml|csv|html|markdown|plain ?text)\b"
    r"(?![ -](?:code|block|link|list|schema|string|table|field|key|tag|file|version|input|heading|header|bullet))",
    re.IGNORECASE,
)
_HINT = "Keep one, or say when each of them holds."


def pairs(told: Sequence[Sentence]) -> Iterator[Pair]:
    """The first sentence that asks for another language, or format, than the first one that asked for any."""
    for pattern, name in ((_LANGUAGE, "language"), (_FORMAT, "format")):
        asked: dict[str, Sentence] = {}
        for sentence in told:
            if is_conditional(sentence.text) or polarity(sentence.text)[0] is Polarity.NEVER:
                continue
            found = {_named(one["word"]) for one in pattern.finditer(sentence.text)}
            if len(found) == 1 and not _offers_a_choice(sentence.text):
                asked.setdefault(found.pop(), sentence)
        if len(asked) > 1:
            (one, first), (other, second) = list(asked.items())[:2]
            what = f'the {name} of the answer is {other} here, and {one} in {{line}}: "{{first}}".'
            yield Pair(first, second, what, _HINT)


def _named(word: str) -> str:
    lower = " ".join(word.lower().split())
    return _FORMATS.get(lower, word.capitalize())


def _offers_a_choice(text: str) -> bool:
    """`JSON or YAML`, `first in English, then in French`: both are meant."""
    words = re.findall(rf"\b(?:{_LANGUAGES}|json|yaml|xml|csv|html|markdown|plain ?text)\b", text, re.IGNORECASE)
    return len({word.lower() for word in words}) > 1
