"""A real PostgreSQL server for the tests: from the system's packages, in a folder of its own, on a socket of its own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import quote

ABSENT = "no PostgreSQL server on this machine (Debian: apt-get install postgresql)"


@cache
def programs() -> Path | None:
    """The folder that holds initdb and pg_ctl; Debian keeps them out of PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    found = shutil.which("initdb")
    place = debian[0] if debian else Path(found).resolve() if found else None
    return None if place is None else place.parent


@contextmanager
def server() -> Iterator[str]:
    """The address of a fresh server, which ends with the context."""
    bin_folder = programs()
    assert bin_folder is not None, ABSENT
    # PostgreSQL refuses to run as root; the package brings a user of its own. A socket's path must be short.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="pctl-pg-", dir="/tmp"))
    if user:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [bin_folder / program, "-D", folder / "data", *arguments],
            user=user,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert 0 == done.returncode, done.stdout

    try:
        run("initdb", "--auth=trust", "--username=tests", "--encoding=UTF8", "--no-sync", "--locale=C")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=40"
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://tests@/postgres?host={quote(str(folder), safe='')}"
        finally:
            run("pg_ctl", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
