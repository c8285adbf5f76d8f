"""Rows of one size by place: in memory where they are few, in a temporary file where they are many."""

import weakref

IN_MEMORY = 1024 * 1024  # bytes
_BLOCK = 256  # rows of the file that are in memory together


class Rows:
    """Room for `count` rows, zeros to begin with. One goes through them mostly in order: that is when it is fast."""

    def __init__(self, count: int, size: int) -> None:
        self._size = size
        self._number = 0  # of the block in memory
        self._changed = False
        self._file = None
        if count * size <= IN_MEMORY:
            self._rows = count
            self._block = bytearray(count * size)
            return
        import tempfile  # 10 ms: only many rows pay it

        self._rows = _BLOCK
        self._block = bytearray(_BLOCK * size)
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when nobody needs it any more
        weakref.finalize(self, self._file.close)
        self._file.truncate((count // _BLOCK + 1) * len(self._block))

    def row(self, place: int, *, change: bool = False) -> tuple[bytearray, int]:
        """Where a row lies until the next is asked for: a buffer, an offset. `change`: it is going to be written."""
        if self._file is not None and place // _BLOCK != self._number:
            self._turn_to(place // _BLOCK)
        self._changed = self._changed or change
        return self._block, place % max(self._rows, 1) * self._size

    def _turn_to(self, number: int) -> None:
        if self._file is None:
            return
        if self._changed:
            self._file.seek(self._number * len(self._block))
            self._file.write(self._block)
        self._file.seek(number * len(self._block))
        self._file.readinto(self._block)
        self._number, self._changed = number, False
