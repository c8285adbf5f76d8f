"""Which parameters of a model a file from strangers may set: those of generation, and no others.

A list of what is allowed, not of what is forbidden: LiteLLM takes hundreds of keyword arguments, many of which name an
endpoint, a credential or code, and every release adds some.
"""

from collections.abc import Callable, Mapping
from typing import Any

from promptctl.documents import printable, shown, suggestion
from promptctl.errors import Problem

_OPENAI = """
temperature top_p max_tokens max_completion_tokens stop presence_penalty frequency_penalty logit_bias logprobs
top_logprobs seed user tool_choice parallel_tool_calls functions function_call reasoning_effort verbosity modalities
prediction audio service_tier store safety_identifier prompt_cache_key prompt_cache_retention web_search_options
"""
_OTHERS = """
thinking top_k stop_sequences output_config effort cache_control_injection_points context_management speed
safety_settings response_mime_type response_schema thinking_config media_resolution
min_p top_a typical_p top_n_sigma repetition_penalty length_penalty min_tokens ignore_eos early_stopping
guided_json guided_regex guided_choice guided_grammar structured_outputs grammar chat_template_kwargs
skip_special_tokens spaces_between_special_tokens include_stop_str_in_output stop_token_ids bad_words
truncate_prompt_tokens add_generation_prompt enable_thinking thinking_budget reasoning include_reasoning
reasoning_format reasoning_budget transforms
num_ctx num_predict n_predict num_keep mirostat mirostat_eta mirostat_tau repeat_last_n repeat_penalty tfs_z
penalize_newline keep_alive think dry_multiplier dry_base dry_allowed_length dry_penalty_last_n xtc_threshold
xtc_probability dynatemp_range dynatemp_exponent smoothing_factor
safe_prompt random_seed prompt_mode p k preamble citation_options safety_mode documents
max_new_tokens min_new_tokens do_sample watermark return_full_text decoding_method
search_domain_filter search_recency_filter search_mode search_context_size disable_search enable_search
return_images return_citations return_related_questions
"""
ALLOWED_PARAMS = frozenset(f"{_OPENAI} {_OTHERS}".split())

ADDRESS_HINT = "Write the model's name, and the address as 'providers.NAME.api_base' in .promptctl.yaml."
_ENDPOINT = "Endpoints and keys are set under 'providers' in .promptctl.yaml, by the name of an environment variable."
_CALLBACK = "Prompts cannot name headers, callbacks, clients or prepared answers."
_OWN_KEY = "It is a key of its own, beside 'params'."
_ENDPOINTS = """
api_key api_base base_url api_version custom_llm_provider organization project azure_ad_token deployment_id ssl_verify
client http_client extra_body
"""
_CALLBACKS = """
headers extra_headers extra_query callbacks success_callback failure_callback logger_fn metadata hooks guardrails
"""
# What people reach for, with where it belongs; whatever stands in neither list is refused as well.
FORBIDDEN_PARAMS: Mapping[str, str] = {
    **dict.fromkeys(
        _ENDPOINTS.split(),
        _ENDPOINT,
    ),
    **dict.fromkeys(
        _CALLBACKS.split(),
        _CALLBACK,
    ),
    **dict.fromkeys(("model", "messages", "tools", "response_format", "fallbacks"), _OWN_KEY),
    "timeout": "Set 'replay.timeout' in .promptctl.yaml.",
    "request_timeout": "Set 'replay.timeout' in .promptctl.yaml.",
    "num_retries": "Set 'replay.retries' in .promptctl.yaml.",
    "max_retries": "Set 'replay.retries' in .promptctl.yaml.",
    "n": "Set 'replay.repeat' in .promptctl.yaml.",
    "best_of": "Set 'replay.repeat' in .promptctl.yaml.",
    "cache": "Set 'cache' in .promptctl.yaml.",
    "caching": "Set 'cache' in .promptctl.yaml.",
    "stream": "Answers are always taken whole.",
    "stream_options": "Answers are always taken whole.",
    "drop_params": "A parameter that the model does not know is named, never dropped.",
    "input_cost_per_token": "Set 'prices' in .promptctl.yaml.",
    "output_cost_per_token": "Set 'prices' in .promptctl.yaml.",
}
_PREFIXES: Mapping[str, str] = {
    **dict.fromkeys(("aws_", "vertex_", "azure_", "oci_", "watsonx_", "databricks_", "sagemaker_"), _ENDPOINT),
    **dict.fromkeys(("mock_", "litellm_", "langfuse_", "langsmith_", "proxy_", "mcp_"), _CALLBACK),
}
_NUMBERS = frozenset({"temperature", "top_p", "min_p", "presence_penalty", "frequency_penalty"})
_WHOLE = frozenset({"max_tokens", "max_completion_tokens", "max_new_tokens", "seed", "top_k", "top_logprobs"})


def param_problems(
    params: Mapping[str, Any],
    where: str,
    line_of: Callable[[str], int | None] = lambda _: None,
    *,
    key: str = "params",
) -> list[Problem]:
    """The mistakes of a mapping of parameters. `line_of` gives the line of one of them; `key` is what they stand under.

    Values are never shown: a refused parameter may well hold a credential.
    """
    problems = []
    for name, value in params.items():
        if name not in ALLOWED_PARAMS:
            problems.append(_refused(name, where, line_of(name), key))
        elif message := _wrong(name, value):
            problems.append(Problem(where, f"'{key}.{name}' must be {message}, not {shown(value)}.", line_of(name)))
    return problems


def names_address(model: str) -> bool:
    """Whether a model's name is an address, to which LiteLLM would send the provider's key: huggingface/https://..."""
    return "://" in model


def provider_of(model: str) -> str:
    """The provider in a model's name: what stands before the first '/', or openai."""
    prefix, slash, _ = model.partition("/")
    return prefix if slash else "openai"


def _refused(name: str, where: str, line: int | None, key: str) -> Problem:
    shown_name = f"{key}.{printable(name)}"
    hint = FORBIDDEN_PARAMS.get(name) or next((why for start, why in _PREFIXES.items() if name.startswith(start)), "")
    if hint:
        return Problem(where, f"'{shown_name}' may not be set here.", line, hint)
    near = suggestion(name, ALLOWED_PARAMS)
    known = near if near.startswith("Did you mean") else "Only parameters of generation may be set, as 'temperature'."
    return Problem(where, f"unknown parameter '{shown_name}'.", line, known)


def _wrong(name: str, value: Any) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is None:
        return ""
    if name in _NUMBERS and not number:
        return "a number"
    if name in _WHOLE and not (number and value == int(value)):
        return "a whole number"
    if name.startswith("max_") and name in _WHOLE and value < 1:
        return "at least 1"
    return ""
