"""What models cost, hold and support; what a call can cost at most; who is asked, and with which key."""

import subprocess
import sys

import pytest

from promptctl.models import facts as facts_module
from promptctl.models.call import Call, Usage
from promptctl.models.costs import DEFAULT_MAX_TOKENS, bounded, ceiling, expected_cost, most_input_tokens, paid
from promptctl.models.endpoints import endpoint_of, is_loopback, target_of
from promptctl.models.facts import ModelFacts, environment_key, facts, price, provider_of
from promptctl.settings import Price, Provider

USER = ({"role": "user", "content": "hi"},)


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("openai/gpt-4o-mini", "openai"),
        ("gpt-4o-mini", "openai"),
        ("anthropic/claude-haiku-4-5", "anthropic"),
        ("claude-haiku-4-5", "anthropic"),
        ("azure/gpt-4o", "azure"),
        ("text-embedding-004", "vertex_ai"),
        ("nonsense", ""),
        ("foo/bar", "foo"),
        ("local/smollm2", "local"),
    ],
)
def test_the_provider_of_a_name(model, provider):
    assert provider == provider_of(model)


def test_facts_of_a_model_with_and_without_its_prefix():
    assert facts("openai/gpt-4o-mini") == facts("gpt-4o-mini")
    known = facts("openai/gpt-4o-mini")
    assert known is not None
    assert (
        known.max_input,
        known.max_output,
        known.input_cost_per_token,
        known.output_cost_per_token,
    ) == (128_000, 16_384, 1.5e-7, 6e-7)


def test_a_date_of_retirement_is_known():
    names = ("azure/gpt-4o", "azure/gpt-4o-2024-08-06", "gpt-4-0613", "claude-3-haiku-20240307", "gpt-4o-2024-05-13")
    dates = [known.deprecation_date for name in names if (known := facts(name)) is not None and known.deprecation_date]

    assert dates, "of these some are always about to be retired; which ones depends on LiteLLM's release"
    assert all(date.startswith("20") for date in dates)


@pytest.mark.parametrize(
    "model", ["openai/claude-haiku-4-5", "foo/gpt-4o-mini", "nonsense", "local/smollm2", "sample_spec"]
)
def test_nothing_is_guessed(model):
    assert facts(model) is None


def test_a_family_of_providers_is_one_provider():
    assert facts("bedrock/anthropic.claude-haiku-4-5-20251001-v1:0") is not None


def test_without_litellm_every_model_is_unknown(monkeypatch):
    facts_module.table.cache_clear()
    facts_module._text.cache_clear()
    monkeypatch.setattr(facts_module, "find_spec", lambda name: None)
    try:
        assert facts_module.table() == {}
    finally:
        facts_module.table.cache_clear()
        facts_module._text.cache_clear()


def test_a_table_that_cannot_be_read_knows_nothing(monkeypatch):
    facts_module.table.cache_clear()
    facts_module._text.cache_clear()
    monkeypatch.setattr(facts_module, "_TABLE", "absent.json")
    try:
        assert facts_module.table() == {}
    finally:
        facts_module.table.cache_clear()
        facts_module._text.cache_clear()


def test_facts_import_neither_litellm_nor_asyncio():
    code = "import sys; from promptctl.models.facts import facts; assert facts('gpt-4o'); print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert not {"litellm", "asyncio", "openai", "aiohttp"} & set(loaded)


def test_settings_come_before_the_table():
    assert Price(1.0, 2.0) == price("openai/gpt-4o-mini", {"openai/gpt-4o-mini": Price(1.0, 2.0)})
    assert price("openai/gpt-4o-mini", {}) == Price(pytest.approx(0.15), pytest.approx(0.6))
    assert price("openai/nobody-knows", {}) is None
    assert Price(0, 0) == price("local/smollm2", {})


