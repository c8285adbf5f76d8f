"""A promptfoo provider -> a LiteLLM model name and parameters."""

from collections.abc import Mapping
from typing import Any

from promptctl.documents import printable
from promptctl.prompts.formats.promptfooconfig import OTHER_ENDPOINTS, model_of
from promptctl.settings import ALLOWED_PARAMS, param_problems
from promptctl.workflows.adopt_promptfoo.files import mapping_of
from promptctl.workflows.adopt_promptfoo.leftovers import Leftovers

_ELSEWHERE = {
    "apiKey": "keys are read from the environment alone",
    "apiKeyEnvar": "name it in .promptctl.yaml as providers.NAME.api_key_env",
    "apiBaseUrl": "set it in .promptctl.yaml as providers.NAME.api_base",
    "apiHost": "set it in .promptctl.yaml as providers.NAME.api_base",
}


def adopted_model(config: Mapping[str, Any], left: Leftovers) -> dict[str, Any]:
    """The first provider as keys of a prompt: model, params, tools, response_format."""
    listed = config.get("providers", config.get("targets"))
    providers = listed if isinstance(listed, list) else [listed] * (listed is not None)
    named = [_named(provider) for provider in providers]
    if not named:
        left.note("providers: none is named; set `model:` in .promptctl.yaml")
        return {}
    (name, settings), *others = named
    for other, _ in others:
        left.note(f"providers: '{other}' is not carried over: ask it with `promptctl replay --model`")
    model = _model(name, left)
    return ({} if model is None else {"model": model}) | parameters(settings, name, left)


def judge_of(provider: Any, left: Leftovers) -> Any:
    """The `provider` of an assertion as promptctl writes it; as it stands where it has no counterpart."""
    if not isinstance(provider, str | dict):
        return provider
    name, settings = _named(provider)
    unheard = Leftovers()  # that an embedding or a moderation has its own endpoint is no news to an assertion
    model = _model(name, unheard)
    if model is None:
        return provider
    params = parameters(settings, name, left).get("params")
    return {"model": model, "params": params} if params else model


def _named(provider: Any) -> tuple[str, Mapping[str, Any]]:
    """A provider's id and its config, in each of the three ways to write it."""
    if not isinstance(provider, dict):
        return str(provider), {}
    if "id" in provider:
        return str(provider["id"]), _with_rest(provider)
    name, settings = next(iter(provider.items()), ("", None))
    return str(name), _with_rest(mapping_of(settings))


def _with_rest(provider: Mapping[str, Any]) -> dict[str, Any]:
    """`config`, and what stands beside it under names of its own."""
    rest = {key: value for key, value in provider.items() if key not in {"id", "label", "config"}}
    return {**mapping_of(provider.get("config")), **rest}


def _model(name: str, left: Leftovers) -> str | None:
    model = model_of(name)
    if model is None:
        left.note(f"providers: '{name}' has no counterpart here; set `model:` to a LiteLLM model name")
    elif (
        (endpoint := name.split(":")[1]) in OTHER_ENDPOINTS and name.count(":") > 1 and not name.startswith("litellm:")
    ):
        left.note(f"providers: '{name}' is asked through the chat endpoint here, not '{endpoint}'")
    return model


def parameters(settings: Mapping[str, Any], whose: str, left: Leftovers) -> dict[str, Any]:
    """A provider's or prompt's `config` as keys of a prompt; the values of what is left out are never shown."""
    params = {key: value for key, value in settings.items() if key in ALLOWED_PARAMS and value is not None}
    problems = {key: param_problems({key: value}, key) for key, value in params.items()}
    params = {key: value for key, value in params.items() if not problems[key]}
    keys: dict[str, Any] = {"params": params} if params else {}
    tools = settings.get("tools")
    if isinstance(tools, list) and all(isinstance(tool, dict) for tool in tools):
        keys["tools"] = tools
    if isinstance(settings.get("response_format"), dict):
        keys["response_format"] = settings["response_format"]
    for key in settings:
        if key not in params and key not in keys:
            why = _ELSEWHERE.get(key, "it has no counterpart here")
            left.note(f"{whose}: config '{printable(str(key))}' is not carried over: {why}")
    return keys
