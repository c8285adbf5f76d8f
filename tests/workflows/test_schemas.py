"""The schemas say what the readers say."""

import json
from functools import cache

import jsonschema
import pytest

from promptctl import cli
from promptctl.documents import parse_yaml
from promptctl.errors import PromptctlError, UserError
from promptctl.inputs.files import check_cases
from promptctl.prompts.formats import PromptText, read_prompt
from promptctl.scoring.registry import KINDS, assertion_problems
from promptctl.settings import Settings, read_settings
from promptctl.settings.reading import SCALARS
from promptctl.verdict.waiver_file import read_waivers
from promptctl.workflows.scaffold import settings_text
from promptctl.workflows.schemas import SCHEMAS, schema


@cache
def validator(name):
    return jsonschema.Draft202012Validator(schema(name))


def accepted(name, value):
    return validator(name).is_valid(value)


def settings_readable(text):
    try:
        read_settings(text)
    except PromptctlError:
        return False
    return True


def prompt_readable(document):
    try:
        prompt = read_prompt(PromptText("p", "p.yaml", json.dumps(document).encode(), lambda _: None))
    except PromptctlError:
        return False
    return not assertion_problems(prompt.assertions, "p.yaml")


def input_readable(document):
    try:
        check_cases("p.inputs.jsonl", json.dumps(document).encode(), check_assertions=assertion_problems)
    except PromptctlError:
        return False
    return True


MESSAGES = [{"role": "user", "content": "{{ ticket }}"}]


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one_by_its_own_dialect(name):
    jsonschema.Draft202012Validator.check_schema(schema(name))


def test_an_unknown_schema_gets_a_suggestion():
    with pytest.raises(UserError) as error:
        schema("promt")

    assert str(error.value) == "no schema 'promt'. Did you mean 'prompt'?"


def nested(path, value):
    for key in reversed(path.split(".")):
        value = {key: value}
    return value


TEXTS = ("7d", "45s", "0s", "x y z", "sqlite:///a.db", "postgresql://host/db", "mysql://host")


@pytest.mark.parametrize("path", SCALARS)
@pytest.mark.parametrize(
    "value",
    [-1, 0, 0.25, 0.5, 0.75, 1, 1.5, 2, 100, 101, 1000, 1001, True, None, "", " ", "pass", "fail", [], {}, *TEXTS],
)
def test_every_setting_is_refused_by_the_reader_and_the_schema_alike(path, value):
    document = nested(path, value)

    readable = settings_readable(json.dumps(document))

    assert accepted("settings", document) == readable


@pytest.mark.parametrize(
    "document",
    [
        {},
        None,
        {"prompts": ["a", "b/*.txt"]},
        {"prompts": "a"},
        {"prompts": [""]},
        {"params": {"temperature": 0, "max_tokens": 5, "stop": ["x"]}},
        {"params": {"temperature": "hot"}},
        {"params": {"max_tokens": 0}},
        {"params": {"seed": 1.5}},
        {"params": {"api_key": "sk-1"}},
        {"judge": {"params": {"mock_response": "x"}}},
        {"providers": {"openai": {"api_base": "http://localhost:1/v1", "api_key_env": "KEY_1"}}},
        {"providers": {"openai": {"api_key_env": "sk-live-1"}}},
        {"providers": {"openai": {"api_base": "localhost"}}},
        {"providers": {"openai": {"api_bas": "http://localhost"}}},
        {"providers": {"openai": {"rate_limit": {"requests_per_minute": 0}}}},
        {"providers": {"openai": {"rate_limit": {"tokens_per_minute": 10}}}},
        {"prices": {"openai/x": {"input_per_million": 1, "output_per_million": 2}}},
        {"prices": {"openai/x": {"input_per_million": 1}}},
        {"prices": {"openai/x": {"input_per_million": -1, "output_per_million": 2}}},
        {"replay": {"concurency": 3}},
        {"repaly": {}},
        [],
    ],
)
def test_settings_are_refused_by_the_reader_and_the_schema_alike(document):
    assert accepted("settings", document) == settings_readable(json.dumps(document))


