"""A model's name -> who answers it: the address, the key's place, the identity that goes into a fingerprint."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from promptctl.models.facts import environment_key, provider_of
from promptctl.settings import Provider

# The providers' own addresses: to name one changes nothing.
_OWN = {
    "openai": ("https://api.openai.com", "https://api.openai.com/v1"),
    "anthropic": ("https://api.anthropic.com", "https://api.anthropic.com/v1"),
    "mistral": ("https://api.mistral.ai/v1",),
    "groq": ("https://api.groq.com/openai/v1",),
    "deepseek": ("https://api.deepseek.com", "https://api.deepseek.com/v1", "https://api.deepseek.com/beta"),
    "openrouter": ("https://openrouter.ai/api/v1",),
    "xai": ("https://api.x.ai/v1",),
    "gemini": ("https://generativelanguage.googleapis.com", "https://generativelanguage.googleapis.com/v1beta"),
}
_BASES = {
    "openai": ("OPENAI_BASE_URL", "OPENAI_API_BASE"),
    "anthropic": ("ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL"),
}
_PLACEHOLDER = "none"  # a server on this machine asks for no key, but its protocol has a place for one


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a model's name means. `model` is LiteLLM's name for it.

    `api_key` None leaves the key to the environment, where `key_names` say which variables may hold it. `concurrency`
    bounds the calls in flight to it, beside the run's own bound. `free` answers cost nothing.
    """

    model: str
    api_base: str | None = None
    api_key: str | None = field(default=None, repr=False)
    concurrency: int | None = None
    free: bool = False
    provider: str = ""
    key_names: tuple[str, ...] = ()


Resolve = Callable[[str], Target]


def target_of(model: str, providers: Mapping[str, Provider], environ: Mapping[str, str]) -> Target:
    """Whom a model's name means, by the settings and the environment. Built-in models are resolved elsewhere."""
    provider = provider_of(model)
    settings = providers.get(provider, Provider())
    api_base = _api_base(provider, settings, environ)
    names = (settings.api_key_env,) if settings.api_key_env else environment_key(provider)
    found = next((name for name in names if environ.get(name)), None)
    # Tokens of other kinds (AZURE_AD_TOKEN) have other places: LiteLLM takes them from the environment itself.
    named = found is not None and (found == settings.api_key_env or found.endswith("_API_KEY"))
    key = environ[found] if found is not None and named else None
    if found is None and settings.api_key_env is None and api_base is not None and is_loopback(api_base):
        key = _PLACEHOLDER
    return Target(model=model, api_base=api_base, api_key=key, provider=provider, key_names=names)


def endpoint_of(model: str, providers: Mapping[str, Provider], environ: Mapping[str, str]) -> str | None:
    """What answers, for the fingerprint: an api_base in its one form, None where it is the provider's own address."""
    provider = provider_of(model)
    api_base = _api_base(provider, providers.get(provider, Provider()), environ)
    if api_base is None:
        return None
    identity = _identity(api_base)
    return None if identity in _OWN.get(provider, ()) else identity


def is_loopback(api_base: str) -> bool:
    """Whether an address is this machine's own."""
    host = urlsplit(api_base).hostname or ""
    return host in {"localhost", "::1"} or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None


def _api_base(provider: str, settings: Provider, environ: Mapping[str, str]) -> str | None:
    if settings.api_base:
        return settings.api_base
    # LiteLLM honours these by itself, in this order; read here, they are part of the fingerprint too.
    names = _BASES.get(provider) or (f"{provider.upper().replace('-', '_')}_API_BASE",)
    return next((environ[name] for name in names if environ.get(name)), None)


def _identity(api_base: str) -> str:
    """Scheme and host in small letters, no user, no password, no query, no closing slash."""
    parts = urlsplit(api_base)
    host = (parts.hostname or "").lower()
    port = f":{parts.port}" if parts.port is not None else ""
    path = parts.path.rstrip("/")
    return urlunsplit((parts.scheme.lower(), f"[{host}]{port}" if ":" in host else host + port, path, "", ""))
