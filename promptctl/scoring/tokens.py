"""An answer -> its words, as promptfoo cuts them: on JavaScript's white space, or after the Penn Treebank."""

import re
from functools import cache
from typing import Any

SPACE = "\\t-\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"  # JavaScript's \s
WORDS = re.compile(f"[^{SPACE}]+")

_CONTRACTIONS = "can-not d-'ye gim-me gon-na got-ta lem-me more-'n wan-na 't-is 't-was"
_QUOTE = re.compile("``|''|\"")
# What is put in between, in this order; each pattern's own group stays.
_SPLITS = (
    (r"\.{3}", r" ... "),
    (r"([:,])(?!\d)", r" \1 "),
    (r"([;@#$%&])", r" \1 "),
    (r"([^.])(?<!\b[A-Za-z]\.[A-Za-z])(\.)([\])}>'\s]*)\Z", r"\1 \2\3 "),
    (r"([?!])", r" \1 "),
    (r"([\][(){}<>])", r" \1 "),
    (r"--", r" -- "),
)
_ENDINGS = (
    (r"([^'])' ", r"\1 ' "),
    (r"'([sSmMdD]) ", r" '\1 "),
    (r"('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) ", r" \1 "),
)


def words(text: str) -> list[str]:
    """The words between white space."""
    return WORDS.findall(text)


def treebank(text: str) -> list[str]:
    """The tokens of one sentence after the Penn Treebank: punctuation, quotes and contractions stand alone.

    The rules are those of the tokenizer that js-rouge brings (R. MacIntyre's sed script of 1995, extended).
    """
    text = re.sub(f"[{SPACE}\\x85]+", " ", text).strip(" ")
    if not text:
        return []
    parsed = _with_quotes(text)
    for pattern, put in _rules(_SPLITS):
        parsed = pattern.sub(put, parsed)
    parsed = f" {parsed} "
    for pattern, put in (*_rules(_ENDINGS), *_contractions()):
        parsed = pattern.sub(put, parsed)
    return [token for token in parsed.split(" ") if token]


@cache
def _rules(rules: tuple[tuple[str, str], ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), put) for pattern, put in rules)


@cache
def _contractions() -> tuple[tuple[re.Pattern[str], str], ...]:
    found = (word.split("-") for word in _CONTRACTIONS.split())
    edge = r"[\w\u200c\u200d]"
    after = {"wan": "(?= )"}
    return tuple(
        (re.compile(f"(?<!{edge})({first})({second}){after.get(first, '')}(?!{edge})", re.IGNORECASE), r" \1 \2 ")
        for first, second in found
    )


def _with_quotes(text: str) -> str:
    """Quotation marks as `` where they open and '' where they close."""
    inside = False
    marks = list(_QUOTE.finditer(text))

    def put(at: int, mark: str, following: str | None) -> str:
        nonlocal inside
        inside = mark == "``" or (not inside and _opens(text, at, mark, following))
        return " `` " if inside else " '' "

    parts, end = [], 0
    for number, match in enumerate(marks):
        following = marks[number + 1].group() if number + 1 < len(marks) else None
        parts += [text[end : match.start()], put(match.start(), match.group(), following)]
        end = match.end()
    return "".join((*parts, text[end:]))


def _opens(text: str, at: int, mark: str, following: str | None) -> bool:
    before = text[at - 1] if at else ""
    last = at + len(mark) >= len(text)
    if last and before and not (before.isspace() or before == "<" or _category(before) == "Ps"):
        return False
    if before and not (before.isspace() or before == "<" or _category(before)[0] == "P" or text[at - 2 : at] == "``"):
        return False
    if before and before in ".!?":
        return False
    if mark == '"':
        return True
    inner = text[at + 2 : at + 3]
    good = bool(inner) and (_category(inner)[0] in "LN" or _category(inner) in ("Sc", "Ps"))
    return at > 0 and good and following == "''"


def _category(character: str) -> str:
    import unicodedata

    return unicodedata.category(character)


def grams(tokens: list[str], size: int) -> list[Any]:
    """The runs of `size` tokens."""
    return tokens if size == 1 else list(zip(*(tokens[start:] for start in range(size)), strict=False))
