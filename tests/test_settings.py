"""The table of settings, the environment over the file, and every mistake at once."""

import ast
import importlib.util
import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from promptctl.errors import InvalidSettings
from promptctl.settings import (
    ALLOWED_PARAMS,
    FORBIDDEN_PARAMS,
    Price,
    Provider,
    RateLimit,
    Settings,
    duration,
    param_problems,
    provider_of,
    read_settings,
)
from promptctl.settings.reading import SCALARS, VARIABLES

WHOLE = """
prompts: [prompts/, ./more, "packages/**/*.md"]
model: openai/gpt-5-mini
params: {temperature: 0, max_tokens: 8}
replay: {repeat: 2, concurrency: 4, timeout: 5s, retries: 0, max_cost_usd: 1.5, max_calls: 100}
gate:
  max_regressions: 1
  max_pass_rate_drop: 0.1
  min_pass_rate: 0.9
  max_cost_increase: 0.2
  max_latency_increase: 1.5
  max_output_tokens_increase: 0
  max_error_rate: 0.05
  on_inconclusive: fail
  alpha: 0.01
confirm: {max_samples: 5}
cache: {url: "postgresql://u:p@host/db", max_age: 12h}
judge: {model: openai/gpt-5, params: {temperature: 1}, prompt: prompts/_judge.md, embedding_model: openai/e}
providers:
  openai: {api_base: "http://127.0.0.1:8080/v1", api_key_env: MY_KEY, rate_limit: {requests_per_minute: 60}}
prices:
  openai/fake: {input_per_million: 1, output_per_million: 2.5}
allow_code: true
"""


def refusal(text: str | None, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(InvalidSettings) as caught:
        read_settings(text, environ=environ)
    return str(caught.value)


def test_no_file_gives_the_defaults():
    assert read_settings(None) == read_settings("") == read_settings("# nothing\n") == Settings()


def test_the_whole_table():
    settings = read_settings(WHOLE)

    assert settings.prompts == ("prompts", "more", "packages/**/*.md")
    assert (settings.model, settings.params) == ("openai/gpt-5-mini", {"temperature": 0, "max_tokens": 8})
    assert (settings.replay.repeat, settings.replay.concurrency, settings.replay.timeout) == (2, 4, 5.0)
    assert (settings.replay.retries, settings.replay.max_cost_usd, settings.replay.max_calls) == (0, 1.5, 100)
    assert (settings.gate.max_regressions, settings.gate.max_pass_rate_drop) == (1, 0.1)
    assert (settings.gate.min_pass_rate, settings.gate.max_cost_increase) == (0.9, 0.2)
    assert (settings.gate.max_latency_increase, settings.gate.max_output_tokens_increase) == (1.5, 0.0)
    assert (settings.gate.max_error_rate, settings.gate.on_inconclusive, settings.gate.alpha) == (0.05, "fail", 0.01)
    assert settings.confirm.max_samples == 5
    assert (settings.cache.url, settings.cache.max_age) == ("postgresql://u:p@host/db", 43_200.0)
    assert (settings.judge.model, settings.judge.params) == ("openai/gpt-5", {"temperature": 1})
    assert (settings.judge.prompts, settings.judge.embedding_model) == ({"llm-rubric": "prompts/_judge.md"}, "openai/e")
    expected = Provider("http://127.0.0.1:8080/v1", "MY_KEY", RateLimit(requests_per_minute=60.0))
    assert settings.providers == {"openai": expected}
    assert settings.prices == {"openai/fake": Price(1.0, 2.5)}
    assert settings.allow_code is True


def test_every_scalar_of_the_settings_is_read():
    sections = {one.name: getattr(Settings(), one.name) for one in fields(Settings)}
    nested = {
        f"{name}.{one.name}" for name, section in sections.items() if is_dataclass(section) for one in fields(section)
    }

    assert set(SCALARS) == (nested - {"judge.params", "judge.prompts", "lint.ignore"}) | {"model", "allow_code"}


@pytest.mark.parametrize("prompts", ["prompts: a", "prompts: [a, ./a/]", "prompts: [a//]"])
def test_folders_in_their_shortest_form(prompts):
    assert read_settings(prompts).prompts == ("a",)


def test_the_repository_itself_as_folder():
    assert read_settings("prompts: ./").prompts == (".",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gat: 1", ".promptctl.yaml: line 1: unknown key 'gat'. Did you mean 'gate'?"),
        ("concurrency: 4", "unknown key 'concurrency'. Did you mean 'replay.concurrency'?"),
        ("replay: {concurency: 4}", "unknown key 'replay.concurency'. Did you mean 'concurrency'?"),
        ("replay: 3", "'replay' must be a mapping of keys to values, not a number."),
        ("- a", "the file must be a mapping"),
        ("a: [", "is not valid YAML"),
        ("prompts: [../x]", "'prompts' leaves the repository: '../x'."),
        ("prompts: /x", "'prompts' leaves the repository: '/x'."),
        ("prompts: 'C:/x'", "'prompts' leaves the repository: 'C:/x'."),
        ("prompts: []", "'prompts' is empty. Name a folder: [prompts]."),
        ("prompts: [3]", "'prompts[1]' must be a text, not 3."),
        ("model: 3", "'model' must be a text, not 3."),
        ("allow_code: yes", "'allow_code' must be true or false, not 'yes'."),
        ("replay: {repeat: 0}", "'replay.repeat' must be a whole number of at least 1 and at most 1000, not 0."),
        (
            "replay: {timeout: soon}",
            "'replay.timeout' must be a duration, not 'soon'. As 45s, 30m, 12h, 7d, or seconds.",
        ),
        ("replay: {timeout: 0}", "'replay.timeout' must be a duration, not 0."),
        ("cache: {max_age: true}", "'cache.max_age' must be a duration, not true."),
        ("cache: {max_age: -1d}", "'cache.max_age' must be a duration, not '-1d'."),
        ("gate: {alpha: 0.6}", "'gate.alpha' must be a number of more than 0 and at most 0.5, not 0.6. A fraction"),
        ("gate: {alpha: 0}", "'gate.alpha' must be a number of more than 0"),
        (
            "gate: {max_pass_rate_drop: 10}",
            "must be a number of at least 0 and at most 1, not 10. A fraction: 0.1 is 10%",
        ),
        ("gate: {on_inconclusive: maybe}", "'gate.on_inconclusive' must be pass or fail, not 'maybe'."),
        ("params: {temprature: 1}", "unknown parameter 'params.temprature'. Did you mean 'temperature'?"),
        ("judge: {params: {api_key: x}}", "'judge.params.api_key' may not be set here."),
        ("judge: {prompt: 3}", "'judge.prompt' must be the path of a prompt file, not 3."),
        ("judge: {prompt: ../x.md}", "'judge.prompt' names '../x.md', which is no path in the repository."),
        ("judge: {prompt: {g-evil: x.md}}", "'judge.prompt.g-evil' is no judge prompt."),
        ("providers: {openai: {api_key: x}}", "keys are read from the environment alone. Name the variable"),
        ("providers: {openai: {api_base: ftp://x}}", "'providers.openai.api_base' is no address."),
        ("providers: {openai: {rate_limit: {requests_per_minute: 0}}}", "must be a number of more than 0, not 0."),
        ("providers: {openai: {rate_limit: {rpm: 0}}}", "unknown key 'providers.openai.rate_limit.rpm'."),
        ("prices: {m: {input_per_million: 1}}", "'prices.m.output_per_million' is missing. Both prices are needed"),
        ("cache: {url: 'mysql://x'}", "'cache.url' is no address of a database."),
    ],
)
def test_mistakes(text, message):
    assert message in refusal(text)