def test_costs():
    assert pytest.approx(expected_cost(1_000, 500, Price(0.5, 2.0))) == 0.0015
    assert expected_cost(1, 1, None) is None
    assert pytest.approx(paid(Usage(1_000, 500), Price(0.5, 2.0))) == 0.0015
    assert paid(Usage(1_000, None), Price(0.5, 2.0)) is None
    assert paid(Usage(None, 5), Price(0.5, 2.0)) is None


def test_a_call_gets_a_limit_only_where_nobody_else_sets_one():
    unlimited = Call("openai/nobody-knows", USER)

    assert bounded(unlimited, None).params["max_tokens"] == DEFAULT_MAX_TOKENS
    assert bounded(unlimited, ModelFacts(max_output=10)) is unlimited
    assert bounded(Call("m", USER, {"max_completion_tokens": 5}), None).params == {"max_completion_tokens": 5}
    assert bounded(unlimited, ModelFacts()).params["max_tokens"] == DEFAULT_MAX_TOKENS


def test_the_ceiling_counts_bytes_and_the_limit_on_the_answer():
    prices = {"m": Price(1.0, 1_000_000.0)}
    call = Call("m", ({"role": "user", "content": "世" * 100},), {"max_tokens": 2})
    bound = ceiling(call, prices)

    assert bound is not None
    assert 2 + 300e-6 < bound < 2 + 500e-6
    assert ceiling(Call("m", USER, {"max_tokens": 2, "n": 3}), prices) == pytest.approx(6.0, abs=1e-3)
    assert ceiling(Call("m", USER), prices) == pytest.approx(4096, abs=1e-3)


def test_the_ceiling_takes_the_dearest_way_to_count_a_token():
    known = ModelFacts(
        input_cost_per_token=1.0,
        output_cost_per_token=1.0,
        raw={
            "input_cost_per_token_above_200k_tokens": 3.0,
            "cache_creation_input_token_cost": 2.0,
            "input_cost_per_token_priority": 9.0,
            "output_cost_per_reasoning_token": 4.0,
            "output_cost_per_token_batches": None,
        },
    )

    assert (known.dearest("input", tiers=False), known.dearest("input", tiers=True)) == (3.0, 9.0)
    assert known.dearest("output", tiers=False) == 4.0
    assert ModelFacts().dearest("input", tiers=True) is None


def test_a_service_tier_raises_the_ceiling():
    plain = Call("openai/gpt-5-mini", USER, {"max_tokens": 100})
    fast = Call("openai/gpt-5-mini", USER, {"max_tokens": 100, "service_tier": "priority"})

    assert ceiling(plain, {}) < ceiling(fast, {})


@pytest.mark.parametrize(
    "call",
    [
        Call("openai/nobody-knows", USER, {"max_tokens": 2}),
        Call("openai/gpt-4o", USER, {"web_search_options": {"search_context_size": "low"}}),
    ],
)
def test_what_has_no_bound_has_no_ceiling(call):
    assert ceiling(call, {}) is None


def test_a_built_in_model_costs_nothing():
    assert ceiling(Call("local/smollm2", USER), {}) == 0.0


def test_media_count_as_all_that_the_model_can_hold():
    image = ({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]},)
    text = ({"role": "user", "content": [{"type": "text", "text": "hi"}]},)

    assert most_input_tokens(Call("openai/gpt-4o", image), facts("openai/gpt-4o")) == 128_000
    assert most_input_tokens(Call("m", image), None) is None
    assert most_input_tokens(Call("m", text), None) < 200
    assert most_input_tokens(Call("m", text, tools=({"a": 1},)), None) > 1_000


@pytest.mark.parametrize(
    ("provider", "names"),
    [
        ("openai", ("OPENAI_API_KEY",)),
        ("gemini", ("GEMINI_API_KEY", "GOOGLE_API_KEY")),
        ("some-new", ("SOME_NEW_API_KEY",)),
        ("ollama", ()),
        ("", ()),
    ],
)
def test_where_a_key_is_looked_for(provider, names):
    assert names == environment_key(provider)


