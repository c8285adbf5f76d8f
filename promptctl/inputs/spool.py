"""Bytes that are read several times: in memory where they are few, in a temporary file where they are many."""

import weakref

IN_MEMORY = 1024 * 1024  # bytes
_WINDOW = 256 * 1024  # bytes that are looked at together


class Spool:
    """As much of `bytes` as the readers of inputs need: a length, slices, `find`. The file goes with the value."""

    def __init__(self, data: bytes) -> None:
        import tempfile  # 10 ms: only a large file pays it

        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when nobody needs it any more
        weakref.finalize(self, self._file.close)
        self._file.write(data)
        self._size = len(data)
        self._start = 0
        self._window = b""

    def __len__(self) -> int:
        return self._size

    def __bytes__(self) -> bytes:
        return self._read(0, self._size)

    def __getitem__(self, place: slice) -> bytes:
        start, stop, _ = place.indices(self._size)
        if self._start <= start and stop <= self._start + len(self._window):
            return self._window[start - self._start : stop - self._start]
        return self._read(start, max(0, stop - start))

    def find(self, byte: bytes, start: int) -> int:
        """The first place of a single byte at `start` or later; -1 where there is none."""
        while start < self._size:
            if not self._start <= start < self._start + len(self._window):
                self._start, self._window = start, self._read(start, _WINDOW)
            found = self._window.find(byte, start - self._start)
            if found >= 0:
                return self._start + found
            start = self._start + len(self._window)
        return -1

    def _read(self, start: int, size: int) -> bytes:
        self._file.seek(start)
        return self._file.read(size)


Data = bytes | Spool


def spooled(data: Data) -> Data:
    """The same bytes, out of memory where they are many."""
    return Spool(data) if isinstance(data, bytes) and len(data) > IN_MEMORY else data