def test_all_mistakes_at_once_each_with_its_line():
    text = "gat: 1\nmodel: 3\nreplay:\n  repeat: 0\nparams: {n: 2, foo: 1}\n"

    lines = refusal(text, {"PROMPTCTL_GATE_ALPHA": "x"}).splitlines()

    assert len(lines) == 6
    assert [line.split(": ")[1] for line in lines[1:]] == ["line 1", "line 2", "line 4", "line 5", "line 5"]


@pytest.mark.parametrize(
    "text",
    [
        "providers: {openai: {api_key: sk-secret}}",
        "providers: {openai: {api_key_env: sk-secret}}",
        "providers: {openai: {api_base: 'http://user:sk-secret@host'}}",
        "cache: {url: 'mysql://u:sk-secret@h/d'}",
        "params: {api_key: sk-secret}",
        "params: {extra_headers: {Authorization: sk-secret}}",
    ],
)
def test_a_secret_is_never_shown(text):
    assert "sk-secret" not in refusal(text)


# --- Environment


def test_the_environment_beats_the_file():
    environ = {
        "PROMPTCTL_REPLAY_CONCURRENCY": "8",
        "PROMPTCTL_GATE_ALPHA": "0.1",
        "PROMPTCTL_GATE_ON_INCONCLUSIVE": "pass",
        "PROMPTCTL_CACHE_URL": "sqlite:///x.db",
        "PROMPTCTL_CACHE_MAX_AGE": "30m",
        "PROMPTCTL_REPLAY_TIMEOUT": " 2 ",
        "PROMPTCTL_MODEL": "1e3",
        "PROMPTCTL_ALLOW_CODE": "false",
        "PROMPTCTL_JUDGE_MODEL": "",
        "PROMPTCTL_HOME": "/x",
        "PROMPTCTL_DEBUG": "1",
        "PROMPTCTL_TEST_X": "1",
        "PATH": "/bin",
    }

    settings = read_settings(WHOLE, environ=environ)

    assert (settings.replay.concurrency, settings.replay.repeat, settings.replay.timeout) == (8, 2, 2.0)
    assert (settings.gate.alpha, settings.gate.on_inconclusive) == (0.1, "pass")
    assert (settings.cache.url, settings.cache.max_age) == ("sqlite:///x.db", 1_800.0)
    assert (settings.model, settings.judge.model, settings.allow_code) == ("1e3", "openai/gpt-5", False)


