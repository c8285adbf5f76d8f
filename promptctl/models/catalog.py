"""What can be said of a model's name and its parameters before anybody is asked: from LiteLLM's tables, by path."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date as day
from datetime import timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from promptctl.models import facts as known

_PROVIDERS_FILE = "provider_endpoints_support_backup.json"
# Providers of which LiteLLM's table lists every model that is sold; elsewhere people bring names of their own.
_CLOSED = frozenset({"openai", "anthropic", "gemini", "mistral", "xai", "deepseek", "cohere"})
_OWN_NAMES = ("ft:", "models/", "arn:")
_NUMBER = re.compile(r"\d+")
_DATE = re.compile(r"(?<!\d)(?:\d{4}-\d{2}-\d{2}|\d{2}-\d{4}|\d{8}|\d{4}|\d{3})(?!\d|b)")
_SOON = 180  # days
_TALKS = frozenset({"chat", "responses", "completion"})


def unknown_because(model: str) -> str:
    """Why LiteLLM cannot ask a model of this name; "" where it can, or where nobody can tell."""
    if model.startswith(known.LOCAL):
        return _unknown_local(model)
    if known.facts(model) is not None or not known.table() or model.startswith(_OWN_NAMES):
        return ""
    provider, slash, name = model.partition("/")
    if not slash:
        return "LiteLLM knows no model of this name, and it names no provider"
    if provider not in providers():
        return f"LiteLLM knows no provider '{provider}'"
    if provider in _CLOSED and not name.startswith(_OWN_NAMES) and "/" not in name:
        return f"LiteLLM knows no such model of {provider}"
    return ""


def nearest(model: str) -> str | None:
    """The known name that is nearest to a misspelt one."""
    import difflib  # 4 ms, and 30 ms for the table: only a misspelt name pays it

    provider, slash, bare = model.partition("/")
    names: Iterable[str] = known.table()
    if slash and provider in providers():
        own = [name for name in names if known.facts(f"{provider}/{name.removeprefix(f'{provider}/')}") is not None]
        near = difflib.get_close_matches(bare, [name.removeprefix(f"{provider}/") for name in own], n=1, cutoff=0.6)
        return f"{provider}/{near[0]}" if near else None
    if slash:
        near = difflib.get_close_matches(provider, providers(), n=1, cutoff=0.6)
        return f"{near[0]}/{bare}" if near else None
    near = difflib.get_close_matches(model, names, n=1, cutoff=0.6)
    return near[0] if near else None


def successor(model: str, today: str) -> str | None:
    """The newest model of the same family and provider that stays for half a year; None where the table has none.

    A family is what is left of a name without its numbers: claude sonnet, gpt mini. `today` is YYYY-MM-DD.
    """
    entry = known.facts(model)
    if entry is None:
        return None
    prefix, slash, bare = model.rpartition("/")
    heirs = ((version, f"{prefix}{slash}{name}") for version, name in _heirs(bare, entry, today))
    best = max((heir for heir in heirs if known.facts(heir[1]) is not None), default=None)
    return None if best is None else best[1]


def _heirs(bare: str, entry: known.ModelFacts, today: str) -> Iterator[tuple[tuple[tuple[int, ...], str], str]]:
    family, version = _family(bare), _version(bare)
    soon = (day.fromisoformat(today) + timedelta(days=_SOON)).isoformat()
    for name, raw in known.table().items():
        last = name.rpartition("/")[2]
        if raw.get("litellm_provider") != entry.provider or raw.get("mode") != entry.raw.get("mode"):
            continue
        date = raw.get("deprecation_date")
        stays = not isinstance(date, str) or date > soon
        if stays and last != bare and _family(last) == family and _version(last) > version:
            yield _version(last), last


def _family(name: str) -> tuple[str, ...]:
    parts = re.findall(r"\d+b\b|[a-z]+", _DATE.sub(" ", name.lower()))
    kept = [part for part in parts if part not in {"v", "latest"}]
    if "gpt" in kept:  # gpt-4o and gpt-4-turbo are steps of one line
        kept = [part for part in kept if part not in {"o", "turbo"}]
    return tuple(sorted(kept))


def _version(name: str) -> tuple[tuple[int, ...], str]:
    """The numbers of a name, then its date: claude-3-5-sonnet-20241022 -> ((3, 5), "20241022")."""
    bare = re.sub(r"-v\d+(?::\d+)?$|\d+b\b", "", _DATE.sub(" ", name.lower()))
    date = _DATE.search(name)
    return tuple(int(number) for number in _NUMBER.findall(bare)), date[0].replace("-", "") if date else ""


def refused_params(model: str, params: Mapping[str, Any]) -> dict[str, str]:
    """Which of these parameters the model's provider, as LiteLLM asks it, does not take; each with why.

    Known of the models in LiteLLM's table; of all others nothing is said.
    """
    provider = known.provider_of(model)
    entry = known.facts(model)
    if entry is None or entry.raw.get("mode") not in _TALKS:
        return {}
    bare = model.rpartition("/")[2]
    refused = (
        _OPENAI_REASONING.get(_reasoning_kind(bare), frozenset())
        if provider == "openai"
        else _refused().get(provider, frozenset())
    )
    found = {name: f"{model} does not take it" for name in params if name in refused and params[name] is not None}
    if provider == "openai":
        found |= {name: "it is no parameter of OpenAI's API" for name in params if name in _NOT_OPENAI}
        found |= _temperature(model, bare, entry, params)
    if provider in {"openai", "anthropic"} and not entry.raw.get("supports_reasoning"):
        found |= {name: f"{model} does not reason" for name in ("reasoning_effort", "thinking") if params.get(name)}
    return found


def _temperature(model: str, bare: str, entry: known.ModelFacts, params: Mapping[str, Any]) -> dict[str, str]:
    """A model of OpenAI that always reasons takes a temperature of 1 alone."""
    value = params.get("temperature")
    if value is None or value == 1 or not _reasoning_kind(bare) or entry.raw.get("supports_none_reasoning_effort"):
        return {}
    return {"temperature": f"{model} always reasons, and takes 1 alone"}


def _reasoning_kind(bare: str) -> str:
    if re.match(r"o[134](?:-|$)", bare):
        return "o"
    return "gpt-5" if re.match(r"gpt-5(?![^/]*chat)", bare) else ""


def _unknown_local(model: str) -> str:
    from promptctl.models.local.weights import built_in

    try:
        built_in(model.removeprefix(known.LOCAL))
    except Exception:  # noqa: BLE001 - whatever it says, there is no such model
        return "there is no built-in model of this name"
    return ""


@cache
def providers() -> frozenset[str]:
    """The prefixes that a model's name may have."""
    families = {str(entry.get("litellm_provider", "")).partition("-")[0] for entry in known.table().values()}
    whole = {str(entry.get("litellm_provider", "")) for entry in known.table().values()}
    prefixes = {name.partition("/")[0] for name in known.table() if "/" in name}
    return frozenset(families | whole | prefixes | _endpoint_providers() | known.KEYLESS | {"local"})


