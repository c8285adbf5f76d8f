"""Git's objects by name, through one `cat-file --batch` process for as many as are asked for."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

_CHUNK = 1 << 20
FILE = "100644"
SYMLINK = "120000"
SUBMODULE = "160000"
FOLDER = "40000"


@dataclass(frozen=True, slots=True)
class GitObject:
    """An object: its full id (hex), its kind (blob, tree, commit, tag), its size, and its content.

    `data` is None where the object is larger than was asked for.
    """

    oid: str
    kind: str
    size: int
    data: bytes | None


@dataclass(frozen=True, slots=True)
class TreeItem:
    """One line of a folder, as git keeps it."""

    name: str
    mode: str
    oid: str


def ask(stdin: IO[bytes], stdout: IO[bytes], name: str, limit: int) -> GitObject | None:
    """One question to `cat-file --batch`; None where git knows no such object.

    `name` is any name that git takes (an id, HEAD:path, main^{commit}); a line break would be a second question. Raises
    BrokenPipeError where the process is gone.
    """
    if "\n" in name or "\0" in name:
        return None
    stdin.write(name.encode("utf-8", "surrogateescape") + b"\n")
    stdin.flush()
    header = stdout.readline()
    if not header:
        raise BrokenPipeError
    fields = header.split()
    # Whatever a name holds, a line that git could not answer ends so.
    if header.endswith((b" missing\n", b" ambiguous\n")) or len(fields) != 3:
        return None
    oid, kind, size = fields[0].decode(), fields[1].decode(), int(fields[2])
    data = None
    if size <= limit:
        data = stdout.read(size)
        if len(data) < size:  # a damaged object ends the process in the midst of its content
            raise BrokenPipeError
    else:
        _skip(stdout, size)
    stdout.read(1)  # the line break after the content
    return GitObject(oid, kind, size, data)


def _skip(stdout: IO[bytes], size: int) -> None:
    while size > 0:
        chunk = stdout.read(min(size, _CHUNK))
        if not chunk:
            raise BrokenPipeError
        size -= len(chunk)


def tree_items(data: bytes, digest_size: int) -> Iterator[TreeItem]:
    """The lines of a tree object: `mode name NUL id`, the id in binary."""
    place = 0
    while place < len(data):
        space = data.index(b" ", place)
        end = data.index(b"\0", space)
        name = data[space + 1 : end].decode("utf-8", "surrogateescape")
        oid = data[end + 1 : end + 1 + digest_size].hex()
        yield TreeItem(name, data[place:space].decode(), oid)
        place = end + 1 + digest_size


def blob_id(path: str, algorithm: str) -> str:
    """The id that git would give a file's content, or a symbolic link itself, were it added without filters."""
    if os.path.islink(path):  # noqa: PTH114 - as the text that git keeps
        link = os.fsencode(os.readlink(path))  # noqa: PTH115 - as above
        return hashlib.new(algorithm, b"blob %d\0" % len(link) + link, usedforsecurity=False).hexdigest()
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - twice as fast as a Path, 400 times a run
        digest = hashlib.new(algorithm, b"blob %d\0" % os.fstat(file.fileno()).st_size, usedforsecurity=False)
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
