"""Two texts -> what differs, with what moved and what was only written otherwise told apart."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, groupby

from promptctl.prompts.diff.lines import Line, item_pairs, item_versions, lines, reformatted
from promptctl.prompts.diff.matching import Match, Steps, matches
from promptctl.prompts.diff.words import Fold, Hunk, Op, Segment, hunks, is_crumb, replaced, tidy, unlike, words_of

_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?\n]+\s*|$)")
_LARGE = 64 * 1024  # characters of both sides from which sentences are compared before words
_FEW = 20_000  # steps for one sentence among thousands
_MOVED = 16  # characters without blanks from which a text that went and came is one that moved
_MOVED_WORDS = 3
_CANDIDATES = 8  # places that are tried for one line that came: of a line that stands everywhere, nobody knows which


def text_diff(old: str, new: str) -> tuple[Segment, ...]:
    """As `word_diff`, with moves and folds. Equal and deleted text joined is `old`, equal and inserted is `new`."""
    if old == new:
        return (Segment(Op.EQUAL, old),) if old else ()
    steps = Steps()
    before, after = lines(old), lines(new)
    shared = matches([line.key for line in before], [line.key for line in after], steps)
    moves = _moves(before, after, shared)
    ids = count(1)
    numbers = [next(ids) for _ in moves]
    old_taken = {i for move in moves for i in range(move.i, move.i + move.size)}
    new_taken = {j for move in moves for j in range(move.j, move.j + move.size)}
    plain = tidy(_plain(before, after, shared, old_taken, new_taken, steps))
    went = _pieces(
        before, [(move.i, move.size, number) for move, number in zip(moves, numbers, strict=True)], Op.DELETE
    )
    came = _pieces(after, [(move.j, move.size, number) for move, number in zip(moves, numbers, strict=True)], Op.INSERT)
    return tuple(tidy(_with_sentences(list(_woven(plain, went, came)), ids)))


def _moves(old: Sequence[Line], new: Sequence[Line], shared: Sequence[Match]) -> list[Match]:
    """Runs of lines that went at one place and came at another; in the order in which they came."""
    kept_old = {i for match in shared for i in range(match.i, match.i + match.size)}
    kept_new = {j for match in shared for j in range(match.j, match.j + match.size)}
    places: dict[str, list[int]] = defaultdict(list)
    for i, line in enumerate(old):
        if i not in kept_old and line.key:
            places[line.key].append(i)
    found: list[Match] = []
    j = 0
    while j < len(new):
        runs = (
            _run(old, new, i, j, kept_old, kept_new)
            for i in places.get(new[j].key, ())[:_CANDIDATES]
            if j not in kept_new and i not in kept_old
        )
        best = max(runs, key=lambda run: run.size, default=None)
        if best is None or not _worth("".join(line.raw for line in new[j : j + best.size])):
            j += 1
            continue
        found.append(best)
        kept_old.update(range(best.i, best.i + best.size))
        j += best.size
    return found


def _run(old: Sequence[Line], new: Sequence[Line], i: int, j: int, kept_old: set[int], kept_new: set[int]) -> Match:
    size = 0
    while (
        i + size < len(old)
        and j + size < len(new)
        and i + size not in kept_old
        and j + size not in kept_new
        and old[i + size].key == new[j + size].key
    ):
        size += 1
    while size and not new[j + size - 1].key:
        size -= 1  # blank lines at the end belong to the place, not to the text
    return Match(i, j, size)


def _worth(text: str) -> bool:
    words = text.split()
    return len(words) >= _MOVED_WORDS and sum(map(len, words)) >= _MOVED


def _plain(
    old: Sequence[Line],
    new: Sequence[Line],
    shared: Sequence[Match],
    old_taken: set[int],
    new_taken: set[int],
    steps: Steps,
) -> Iterator[Segment]:
    """The segments of all lines but those that moved."""
    i = j = 0
    for match in [*shared, Match(len(old), len(new), 0)]:
        went = [old[at] for at in range(i, match.i) if at not in old_taken]
        came = [new[at] for at in range(j, match.j) if at not in new_taken]
        yield from _stretch(went, came, steps)
        i, j = match.i + match.size, match.j + match.size
        for one, other in zip(old[match.i : i], new[match.j : j], strict=True):
            if one.raw == other.raw:
                yield Segment(Op.EQUAL, one.raw)
            else:
                yield from reformatted(one.raw, other.raw)


def _stretch(old: Sequence[Line], new: Sequence[Line], steps: Steps) -> Iterator[Segment]:
    """Lines that differ: the items of lists each against its version, what lies between them as a whole."""
    i = j = 0
    for item, version in item_pairs(old, new):
        yield from _within(_joined(old[i:item]), _joined(new[j:version]), steps)
        begins, went, came = item_versions(old[item].raw, new[version].raw)
        yield from begins
        yield from _words(went, came, steps)
        i, j = item + 1, version + 1
    yield from _within(_joined(old[i:]), _joined(new[j:]), steps)


def _joined(lines_: Sequence[Line]) -> str:
    return "".join(line.raw for line in lines_)


def _within(old: str, new: str, steps: Steps) -> Iterable[Segment]:
    if not old or not new:
        return _replaced(old, new)
    if len(old) + len(new) > _LARGE:
        return _in_pieces(old, new, steps)
    return _words(old, new, steps)


def _words(old: str, new: str, steps: Steps) -> Iterable[Segment]:
    if not old or not new:
        return _replaced(old, new)
    words = list(hunks(_tokens(old), _tokens(new), steps, _token_key))
    return _replaced(old, new) if unlike(words) else _without_crumbs(words)


def _in_pieces(old: str, new: str, steps: Steps) -> Iterator[Segment]:
    """A stretch too long for words alone: by sentences first, and where as many differ, each with its version."""
    for part in hunks(_SENTENCE.findall(old), _SENTENCE.findall(new), steps):
        if part.equal:
            yield Segment(Op.EQUAL, "".join(part.old))
        elif len(part.old) == len(part.new) > 1:
            for one, other in zip(part.old, part.new, strict=True):
                yield from _words(one, other, Steps(_FEW))
        else:
            yield from _words("".join(part.old), "".join(part.new), steps)


def _tokens(text: str) -> list[str]:
    """As `words_of`, blanks beside each other as one."""
    return [
        "".join(run) for blank, found in groupby(words_of(text), str.isspace) for run in ([found] if blank else found)
    ]


def _token_key(token: str) -> str:
    return " " if token.isspace() else token


def _replaced(old: str, new: str) -> list[Segment]:
    return replaced(old, new, Fold.WHITESPACE if not (old + new).strip() else None)


def _without_crumbs(parts: Sequence[Hunk]) -> Iterator[Segment]:
    """The segments; a blank between two replaced words is replaced with them."""
    went = came = ""
    for index, part in enumerate(parts):
        if not part.equal or is_crumb(parts, index):
            went, came = went + "".join(part.old), came + "".join(part.new)
            continue
        yield from _replaced(went, came)
        went = came = ""
        for one, other in zip(part.old, part.new, strict=True):
            yield from [Segment(Op.EQUAL, one)] if one == other else _replaced(one, other)
    yield from _replaced(went, came)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A text that moved, and how much of its side's other text stands before it."""

    offset: int
    segment: Segment