def test_the_environment_gives_lists_and_mappings():
    file = (
        "prompts: [a]\nparams: {temperature: 0, seed: 1}\njudge: {params: {temperature: 0}}\n"
        "prices: {x: {input_per_million: 1, output_per_million: 1}, y: {input_per_million: 2, output_per_million: 2}}\n"
    )
    environ = {
        "PROMPTCTL_PROMPTS": "prompts/, src/**/*.prompt.yaml",
        "PROMPTCTL_FORMATS": "{'*.txt': text}",
        "PROMPTCTL_PARAMS": "{max_tokens: 5}",
        "PROMPTCTL_JUDGE_PARAMS": '{"temperature": 1}',
        "PROMPTCTL_JUDGE_PROMPT": "prompts/_judges/rubric.yaml",
        "PROMPTCTL_PRICES": "{x: {input_per_million: 3, output_per_million: 4}}",
    }

    settings = read_settings(file, environ=environ)

    assert (settings.prompts, settings.formats) == (("prompts", "src/**/*.prompt.yaml"), {"*.txt": "text"})
    assert (settings.params, settings.judge.params) == ({"max_tokens": 5}, {"temperature": 1})
    assert settings.judge.prompts == {"llm-rubric": "prompts/_judges/rubric.yaml"}
    assert settings.prices == {"x": Price(3, 4), "y": Price(2, 2)}
    assert read_settings(file, environ={"PROMPTCTL_PROMPTS": "['a, b', \"c\"]"}).prompts == ("a, b", "c")


def test_the_environment_gives_a_provider_key_by_key():
    file = (
        "providers: {openai: {api_key_env: MY_KEY, rate_limit: {requests_per_minute: 5}}, text-x: {api_base: http://t}}"
    )
    environ = {
        "PROMPTCTL_PROVIDERS_OPENAI_API_BASE": "http://127.0.0.1/v1",
        "PROMPTCTL_PROVIDERS_OPENAI_RATE_LIMIT_TOKENS_PER_MINUTE": "70",
        "PROMPTCTL_PROVIDERS_TEXT_X_API_KEY_ENV": "OTHER_KEY",
        "PROMPTCTL_PROVIDERS_TOGETHER_AI_API_BASE": "http://ai",
        "PROMPTCTL_PROVIDERS": "{xai: {api_base: http://xai}}",
    }

    assert read_settings(file, environ=environ).providers == {
        "openai": Provider("http://127.0.0.1/v1", "MY_KEY", RateLimit(5, 70)),
        "text-x": Provider("http://t", "OTHER_KEY"),
        "together_ai": Provider("http://ai"),
        "xai": Provider("http://xai"),
    }


def test_what_the_projects_own_pipeline_sets_is_accepted():
    pipeline = (Path(__file__).parents[1] / "ci/gitlab.yml").read_text("utf-8")
    environ = dict.fromkeys(re.findall(r"^ +(PROMPTCTL_[A-Z_]+):", pipeline, re.MULTILINE), "--max-cost 1")

    assert "PROMPTCTL_FLAGS" in environ
    assert read_settings(None, environ=environ) == Settings()


