"""Which parameters a provider's models refuse: the table that lint reads, and LiteLLM, from which it is made.

With PROMPTCTL_TEST_UPDATE=1 the table is written anew.
"""

import json
import os
from importlib.metadata import version
from pathlib import Path

import pytest

import promptctl.models
from promptctl.models import catalog, facts
from promptctl.settings import ALLOWED_PARAMS

TABLE = Path(promptctl.models.__file__).with_name("refused_params.json")
# Asked for a key, or over the network, before they say anything; OpenAI's models differ: catalog.py knows them.
LEFT_OUT = frozenset({"", "openai", "chatgpt", "github_copilot"})
VALUES = {
    "audio": {"voice": "a", "format": "wav"},
    "context_management": {"edits": []},
    "function_call": "auto",
    "functions": [{"name": "f", "parameters": {}}],
    "logit_bias": {"1": 1},
    "modalities": ["text"],
    "prediction": {"type": "content", "content": "a"},
    "reasoning_effort": "low",
    "service_tier": "auto",
    "stop": ["a"],
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "tool_choice": "auto",
    "web_search_options": {"search_context_size": "low"},
}


@pytest.fixture(scope="module")
def litellm():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        patch.setenv("LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS", "True")
        import litellm

        yield litellm


def models_by_provider():
    """Of each provider the chat models of LiteLLM's table, without its prefix."""
    found: dict[str, list[str]] = {}
    for model, entry in facts.table().items():
        provider = facts.provider_of(model)
        if entry.get("mode") in {"chat", "responses", "completion"} and provider not in LEFT_OUT:
            found.setdefault(provider, []).append(model.removeprefix(f"{provider}/"))
    return found


def refused_by(litellm):
    """What no model of a provider takes, and what LiteLLM answers with an error."""
    from litellm.constants import DEFAULT_CHAT_COMPLETION_PARAM_VALUES

    names = ALLOWED_PARAMS & set(DEFAULT_CHAT_COMPLETION_PARAM_VALUES)
    refused = {}
    for provider, models in models_by_provider().items():
        taken = [litellm.get_supported_openai_params(model, provider) for model in models]
        if None in taken:
            continue  # LiteLLM does not know this provider as one of chats
        left = names.difference(*map(set, taken))
        if found := sorted(name for name in left if fails(litellm, models[0], provider, name)):
            refused[provider] = found
    return dict(sorted(refused.items()))


def fails(litellm, model, provider, name):
    try:
        litellm.utils.get_optional_params(model=model, custom_llm_provider=provider, **{name: VALUES.get(name, 1)})
    except litellm.UnsupportedParamsError:
        return True
    except Exception:  # noqa: BLE001 - a value that it does not like: then it took the parameter
        return False
    return False


def test_the_table_is_what_litellm_refuses(litellm):
    known = json.loads(TABLE.read_text("utf-8")) if TABLE.exists() else {}
    if os.environ.get("PROMPTCTL_TEST_UPDATE"):
        lines = [
            f"    {json.dumps(name)}: {json.dumps(' '.join(found))}" for name, found in refused_by(litellm).items()
        ]
        head = f'{{\n  "litellm": "{version("litellm")}",\n  "refused": {{\n'
        TABLE.write_text(head + ",\n".join(lines) + "\n  }\n}\n", "utf-8")
        known = json.loads(TABLE.read_text("utf-8"))
    if known["litellm"] != version("litellm"):
        pytest.skip(f"the table is of LiteLLM {known['litellm']}")

    assert refused_by(litellm) == {name: found.split() for name, found in known["refused"].items()}


@pytest.mark.parametrize(
    ("model", "params", "refused"),
    [
        ("groq/openai/gpt-oss-20b", {"verbosity": "low", "seed": 1, "user": "a"}, {"verbosity"}),
        ("ollama/llama3", {"logprobs": True, "seed": 1, "mirostat": 1}, {"logprobs"}),
        ("deepseek/deepseek-chat", {"verbosity": "low", "temperature": 0}, {"verbosity"}),
        ("xai/grok-4.3", {"modalities": ["text"], "seed": 1}, {"modalities"}),
        ("groq/a-model-of-my-own", {"verbosity": "low"}, set()),
        ("nobody/knows", {"verbosity": "low"}, set()),
    ],
)
def test_other_providers_are_known_too(model, params, refused):
    assert refused == set(catalog.refused_params(model, params))