def test_the_schema_gives_the_defaults_of_the_settings():
    properties = schema("settings")["properties"]

    assert properties["replay"]["properties"]["concurrency"]["default"] == Settings().replay.concurrency
    assert properties["gate"]["properties"]["alpha"]["default"] == Settings().gate.alpha
    assert properties["prompts"]["default"] == list(Settings().prompts)
    assert "default" not in properties["model"]


def test_every_setting_is_described():
    def described(body):
        return all(
            "description" in value and described(value)
            for value in body.get("properties", {}).values()
            if "type" in value
        )

    whole = schema("settings")["properties"]

    assert all(whole[key].get("description") for key in whole)
    assert all(described(whole[key]) for key in ("replay", "gate", "confirm", "cache"))


@pytest.mark.parametrize(
    "document",
    [
        {"messages": MESSAGES},
        {},
        {"messages": []},
        {"messages": "text"},
        {"mesages": MESSAGES},
        {"messages": [{"role": "bot", "content": "x"}]},
        {"messages": [{"content": "x"}]},
        {"messages": [{"role": "user"}]},
        {"messages": [{"role": "user", "content": "x", "nme": "y"}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "{{ ticket }}"}]}]},
        {"messages": [{"role": "user", "content": [{"text": "x"}]}]},
        {"messages": MESSAGES, "params": {"temperature": 1, "headers": {}}},
        {"messages": MESSAGES, "params": {"mock_response": "x"}},
        {"messages": MESSAGES, "fallbacks": ["openai/x"], "model": "openai/y"},
        {"messages": MESSAGES, "variables": {"ticket": "string"}},
        {"messages": MESSAGES, "variables": {"ticket": {"type": "string", "default": "", "required": False}}},
        {"messages": MESSAGES, "variables": {"ticket": {"type": "text"}}},
        {"messages": MESSAGES, "variables": {"a b": "string"}},
        {"messages": MESSAGES, "variables": {"ticket": {"typ": "string"}}},
        {"messages": MESSAGES, "volume": "1200000/month"},
        {"messages": MESSAGES, "volume": "often"},
        {"messages": MESSAGES, "response_format": {"type": "json_object"}},
        {"messages": MESSAGES, "inputs": "other.jsonl"},
        {"messages": MESSAGES, "assert": [{"type": "equals", "value": "{{ expected }}"}]},
        {"messages": MESSAGES, "assert": [{"type": "not-icontains", "value": "a", "weight": 2, "metric": "m"}]},
        {"messages": MESSAGES, "assert": [{"type": "contain", "value": "a"}]},
        {"messages": MESSAGES, "assert": [{"type": "contains"}]},
        {"messages": MESSAGES, "assert": [{"type": "contains", "value": "a", "treshold": 1}]},
        {"messages": MESSAGES, "assert": [{"type": "contains", "value": "a", "threshold": 1}]},
        {"messages": MESSAGES, "assert": [{"type": "contains", "value": "a", "weight": -1}]},
        {"messages": MESSAGES, "assert": [{"type": "cost", "threshold": 0.1}]},
        {"messages": MESSAGES, "assert": [{"type": "cost"}]},
        {"messages": MESSAGES, "assert": [{"type": "assert-set", "assert": [{"type": "is-json"}], "threshold": 0.5}]},
        {"messages": MESSAGES, "assert": [{"type": "assert-set", "assert": [{"type": "is-json"}], "threshold": 2}]},
        {"messages": MESSAGES, "assert": [{"type": "g-eval", "value": "a", "threshold": 7}]},
        {"messages": MESSAGES, "assert": [{"type": "llm-rubric", "value": "a", "threshold": 7}]},
        {"messages": MESSAGES, "assert": [{"type": "assert-set", "assert": [{"type": "is-jsn"}]}]},
        {"messages": MESSAGES, "assert": [{"type": "assert-set", "assert": []}]},
        {"messages": MESSAGES, "assert": {"type": "is-json"}},
    ],
)
def test_prompts_are_refused_by_the_reader_and_the_schema_alike(document):
    assert accepted("prompt", document) == prompt_readable(document)


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_knows_every_type_of_assertion_and_its_opposite(kind):
    known = schema("prompt")["$defs"]["assertion"]["properties"]["type"]["enum"]

    assert {kind, f"not-{kind}"} <= set(known)


