"""A prompt and its versions -> the commit that gave each of its lines the words that it has now.

Words, not bytes: a line that was indented, renumbered, moved or brought into another format keeps its commit.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from promptctl.prompts.diff.matching import matches
from promptctl.prompts.diff.messages import text_of
from promptctl.prompts.prompt import Prompt
from promptctl.versions.history import Commit
from promptctl.workflows.history import Version

_MARKER = re.compile(r"^\s*(?:\d{1,4}[.)]|[-*+•])\s+")


@dataclass(frozen=True, slots=True)
class BlamedLine:
    """One line. `part` says where it stands: "params", "message 2 (user)", "partial _shared/tone.j2".

    `line` counts from 1 in its part. `commit` is None for words that are not `committed` yet, and for those whose
    commit cannot be told: it is not in this clone, or the prompt could not be read there.
    """

    part: str
    line: int
    text: str
    commit: Commit | None = None
    committed: bool = True


def blame(present: Prompt, committed: Prompt | None, history: Iterable[Version]) -> tuple[BlamedLine, ...]:
    """Every line of a prompt as it is now.

    `committed` is the newest commit's, where `present` may be ahead of it. `history` says what the commits did, newest
    first, side branches included, and is read as far as it takes. A commit answers for a line that its version has and
    the one before has not: so the order in which branches were merged does not matter.
    """
    lines = list(_lines(present))
    waiting = _by_words(lines)
    for place in _answered(waiting, _fresh(committed, present), lines):
        lines[place] = replace(lines[place], committed=False)
    for version in history:
        if not any(waiting.values()):
            break
        if version.new is None or (version.pair.old is not None and version.old is None):
            continue
        for place in _answered(waiting, _fresh(version.old, version.new), lines):
            lines[place] = replace(lines[place], commit=version.commit)
    return tuple(lines)


def _by_words(lines: Sequence[BlamedLine]) -> dict[str, list[int]]:
    places = defaultdict(list)
    for place, line in enumerate(lines):
        places[_words(line.text)].append(place)
    return places


def _fresh(older: Prompt | None, newer: Prompt) -> list[tuple[str, str]]:
    """The lines that only the newer version has: the words of each, and of the line before it."""
    before = [] if older is None else [_words(line.text) for line in _lines(older)]
    after = [_words(line.text) for line in _lines(newer)]
    kept = _kept(before, after)
    return [(words, after[place - 1] if place else "") for place, words in enumerate(after) if place not in kept]


def _answered(
    waiting: Mapping[str, list[int]], fresh: Sequence[tuple[str, str]], lines: Sequence[BlamedLine]
) -> Iterator[int]:
    """The waiting lines that these are. Of several with the same words the one that stands behind the same line."""
    for words, behind in fresh:
        places = waiting.get(words)
        if places:
            alike = [place for place in places if place and _words(lines[place - 1].text) == behind]
            place = (alike or places)[-1]
            places.remove(place)
            yield place


def _kept(older: Sequence[str], newer: Sequence[str]) -> dict[int, int]:
    """A line's place now -> its place before: first what kept its order, then what moved."""
    kept = {match.j + step: match.i + step for match in matches(older, newer) for step in range(match.size)}
    left = defaultdict(list)
    taken = set(kept.values())
    for place, words in enumerate(older):
        if place not in taken and words:
            left[words].append(place)
    for place, words in enumerate(newer):
        if place not in kept and left.get(words):
            kept[place] = left[words].pop(0)
    return kept


def _words(text: str) -> str:
    return " ".join(_MARKER.sub("", text).split())


def _lines(prompt: Prompt) -> Iterator[BlamedLine]:
    for part, text in _parts(prompt):
        for number, line in enumerate(text.split("\n"), 1):
            yield BlamedLine(part, number, line)


def _parts(prompt: Prompt) -> Iterator[tuple[str, str]]:
    model = {} if prompt.model is None else {"model": prompt.model}
    values = {**model, **prompt.params}
    if values:
        yield "params", "\n".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items())
    for number, message in enumerate(prompt.messages, 1):
        yield f"message {number} ({message.role})", text_of(message).removesuffix("\n")
    for path, text in sorted(prompt.partials.items()):
        yield f"partial {path}", text.removesuffix("\n")
