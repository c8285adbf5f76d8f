"""What can be said of a model's name and parameters, held against LiteLLM itself."""

import pytest

from promptctl.models import catalog
from promptctl.models.facts import facts, table
from promptctl.settings.params import ALLOWED_PARAMS


@pytest.mark.parametrize(
    "model",
    [
        "openai/gpt-4o",
        "gpt-4o",
        "openai/gpt-5-mini",
        "anthropic/claude-haiku-4-5",
        "ollama/whatever-i-pulled",
        "azure/my-deployment",
        "hosted_vllm/mine",
        "openrouter/someone/new-model",
        "huggingface/org/model",
        "ft:gpt-4o-mini-2024-07-18:org::id",
        "openai/ft:gpt-4o:org::id",
        "bedrock/arn:aws:bedrock:eu-west-1:1:x/y",
        "local/smollm2",
    ],
)
def test_a_model_that_may_be_asked(model):
    assert "" == catalog.unknown_because(model)


@pytest.mark.parametrize(
    ("model", "why", "near"),
    [
        ("openai/gpt-4oo", "LiteLLM knows no such model of openai", "openai/gpt-4o"),
        ("gpt4o", "LiteLLM knows no model of this name, and it names no provider", "gpt-4o"),
        ("opneai/gpt-4o", "LiteLLM knows no provider 'opneai'", "openai/gpt-4o"),
        ("anthropic/claude-haiku-4.5", "LiteLLM knows no such model of anthropic", "anthropic/claude-haiku-4-5"),
        ("local/nonsense", "there is no built-in model of this name", None),
    ],
)
def test_a_model_that_nobody_knows(model, why, near):
    assert why == catalog.unknown_because(model)
    assert near is None or near == catalog.nearest(model)


def test_a_successor_is_of_the_same_family_newer_and_not_deprecated():
    today = "2026-11-26"
    named = {
        name: catalog.successor(name, today)
        for name, entry in table().items()
        if entry.get("litellm_provider") in {"openai", "anthropic", "gemini"} and entry.get("deprecation_date")
    }
    given = {old: new for old, new in named.items() if new is not None}

    assert given
    for old, new in given.items():
        known = facts(new)
        assert known is not None, (old, new)
        assert known.provider == facts(old).provider
        assert known.deprecation_date is None or known.deprecation_date > today


@pytest.mark.parametrize(
    ("old", "new"),
    [("gpt-4o-2024-05-13", "gpt-5"), ("claude-sonnet-4-5", "claude-sonnet-"), ("gpt-5-2025-08-07", "gpt-5.")],
)
def test_a_successor_is_a_newer_version(old, new):
    found = catalog.successor(old, "2026-11-26")

    assert found is not None
    assert found.startswith(new)


def test_parameters_that_a_model_refuses():
    assert {"temperature"} == set(catalog.refused_params("openai/gpt-5-mini", {"temperature": 0, "max_tokens": 5}))
    assert {} == catalog.refused_params("openai/gpt-5-mini", {"temperature": 1})
    assert {} == catalog.refused_params("openai/gpt-4o", {"temperature": 0, "top_p": 1})
    assert {"top_k"} == set(catalog.refused_params("openai/gpt-4o", {"top_k": 5}))
    assert {"reasoning_effort"} == set(catalog.refused_params("openai/gpt-4o", {"reasoning_effort": "low"}))
    assert {} == catalog.refused_params("openai/o3", {"reasoning_effort": "low"})
    assert {"seed"} == set(catalog.refused_params("anthropic/claude-haiku-4-5", {"seed": 1, "top_k": 5}))
    assert {} == catalog.refused_params("ollama/any", {"mirostat": 1, "seed": 1})


@pytest.mark.parametrize(
    "model",
    [
        "openai/gpt-4o",
        "openai/gpt-4.1-mini",
        "openai/o3",
        "openai/gpt-5-mini",
        "openai/gpt-5.1",
        "anthropic/claude-haiku-4-5",
        "anthropic/claude-sonnet-4-5",
        "gemini/gemini-2.5-flash",
        "mistral/mistral-large-latest",
        "cohere/command-r-plus",
    ],
)
def test_nothing_is_refused_that_litellm_takes(model, monkeypatch):
    """Whatever is named here, LiteLLM refuses too, but for what it hands on unread to OpenAI, which refuses it."""
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    monkeypatch.setenv("LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS", "True")
    import litellm

    provider, _, bare = model.partition("/")
    values = dict.fromkeys(ALLOWED_PARAMS - {"temperature"}, 1)
    taken = set(litellm.get_supported_openai_params(bare, provider) or ())

    refused = set(catalog.refused_params(model, values))

    assert set() == refused & taken