@pytest.mark.parametrize(
    "document",
    [
        {"vars": {}},
        {
            "vars": {"ticket": "x"},
            "id": "t-1",
            "expected": None,
            "tags": ["a"],
            "weight": 2,
            "cluster": "c",
            "source": {},
        },
        {"vars": {"ticket": "x"}, "id": 7, "cluster": 3},
        {"vars": {"ticket": "x"}, "tags": "a"},
        {"vars": {"ticket": "x"}, "assert": [{"type": "is-json"}]},
        {"vars": {"ticket": "x"}, "assert": [{"type": "is-jsn"}]},
        {},
        {"vars": []},
        {"vars": {}, "expectd": 1},
        {"vars": {}, "weight": 0},
        {"vars": {}, "weight": "much"},
        {"vars": {}, "id": ""},
        {"vars": {}, "id": 1.5},
        {"vars": {}, "source": "there"},
    ],
)
def test_inputs_are_refused_by_the_reader_and_the_schema_alike(document):
    assert accepted("input", document) == input_readable(document)


@pytest.mark.parametrize("model", [None, "local/smollm2"])
def test_the_scaffolded_settings_are_valid(model):
    text = settings_text(["prompts", "app/prompts"], model)

    assert accepted("settings", parse_yaml(text, "settings").value)
    assert read_settings(text) == Settings(prompts=("prompts", "app/prompts"), model=model)


def test_the_command_prints_the_schema(capsys):
    assert 0 == cli.run(["schema", "prompt"])

    assert schema("prompt") == json.loads(capsys.readouterr().out)


def test_the_command_refuses_an_unknown_schema(capsys):
    assert 2 == cli.run(["schema", "promt"])

    assert "promptctl: no schema 'promt'. Did you mean 'prompt'?\n" == capsys.readouterr().err


def waivers_readable(document):
    try:
        read_waivers(json.dumps(document).encode())
    except PromptctlError:
        return False
    return True


WAIVER = {"prompt": "p", "id": "a", "reason": "r", "owner": "o", "made": "2026-11-26", "expires": "2026-12-24"}
ACCEPTED = {"prompt": "p", "id": "a", "answer": "0" * 64, "owner": "o", "made": "2026-11-26"}


@pytest.mark.parametrize("key", [*WAIVER, "more"])
@pytest.mark.parametrize(
    "value", ["x", "", " ", "two\nlines", "é x", 7, True, 1.5, None, [], {}, "x" * 501, "2026-12-01"]
)
def test_a_waiver_is_refused_by_the_reader_and_the_schema_alike(key, value):
    document = {"waivers": [{**WAIVER, key: value}]}

    assert accepted("waivers", document) == waivers_readable(document)


@pytest.mark.parametrize("key", [*ACCEPTED, "expires"])
@pytest.mark.parametrize("value", ["x", "", 7, None, [], "F" * 64, "f" * 64, "2026-12-01"])
def test_an_accepted_answer_is_refused_by_the_reader_and_the_schema_alike(key, value):
    document = {"accepted": [{**ACCEPTED, key: value}]}

    assert accepted("waivers", document) == waivers_readable(document)


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        [],
        {"waivers": None, "accepted": []},
        {"waivers": 3},
        {"waivers": [1]},
        {"wavers": []},
        {"waivers": [{}]},
    ],
)
def test_waivers_are_refused_by_the_reader_and_the_schema_alike(document):
    assert accepted("waivers", document) == waivers_readable(document)
