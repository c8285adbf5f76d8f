"""A prompt's text -> its sentences, each with its place and section; examples, code and quotations left out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_CODE = re.compile(r"^([ \t]*)(```+|~~~+)[^\n]*\n.*?(?:^[ \t]*\2[`~]*[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_LINES = (
    re.compile(r"^[ \t]*>[^\n]*", re.MULTILINE),  # quotations
    re.compile(r"^[ \t]*\|[^\n]*\|[ \t]*$", re.MULTILINE),  # tables
)
_TAGS = ("example", "examples", "sample", "input", "output", "document", "context")
# What opens, and what closes it.
_ENCLOSED = (
    *(
        (re.compile(rf"<{tag}\b[^>\n]{{0,200}}>", re.IGNORECASE), re.compile(rf"</{tag}>", re.IGNORECASE))
        for tag in _TAGS
    ),
    (re.compile(r"<!--"), re.compile(r"-->")),
    (re.compile(r"\{#"), re.compile(r"#\}")),
)
_HEADING = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+(?P<marked>\S[^\n]*)|(?P<caps>[A-Z][A-Z0-9 ,/&'()-]{2,60}:?))[ \t]*$")
_BOLD = re.compile(r"^[ \t]*\*\*(?P<bold>[^*\n]{2,60}?):?\*\*:?[ \t]*$")
_EXAMPLES = re.compile(r"\b(?:examples?|samples?|few[- ]?shot|demonstrations?|e\.g\.)", re.IGNORECASE)
_MARKER = re.compile(r"^(?:[ \t]|[-*+•–][ \t]|\d{1,3}[.)][ \t]|[a-z][.)][ \t]|\*\*|__|#+[ \t])+")
_END = re.compile(r"(?<=[.!?])[\"')\]*]*\s+(?=[\"'(\[*]*[A-Z{0-9])")
_NO_BREAK = re.compile(r"[^\n]")
_WRAPPED = 50  # characters: a shorter line was not broken for want of room
_LONGEST = 600  # characters; what has no end for longer is data
_MOST = 4_000  # sentences of a prompt that are looked at


@dataclass(frozen=True, slots=True)
class Sentence:
    """`start` and `end` are offsets in the text; `section` is the heading above it, "" where there is none.

    `opens` is false where another sentence stands before it in its line or list item.
    `message` and `part` say in which text of the prompt it stands; `partial` names the included template instead.
    """

    text: str
    start: int
    end: int
    section: str = ""
    message: int = 0
    part: int = 0
    partial: str | None = None
    opens: bool = True


def sentences(text: str, *, message: int = 0, part: int = 0, partial: str | None = None) -> list[Sentence]:
    """The sentences of one text, in order."""
    clean = _without_examples(text)
    found: list[Sentence] = []
    section, examples = "", False
    for start, end in _paragraphs(clean):
        heading = _heading(clean[start:end])
        if heading is not None:
            section, examples = heading, bool(_EXAMPLES.search(heading))
            continue
        if examples:
            continue
        for number, (one, other) in enumerate(_parts(clean, start, end)):
            if 3 <= other - one <= _LONGEST and len(found) < _MOST:
                found.append(Sentence(clean[one:other], one, other, section, message, part, partial, opens=not number))
    return found


def _heading(line: str) -> str | None:
    found = _HEADING.match(line) or _BOLD.match(line)
    if found is None:
        return None
    return next(text for text in found.groupdict().values() if text is not None).strip().rstrip(":").lower()


def _without_examples(text: str) -> str:
    """The text with code, quotations, tables, comments and what stands between tags of data blank, each line kept."""
    clean = _CODE.sub(_blank, text)
    for opening, closing in _ENCLOSED:
        clean = _without_enclosed(clean, opening, closing)
    for pattern in _LINES:
        clean = pattern.sub(_blank, clean)
    return clean


def _without_enclosed(text: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> str:
    """In one pass: what is opened and never closed must not be looked for again from every opening."""
    pieces: list[str] = []
    at = 0
    while (start := opening.search(text, at)) and (end := closing.search(text, start.end())):
        pieces += [text[at : start.start()], _NO_BREAK.sub(" ", text[start.start() : end.end()])]
        at = end.end()
    return "".join([*pieces, text[at:]])


def _blank(found: re.Match[str]) -> str:
    return _NO_BREAK.sub(" ", found[0])


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Lines, those joined that were only wrapped."""
    start = offset = 0
    before = ""
    for line in text.split("\n"):
        if not _goes_on(before, line):
            if offset > start:
                yield start, offset - 1
            start = offset
        before = line
        offset += len(line) + 1
    yield start, offset - 1


def _goes_on(before: str, line: str) -> bool:
    """Whether a line is the rest of the one before it."""
    bare, last = line.strip(), before.rstrip()
    if not bare or not bare[0].islower() or _MARKER.match(line.lstrip() + " ") or _heading(before) is not None:
        return False
    return len(last) >= _WRAPPED and last[-1:] not in ".!?:;"


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    cuts = [start, *(one.end() for one in _END.finditer(text, start, end)), end]
    for one, other in pairwise(cuts):
        piece = text[one:other]
        marker = _MARKER.match(piece)
        begin = one + (marker.end() if marker else len(piece) - len(piece.lstrip()))
        finish = one + len(piece.rstrip().rstrip("*_"))
        if finish > begin:
            yield begin, finish
