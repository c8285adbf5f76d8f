"""A judge's reply -> its judgement: one JSON object of the judge's own, or an error.

Where the judge was told a token, an object counts only if it carries it; what it judges cannot know the token, so no
echo of that is a judgement. Where it was not (somebody's own judge prompt), an object that stands in what it judges
does not count.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from promptctl.scoring.ask import Ask, JudgeError, Said, Turns

LIMIT = 200_000  # Characters of a judge's reply.
OBJECTS = 200  # Objects that are looked at in one reply.
_DEPTH = 20

_LETTERS = re.compile(r"[\W_]+")
_YES = frozenset({"true", "yes", "pass", "y"})
_NO = frozenset({"false", "no", "fail", "n"})


class Unreadable(ValueError):
    """A reply that holds no judgement; the text says why, without a word of the reply."""


T = TypeVar("T")
Read = Callable[[Mapping[str, Any]], T]


def asked(asks: list[Ask], read: Read[T]) -> Turns[list[tuple[T, Said]]]:
    """The judgements of all these questions; a reply that cannot be read is asked for once more.

    `read` takes a judgement apart and raises Unreadable. Raises JudgeError where the second reply is no better.
    """
    said = yield asks
    found = [_read(ask, one, read) for ask, one in zip(asks, said, strict=True)]
    broken = [number for number, one in enumerate(found) if isinstance(one, Unreadable)]
    if broken:
        again = yield [replace(asks[number], complaint=str(found[number])) for number in broken]
        for number, one in zip(broken, again, strict=True):
            found[number] = _read(asks[number], one, read)
    return list(_whole(found))


def _whole(found: Iterable[tuple[T, Said] | Unreadable]) -> Iterator[tuple[T, Said]]:
    for one in found:
        if isinstance(one, Unreadable):
            raise JudgeError(f"the judge gave no judgement: {one}.") from None
        yield one


def _read(ask: Ask, said: Said, read: Read[T]) -> tuple[T, Said] | Unreadable:
    try:
        return read(judgement(said.text, said.token, ask.data.values())), said
    except Unreadable as problem:
        return problem


def judgement(text: str, token: str | None, judged: Iterable[str]) -> Mapping[str, Any]:
    """The one JSON object of a reply. `judged` are the texts that the judge was shown. Raises Unreadable."""
    if not text.strip():
        raise Unreadable("the reply is empty")
    if len(text) > LIMIT:
        raise Unreadable(f"the reply is longer than {LIMIT:,} characters")
    objects = list(_objects(text))
    if not objects:
        raise Unreadable("the reply holds no JSON object")
    own = _with_token(objects, token) if token is not None else _not_echoed(objects, judged)
    if any(one != own[0] for one in own):
        raise Unreadable("the reply holds several judgements that differ")
    return own[0]


def _with_token(objects: list[dict[str, Any]], token: str) -> list[dict[str, Any]]:
    own = [one for one in objects if one.get("id") == token]
    if not own:
        raise Unreadable("the JSON object does not carry the id that was given")
    return own


def _not_echoed(objects: list[dict[str, Any]], judged: Iterable[str]) -> list[dict[str, Any]]:
    shown = [_letters(text) for text in judged]
    own = [one for one in objects if not any(form in text for form in _forms(one) for text in shown)]
    if not own:
        raise Unreadable("the JSON object stands in what was judged: it may be an echo")
    return own


def _forms(value: dict[str, Any]) -> tuple[str, str]:
    """An object as a text may hold it: with its letters as they are, or escaped."""
    return _letters(json.dumps(value, ensure_ascii=False)), _letters(json.dumps(value))


def _letters(text: str) -> str:
    """Letters and digits alone, so that an echo is one in whatever quotes, escapes and white space."""
    return _LETTERS.sub("", text).lower()


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The objects that stand in a text, the outer ones; those that nest too deep are none."""
    decoder = json.JSONDecoder(parse_constant=_no_number)
    start, seen = text.find("{"), 0
    while start >= 0 and seen < OBJECTS:
        seen += 1
        try:
            found, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            start = text.find("{", start + 1)
            continue
        if isinstance(found, dict) and not _too_deep(found):
            yield found
        start = text.find("{", end)


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_DEPTH):
        level = [child for item in level for child in _children(item)]
        if not level:
            return False
    return True


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def yes_or_no(found: Mapping[str, Any], key: str) -> bool | None:
    """A boolean, or a word for one; None where it is absent. Raises Unreadable for anything else."""
    value = found.get(key)
    if value is None or isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word not in _YES | _NO:
        raise Unreadable(f"'{key}' is neither true nor false")
    return word in _YES


def number(found: Mapping[str, Any], key: str, *, most: float | None = None) -> float | None:
    """A number of at least 0, and of at most `most`; None where it is absent. Raises Unreadable for anything else."""
    value = found.get(key)
    if isinstance(value, str):
        value = _number_in(value)
    if value is None:
        if key in found and found[key] is not None:
            raise Unreadable(f"'{key}' is no number")
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_amount(value):
        raise Unreadable(f"'{key}' is no number of at least 0")
    if most is not None and value > most:
        raise Unreadable(f"'{key}' is greater than {most:g}")
    return float(value)


def _number_in(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _is_amount(value: float) -> bool:
    try:
        return math.isfinite(value) and value >= 0
    except OverflowError:
        return False


def reason(found: Mapping[str, Any], fallback: str = "") -> str:
    """The judge's own words; `fallback` where it gave none."""
    value = found.get("reason")
    return " ".join(value.split()) if isinstance(value, str) and value.strip() else fallback


def required(value: T | None, key: str) -> T:
    """A part that a judgement must have."""
    if value is None:
        raise Unreadable(f"'{key}' is missing")
    return value
