"""A real language model on this machine: no account, no key, no network once its weights are here."""

from promptctl.models.local.serving import LocalServer, missing, serve
from promptctl.models.local.weights import cached_weights, fetch_weights, identity, models_folder

__all__ = ["LocalServer", "cached_weights", "fetch_weights", "identity", "missing", "models_folder", "serve"]
