"""Sentences that differ by little and mean something else: another limit, a negation that came or went."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from promptctl.prompts.diff.messages import MessageDiff
from promptctl.prompts.diff.sentences import Versions, sentence_versions

_NUMBERS = "one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|fifty|hundred"
_UNITS = (
    "words?|sentences?|characters?|chars?|letters?|tokens?|lines?|paragraphs?|bullets?|bullet points?|items?|points?|"
    "examples?|steps?|pages?|seconds?|minutes?|hours?|days?|weeks?|months?|years?|percent|%|questions?|options?|results?|tags?|"
    "keywords?|times|tries|retries|attempts?|sections?|ideas?|insights?|quotes?|facts?|references?|recommendations?"
)
_BEFORE = (
    r"at most|no more than|not more than|up to|max(?:imum)?(?: of)?|at least|no less than|not less than|"
    r"min(?:imum)?(?: of)?|"
    r"less than|fewer than|more than|no longer than|longer than|shorter than|under|over|within|below|above|exactly|"
    r"limit(?:ed)?(?: of| to)?|between|only|top|first|last|about|around|roughly|approximately|than|or"
)
_NUMBER = re.compile(rf"(?<![\w.])(\d+(?:[.,]\d+)*|{_NUMBERS})(?![\w])", re.IGNORECASE)
_LIMIT_BEFORE = re.compile(rf"(?:\b(?:{_BEFORE})|[<>≤≥=:])\s*$", re.IGNORECASE)
_LIMIT_AFTER = re.compile(rf"[\s-]*(?:(?:to|and|or|-|–)\s*\d+\s*)?(?:\w+\s+){{0,1}}(?:{_UNITS})(?!\w)", re.IGNORECASE)
# What bounds a number, whatever is counted; a number in words needs it.
_AT_MOST = (
    r"at most|(?:no|not) more than|no longer than|up to|max(?:imum)?(?: of)?|less than|fewer than|shorter than|under|"
    r"below|within|limit(?:ed)?(?: of| to)?"
)
_AT_LEAST = r"at least|(?:no|not) (?:less|fewer) than|min(?:imum)?(?: of)?|more than|longer than|over|above"
_BOUND = re.compile(rf"\b(?:(?P<most>{_AT_MOST})|(?P<least>{_AT_LEAST}))(?=\s+(?:\d|(?:{_NUMBERS})\b))", re.IGNORECASE)
_BOUND_BEFORE = re.compile(rf"\b(?:{_AT_MOST}|{_AT_LEAST}|exactly|between)\s*$", re.IGNORECASE)
_SCALE = re.compile(r"\b(?:scale|rate|rated|rating|scores?|grade|range|from)\b", re.IGNORECASE)
_RANGE_BEFORE = re.compile(r"\d\s*(?:to|and|-|–)\s*$")
# `Give 3 reasons`: how much is asked for.
_ASKED = re.compile(
    r"\b(?:give|list|provide|write|name|suggest|generate|include|return|produce|create|use|add|pick|choose|select|output|"
    r"extract|identify|mention|offer|propose|show|find|ask)\s+(?:\w+\s+){0,3}$",
    re.IGNORECASE,
)
_PLURAL = re.compile(r"\s+(?:[a-z-]+\s+){0,2}[a-z]{2,}s\b")
_RANGE = re.compile(r"\s*(?:to|and|or|-|–)\s*\d")

_NEGATIONS = re.compile(
    r"\b(?:not|never|no|cannot|without|neither|nor|none|nothing|nobody|avoid|refuse|don'?t|\w+n't|"
    r"forbid(?:s|den)?|prohibit(?:s|ed)?|refrain|exclude[sd]?|omit(?:s|ted)?|disallow(?:s|ed)?|"
    r"nicht|kein(?:e[mnrs]?)?|niemals|jamais|aucune?|nunca|niet|geen|nooit|não)\b",
    re.IGNORECASE,
)
_EXCEPTIONS = re.compile(
    r"\b(?:unless|except(?:\s+(?:for|when|if|that))?|excluding|other than|only if|only when)\b", re.IGNORECASE
)
_NO_NEGATION = re.compile(
    r"not only|yes\s*(?:/|or|,)\s*no\b|no\s*(?:/|or|,)\s*yes\b|true\s*/\s*false|whether or not|no matter|not just|"
    r"no more than|no longer than|no less than|no fewer than|not more than|not less than|\"no\"|'no'",
    re.IGNORECASE,
)
# Words that come and go with a negation, and say nothing of which sentence it is.
_IGNORED_WORDS = (
    "not never no cannot without neither nor none don't dont doesn't didn't won't can't isn't aren't shouldn't mustn't "
    "always do does can must should will is are unless except avoid forbid prohibit refrain exclude omit disallow "
    "include allow use nicht kein keine niemals jamais ne nunca niet geen nooit não"
)
_IGNORED = frozenset((*_IGNORED_WORDS.split(), *_NUMBERS.split("|")))


class _Meant(NamedTuple):
    """What a sentence says of how much, and of whether."""

    negations: tuple[str, ...]
    exceptions: tuple[str, ...]


def wording_warnings(messages: Sequence[MessageDiff]) -> list[str]:
    """Each a sentence with the number of its message."""
    found = sentence_versions(messages, _IGNORED)
    limits: dict[tuple[int, str, str], list[str]] = {}
    for one in found:
        for old, new, where in _limits(one):
            limits.setdefault((one.message, old, new), []).append(where)
    said = [
        f'message {message}: a limit changed from {old} to {new}{_times(places)}: "{places[0]}"'
        for (message, old, new), places in limits.items()
    ]
    said += [turned for one in found for turned in _turned(one)]
    return [*said, *(negation for one in found for negation in _negations(one))]


def _turned(one: Versions) -> Iterator[str]:
    """A bound that is the other way round now, whatever became of its number."""
    before, after = list(_BOUND.finditer(one.old)), list(_BOUND.finditer(one.new))
    if len(before) != len(after):
        return
    for old, new in zip(before, after, strict=True):
        if old.lastgroup != new.lastgroup:
            where = _around(one.new, *new.span())
            yield f'message {one.message}: "{old[0].lower()}" became "{new[0].lower()}": "{where}"'


def _times(places: Sequence[str]) -> str:
    return f" in {len(places)} places, first" if len(places) > 1 else ""


def _limits(one: Versions) -> Iterator[tuple[str, str, str]]:
    """Both numbers, and the words around the new one."""
    before, after = list(_NUMBER.finditer(one.old)), list(_NUMBER.finditer(one.new))
    if len(before) != len(after) or sorted(map(_text, before)) == sorted(map(_text, after)):
        return
    for old, new in zip(before, after, strict=True):
        if _text(old) == _text(new) or not (_is_limit(one.old, old) and _is_limit(one.new, new)):
            continue
        yield old[0], new[0], _around(one.new, *new.span())


def _text(number: re.Match[str]) -> str:
    return number[0].lower().replace(",", "")


def _is_limit(sentence: str, number: re.Match[str]) -> bool:
    after = sentence[number.end() :]
    if _LIMIT_AFTER.match(after) or (_RANGE.match(after) and _LIMIT_AFTER.search(after)):
        return True
    before = sentence[max(0, number.start() - 60) : number.start()]
    if _BOUND_BEFORE.search(before) or (_ASKED.search(before) and _PLURAL.match(after)):
        return True
    if _SCALE.search(sentence) and (_RANGE_BEFORE.search(before) or _RANGE.match(after)):
        return True
    return number[0][0].isdigit() and bool(_LIMIT_BEFORE.search(before))


def _negations(one: Versions) -> Iterator[str]:
    before, after = _meant(one.old), _meant(one.new)
    for old, new in zip(before, after, strict=True):
        if len(old) == len(new):
            continue
        appeared = len(new) > len(old)
        many, few = (list(new), old) if appeared else (list(old), new)
        for word in few:
            if word in many:
                many.remove(word)
        sentence = one.new if appeared else one.old
        verb = "appeared" if appeared else "vanished"
        yield f'message {one.message}: "{many[0]}" {verb}: "{_near_word(sentence, many[0])}"'


def _meant(sentence: str) -> _Meant:
    text = _NO_NEGATION.sub(" ", sentence.replace("’", "'"))
    exceptions = tuple(word.lower() for word in _EXCEPTIONS.findall(text))
    return _Meant(tuple(word.lower() for word in _NEGATIONS.findall(text)), exceptions)


def _near_word(sentence: str, word: str) -> str:
    place = sentence.lower().replace("’", "'").find(word)
    return _around(sentence, max(0, place), max(0, place) + len(word))


def _around(sentence: str, start: int, end: int, width: int = 32) -> str:
    """A few words on both sides; an ellipsis for what is left out."""
    left, right = max(0, start - width), min(len(sentence), end + width)
    while left and left < start and not sentence[left - 1].isspace():
        left += 1
    while right < len(sentence) and right > end and not sentence[right].isspace():
        right -= 1
    text = " ".join(sentence[left:right].split())
    return f"{'… ' if left else ''}{text}{' …' if right < len(sentence) else ''}"
