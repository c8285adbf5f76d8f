"""The built-in models of a run: fetched, served and ended."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from promptctl.cli.progress import download_progress
from promptctl.settings import Settings

if TYPE_CHECKING:
    from promptctl.models.endpoints import Resolve, Target


class LocalModels:
    """The built-in models of one run: each served by a subprocess from the first call that nobody knows."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self.servers: dict[str, Any] = {}

    def endpoint(self, settings: Settings) -> Callable[[str], str | None]:
        """What answers, for the fingerprint: a built-in model's weights, else the provider's address."""
        from promptctl.models.endpoints import endpoint_of
        from promptctl.models.facts import LOCAL

        def of(model: str) -> str | None:
            if not model.startswith(LOCAL):
                return endpoint_of(model, settings.providers, os.environ)
            from promptctl.models.local import embedder_identity, identity, is_embedder

            name = model.removeprefix(LOCAL)
            return embedder_identity(name) if is_embedder(model) else identity(name)

        return of

    def resolver(self, settings: Settings) -> "Resolve":
        """Whom a model's name means; for a built-in one the weights are fetched and a server is started."""
        from promptctl.models.endpoints import target_of
        from promptctl.models.facts import LOCAL

        def resolve_model(model: str) -> "Target":
            if model.startswith(LOCAL):
                from promptctl.models.local import embedder_target, is_embedder

                if is_embedder(model):
                    return embedder_target(model.removeprefix(LOCAL))
                return self._served(model.removeprefix(LOCAL))
            return target_of(model, settings.providers, os.environ)

        return resolve_model

    def _served(self, name: str) -> "Target":
        from promptctl.models.local import serve

        server = self.servers.get(name)
        if server is None:
            server = self.servers[name] = serve(name, None if self.quiet else download_progress)
        target: Target = server.target
        return target

    def close(self) -> None:
        """End the servers."""
        for server in self.servers.values():
            server.close()


@contextmanager
def local_models(*, quiet: bool) -> Iterator[LocalModels]:
    """The built-in models; their servers end with the block."""
    models = LocalModels(quiet=quiet)
    try:
        yield models
    finally:
        models.close()


def local_model_missing() -> str | None:
    """Why the built-in model cannot be used here; None where it can, its weights perhaps still to be fetched."""
    from promptctl.models.local import missing

    return missing("smollm2")
