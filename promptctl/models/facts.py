"""What models cost, hold and support: LiteLLM's own table, read by its path without importing LiteLLM."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from promptctl.settings import Price

LOCAL = "local/"  # built-in models: no table, no key, no cost
_TABLE = "model_prices_and_context_window_backup.json"
_NO_MODEL = "sample_spec"  # the table explains itself there
_DATED = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{8}|\d{4}|\d{3})$")  # the date or number that fixes a version
_SILENT = frozenset({"embedding", "moderation"})  # modes that give no tokens, whose price the table leaves out at times
_TIERS = ("_batches", "_flex", "_priority", "_balanced", "_ultrafast", "_decisions")
_KEYS: Mapping[str, tuple[str, ...]] = {
    "anthropic": ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "fireworks_ai": ("FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY", "FIREWORKSAI_API_KEY", "FIREWORKS_AI_TOKEN"),
    "together_ai": ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY", "TOGETHER_AI_API_KEY"),
    "huggingface": ("HUGGINGFACE_API_KEY", "HF_TOKEN"),
    "perplexity": ("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"),
    "cohere": ("COHERE_API_KEY", "CO_API_KEY"),
    "azure": ("AZURE_API_KEY", "AZURE_OPENAI_API_KEY", "AZURE_AD_TOKEN"),
}
# Those that need no key, or find their credentials in more places than an environment variable.
KEYLESS = frozenset(
    {"bedrock", "bedrock_converse", "sagemaker", "sagemaker_chat", "vertex_ai", "vertex_ai_beta", "ollama", "oci"}
    | {"ollama_chat", "lm_studio", "llamafile", "vllm", "hosted_vllm", "xinference", "github_copilot", "chatgpt"}
    | {"custom", "custom_openai", "litellm_proxy", "watsonx", "local", "oobabooga", "petals", "docker_model_runner"}
)


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """One model of the table; None where the table does not say. Costs in US dollars a token.

    `deprecation_date` is YYYY-MM-DD. `raw` is the table's whole entry.
    """

    provider: str | None = None
    max_input: int | None = None
    max_output: int | None = None
    input_cost_per_token: float | None = None
    output_cost_per_token: float | None = None
    deprecation_date: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def dearest(self, kind: str, *, tiers: bool) -> float | None:
        """The highest price of one `input` or `output` token, however it is counted (cached, in a long context).

        `tiers` takes in what a `service_tier` may make of it.
        """
        found = [
            float(cost)
            for name, cost in self.raw.items()
            if _prices_token(name, kind) and isinstance(cost, int | float) and (tiers or not name.endswith(_TIERS))
        ]
        base = self.input_cost_per_token if kind == "input" else self.output_cost_per_token
        return None if base is None else max(base, *found, 0.0)


def facts(model: str) -> ModelFacts | None:
    """What is known of a model by the name that a prompt gives it; None for a name that the table does not have."""
    return _facts(model)


def provider_of(model: str) -> str:
    """The provider that a model's name means: its prefix, or for a bare name the table's; "" where nobody knows."""
    prefix, slash, _ = model.partition("/")
    if slash:
        return prefix
    known = facts(model)
    return _family(known.provider) if known is not None and known.provider else ""


def environment_key(provider: str) -> tuple[str, ...]:
    """The environment variables that may hold a provider's key, the usual one first; empty where it needs none."""
    if provider in KEYLESS or not provider:
        return ()
    return _KEYS.get(provider) or (f"{provider.upper().replace('-', '_')}_API_KEY",)


def price(model: str, prices: Mapping[str, Price]) -> Price | None:
    """What a model's tokens cost: `prices:` first, then the table; None is unknown. A built-in model costs nothing."""
    if model.startswith(LOCAL):
        return Price(0.0, 0.0)
    if model in prices:
        return prices[model]
    known = facts(model)
    if known is None or known.input_cost_per_token is None or known.output_cost_per_token is None:
        return None
    return Price(known.input_cost_per_token * 1e6, known.output_cost_per_token * 1e6)


