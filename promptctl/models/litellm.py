"""One call -> one request through LiteLLM: the only import of it."""

import asyncio
import difflib
import gc
import importlib
import logging
import math
import os
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from promptctl.models import embedding
from promptctl.models.attempt import AttemptError
from promptctl.models.call import Call, Failure, Kind, Reply, Usage
from promptctl.models.completion import reply_of, request_of
from promptctl.models.costs import paid
from promptctl.models.endpoints import Target
from promptctl.models.facts import facts, price
from promptctl.models.failures import Asked, failed_attempt, headers_of
from promptctl.models.reason import one_line, without_keys
from promptctl.settings import Price
from promptctl.settings.params import ALLOWED_PARAMS, names_address

_ALLOWED: Mapping[Kind, frozenset[str]] = {
    Kind.CHAT: ALLOWED_PARAMS,
    Kind.EMBEDDING: embedding.PARAMS,
    Kind.MODERATION: frozenset(),
}


class LiteLLM:
    """Any provider. To make one imports LiteLLM; it is used in one event loop.

    `clock` gives seconds since the epoch, `timer` seconds for latencies; `heard` is told the model, the headers and the
    time of every answer and refusal.
    """

    def __init__(
        self,
        *,
        prices: Mapping[str, Price],
        environ: Mapping[str, str],
        clock: Callable[[], float],
        timer: Callable[[], float],
        heard: Callable[[str, Mapping[str, str], float], None],
    ) -> None:
        self._litellm = _imported()
        self._prices = prices
        self._environ = environ
        self._clock = clock
        self._timer = timer
        self._heard = heard
        self._moderators: dict[Target, Any] = {}
        self._checked: dict[tuple[object, ...], AttemptError | None] = {}

    def check(self, call: Call, target: Target) -> None:
        """What can be known before anything is sent, found out once for each model and set of parameters."""
        what = (call.kind, call.model, target, *sorted(call.params))
        if what not in self._checked:
            self._warm_up(target)
            self._checked[what] = (
                self._model_problem(target, call) or self._key_problem(target) or self._parameter_problem(call)
            )
        problem = self._checked[what]
        if problem is not None:
            raise AttemptError(problem.failure, problem.reason)

    async def ask(self, call: Call, target: Target, *, seconds: float) -> Reply:
        """One request, no retry; raises AttemptError."""
        asked = self._asked(call, target, seconds)
        started = self._timer()
        try:
            # LiteLLM's own time-out holds between two reads; an answer that drips in has to end too.
            async with asyncio.timeout(seconds):
                response = await self._response(call, target, seconds)
        except Exception as error:  # noqa: BLE001 - whatever a provider's adapter raises is data
            self._heard(call.model, headers_of(error), self._clock())
            raise self._failed(error, call, asked) from None
        self._heard(call.model, _headers(response), self._clock())
        latency_ms = (self._timer() - started) * 1000
        reply = reply_of(response, call, created=self._clock(), latency_ms=latency_ms)
        return without_keys(replace(reply, cost_usd=self._cost(response, reply.usage, call, target)), asked.secrets)

    async def close(self) -> None:
        """Close the connections."""
        await self._litellm.close_litellm_async_clients()
        for client in self._moderators.values():
            await client.close()

    async def _response(self, call: Call, target: Target, seconds: float) -> Any:
        request = request_of(call, target, seconds)
        if call.kind is Kind.EMBEDDING:
            return await self._litellm.aembedding(**request)
        if call.kind is Kind.MODERATION:
            names = ("model", "input", "api_key", "api_base")
            asked = {name: request[name] for name in names if name in request}
            return await self._litellm.amoderation(**asked, client=self._moderator(target, seconds))
        return await self._litellm.acompletion(**request)

    def _moderator(self, target: Target, seconds: float) -> Any:
        """The client that LiteLLM would make for a moderation retries by itself; this one does not."""
        if target not in self._moderators:
            import openai  # LiteLLM has imported it

            _, _, key, base = self._litellm.get_llm_provider(
                target.model, api_base=target.api_base, api_key=target.api_key
            )
            self._moderators[target] = openai.AsyncOpenAI(
                api_key=key or target.api_key, base_url=base or target.api_base, max_retries=0, timeout=seconds + 1
            )
        return self._moderators[target]

    def _warm_up(self, target: Target) -> None:
        """What OpenAI's client imports at its first call is no latency of the model's: 0.4 to 0.9 s."""
        if target.provider in {"openai", "azure", *self._litellm.openai_compatible_providers}:
            importlib.import_module("openai.resources")

    def _asked(self, call: Call, target: Target, seconds: float) -> Asked:
        secrets = [self._environ.get(name, "") for name in target.key_names]
        return Asked(
            model=call.model,
            provider=target.provider,
            api_base=target.api_base,
            timeout=seconds,
            key_names=target.key_names,
            secrets=[*secrets, target.api_key] if target.api_key and len(target.api_key) > 8 else secrets,
        )

    def _model_problem(self, target: Target, call: Call) -> AttemptError | None:
        if names_address(call.model):
            return AttemptError(Failure.REQUEST, one_line(f"'{call.model}' is no name of a model, but an address"))
        try:
            self._litellm.get_llm_provider(target.model)
        except Exception:  # noqa: BLE001 - its only reason: no provider is known by that name
            return AttemptError(Failure.REQUEST, self._unknown_model(call.model))
        return None

    def _unknown_model(self, model: str) -> str:
        prefix, slash, _ = model.partition("/")
        if not slash:
            return one_line(f"unknown model '{model}': write PROVIDER/MODEL, as in openai/gpt-5-mini")
        providers = [str(getattr(one, "value", one)) for one in self._litellm.provider_list]
        near = difflib.get_close_matches(prefix, providers, n=1)
        hint = f"did you mean '{near[0]}'?" if near else "write PROVIDER/MODEL, as in openai/gpt-5-mini"
        return one_line(f"unknown model '{model}': LiteLLM knows no provider '{prefix}'; {hint}")

    def _key_problem(self, target: Target) -> AttemptError | None:
        if target.api_key is not None or not target.key_names:
            return None
        if any(self._environ.get(name) for name in target.key_names):
            return None
        reason = f"no API key for {target.provider or target.model}: set {' or '.join(target.key_names[:2])}"
        return AttemptError(Failure.AUTH, reason)

    def _parameter_problem(self, call: Call) -> AttemptError | None:
        """Prompts are checked when they are read; what comes by another way is checked here, by the same list."""
        allowed = _ALLOWED[call.kind]
        for name in sorted(call.params.keys() - allowed):
            near = difflib.get_close_matches(name, allowed, n=1, cutoff=0.8)
            hint = f": did you mean '{near[0]}'?" if near else ""
            return AttemptError(Failure.REQUEST, f"the parameter '{one_line(name)}' may not be sent{hint}")
        return None

    def _supported(self, call: Call) -> list[str]:
        asks = "embeddings" if call.kind is Kind.EMBEDDING else "chat_completion"
        try:
            name, provider, _, _ = self._litellm.get_llm_provider(call.model)
            found = self._litellm.get_supported_openai_params(name, custom_llm_provider=provider, request_type=asks)
        except Exception:  # noqa: BLE001 - an unknown model has its own message when it is asked
            return []
        return sorted(_ALLOWED[call.kind].intersection(found or ()))

    def _failed(self, error: Exception, call: Call, asked: Asked) -> AttemptError:
        if type(error).__name__ == "UnsupportedParamsError":
            return AttemptError(Failure.REQUEST, self._unsupported(error, call))
        return failed_attempt(error, asked, self._clock())

    def _unsupported(self, error: Exception, call: Call) -> str:
        supported = self._supported(call)
        listed = re.search(r"parameters: (?:\[(.*?)\]|\{(.*?)\})", str(error))
        named = re.findall(r"'(\w+)'", listed.group()) if listed else []
        names = named or [name for name in call.params if name not in supported]
        if not names:
            return one_line(f"{call.model}: {str(error).split('To drop', maxsplit=1)[0]}")
        plural = "parameters {} are" if len(names) > 1 else "parameter {} is"
        what = plural.format(", ".join(f"'{name}'" for name in names))
        return one_line(f"{what} not supported by {call.model}; supported: {', '.join(supported) or 'none'}")

    def _cost(self, response: Any, usage: Usage, call: Call, target: Target) -> float | None:
        if target.free:
            return 0.0
        if call.model in self._prices:
            return paid(usage, self._prices[call.model])
        if call.kind is Kind.MODERATION:
            rates = price(call.model, {})  # nobody counts its tokens: it is free, or its price is unknown
            return 0.0 if rates is not None and rates.input_per_million == 0 else None
        if usage == Usage():
            return None
        cost = getattr(response, "_hidden_params", {}).get("response_cost")
        if cost and 0 < cost < math.inf:
            return float(cost)
        # LiteLLM says 0 where its table has no price: that is unknown, unless the table says 0.
        known = facts(call.model)
        return 0.0 if cost == 0 and known is not None and known.output_cost_per_token == 0 else None


