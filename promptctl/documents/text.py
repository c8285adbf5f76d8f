"""Bytes -> text, and a stranger's words as they may stand in a message."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from promptctl.errors import FileError, Problem

MAX_BYTES = 5 * 1024 * 1024
MAX_DEPTH = 100


def decode(data: bytes, where: str, *, limit: int = MAX_BYTES) -> str:
    """UTF-8 bytes -> text without a byte order mark, its lines ended by LF alone."""
    if len(data) > limit:
        raise FileError(Problem(where, f"is larger than {limit / 1024 / 1024:g} MiB."))
    if b"\0" in data:
        raise FileError(Problem(where, "is not text: it holds NUL bytes.", hint="Save it as UTF-8."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileError(Problem(where, "is not valid UTF-8.", line, "Save it as UTF-8.")) from None
    return text.replace("\r\n", "\n") if "\r" in text else text


def suggestion(word: str, known: Iterable[str]) -> str:
    """What next after a misspelt name: the nearest known one, or all of them."""
    import difflib  # 4 ms: only a mistake pays it

    names = sorted(set(known))
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"Did you mean '{near[0]}'?"
    if not names:
        return ""
    return f"Known: {', '.join(names[:20])}{', ...' if len(names) > 20 else '.'}"


def printable(text: str, *, limit: int = 60) -> str:
    """A stranger's word as it may stand in a message: no control characters, no novel."""
    clean = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return clean if len(clean) <= limit else f"{clean[:limit]}..."


def texts_in(value: Any) -> Iterator[str]:
    """The texts in nested lists and mappings, in no certain order; keys do not count."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, Mapping):
            waiting.extend(item.values())
        elif isinstance(item, list | tuple):
            waiting.extend(item)