def test_every_variable_has_its_setting():
    assert VARIABLES["PROMPTCTL_REPLAY_MAX_COST_USD"] == "replay.max_cost_usd"
    assert len(VARIABLES) == len(SCALARS)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PROMPTCTL_REPLAY_CONCURENCY", "8", "is no setting. Did you mean 'PROMPTCTL_REPLAY_CONCURRENCY'?"),
        ("PROMPTCTL_ZZZ", "8", "PROMPTCTL_ZZZ: is no setting. Settings of one value have a variable"),
        ("PROMPTCTL_GATE_ALPHA", "x", "PROMPTCTL_GATE_ALPHA: 'gate.alpha' must be a number"),
        (
            "PROMPTCTL_REPLAY_MAX_CALLS",
            "1e999",
            "'replay.max_calls' must be a whole number of at least 0, not '1e999'.",
        ),
        ("PROMPTCTL_ALLOW_CODE", "1", "'allow_code' must be true or false, not 1."),
        ("PROMPTCTL_PROMPTS", "../x", "PROMPTCTL_PROMPTS: 'prompts' leaves the repository: '../x'."),
        ("PROMPTCTL_PARAMS", "{temperature: x}", "PROMPTCTL_PARAMS: 'params.temperature' must be a number, not 'x'."),
        ("PROMPTCTL_PARAMS", "5", "PROMPTCTL_PARAMS: 'params' must be a mapping of keys to values, not 5."),
        (
            "PROMPTCTL_PRICES",
            "{x: {input_per_million: 1}}",
            "PROMPTCTL_PRICES: 'prices.x.output_per_million' is missing.",
        ),
        ("PROMPTCTL_PRICES", "{x", "PROMPTCTL_PRICES: line 2: is not valid YAML"),
        ("PROMPTCTL_PROVIDERS_OPENAI_API_BASE", "ftp://x", "'providers.openai.api_base' is no address."),
        ("PROMPTCTL_PROVIDERS_OPENAI_API_KEY", "sk-secret", "PROMPTCTL_PROVIDERS_OPENAI_API_KEY: is no setting."),
        ("PROMPTCTL_REPLAY_TIMEOUT", "soon", "PROMPTCTL_REPLAY_TIMEOUT: 'replay.timeout' must be a duration"),
    ],
)
def test_mistakes_in_the_environment(name, value, message):
    refused = refusal(None, {name: value})

    assert message in refused
    assert "sk-secret" not in refused


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7d", 604_800),
        ("12h", 43_200),
        ("30m", 1_800),
        ("45s", 45),
        ("1.5 h", 5_400),
        ("2w", 1_209_600),
        ("500ms", 0.5),
        (60, 60),
    ],
)
def test_durations(text, seconds):
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "d", "-1", "1y", "1d2h", "1e9", "inf", "9" * 400])
def test_what_is_no_duration(text):
    assert duration(text) is None


# --- Parameters


def test_provider_of():
    assert [provider_of(name) for name in ("openai/gpt-5", "gpt-5", "openrouter/x/y", "/x")] == [
        "openai",
        "openai",
        "openrouter",
        "",
    ]


def test_parameters_of_generation_are_allowed():
    params = {"temperature": 0.5, "max_tokens": 8, "stop": ["x"], "reasoning_effort": "low", "top_k": 3, "seed": None}

    assert param_problems(params, "f") == []


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"api_base": "http://x"},
            "f: line 3: 'params.api_base' may not be set here. Endpoints and keys are set under",
        ),
        ({"mock_response": "x"}, "'params.mock_response' may not be set here. Prompts cannot name headers, callbacks"),
        ({"aws_access_key_id": "x"}, "'params.aws_access_key_id' may not be set here. Endpoints"),
        ({"timeout": 3}, "'params.timeout' may not be set here. Set 'replay.timeout'"),
        ({"model": "x"}, "It is a key of its own"),
        ({"foo": 1}, "unknown parameter 'params.foo'. Only parameters of generation may be set"),
        ({"temperature": "hot"}, "'params.temperature' must be a number, not 'hot'."),
        ({"max_tokens": 1.5}, "'params.max_tokens' must be a whole number, not 1.5."),
        ({"max_tokens": 0}, "'params.max_tokens' must be at least 1, not 0."),
        ({"seed": True}, "'params.seed' must be a whole number, not true."),
    ],
)
def test_parameters_that_are_refused(params, message):
    assert message in str(param_problems(params, "f", lambda _: 3)[0])


def test_no_name_is_both_allowed_and_forbidden():
    assert set() == ALLOWED_PARAMS & set(FORBIDDEN_PARAMS)


def test_nothing_that_litellm_keeps_for_itself_is_allowed():
    """The keyword arguments that LiteLLM takes out of a call and acts upon, read off its source."""
    spec = importlib.util.find_spec("litellm")
    own = set()
    for name in ("types/utils.py", "types/router.py"):
        path = Path(spec.submodule_search_locations[0]) / name
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and node.name in {
                "StandardCallbackDynamicParams",
                "CredentialLiteLLMParams",
                "GenericLiteLLMParams",
                "CustomPricingLiteLLMParams",
                "MirroredPricingParams",
            }:
                own |= {one.target.id for one in node.body if isinstance(one, ast.AnnAssign)}

    assert {"api_key", "api_base", "langfuse_host", "aws_access_key_id"} <= own
    assert set() == own & ALLOWED_PARAMS


@pytest.mark.parametrize("setting", ["model", "judge.model", "judge.embedding_model"])
def test_a_model_is_no_address(setting):
    section, _, key = setting.rpartition(".")
    line = f"{key}: huggingface/https://evil.example\n"

    with pytest.raises(InvalidSettings, match=f"'{setting}' is no name of a model, but an address"):
        read_settings(f"{section}:\n  {line}" if section else line)
