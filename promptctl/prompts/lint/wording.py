"""A sentence -> what two sentences are compared by: words without endings, conditions, polarity."""

import re
from enum import Enum
from functools import lru_cache

_WORD = re.compile(r"[a-z0-9']+|[^\W_a-z0-9]+")
_LITTLE_WORDS = """
a an the any all every your my our their its this that these those to of for in on at with by from as and or but it
you is are be been being please ever just very really so then also simply strictly absolutely always
"""
_LITTLE = frozenset(_LITTLE_WORDS.split())
_IMPERATIVES = """
add address adhere aim allow analyze analyse answer apply ask assess assign assume avoid base be begin break call
capture check choose cite classify combine compare complete compose consider construct continue convert create
cover decide define deliver describe determine develop discuss display do don't draft draw emphasize enclose end
ensure escape estimate evaluate examine exclude expand explain express extract fill find flag focus follow format
generate give go group guide handle help highlight identify ignore imagine improve include incorporate indicate
infer insert integrate interpret introduce invent keep label leave limit list look maintain make mark mention
minimize name never note offer omit only optimize order organize outline output paraphrase pay perform pick place
plan play prefer prepare present preserve prioritize produce propose provide put quote rank rate read recommend
reduce refer reflect refuse remember remove rephrase replace reply report represent respect respond return review
rewrite route say score search select separate set share show simplify skip sort speak specify start state stay
stick stop structure study suggest summarize support take tell think transform translate treat try understand use
utilize validate verify wait work wrap write
"""
_IMPERATIVE = frozenset(_IMPERATIVES.split())
_ADDRESSED = re.compile(
    r"^(?:please\s+)?(?:you (?:are|must|should|will|have to|need to|may not|can't|cannot|never)|always|under no)\b",
    re.IGNORECASE,
)
# What makes a sentence hold only sometimes: two such do not contradict each other.
_CONDITION = re.compile(
    r"\b(?:if|unless|when(?:ever)?|where(?:ver)?|while|until|except|otherwise|instead|in\s+case|in\s+that\s+case|depending"
    r"|should\s+the|for\s+(?:example|instance)|e\.g\.|rather\s+than|before|after|once|without|but)\b",
    re.IGNORECASE,
)
_SUBJECT = r"^(?:please\s+)?(?:(?:you|the (?:assistant|model|agent|answer|response|reply)|it|we|answers|responses)\s+)?"
_NEGATIVE = re.compile(
    _SUBJECT + r"(?:(?:must|should|shall|may|can|will|do|are to|have to)\s*)?"
    r"(?:never|not|n't|cannot|avoid|refrain from|don't|doesn't|mustn't|shouldn't|does not|under no circumstances)\s+"
    r"(?:ever\s+)?",
    re.IGNORECASE,
)
_POSITIVE = re.compile(
    _SUBJECT + r"(?:(?:must|should|shall|will|have to|need to)\s+)?"
    r"(?:always|must|should|shall|have to|need to|you are to|be sure to|remember to"
    r"|(?:make sure|ensure)(?: to| that you| you)?)\s+(?:always\s+)?",
    re.IGNORECASE,
)


class Polarity(Enum):
    """Whether a sentence asks for something, forbids it, or just says it (an imperative, or a statement)."""

    ALWAYS = "always"
    NEVER = "never"
    PLAIN = "plain"


def is_conditional(text: str) -> bool:
    """Whether it says that it holds only sometimes."""
    return _CONDITION.search(text) is not None


def is_instruction(text: str) -> bool:
    """Whether it tells the model to do or to be something: an imperative, or `you must`."""
    bare = text.lstrip("\"'*_ ")
    first = _WORD.match(bare.lower().removeprefix("please "))
    return _ADDRESSED.match(bare) is not None or (first is not None and first[0] in _IMPERATIVE)


def polarity(text: str) -> tuple[Polarity, str]:
    """The polarity, and the sentence without the words that tell it."""
    negative = _NEGATIVE.match(text)
    if negative is not None:
        return Polarity.NEVER, text[negative.end() :]
    positive = _POSITIVE.match(text)
    if positive is not None:
        return Polarity.ALWAYS, text[positive.end() :]
    return Polarity.PLAIN, text


@lru_cache(maxsize=8192)
def bag(text: str) -> frozenset[str]:
    """The words that carry the meaning, without their endings."""
    return frozenset(_stem(word) for word in _WORD.findall(text.lower()) if word not in _LITTLE)


def words(text: str) -> tuple[str, ...]:
    """All words in order, lower case."""
    return tuple(_WORD.findall(text.lower()))


def _stem(word: str) -> str:
    for ending in ("ing", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