def _endpoint_providers() -> set[str]:
    spec = find_spec("litellm")
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        try:
            table = json.loads((Path(folder) / _PROVIDERS_FILE).read_text("utf-8"))
        except (OSError, ValueError):
            continue
        listed = table.get("providers") if isinstance(table, dict) else None
        return {name.partition("/")[0] for name in listed} if isinstance(listed, dict) else set()
    return set()


@cache
def _refused() -> Mapping[str, frozenset[str]]:
    """What LiteLLM answers with an error, by provider. It says so in code, which takes 2.5 s to import: a test does."""
    table = json.loads(Path(__file__).with_name("refused_params.json").read_text("utf-8"))
    return {provider: frozenset(names.split()) for provider, names in table["refused"].items()}


# Of OpenAI's models, which differ; a test holds it against LiteLLM's own lists.
_OPENAI_REASONING: Mapping[str, frozenset[str]] = {
    "o": frozenset(
        {"frequency_penalty", "logprobs", "parallel_tool_calls", "presence_penalty", "top_logprobs", "top_p"}
    ),
    "gpt-5": frozenset({"frequency_penalty", "logit_bias", "presence_penalty", "stop"}),
}
_OTHERS = """
top_k min_p top_a typical_p repetition_penalty repeat_penalty length_penalty stop_sequences thinking
thinking_config thinking_budget safety_settings num_ctx num_predict random_seed max_new_tokens do_sample mirostat
guided_json guided_regex guided_choice guided_grammar grammar
"""
_NOT_OPENAI = frozenset(_OTHERS.split())  # OpenAI's API answers these with an error
