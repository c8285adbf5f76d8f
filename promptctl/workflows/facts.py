"""The facts of the cases that are done, as packed numbers: of many cases hardly anything is in memory."""

from array import array
from collections.abc import Hashable, Iterator, Sequence
from math import isnan, nan
from struct import Struct
from typing import Generic, TypeVar, overload

from promptctl.inputs.digests import DigestSet
from promptctl.verdict.pair import Outcome, Pair
from promptctl.workflows.rows import Rows

_T = TypeVar("_T", bound=Hashable)

_UNAFFECTED, _CHANGED, _REQUESTED, _DONE = 1, 2, 4, 8  # a case's flags
_THERE, _FATAL, _GRADED = 1, 2, 4  # a side's flags
_ID = 40  # bytes of an id in its row; a longer one lies beside
_LONG = 255  # stands for the length of such an id
_LARGEST = 2**31 - 1  # tokens; more are as good as unknown


class Facts(Sequence[Pair]):
    """The pairs of one prompt by place, put in as they are done and taken apart when they are read.

    Of the outputs nothing is kept: whether they differ is a fact of the pair. A digest of the requests comes back where
    others have the same (else it tells nothing), and in an A/A replay (`aa`) where those of the sides differ.
    """

    def __init__(self, count: int, repeat: int = 1, *, aa: bool = False) -> None:
        n = "H" if repeat < 2**16 else "I"
        self._repeat = repeat
        self._aa = aa
        self._head = Struct(f"<BB{_ID}s16s")  # flags; the id's length and the id; a digest of the requests
        self._side = Struct(f"<B{n}{n}{repeat}s{3 * repeat}d4i")
        self._count = count
        self._rows = Rows(count, self._head.size + 2 * self._side.size)
        self._long_ids: dict[int, str] = {}
        self._requests = DigestSet()
        self._repeated: set[bytes] = set()
        self._errors = _Column[str | None](2 * count, None)
        self._clusters = _Column[str | None](count, None)
        self._tags = _Column[tuple[str, ...]](count, ())
        self._weights = _Column[float](count, 1.0)

    def put(self, place: int, pair: Pair) -> bool:
        """Keep a case; whether its requests repeat those of another."""
        name = pair.id.encode("utf-8", "surrogatepass")
        if len(name) > _ID:
            self._long_ids[place] = pair.id
        flags = _UNAFFECTED * pair.unaffected | _CHANGED * pair.changed | _DONE
        flags |= _REQUESTED * (pair.request is not None)
        row, at = self._rows.row(place, change=True)
        length = len(name) if len(name) <= _ID else _LONG
        self._head.pack_into(row, at, flags, length, name[:_ID], pair.request or b"")
        for number, outcome in enumerate((pair.old, pair.new)):
            self._put_side(row, at + self._head.size + number * self._side.size, outcome)
            self._errors.put(2 * place + number, None if outcome is None else outcome.error)
        self._clusters.put(place, pair.cluster)
        self._tags.put(place, pair.tags)
        self._weights.put(place, pair.weight)
        if pair.request is None or self._requests.add(hash(pair.request)):
            return False
        self._repeated.add(pair.request)
        return True

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Pair: ...

    @overload
    def __getitem__(self, place: slice) -> list[Pair]: ...

    def __getitem__(self, place: int | slice) -> Pair | list[Pair]:
        if isinstance(place, slice):
            return [self._pair(one) for one in range(*place.indices(self._count))]
        if not -self._count <= place < self._count:
            raise IndexError(place)
        return self._pair(place % self._count)

    def __iter__(self) -> Iterator[Pair]:
        return map(self._pair, range(self._count))

    def done(self) -> Iterator[Pair]:
        """Those that were put in."""
        for place in range(self._count):
            row, at = self._rows.row(place)
            if row[at] & _DONE:
                yield self._pair(place)

    def _put_side(self, row: bytearray, at: int, outcome: Outcome | None) -> None:
        if outcome is None:
            return
        missing = [nan] * (self._repeat - len(outcome.costs))
        unscored = [nan] * (self._repeat - len(outcome.scores))
        tokens = (outcome.input_tokens, outcome.output_tokens, outcome.reasoning_tokens, outcome.cached_tokens)
        self._side.pack_into(
            row,
            at,
            _THERE | _FATAL * outcome.fatal | _GRADED * outcome.graded,
            len(outcome.costs),
            len(outcome.passed),
            bytes(outcome.passed),
            *outcome.scores,
            *unscored,
            *(nan if cost is None else cost for cost in outcome.costs),
            *missing,
            *(nan if latency is None else latency for latency in outcome.latencies),
            *missing,
            *(-1 if count is None or not 0 <= count <= _LARGEST else count for count in tokens),
        )

    def _pair(self, place: int) -> Pair:
        row, at = self._rows.row(place)
        flags, length, name, request = self._head.unpack_from(row, at)
        at += self._head.size
        telling = request in self._repeated or (self._aa and request[:8] != request[8:])
        return Pair(
            id=self._long_ids[place] if length == _LONG else name[:length].decode("utf-8", "surrogatepass"),
            old=self._outcome(row, at, 2 * place),
            new=self._outcome(row, at + self._side.size, 2 * place + 1),
            unaffected=bool(flags & _UNAFFECTED),
            changed=bool(flags & _CHANGED),
            weight=self._weights.get(place),
            cluster=self._clusters.get(place),
            tags=self._tags.get(place),
            request=request if flags & _REQUESTED and telling else None,
        )

    def _outcome(self, row: bytearray, at: int, number: int) -> Outcome | None:
        flags, answers, scored, passed, *rest = self._side.unpack_from(row, at)
        if not flags:
            return None
        n = self._repeat
        return Outcome(
            passed=tuple(map(bool, passed[:scored])),
            scores=tuple(rest[:scored]),
            error=self._errors.get(number),
            fatal=bool(flags & _FATAL),
            costs=tuple(None if isnan(cost) else cost for cost in rest[n : n + answers]),
            latencies=tuple(None if isnan(latency) else latency for latency in rest[2 * n : 2 * n + answers]),
            input_tokens=_count(rest[-4]),
            output_tokens=_count(rest[-3]),
            reasoning_tokens=_count(rest[-2]),
            cached_tokens=_count(rest[-1]),
            graded=bool(flags & _GRADED),
        )


class _Column(Generic[_T]):
    """A value a place, of which few are distinct; nothing is kept where all have the usual one."""

    def __init__(self, count: int, usual: _T) -> None:
        self._count = count
        self._values: list[_T] = [usual]
        self._numbers: dict[_T, int] = {usual: 0}
        self._places: array[int] | None = None

    def put(self, place: int, value: _T) -> None:
        number = self._numbers.setdefault(value, len(self._values))
        if number == len(self._values):
            self._values.append(value)
        if number and self._places is None:
            self._places = array("I", bytes(self._count * array("I").itemsize))
        if self._places is not None:
            self._places[place] = number

    def get(self, place: int) -> _T:
        return self._values[0 if self._places is None else self._places[place]]


def _count(value: int) -> int | None:
    return None if value < 0 else value
