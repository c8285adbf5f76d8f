"""Limits for the same thing that cannot both hold: PL403."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from promptctl.prompts.lint.pair import Pair
from promptctl.prompts.lint.sentences import Sentence
from promptctl.prompts.lint.wording import bag, is_conditional

_UNIT = r"(?P<unit>words?|sentences?|characters?|paragraphs?|bullet points?|bullets|lines?|tokens|items|points|pages?)"
_SMALL = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
_NUMBERS = {name: number for number, name in enumerate(_SMALL.split())} | {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "hundred": 100,
}
_NUMBER = rf"(?P<number>\d[\d,]*|{'|'.join(_NUMBERS)})[ -]"
_AT_MOST = (
    r"(?:at most|no more than|not more than|not exceed(?:ing)?|up to|(?:a )?maximum(?: of)?|max\.?|fewer than|less than"
    r"|under|within|below|limit(?:ed)?(?: \w+){0,3} to|keep(?: \w+){0,4} (?:to|under|below|within))"
)
_AT_LEAST = r"(?:at least|no fewer than|no less than|not less than|(?:a )?minimum(?: of)?|min\.?|more than|over)"
_LIMITS = (
    ("least", re.compile(rf"\b{_AT_LEAST}\s+{_NUMBER}\s*{_UNIT}\b", re.IGNORECASE)),
    ("most", re.compile(rf"\b{_AT_MOST}\s+{_NUMBER}\s*{_UNIT}\b", re.IGNORECASE)),
    ("most", re.compile(rf"\b{_NUMBER}\s*{_UNIT}\s+(?:or (?:less|fewer)|max(?:imum)?\b|at most)", re.IGNORECASE)),
    ("least", re.compile(rf"\b{_NUMBER}\s*{_UNIT}\s+(?:or more|min(?:imum)?\b|at least)", re.IGNORECASE)),
    ("exact", re.compile(rf"\b(?:exactly|precisely)\s+{_NUMBER}\s*{_UNIT}\b", re.IGNORECASE)),
    ("exact", re.compile(rf"\b(?:in|with|of)\s+(?:only |just )?{_NUMBER}\s*{_UNIT}\b", re.IGNORECASE)),
)
_NOT = re.compile(r"\b(?:no|not|never|do not|don't)\s*$", re.IGNORECASE)
# The answer as a whole, however it is called; a limit that names nothing else is for it.
_WHOLE_WORDS = """
answer response reply output text result whole entire total length long short concise brief keep limit write use
give provide respond return produce generate make must should shall do not exceed no more than most least exactly
maximum minimum max min up under within few fewer less only summarize explain create overall final above below
precise over about around has have contain
"""
_WHOLE = bag(_WHOLE_WORDS)
_UNITS = bag("words sentences characters paragraphs bullets points lines tokens items pages")
_EXPLICIT = re.compile(r"\b(?:answers?|responses?|reply|replies|output)\b", re.IGNORECASE)
_EACH = re.compile(r"\b(?:each|per|every|apiece)\b", re.IGNORECASE)
_MOST = 200  # limits of one subject that are held against each other
_HINT = "Keep one limit, or say what each is for."


@dataclass(frozen=True, slots=True)
class _Limit:
    kind: str
    number: int
    unit: str
    subject: frozenset[str]
    sentence: Sentence

    @property
    def said(self) -> str:
        words = {"most": "at most", "least": "at least", "exact": "exactly"}[self.kind]
        return f"{words} {self.number:,} {self.unit}{'' if self.number == 1 else 's'}"


def pairs(told: Sequence[Sentence]) -> Iterator[Pair]:
    """Limits of one unit for one subject that exclude or differ from each other."""
    groups: dict[tuple[str, frozenset[str]], list[_Limit]] = {}
    for sentence in told:
        if is_conditional(sentence.text):
            continue
        for limit in _limits(sentence):
            group = groups.setdefault((limit.unit, limit.subject), [])
            if len(group) < _MOST:
                group.append(limit)
    for group in groups.values():
        for number, second in enumerate(group):
            first = next((one for one in group[:number] if _clash(one, second) and _together(one, second)), None)
            if first is not None:
                yield Pair(
                    first.sentence,
                    second.sentence,
                    f'{second.said} here, and {first.said} in {{line}}: "{{first}}".',
                    _HINT,
                )


def _limits(sentence: Sentence) -> list[_Limit]:
    found: list[_Limit] = []
    taken: list[tuple[int, int]] = []
    for kind, pattern in _LIMITS:
        for one in pattern.finditer(sentence.text):
            start, end = one.span("number")
            if any(start < other and begin < end for begin, other in taken) or _is_range(sentence.text, start, end):
                continue
            taken.append((start, end))
            negated = kind == "least" and _NOT.search(sentence.text[: one.start()])
            unit = re.sub(r"\bbullet points?\b|\bbullets\b|\bpoints\b", "bullet", one["unit"].lower()).removesuffix("s")
            subject = bag(sentence.text) - _WHOLE - _UNITS - bag(one["number"])
            if _EACH.search(sentence.text):
                subject |= {"each"}
            found.append(_Limit("most" if negated else kind, _number(one["number"]), unit, subject, sentence))
    return found


def _is_range(text: str, start: int, end: int) -> bool:
    """`between 10 and 20 words`, `10-20 words`, `2 to 3 sentences`: a range of its own, which is left alone."""
    before, after = text[max(0, start - 16) : start], text[end : end + 8]
    return bool(
        re.search(r"\d\s*(?:-|–|to|and|or)\s*$|between\s+\S+\s+and\s+$", before) or re.match(r"(?:-|–)\d", after)
    )


def _number(text: str) -> int:
    return _NUMBERS.get(text.lower()) if text.lower() in _NUMBERS else int(text.replace(",", "").strip() or 0)  # type: ignore[return-value] # it is in the mapping


def _clash(first: _Limit, second: _Limit) -> bool:
    if first.kind == second.kind:
        return first.number != second.number
    limits = {first.kind: first.number, second.kind: second.number}
    least = max(limits.get("least", 0), limits.get("exact", 0))
    if "most" in limits and least > limits["most"]:
        return True
    return "exact" in limits and "least" in limits and limits["least"] > limits["exact"]


def _together(first: _Limit, second: _Limit) -> bool:
    """Whether both speak of the same thing: one section; or both of the answer by its name."""
    one, other = first.sentence, second.sentence
    if one is other or (one.start, one.message, one.partial) == (other.start, other.message, other.partial):
        return False
    explicit = all(_EXPLICIT.search(limit.sentence.text) for limit in (first, second))
    return bool(first.subject) or explicit or one.section == other.section