def fixed_version(model: str) -> str | None:
    """The newest dated name that the table has for one without a date: gpt-4o-2024-11-20 for gpt-4o."""
    _, slash, bare = model.rpartition("/")
    if model.startswith(LOCAL) or _DATED.search(bare):
        return None
    begins = f"{model}-" if slash else f"{bare}-"
    names = [*table(), *(f"{model[: -len(bare)]}{name}" for name in table() if slash and "/" not in name)]
    dated = [name for name in names if name.startswith(begins) and _DATED.fullmatch(name[len(begins) - 1 :])]
    return max((name for name in dated if facts(name) is not None), default=None)


@cache
def _facts(model: str) -> ModelFacts | None:
    if model.startswith(LOCAL):
        return None
    own = _raw(model)
    if own is not None:
        return _entry(own)
    prefix, slash, name = model.partition("/")
    entry = _raw(name) if slash else None
    if entry is None or _family(entry.get("litellm_provider", "")) != _family(prefix):
        return None
    return _entry(entry)


def _entry(raw: Mapping[str, Any]) -> ModelFacts:
    provider, date = raw.get("litellm_provider"), raw.get("deprecation_date")
    return ModelFacts(
        provider=provider if isinstance(provider, str) else None,
        max_input=_count(raw, "max_input_tokens") or _count(raw, "max_tokens"),
        max_output=_count(raw, "max_output_tokens") or _count(raw, "max_tokens"),
        input_cost_per_token=_cost(raw, "input_cost_per_token"),
        output_cost_per_token=0.0 if raw.get("mode") in _SILENT else _cost(raw, "output_cost_per_token"),
        deprecation_date=date if isinstance(date, str) else None,
        raw=raw,
    )


def _raw(model: str) -> Mapping[str, Any] | None:
    """One entry of the table, cut out of its text: 2 ms, where the whole takes 30."""
    text = _text()
    if not text.startswith(b'{\n    "'):
        return table().get(model)
    start = text.find(b"\n    %s: {" % json.dumps(model).encode())
    end = text.find(b"\n    }", start)
    if model == _NO_MODEL or start < 0 or end < 0:
        return None
    try:
        entry = json.loads(b"{%s}}" % text[start:end])[model]
    except (ValueError, KeyError):
        return table().get(model)
    return entry if isinstance(entry, dict) else None


@cache
def table() -> dict[str, dict[str, Any]]:
    """LiteLLM's table, 30 ms: an entry a model; empty where it cannot be found."""
    try:
        read = json.loads(_text() or b"{}")
    except ValueError:
        return {}
    read.pop(_NO_MODEL, None)
    return {model: entry for model, entry in read.items() if isinstance(entry, dict)}


@cache
def _text() -> bytes:
    # Where LiteLLM is absent, or keeps its table elsewhere one day, every model is unknown: said, never guessed.
    spec = find_spec("litellm")
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        try:
            return (Path(folder) / _TABLE).read_bytes()
        except OSError:
            continue
    return b""


def _family(provider: str) -> str:
    """A provider's name without what the table adds: bedrock_converse, vertex_ai-anthropic_models."""
    for family in ("vertex_ai", "bedrock", "cohere", "fireworks_ai", "azure"):
        if provider.startswith((f"{family}-", f"{family}_")) and provider not in {"azure_ai", "bedrock_mantle"}:
            return family
    return provider.removeprefix("text-completion-")


def _prices_token(name: str, kind: str) -> bool:
    if kind == "output":
        return name.startswith(("output_cost_per_token", "output_cost_per_reasoning_token"))
    return name.startswith(("input_cost_per_token", "cache_creation_input_token_cost"))


def _count(raw: Mapping[str, Any], name: str) -> int | None:
    value = raw.get(name)
    return int(value) if isinstance(value, int | float) and value > 0 else None


def _cost(raw: Mapping[str, Any], name: str) -> float | None:
    value = raw.get(name)
    return float(value) if isinstance(value, int | float) else None