def _pieces(side: Sequence[Line], runs: Sequence[tuple[int, int, int]], op: Op) -> list[_Piece]:
    offset, place, found = 0, 0, []
    for start, size, number in sorted(runs):
        offset += sum(len(line.raw) for line in side[place:start])
        text = "".join(line.raw for line in side[start : start + size])
        found.append(_Piece(offset, Segment(op, text, move=number)))
        place = start + size
    return found


def _woven(plain: Iterable[Segment], went: Sequence[_Piece], came: Sequence[_Piece]) -> Iterator[Segment]:
    """The segments with the texts that moved at their places, on each side."""
    old, new = list(reversed(went)), list(reversed(came))
    i = j = 0
    for segment in plain:
        rest = segment
        while True:
            while old and old[-1].offset <= i:
                yield old.pop().segment
            while new and new[-1].offset <= j:
                yield new.pop().segment
            if not rest.text:
                break
            room = len(rest.text)
            if rest.op is not Op.INSERT and old:
                room = min(room, old[-1].offset - i)
            if rest.op is not Op.DELETE and new:
                room = min(room, new[-1].offset - j)
            yield replace(rest, text=rest.text[:room])
            i += 0 if rest.op is Op.INSERT else room
            j += 0 if rest.op is Op.DELETE else room
            rest = replace(rest, text=rest.text[room:])
    yield from (piece.segment for piece in (*reversed(old), *reversed(new)))


def _with_sentences(segments: Sequence[Segment], ids: Iterator[int]) -> Iterator[Segment]:
    """The segments, with stretches inside of lines that moved marked as such."""
    went = _by_words(segments, Op.DELETE)
    came = _by_words(segments, Op.INSERT)
    moves: dict[int, int] = {}
    for words in went.keys() & came.keys() if went and came else ():
        if len(went[words]) == len(came[words]) == 1:
            moves[went[words][0]] = came[words][0]
    numbers: dict[int, int] = {}
    for place in sorted(moves):
        number = next(ids)
        numbers |= {place: number, moves[place]: number}
    for place, segment in enumerate(segments):
        yield replace(segment, move=numbers[place]) if place in numbers else segment


def _by_words(segments: Sequence[Segment], op: Op) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for place, segment in enumerate(segments):
        if segment.op is op and segment.move is None and segment.fold is None and _worth(segment.text):
            found[" ".join(_WORD.findall(segment.text))].append(place)
    return found
