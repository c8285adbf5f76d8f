"""Which added files are removed ones under another name, as git sees it.

Two trees are built, of the removed and of the added files alone, and git compares them: one process, whatever the
sources are. What is written for that goes to a folder of its own; the repository stays as it was.
"""

import hashlib
import tempfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from promptctl.versions.objects import FILE, FOLDER

# Of git's arguments and its environment -> what it prints.
Run = Callable[[Sequence[str], Mapping[str, str]], str]
Write = Callable[[str, bytes], str]


def renames(
    run: Run,
    objects: Path,
    algorithm: str,
    removed: Mapping[str, str],
    added: Mapping[str, str | bytes],
) -> dict[str, str]:
    """New path -> old path. Files are given as the id of a blob in `objects`, or by their content."""
    with tempfile.TemporaryDirectory(prefix="promptctl-") as name:
        store = Path(name)

        def write(kind: str, data: bytes) -> str:
            return _write(store, algorithm, kind, data)

        old = _tree(removed, write)
        new = _tree({path: write("blob", it) if isinstance(it, bytes) else it for path, it in added.items()}, write)
        env = {"GIT_OBJECT_DIRECTORY": str(store), "GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(objects)}
        # 50% is git's own default; the limit of candidates bounds a comparison that grows with their square.
        options = ("-r", "-z", "--raw", "-M50%", "-l1000", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all")
        out = run(["diff-tree", *options, old, new], env)
    return _renamed(out)


def _renamed(out: str) -> dict[str, str]:
    """`:mode mode id id R087 NUL old NUL new NUL`, and records of other kinds with one path."""
    found = {}
    fields = iter(out.split("\0"))
    for meta in fields:
        if not meta.startswith(":"):
            continue
        old = next(fields)
        if meta.rpartition(" ")[2].startswith("R"):
            found[next(fields)] = old
    return found


def _tree(files: Mapping[str, str], write: Write) -> str:
    """The id of a tree that holds these files."""
    folders: dict[str, dict[str, str]] = {}
    items: list[tuple[bytes, str, bytes, str]] = []
    for path, oid in files.items():
        head, slash, rest = path.partition("/")
        if slash:
            folders.setdefault(head, {})[rest] = oid
        else:
            items.append((_bytes(head), FILE, _bytes(head), oid))
    # Git sorts a folder as if its name ended with a slash.
    items += [(_bytes(f"{name}/"), FOLDER, _bytes(name), _tree(inside, write)) for name, inside in folders.items()]
    lines = (mode.encode() + b" " + name + b"\0" + bytes.fromhex(oid) for _, mode, name, oid in sorted(items))
    return write("tree", b"".join(lines))


def _write(store: Path, algorithm: str, kind: str, data: bytes) -> str:
    whole = b"%s %d\0" % (kind.encode(), len(data)) + data
    oid = hashlib.new(algorithm, whole, usedforsecurity=False).hexdigest()
    path = store / oid[:2] / oid[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zlib.compress(whole, 1))
    return oid


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _quoted(path: Path) -> str:
    """A path as a list of paths takes it: a colon in it would end it, quotes keep it whole."""
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
