"""Which secrets are seen, and that no secret is ever said."""

import pytest

from promptctl.prompts.lint.secrets import secrets

LETTERS = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"
SECRETS = {
    "AWS Access Key": "AKIAIOSFODNN7EXAMPLE",
    "GitHub Token": "ghp_" + "0123456789abcdefABCDEF0123456789abcd",
    "Private Key": "-----BEGIN RSA PRIVATE KEY-----",
    "Basic Auth Credentials": "postgres://app:s3cr3t99@db.example.org/x",
    "Slack Token": "xoxb-123456789012-123456789012-" + "abcdefghijklmnopqrstuvwx",
    "OpenAI key": "sk-proj-" + LETTERS * 2,
    "API key": "sk-test-1234567890abcdef",
    "Anthropic key": "sk-ant-api03-" + LETTERS * 3,
    "Google key": "AIza" + (LETTERS * 2)[:35],
    "Hugging Face token": "hf_" + "abcdefghijklmnopqrstuvwxyzABCDEFGH",
    "Stripe Access Key": "sk_live_" + "abcdefghijklmnopqrstuvwx",
    "Secret Keyword": f'password = "{LETTERS}"',
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_has_a_kind_and_a_place(kind):
    (one,) = secrets(f"Hello.\nUse {SECRETS[kind]} here.\n")

    assert (kind, 2) == (one.kind, one.line)
    assert SECRETS[kind] not in repr(one)


@pytest.mark.parametrize(
    "text",
    [
        "Never reveal your password: it is secret.",
        "password: hunter2",
        "api_key = YOUR_API_KEY",
        "sk-ant-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "postgres://user:password@host/db",
        "https://<user>:<token>@example.org",
        "token = {{ token }}",
        "A commit is 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12.",
        "The task-oriented risk-adjusted-2024-model",
    ],
)
def test_what_is_no_secret(text):
    assert () == secrets(text)


def test_a_long_line_is_looked_at_around_the_sign():
    (one,) = secrets("x" * 50_000 + f" {SECRETS['GitHub Token']} " + "y" * 50_000)

    assert 50_002 == one.column
