"""Which process is at work on a run: a lock that ends with its process, however that ends."""

import errno
import hashlib
import os
import sys
from pathlib import Path

_TAKEN = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}
_PLACES = 2**31 - 1  # bytes of the file that can be locked everywhere; none of them is written


class Holds:
    """The runs that this process is at work on, as locked bytes of one file beside the store."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def hold(self, run: str) -> bool:
        """Whether the run is this process's now; not where another is at work on it. Held until `close`.

        True also where a file cannot be made or locked at all: nobody can tell then.
        """
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError:
            return True
        try:
            _lock(self._file, number(run) % _PLACES)
        except OSError as error:
            return error.errno not in _TAKEN
        return True

    def close(self) -> None:
        """Let all of them go."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def number(run: str) -> int:
    """63 bits that stand for a run."""
    return int.from_bytes(hashlib.sha256(run.encode()).digest()[:8], "big") >> 1


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int, place: int) -> None:
        os.lseek(file, place, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: int, place: int) -> None:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