def _headers(response: Any) -> dict[str, str]:
    """The provider's own headers, which LiteLLM keeps under names of its own."""
    found = (getattr(response, "_hidden_params", None) or {}).get("additional_headers") or {}
    return {str(name).lower().removeprefix("llm_provider-"): str(value) for name, value in found.items()}


def _imported() -> Any:
    """LiteLLM, quiet and without a network.

    The variables come before the import: its tables from its own files (prices must not change in mid-run), and no
    `.env` of the repository, which could redirect requests.
    """
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS"] = "True"
    os.environ["LITELLM_MODE"] = "PRODUCTION"
    warnings.filterwarnings("ignore", module=r"(litellm|pydantic|aiohttp|httpx|openai)(\.|$)")
    collecting = gc.isenabled()
    gc.disable()  # half the time of the import: it makes a million objects that stay
    try:
        import litellm  # 1.5 to 3 s: only a call that misses every cache pays it

        gc.freeze()
        gc.set_threshold(10_000, 10, 10)  # the command line, meant for short processes, collects ten times as rarely
    finally:
        if collecting:
            gc.enable()
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(name).disabled = True
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    litellm.disable_hf_tokenizer_download = True
    litellm.drop_params = False
    litellm.DEFAULT_MAX_RETRIES = 0  # its embeddings take a 0 that they are given for none given
    return litellm
