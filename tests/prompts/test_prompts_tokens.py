"""Counting offline, with what LiteLLM ships."""

import os

import pytest

from promptctl.prompts import tokens
from promptctl.prompts.prompt import Message, Prompt, RenderedMessage
from promptctl.prompts.tokens import TokenCount, count, encoding_for, is_approximate, message_tokens, prompt_tokens

GPT_4, GPT_5 = "gpt-4", "openai/gpt-5-mini"


@pytest.mark.parametrize(
    ("model", "encoding", "own"),
    [
        (GPT_4, "cl100k_base", True),
        (GPT_5, "o200k_base", True),
        ("azure/gpt-4", "cl100k_base", True),
        ("azure/our-deployment", "cl100k_base", False),
        ("anthropic/claude-haiku-4-5", "cl100k_base", False),
        ("openrouter/openai/gpt-4", "cl100k_base", False),
        ("gpt2", "cl100k_base", False),
        ("nobody-knows", "cl100k_base", False),
        (None, "cl100k_base", False),
    ],
)
def test_a_model_has_its_encoding(model, encoding, own):
    found = encoding_for(model)

    assert (found.name, found.own) == (encoding, own)
    assert is_approximate(model) is not own


def test_counts_of_openais_models_are_exact():
    assert count("hello world", GPT_4) == 2
    assert count("", GPT_4) == 0
    assert count("<|endoftext|>", GPT_4) > 1
    assert count("\ud800", GPT_4) >= 1


def test_a_prompt_is_counted_as_it_stands():
    parts = ({"type": "text", "text": "hello world"},)
    prompt = Prompt("p", "p.yaml", (Message("system", "hello world"), Message("user", parts)))

    assert prompt_tokens(prompt, GPT_4) == TokenCount(4, approximate=False)
    assert prompt_tokens(prompt, None).approximate


def test_a_prompt_is_counted_with_what_it_includes():
    prompt = Prompt("p", "p.yaml", (Message("user", "hello world"),), partials={"_a.j2": "hello world"})

    assert prompt_tokens(prompt, GPT_4) == TokenCount(4, approximate=False)


def test_a_request_is_counted_with_its_framing():
    messages = (RenderedMessage("user", "hello world"),)

    assert message_tokens(messages, GPT_4) == TokenCount(3 + 3 + 1 + 2, approximate=False)


def test_media_make_a_count_approximate():
    parts = ({"type": "text", "text": "hello world"}, {"type": "image_url", "image_url": "https://x"})

    assert message_tokens((RenderedMessage("user", parts),), GPT_4) == TokenCount(9, approximate=True)


class TestWithoutFiles:
    @pytest.fixture(autouse=True)
    def _forget(self):
        for cached in (tokens.encoding, tokens._counted):
            cached.cache_clear()
        yield
        for cached in (tokens.encoding, tokens._counted):
            cached.cache_clear()

    @pytest.mark.parametrize("folder", ["empty", "spoilt", None])
    def test_a_quarter_of_the_bytes_and_said(self, folder, tmp_path, monkeypatch):
        if folder == "spoilt":
            (tmp_path / "9b5ad71b2ce5302211f9c61530b329a4922fc6a4").write_text("x")
        monkeypatch.setattr(tokens, "_folder", lambda: tmp_path if folder else None)

        assert count("hällo", GPT_4) == 2
        assert is_approximate(GPT_4)

    def test_litellm_absent(self, monkeypatch):
        monkeypatch.setattr(tokens.importlib.util, "find_spec", lambda _name: None)

        assert tokens._folder() is None

    @pytest.mark.parametrize("before", [None, "/somewhere"])
    def test_the_environment_is_left_as_it_was(self, before, monkeypatch):
        monkeypatch.delenv("TIKTOKEN_CACHE_DIR", raising=False)
        if before:
            monkeypatch.setenv("TIKTOKEN_CACHE_DIR", before)

        assert tokens.encoding("cl100k_base") is not None
        assert os.environ.get("TIKTOKEN_CACHE_DIR") == before
