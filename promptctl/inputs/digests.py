"""Sets and tables of digests, as small as they get."""

import hashlib
from array import array

_BITS = 2**64 - 1
_ROOM = 1024  # slots, to begin with
_FULL = 0.8


class DigestNumbers:
    """A number for each digest of 64 bits, 15 to 30 bytes apiece: a dict takes 150."""

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * _ROOM))
        self._numbers = array("I", bytes(array("I").itemsize * _ROOM))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def setdefault(self, digest: int, number: int) -> int:
        """The digest's number: `number`, where it had none. Digests are spread evenly over their bits."""
        digest = digest & _BITS or 1  # 0 marks a free slot
        place = _place(self._slots, digest)
        if self._slots[place]:
            return self._numbers[place]
        self._slots[place], self._numbers[place] = digest, number
        self._count += 1
        if self._count > len(self._slots) * _FULL:
            self._grow()
        return number

    def _grow(self) -> None:
        slots, numbers = self._slots, self._numbers
        self._slots = array("Q", bytes(2 * len(slots) * slots.itemsize))
        self._numbers = array("I", bytes(2 * len(slots) * numbers.itemsize))
        for digest, number in zip(slots, numbers, strict=True):
            if digest:
                place = _place(self._slots, digest)
                self._slots[place], self._numbers[place] = digest, number


class DigestSet:
    """Digests of 64 bits, 10 to 20 bytes apiece: a set of numbers takes 60 to 100."""

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * _ROOM))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, digest: int) -> bool:
        return bool(self._slots[_place(self._slots, digest & _BITS or 1)])

    def add(self, digest: int) -> bool:
        """Put it in; whether it was not there yet. Digests are spread evenly over their bits."""
        digest = digest & _BITS or 1  # 0 marks a free slot
        place = _place(self._slots, digest)
        if self._slots[place]:
            return False
        self._slots[place] = digest
        self._count += 1
        if self._count > len(self._slots) * _FULL:
            self._grow()
        return True

    def _grow(self) -> None:
        known = self._slots
        self._slots = array("Q", bytes(2 * len(known) * known.itemsize))
        for digest in known:
            if digest:
                self._slots[_place(self._slots, digest)] = digest


def _place(slots: "array[int]", digest: int) -> int:
    """Where a digest is, or would be: the next free slot."""
    last = len(slots) - 1
    place = digest & last
    while slots[place] and slots[place] != digest:
        place = (place + 1) & last
    return place


def digest_of(text: str) -> int:
    """Sixty-four bits of a text's SHA-256."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")
