"""LiteLLM itself against a provider on the loopback interface: requests, answers, faults."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from provider import Provider

from promptctl.models.answer_json import reply_from_json, reply_to_json
from promptctl.models.call import Call, CallFailed, Failure, Reply, Usage
from promptctl.models.client import Client, Policy
from promptctl.models.completion import request_of
from promptctl.models.endpoints import Target
from promptctl.settings import Price
from promptctl.settings import Provider as ProviderSettings

MODEL = "openai/gpt-4o-mini"


class Nothing:
    """A store that knows nothing and keeps nothing."""

    def find(self, fingerprints, *, since=None):
        return {}

    def add(self, answers):
        pass


@pytest.fixture(scope="module")
def server():
    with Provider() as provider:
        yield provider


@pytest.fixture
def provider(server):
    server.reset()
    return server


def ask(provider, *calls, environ=None, prices=None, pauses=None, **policy):
    async def sleep(seconds):
        if pauses is not None:
            pauses.append(seconds)

    parts = Client(
        store=Nothing(),
        environ=environ or {},
        providers={name: ProviderSettings(api_base=provider.url) for name in ("openai", "mistral")},
        prices=prices or {},
        policy=Policy(**policy),
        sleep=sleep,
        random=lambda: 0.0,
    )
    with parts as client:
        return [answer for _, answer in client.ask(calls)]


def call(content="ANSWER=yes", model=MODEL, **more):
    return Call(model, ({"role": "user", "content": content},), **more)


def test_an_answer_with_all_that_is_known_of_it(provider):
    (reply,) = ask(provider, call("REASON ANSWER=yes", params={"temperature": 0, "seed": 4, "top_p": None}))

    assert isinstance(reply, Reply)
    assert (reply.text, reply.finish_reason, reply.model) == ("yes", "stop", "gpt-4o-mini")
    assert reply.usage == Usage(input=5, output=401, reasoning=400, cached=0)
    assert reply.cost_usd == pytest.approx(5 * 0.15e-6 + 401 * 0.6e-6)
    assert reply.latency_ms is not None
    assert reply.latency_ms > 0
    assert reply.system_fingerprint == "fp_loopback"
    assert reply.created > 1_700_000_000
    body = provider.stats()["last_body"]
    assert {"model": "gpt-4o-mini", "temperature": 0, "seed": 4}.items() <= body.items()
    assert "top_p" not in body


def test_tools_and_response_format_reach_the_provider_and_tool_calls_come_back(provider):
    tool = {"type": "function", "function": {"name": "route", "parameters": {"type": "object", "properties": {}}}}
    (reply,) = ask(provider, call("TOOL=route", tools=(tool,), response_format={"type": "json_object"}))

    function = {"name": "route", "arguments": "{}"}
    assert reply.tool_calls == ({"id": "call_1", "type": "function", "function": function},)
    assert reply.text == ""
    body = provider.stats()["last_body"]
    assert body["tools"] == [tool]
    assert body["response_format"] == {"type": "json_object"}


def test_the_key_is_the_one_of_the_environment_given(provider):
    ask(provider, call(), environ={"OPENAI_API_KEY": "sk-mine-0123456789"})

    assert provider.stats()["keys"] == {"Bearer sk-mine-0123456789": 1}


def test_an_endpoint_that_repeats_the_key_puts_it_into_no_answer(provider):
    key = "sk_mine_0123456789"
    tool = {"type": "function", "function": {"name": key, "parameters": {"type": "object", "properties": {}}}}

    environ = {"OPENAI_API_KEY": key}

    (said,) = ask(provider, call(f"ANSWER={key}"), environ=environ)
    (called,) = ask(provider, call(f"TOOL={key}", tools=(tool,)), environ=environ)

    assert said.text == "[key]"
    assert called.tool_calls[0]["function"] == {"name": "[key]", "arguments": "{}"}
    assert ask(provider, call("ANSWER=yes"), environ={"OPENAI_API_KEY": "yes"})[0].text == "yes"


def test_another_provider_of_the_same_protocol(provider):
    (reply,) = ask(provider, call(model="mistral/mistral-small-latest"))

    assert (reply.text, reply.cost_usd is not None) == ("yes", True)


def test_an_unknown_price_is_unknown_and_a_set_one_counts(provider):
    unknown, known = call(model="openai/my-own"), call(model="openai/my-other")
    first, second = sorted(
        ask(provider, unknown, known, prices={"openai/my-other": Price(1e6, 0.0)}), key=lambda reply: reply.model
    )[::-1]

    assert first.cost_usd is None
    assert second.cost_usd == 3.0


@pytest.mark.parametrize("odd", [{}, [[]], -5.5, True, 10**30, "x", [{"type": "text"}]])
@pytest.mark.parametrize("field", ["model", "system_fingerprint", "usage", "created", "id", "object"])
def test_an_odd_field_beside_an_answer_is_unknown_or_makes_a_failure(provider, field, odd):
    provider.config(instead={field: odd})
    (answer,) = ask(provider, call(), retries=0)

    if isinstance(answer, Reply):
        assert answer.text == "yes"
        assert isinstance(answer.model, str | None)
        assert isinstance(answer.system_fingerprint, str | None)
        assert answer.cost_usd is None or 0 <= answer.cost_usd < 1
        assert reply_from_json(reply_to_json(answer), origin=answer.origin)
    else:
        assert answer.failure is Failure.TRANSIENT
        assert "Traceback" not in answer.reason


@pytest.mark.parametrize(
    "instead",
    [
        {"usage": "x"},
        {"choices": [[]]},
        {"choices": "x"},
        {"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": [1]}}]},
        {"choices": [{"message": {"role": "assistant", "tool_calls": [{"id": 1, "function": {"name": 1}}]}}]},
        {"choices": [{"message": {"role": "assistant", "tool_calls": ["x"]}}]},
    ],
)
def test_an_answer_of_another_shape_is_a_failure_in_one_line(provider, instead):
    provider.config(instead=instead)
    (answer,) = ask(provider, call(), retries=0)

    if isinstance(answer, CallFailed):
        assert answer.failure is Failure.TRANSIENT
        assert answer.reason.startswith(f"{MODEL}: ")
        assert "Traceback" not in answer.reason
        assert "Invalid response object" not in answer.reason
    else:
        assert reply_from_json(reply_to_json(answer), origin=answer.origin)


def test_an_answer_that_was_withheld_is_the_content_policy(provider):
    provider.config(null=1.0, finish_reason="content_filter")
    (failed,) = ask(provider, call())

    assert (failed.failure, failed.attempts) == (Failure.CONTENT_POLICY, 1)
    assert "content filter" in failed.reason


def test_a_model_that_thought_until_its_limit_has_answered_nothing(provider):
    provider.config(null=1.0, finish_reason="length")
    (reply,) = ask(provider, call())

    assert (reply.text, reply.finish_reason) == ("", "length")


def test_a_free_target_costs_nothing(provider):
    def resolve(model):
        return Target("openai/tiny", provider.url, "local", 1, free=True)

    with Client(store=Nothing(), environ={}, resolve=resolve) as client:
        ((_, reply),) = client.ask([call(model="local/tiny")])

    assert (reply.text, reply.cost_usd) == ("yes", 0.0)


def test_tokens_that_were_not_counted_are_unknown(provider):
    provider.config(usage=False)
    (reply,) = ask(provider, call())

    assert (reply.usage, reply.cost_usd) == (Usage(), None)


@pytest.mark.parametrize(
    ("status", "failure", "words"),
    [
        ("unauthorized", Failure.AUTH, "401: Incorrect API key provided: [key]; check OPENAI_API_KEY"),
        ("forbidden", Failure.AUTH, "403: You are not allowed"),
        ("not_found", Failure.REQUEST, "404: The model `nope` does not exist"),
        ("context_length", Failure.CONTEXT_LENGTH, "maximum context length is 4096"),
        ("content_policy", Failure.CONTENT_POLICY, "safety system"),
        ("insufficient_quota", Failure.QUOTA, "exceeded your current quota"),
        ("bad_request", Failure.REQUEST, "400: Invalid value for 'temperature'."),
        ("unprocessable", Failure.REQUEST, "422: Unprocessable."),
        (402, Failure.QUOTA, "402"),
    ],
)
def test_a_final_failure_is_asked_once_and_explained(provider, status, failure, words):
    provider.config(status=status)
    (failed,) = ask(provider, call())

    assert isinstance(failed, CallFailed)
    assert (failed.failure, failed.attempts, provider.calls) == (failure, 1, 1)
    assert words in failed.reason
    assert failed.reason.startswith(f"{MODEL}: ")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("fail_429", "429: rate limited"),
        ("fail_500", "500: internal error"),
        ("garbage", "is no JSON, or cut off"),
        ("drop", "broke off"),
        ("empty", "an answer without choices"),
        ("null", "an answer without content"),
        ("hang", "no answer within 0.3 s"),
    ],
)
def test_a_fault_is_retried_and_explained(provider, fault, words):
    provider.config(**{fault: 1.0})
    (failed,) = ask(provider, call(), retries=1, timeout=0.3 if fault == "hang" else 60)

    assert (failed.failure, failed.attempts, provider.calls) == (Failure.TRANSIENT, 2, 2)
    assert words in failed.reason


def test_a_fault_that_passes_is_no_failure(provider):
    provider.config(fail_first=2, retry_after="0.25")
    pauses = []
    (reply,) = ask(provider, call(), pauses=pauses)

    assert (reply.text, reply.attempts) == ("yes", 3)
    assert pauses == [0.25, 0.25]


@pytest.mark.parametrize(
    ("headers", "pause"),
    [({"retry_after": None, "retry_after_ms": 1500}, 1.5), ({"retry_after": "Fri, 01 Jan 2100 00:00:00 GMT"}, 60)],
)
def test_retry_after_is_honoured_in_its_other_forms(provider, headers, pause):
    provider.config(fail_next=1, **headers)
    pauses = []
    ask(provider, call(), pauses=pauses)

    assert pauses == [pause]


def test_nobody_listens():
    class Nobody:
        url = "http://127.0.0.1:1/v1"

    (failed,) = ask(Nobody, call())

    assert (failed.failure, failed.attempts) == (Failure.TRANSIENT, 3)
    assert "cannot connect to http://127.0.0.1:1/v1" in failed.reason


@pytest.mark.parametrize(
    ("model", "failure", "reason"),
    [
        (
            "anthropic/claude-haiku-4-5",
            Failure.AUTH,
            "no API key for anthropic: set ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN",
        ),
        ("groq/llama-3", Failure.AUTH, "no API key for groq: set GROQ_API_KEY"),
        (
            "opneai/gpt-4o",
            Failure.REQUEST,
            "unknown model 'opneai/gpt-4o': LiteLLM knows no provider 'opneai'; did you mean 'openai'?",
        ),
        (
            "zzz/gpt-4o",
            Failure.REQUEST,
            "unknown model 'zzz/gpt-4o': LiteLLM knows no provider 'zzz'; write PROVIDER/MODEL, as in openai/gpt-5-mini",
        ),
        (
            "huggingface/https://evil.example/v1",
            Failure.REQUEST,
            "'huggingface/https://evil.example/v1' is no name of a model, but an address",
        ),
        ("nonsense", Failure.REQUEST, "unknown model 'nonsense': write PROVIDER/MODEL, as in openai/gpt-5-mini"),
    ],
)
def test_what_fails_before_anything_is_sent(provider, model, failure, reason):
    (failed,) = ask(provider, call(model=model))

    assert failed == CallFailed(failure, reason, 0)
    assert provider.calls == 0


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"temprature": 1}, "the parameter 'temprature' may not be sent: did you mean 'temperature'?"),
        ({"api_base": "http://evil"}, "the parameter 'api_base' may not be sent"),
        ({"mock_response": "free"}, "the parameter 'mock_response' may not be sent"),
    ],
)
def test_a_parameter_that_may_not_be_sent(provider, params, reason):
    (failed,) = ask(provider, call(params=params))

    assert failed == CallFailed(Failure.REQUEST, reason, 0)


def test_an_unsupported_parameter_is_named_with_what_is_supported(provider):
    (failed,) = ask(provider, call(model="openai/o3-mini", params={"top_p": 0.5}))

    assert failed.failure is Failure.REQUEST
    assert failed.reason.startswith("parameter 'top_p' is not supported by openai/o3-mini; supported: ")
    assert provider.calls == 0


def test_a_request_is_a_copy():
    message = {"role": "user", "content": [{"type": "text", "text": "hi"}]}
    request = request_of(Call("m", (message,), {"stop": ("a",)}), Target("m"), 5.0)

    request["messages"][0]["content"][0]["text"] = "changed"

    assert message["content"][0]["text"] == "hi"
    assert request["stop"] == ["a"]
    assert (request["max_retries"], request["num_retries"], request["drop_params"]) == (0, 0, False)
    assert not {"api_key", "api_base"} & request.keys()


def test_litellm_is_quiet_reads_no_env_file_and_uses_no_network(tmp_path):
    (tmp_path / ".env").write_text("OPENAI_API_BASE=http://evil.example.org\nOPENAI_API_KEY=sk-evil\n")
    code = f"""
        import socket, sys, os
        sys.path[:0] = [{str(Path(__file__).parent.parent)!r}]
        from provider import Provider
        from promptctl.models.call import Call
        from promptctl.models.client import Client
        from promptctl.models.endpoints import Target
        from promptctl.models.litellm import LiteLLM
        from promptctl.settings import Provider as Settings
        hosts = set()
        lookup = socket.getaddrinfo
        def spy(host, *rest, **more):
            hosts.add(host)
            return lookup(host, *rest, **more)
        socket.getaddrinfo = spy
        class Store:
            def find(self, fingerprints, *, since=None): return {{}}
            def add(self, answers): pass
        messages = ({{"role": "user", "content": "hi"}},)
        made = LiteLLM(prices={{}}, environ=os.environ, clock=lambda: 0.0, timer=lambda: 0.0, heard=print)
        made.check(Call("openai/zzz", messages), Target("openai/zzz", provider="openai"))
        assert "openai.resources" in sys.modules, "its import would count as the first answer's latency"
        with Provider() as provider:
            providers = {{"openai": Settings(api_base=provider.url)}}
            with Client(store=Store(), environ=os.environ, providers=providers) as client:
                found = [answer for _, answer in client.ask([Call("openai/zzz", messages), Call("nonsense", messages)])]
        assert {{"Reply", "CallFailed"}} == {{type(answer).__name__ for answer in found}}, found
        assert "evil" not in os.environ.get("OPENAI_API_BASE", "")
        assert hosts <= {{"127.0.0.1", "localhost", None}}, hosts
    """
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI", "LITELLM"))}

    done = subprocess.run(  # noqa: PLW1510 - the code is asserted with what was printed
        [sys.executable, "-c", textwrap.dedent(code)], cwd=tmp_path, env=environ, capture_output=True, text=True
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_many_faults_later_every_answer_is_right(provider):
    provider.config(fail_429=0.1, fail_500=0.05, drop=0.02, garbage=0.01, retry_after="0.01")
    calls = [call(f"{number} ANSWER={number}") for number in range(100)]
    answers = ask(provider, *calls, retries=8)

    assert sorted(reply.text for reply in answers) == sorted(str(number) for number in range(100))
    assert sum(reply.attempts for reply in answers) == provider.calls
    assert provider.stats()["faults"] == provider.calls - 100
