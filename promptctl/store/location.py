"""A store's URL -> the file it names, or the server."""

from pathlib import Path
from urllib.parse import urlsplit

from promptctl.errors import UserError

SIDE_FILES = ("-wal", "-shm", "-journal")  # A store is several files; what was committed last lies in the -wal.
_SQLITE = "sqlite:///"
_MEMORY = ("sqlite://", "sqlite:///", "sqlite:///:memory:")
_SHARED = ("postgresql:", "postgresql+", "postgres:")


# What .promptctl/.gitignore says: waivers and schemas travel with the repository, the answers and runs do not.
IGNORE = "*\n!.gitignore\n!waivers.yaml\n!schemas/\n!schemas/*.json\n"


def store_path(url: str, root: Path) -> Path | None:
    """The file of `sqlite:///relative` (to `root`) or `sqlite:////absolute`; None where the store lives in memory.

    Raises UserError for another kind of URL, and for a relative path that leaves the repository, by `..` or by a
    symbolic link: what a repository brings along must not choose where this machine writes.
    """
    if url in _MEMORY:
        return None
    if not url.startswith(_SQLITE) or "\0" in url:
        hint = "Use sqlite:///PATH, relative to the root, or postgresql://HOST/DATABASE."
        raise UserError(f"cache.url: {_scheme(url)!r} names no store.", hint=hint)
    path = Path(url.removeprefix(_SQLITE))
    return path if path.is_absolute() else _inside(root, path)


def paths_of(path: Path, root: Path) -> frozenset[str]:
    """All paths below `root` that decide what the store at `path` holds: its files and the folders above them.

    Whoever brings one of these along (a folder may be a link, or a repository of its own) brings its answers.
    """
    found = set[str]()
    for place in {path, path.resolve()}:
        files = [place, *(place.with_name(place.name + suffix) for suffix in SIDE_FILES)]
        for base in {root, root.resolve()}:
            below = [file for file in (*files, *place.parents) if file.is_relative_to(base) and file != base]
            found |= {file.relative_to(base).as_posix() for file in below}
    return frozenset(found)


def is_shared(url: str) -> bool:
    """Whether a URL names a PostgreSQL server."""
    return url.startswith(_SHARED)


def shared_name(url: str) -> str:
    """What to call a server's store: its host and database, never a user or a password."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or "the default host"
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the PostgreSQL store"
    return f"postgresql://{host}{port}{parts.path}"


def _inside(root: Path, path: Path) -> Path:
    whole = root / path
    if not whole.resolve().is_relative_to(root.resolve()):
        raise UserError(f"cache.url: {path.as_posix()} leaves the repository.", hint="Write an absolute path.")
    return whole


def _scheme(url: str) -> str:
    """As much of the URL as can hold no password."""
    scheme, colon, _ = url.partition(":")
    return f"{scheme}{colon}" if colon else url
