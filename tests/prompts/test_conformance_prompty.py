"""microsoft/prompty's own vectors: how its files load, its templates render, its roles are read."""

import json
from pathlib import Path
from typing import Any

import pytest

from promptctl.errors import InvalidPrompt
from promptctl.prompts.budget import purse
from promptctl.prompts.formats import PromptText, read_prompt
from promptctl.prompts.languages import module_of
from promptctl.prompts.languages.roles import turns
from promptctl.prompts.prompt import PLACEHOLDER, Prompt
from promptctl.prompts.sandbox import UndefinedVariable
from promptctl.prompts.template import RenderError, render

SUITE = Path(__file__).parents[3] / "shared/conformance/prompty"
VECTORS = json.loads((SUITE / "vectors.json").read_text(encoding="utf-8"))["vectors"] if SUITE.is_dir() else []
pytestmark = pytest.mark.skipif(not VECTORS, reason="the vectors of microsoft/prompty are not there (../shared)")

# What is decided otherwise here, and why.
ENVIRONMENT = "${env:} is never resolved, as it may hold a key; connections are not read, as a prompt cannot name them"
NOT_OURS = {
    "env_default": ENVIRONMENT,
    "env_missing_error": ENVIRONMENT,
    "env_resolution": ENVIRONMENT,
    "missing_file_error": "files are found and read by git's listing, which names no file that is not there",
    "file_reference_traversal_rejected": f"{ENVIRONMENT}; a file outside is refused where it would be read",
    "missing_variable_renders_empty": "an undefined variable is an error here, in every language",
    "template_string_invalid": "`template: jinja2` is what the files of 2024 and 2025 say, which are read too",
}


def vectors(stage: str) -> list[Any]:
    found = [vector["vector"] for vector in VECTORS if vector["vector"].get("stage") == stage]
    return [pytest.param(vector, id=vector["name"]) for vector in found]


def loaded(given: dict[str, Any]) -> Prompt:
    files: dict[str, str] = {
        name: value if isinstance(value, str) else json.dumps(value) for name, value in given.get("files", {}).items()
    }
    if "fixture" in given:
        path = SUITE / "fixtures" / given["fixture"]
        files |= {file.name: file.read_text(encoding="utf-8") for file in path.parent.iterdir()}
        text = path.read_text(encoding="utf-8")
    else:
        text = given.get("frontmatter_raw") or f"---\n{json.dumps(given['frontmatter'])}\n---\nsystem:\nHello.\n"
    return read_prompt(PromptText("p", "p.prompty", text.encode(), beside=files.get))


class TestLoad:
    @pytest.mark.parametrize("vector", vectors("load"))
    def test_load(self, vector):  # noqa: PLR0912 - a vector may name any part of a prompt
        name, given, expected = vector["name"], vector["input"], vector["expected"]
        if name in NOT_OURS:
            pytest.skip(NOT_OURS[name])

        if name == "input_validation_required":
            with pytest.raises(RenderError, match="city"):
                render(loaded({**given, "frontmatter_raw": _asking(given, "city")}), given["inputs"])
            return
        if "error" in expected:
            with pytest.raises(InvalidPrompt):
                loaded(given)
            return
        prompt = loaded(given)

        model = expected.get("model") or {}
        if model.get("id"):
            assert prompt.model is not None
            assert model["id"] == prompt.model.rpartition("/")[2]
        if model.get("provider"):
            assert f"{model['provider']}/{model['id']}" == prompt.model
        names = {"maxOutputTokens": "max_tokens"}
        for key, value in (model.get("options") or {}).items():
            if key != "additionalProperties":
                assert value == prompt.params[names.get(key, key)]
        for declared in expected.get("inputs") or ():
            if declared.get("kind") == "thread":
                assert declared["name"] in [one.content for one in prompt.messages if one.role == PLACEHOLDER]
                continue
            variable = prompt.variables[declared["name"]]
            if "default" in declared:
                assert (declared["default"], True) == (variable.default, variable.has_default)
        if "instructions" in expected:
            words = " ".join(str(message.content) for message in prompt.messages).split()
            roles = {"system:", "user:", "assistant:"}
            assert [word for word in expected["instructions"].split() if word not in roles] == words
        functions = [tool for tool in expected.get("tools") or () if tool["kind"] == "function"]
        assert [tool["name"] for tool in functions] == [tool["function"]["name"] for tool in prompt.tools]
        others = [tool["name"] for tool in expected.get("tools") or () if tool["kind"] != "function"]
        assert all(any(other in warning for warning in prompt.warnings) for other in others)
        for output in expected.get("outputs") or ():
            assert prompt.response_format is not None
            schema = prompt.response_format["json_schema"]["schema"]
            assert output["kind"] == schema["properties"][output["name"]]["type"]
        if "validated_inputs" in expected:
            defaults = {key: one.default for key, one in prompt.variables.items() if one.has_default}
            assert expected["validated_inputs"] == {**defaults, **given["inputs"]}


def _asking(given: dict[str, Any], name: str) -> str:
    return f"---\n{json.dumps(given['frontmatter'])}\n---\nsystem:\n{{{{{name}}}}}\n"


def rendered(given: dict[str, Any]) -> str:
    language = {"jinja2": "prompty", "mustache": "prompty-mustache"}[given["engine"]]
    with purse():
        return module_of(language).compiled(given["template"], {})(given["inputs"])


class TestRender:
    @pytest.mark.parametrize("vector", vectors("render"))
    def test_render(self, vector):
        given, expected = vector["input"], vector["expected"]
        if "nonce_pattern" in expected:
            pytest.skip("conversations are placed before rendering, so no mark of theirs is ever in a text")
        if vector["name"] in NOT_OURS:
            with pytest.raises(UndefinedVariable):
                rendered(given)
            pytest.skip(NOT_OURS[vector["name"]])

        assert expected["rendered"] == rendered(given)


class TestSegments:
    @pytest.mark.parametrize("vector", vectors("render_segments"))
    def test_no_value_makes_a_role(self, vector):
        given = vector["input"]
        source = f"---\nmodel: m\n---\n{given['template']}\n"

        messages = render(read_prompt(PromptText("p", "p.prompty", source.encode())), given["inputs"])

        # Strict or not: a value that looks like a role is text in the message where it stands.
        assert [turn.role for turn in turns(given["template"])] == [message.role for message in messages]
        assert given["inputs"]["q"] == messages[-1].content


class TestParse:
    @pytest.mark.parametrize("vector", vectors("parse"))
    def test_parse(self, vector):
        given, expected = vector["input"], vector["expected"]["messages"]
        if "thread_inputs" in given:
            prompt = read_prompt(
                PromptText(
                    "p",
                    "p.prompty",
                    b"---\ninputs:\n  conversation: {kind: thread}\n---\n"
                    b"system:\nYou are helpful.\n\n{{conversation}}\n\nuser:\nHi\n",
                )
            )
            thread = [
                {"role": one["role"], "content": one["content"][0]["value"]}
                for one in given["thread_inputs"]["conversation"]
            ]
            found = render(prompt, {"conversation": thread})
            assert [(one["role"], one["content"][0]["value"]) for one in expected] == [
                (one.role, one.content) for one in found
            ]
            return

        found = list(turns(given["rendered"]))

        assert [(one["role"], one["content"][0]["value"]) for one in expected] == [
            (turn.role, turn.text) for turn in found
        ]
        assert [one.get("metadata", {}) for one in expected] == [turn.attributes for turn in found]
