"""Two sequences -> the runs they share: patience first, then Myers within a bound."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import NamedTuple, TypeVar

MAX_STEPS = 1_000_000
MAX_EDITS = 400  # of one stretch without anchors; beyond, it reads better as replaced

Element = TypeVar("Element", bound=Hashable)


class Match(NamedTuple):
    """`old[i : i + size] == new[j : j + size]`."""

    i: int
    j: int
    size: int


class _Range(NamedTuple):
    old_start: int
    old_end: int
    new_start: int
    new_end: int


class Steps:
    """What a comparison may still cost. The same texts always end at the same place."""

    def __init__(self, left: int = MAX_STEPS) -> None:
        self.left = left

    def take(self, count: int) -> bool:
        """Whether `count` steps more are allowed."""
        self.left -= count
        return self.left >= 0


def matches(old: Sequence[Element], new: Sequence[Element], steps: Steps | None = None) -> list[Match]:
    """The shared runs in order, adjacent ones joined. Bounded; where the bound is met, less is found shared."""
    steps = steps or Steps()
    pending = [_Range(0, len(old), 0, len(new))]
    found: list[Match] = []
    while pending:
        start, end = _trimmed(old, new, pending.pop())
        found.extend(start)
        middle, tail = end
        found.extend(tail)
        if middle.old_start == middle.old_end or middle.new_start == middle.new_end:
            continue
        # Looking for anchors is a quarter as dear an element as a step of Myers.
        if not steps.take((middle.old_end - middle.old_start + middle.new_end - middle.new_start) // 4):
            continue
        anchors = _anchors(old, new, middle)
        if anchors:
            pending.extend(_between(middle, anchors))
        else:
            found.extend(_myers(old, new, middle, steps))
    return _joined(sorted(found))


def _trimmed(
    old: Sequence[Element], new: Sequence[Element], span: _Range
) -> tuple[list[Match], tuple[_Range, list[Match]]]:
    """The common beginning and end of a range, and what lies between."""
    a, b, c, d = span
    head = 0
    while a + head < b and c + head < d and old[a + head] == new[c + head]:
        head += 1
    tail = 0
    while a + head < b - tail and c + head < d - tail and old[b - tail - 1] == new[d - tail - 1]:
        tail += 1
    middle = _Range(a + head, b - tail, c + head, d - tail)
    return [Match(a, c, head)] if head else [], (middle, [Match(b - tail, d - tail, tail)] if tail else [])


def _anchors(old: Sequence[Element], new: Sequence[Element], span: _Range) -> list[tuple[int, int]]:
    """Elements that stand once on each side, the longest series of them that keeps its order."""
    left = old[span.old_start : span.old_end]
    right = new[span.new_start : span.new_end]
    old_counts, new_counts = Counter(left), Counter(right)
    places = {element: j for j, element in enumerate(right, span.new_start) if new_counts[element] == 1}
    pairs = [
        (i, places[element])
        for i, element in enumerate(left, span.old_start)
        if old_counts[element] == 1 and element in places
    ]
    return _longest_increasing(pairs)


def _longest_increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    from bisect import bisect_left

    tails: list[int] = []  # the smallest j that ends a series of each length
    ends: list[int] = []  # its index in pairs
    before: list[int] = []
    for index, (_, j) in enumerate(pairs):
        length = bisect_left(tails, j)
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1] = [j]
        ends[length : length + 1] = [index]
    series = []
    index = ends[-1] if ends else -1
    while index >= 0:
        series.append(pairs[index])
        index = before[index]
    return series[::-1]


def _between(span: _Range, anchors: Sequence[tuple[int, int]]) -> Iterator[_Range]:
    """The ranges from anchor to anchor; each begins with its anchor, so trimming finds it again."""
    i, j = span.old_start, span.new_start
    for next_i, next_j in anchors:
        yield _Range(i, next_i, j, next_j)
        i, j = next_i, next_j
    yield _Range(i, span.old_end, j, span.new_end)


def _myers(old: Sequence[Element], new: Sequence[Element], span: _Range, steps: Steps) -> list[Match]:
    """Myers' O(ND): the shortest edit script, or nothing where it is longer than MAX_EDITS."""
    a, b, c, d = span
    n, m = b - a, d - c
    frontier = {1: 0}
    trace: list[dict[int, int]] = []
    for edits in range(min(n + m, MAX_EDITS) + 1):
        trace.append(dict(frontier))
        for k in range(-edits, edits + 1, 2):
            down = k == -edits or (k != edits and frontier[k - 1] < frontier[k + 1])
            x = start = frontier[k + 1] if down else frontier[k - 1] + 1
            while x < n and x - k < m and old[a + x] == new[c + x - k]:
                x += 1
            frontier[k] = x
            if not steps.take(x - start + 1):
                return []
            if x >= n and x - k >= m:
                return _traced(trace, n, m, span)
        if not steps.take(edits):  # the copy of the frontier
            return []
    return []


def _traced(trace: Sequence[dict[int, int]], n: int, m: int, span: _Range) -> list[Match]:
    found = []
    x, y = n, m
    for edits in range(len(trace) - 1, -1, -1):
        frontier, k = trace[edits], x - y
        down = k == -edits or (k != edits and frontier[k - 1] < frontier[k + 1])
        before = k + 1 if down else k - 1
        start = frontier[before] if down else frontier[before] + 1
        if x > start:
            found.append(Match(span.old_start + start, span.new_start + start - k, x - start))
        x = frontier[before]
        y = x - before
    return [match for match in found if match.i >= span.old_start and match.j >= span.new_start]


def _joined(found: Sequence[Match]) -> list[Match]:
    joined: list[Match] = []
    for match in found:
        if joined:
            last = joined[-1]
            if last.i + last.size == match.i and last.j + last.size == match.j:
                joined[-1] = Match(last.i, last.j, last.size + match.size)
                continue
        joined.append(match)
    return joined


def most_alike(
    left: Sequence[int], right: Sequence[int], likeness: Callable[[int, int], float], least: float
) -> list[tuple[int, int]]:
    """Pairs of both, in order on both sides: those with the best sum of likenesses, each `least` or more."""
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    gains: dict[tuple[int, int], float] = {}
    for a in range(len(left) - 1, -1, -1):
        for b in range(len(right) - 1, -1, -1):
            alike = likeness(left[a], right[b])
            gains[a, b] = alike if alike >= least else 0.0
            best[a][b] = max(best[a + 1][b], best[a][b + 1], best[a + 1][b + 1] + gains[a, b])
    pairs: list[tuple[int, int]] = []
    a = b = 0
    while a < len(left) and b < len(right):
        if gains[a, b] and best[a][b] == best[a + 1][b + 1] + gains[a, b]:
            pairs.append((left[a], right[b]))
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            a += 1
        else:
            b += 1
    return pairs
