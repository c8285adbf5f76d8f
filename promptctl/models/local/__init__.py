"""A real language model on this machine: no account, no key, no network once its weights are here."""

from promptctl.models.local.embedding import embedder_identity, embedder_target, is_embedder
from promptctl.models.local.serving import LocalServer, missing, serve
from promptctl.models.local.weights import cached_weights, fetch_weights, identity, models_folder

__all__ = [
    "LocalServer",
    "cached_weights",
    "embedder_identity",
    "embedder_target",
    "fetch_weights",
    "identity",
    "is_embedder",
    "missing",
    "models_folder",
    "serve",
]