LOOPBACK = {"openai": Provider(api_base="http://127.0.0.1:8000/v1")}


@pytest.mark.parametrize(
    ("providers", "environ", "base", "key"),
    [
        ({}, {"OPENAI_API_KEY": "sk-1"}, None, "sk-1"),
        ({}, {}, None, None),
        (LOOPBACK, {}, "http://127.0.0.1:8000/v1", "none"),
        (LOOPBACK, {"OPENAI_API_KEY": "sk-1"}, "http://127.0.0.1:8000/v1", "sk-1"),
        ({}, {"OPENAI_BASE_URL": "http://a/v1", "OPENAI_API_BASE": "http://b/v1"}, "http://a/v1", None),
        ({}, {"OPENAI_API_BASE": "http://b/v1"}, "http://b/v1", None),
        ({"openai": Provider(api_key_env="MINE")}, {"OPENAI_API_KEY": "sk-1"}, None, None),
        ({"openai": Provider(api_base="http://127.0.0.1:8/v1", api_key_env="MINE")}, {}, "http://127.0.0.1:8/v1", None),
        ({"openai": Provider(api_key_env="MINE")}, {"MINE": "k", "OPENAI_API_KEY": "sk-1"}, None, "k"),
    ],
)
def test_whom_a_name_means(providers, environ, base, key):
    target = target_of("openai/gpt-4o", providers, environ)

    assert ("openai/gpt-4o", base, key) == (target.model, target.api_base, target.api_key)
    assert target.provider == "openai"


def test_a_token_of_another_kind_is_left_to_litellm():
    assert target_of("azure/x", {}, {"AZURE_AD_TOKEN": "t"}).api_key is None


def test_the_key_never_shows_in_a_repr():
    assert "sk-1" not in repr(target_of("openai/gpt-4o", {}, {"OPENAI_API_KEY": "sk-1"}))


@pytest.mark.parametrize(
    ("base", "identity"),
    [
        ("https://api.openai.com/v1/", None),
        ("HTTPS://API.OpenAI.com/v1", None),
        ("http://user:secret@LOCALHOST:80/v1/?x=1", "http://localhost:80/v1"),
        ("http://[::1]:9/v1", "http://[::1]:9/v1"),
        ("https://proxy.example.org", "https://proxy.example.org"),
    ],
)
def test_an_address_has_one_identity(base, identity):
    assert identity == endpoint_of("openai/gpt-4o", {"openai": Provider(api_base=base)}, {})


def test_no_address_is_no_identity():
    assert endpoint_of("openai/gpt-4o", {}, {}) is None
    assert endpoint_of("anthropic/x", {}, {"ANTHROPIC_BASE_URL": "http://b"}) == "http://b"
    assert endpoint_of("my-own/x", {}, {"MY_OWN_API_BASE": "http://b"}) == "http://b"


@pytest.mark.parametrize(
    ("base", "here"),
    [
        ("http://127.0.0.1:1/v1", True),
        ("http://localhost", True),
        ("http://[::1]:5", True),
        ("http://127.evil.org", False),
        ("x", False),
    ],
)
def test_what_is_this_machine(base, here):
    assert here == is_loopback(base)


def test_one_entry_cut_out_of_the_text_is_the_tables():
    table = facts_module.table()

    assert len(table) > 1_000
    assert [] == [model for model in [*table][::20] if facts_module._raw(model) != table[model]]
    assert all(facts_module._raw(name) is None for name in ("sample_spec", "no-such-model", 'quo"te', "a\nb"))


def test_a_table_written_otherwise_is_read_as_a_whole(monkeypatch):
    monkeypatch.setattr(facts_module, "_text", lambda: b'{"m": {"max_input_tokens": 7}}')
    facts_module.table.cache_clear()
    facts_module._facts.cache_clear()
    try:
        assert 7 == facts_module.facts("m").max_input
    finally:
        facts_module.table.cache_clear()
        facts_module._facts.cache_clear()
