"""What exceptions mean, and what may be said of them. LiteLLM's own are met in test_models_litellm.py."""

import pytest

from promptctl.models.attempt import Reach
from promptctl.models.call import Failure
from promptctl.models.failures import Asked, failed_attempt
from promptctl.models.reason import LIMIT, one_line, without_prefixes

ASKED = Asked("openai/x", "openai", "http://h/v1", 3.0, ("OPENAI_API_KEY",), ("hunter22-secret",))


class APIError(Exception):
    """Of the shape of LiteLLM's."""

    def __init__(self, message, status=None, body=None, headers=None):
        super().__init__(message)
        self.status_code = status
        self.body = body
        self.litellm_response_headers = headers


ReadTimeout = type("ReadTimeout", (Exception,), {})  # as httpx calls its own


def caused(error, cause):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "failure", "reach"),
    [
        (APIError("credit balance is too low", 400), Failure.QUOTA, Reach.ANSWERED),
        (APIError("x", 402), Failure.QUOTA, Reach.ANSWERED),
        (APIError("x", 429, {"code": "insufficient_quota"}), Failure.QUOTA, Reach.ANSWERED),
        (APIError("slow down", 429), Failure.TRANSIENT, Reach.ANSWERED),
        (APIError("overloaded", 529), Failure.TRANSIENT, Reach.ANSWERED),
        (APIError("conflict", 409), Failure.TRANSIENT, Reach.ANSWERED),
        (APIError("x", 401), Failure.AUTH, Reach.ANSWERED),
        (APIError("x", 403), Failure.AUTH, Reach.ANSWERED),
        (APIError("violates our usage policies", 403), Failure.CONTENT_POLICY, Reach.ANSWERED),
        (APIError("prompt is too long: 300000 tokens", 400), Failure.CONTEXT_LENGTH, Reach.ANSWERED),
        (APIError("x", 404), Failure.REQUEST, Reach.ANSWERED),
        (APIError("x", 413), Failure.REQUEST, Reach.ANSWERED),
        (APIError("x", None, headers={"a": "b"}), Failure.TRANSIENT, Reach.ANSWERED),
        (APIError("x"), Failure.TRANSIENT, Reach.LOST),
        (KeyError("choices"), Failure.TRANSIENT, Reach.LOST),
        (
            caused(APIError("x", 500), ConnectionRefusedError(111, "Connection refused")),
            Failure.TRANSIENT,
            Reach.REFUSED,
        ),
        (caused(APIError("x", 500), ReadTimeout()), Failure.TRANSIENT, Reach.LOST),
        (TimeoutError(), Failure.TRANSIENT, Reach.LOST),
        (ModuleNotFoundError("No module named 'boto3'"), Failure.REQUEST, Reach.UNSENT),
        (APIError("Missing credentials. Please pass an `api_key`", 500), Failure.AUTH, Reach.UNSENT),
    ],
)
def test_the_meaning_of_an_exception(error, failure, reach):
    found = failed_attempt(error, ASKED, 0.0)

    assert (found.failure, found.reach) == (failure, reach)


def test_a_fault_names_where_and_how_long():
    assert "no answer within 3 s" in failed_attempt(TimeoutError(), ASKED, 0.0).reason
    refused = caused(APIError("x", 500), ConnectionRefusedError(111, "Connection refused"))
    assert "openai/x: cannot connect to http://h/v1: Connection refused" in failed_attempt(refused, ASKED, 0.0).reason
    nowhere = Asked("local/x", "", None, 3.0)
    assert "the connection to the provider broke off" in failed_attempt(APIError("x"), nowhere, 0.0).reason


def test_a_chain_that_bites_its_own_tail_ends():
    error = APIError("x")
    error.__cause__ = error

    assert failed_attempt(error, ASKED, 0.0).failure is Failure.TRANSIENT


def test_no_key_and_no_second_line_reaches_a_reason():
    words = "bad key hunter22-secret\nsk-proj-abcdefghijklmnop Bearer eyJhbGciOiJIUzI1NiJ9 api_key='abcdef123456' http://me:pw@h/"

    reason = failed_attempt(APIError(words, 401), ASKED, 0.0).reason

    for secret in ("hunter22", "abcdefgh", "eyJ", "abcdef123456", "me:pw", "\n"):
        assert secret not in reason


def test_a_reason_is_bounded_and_printable():
    text = one_line("\x1b[31m" + "word \u202e" * 500)

    assert LIMIT - 1 <= len(text) <= LIMIT
    assert text.isprintable()
    assert text.endswith("…")
    assert one_line("short") == "short"


def test_an_empty_secret_hides_nothing():
    assert one_line("abc", ["", "a"]) == "abc"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("litellm.RateLimitError: RateLimitError: OpenAIException - rate limited", "rate limited"),
        ("litellm.Timeout: Timeout Error: OpenAIException - slow", "slow"),
        ("plain words: kept", "plain words: kept"),
        ("litellm.APIError: ", "litellm.APIError: "),
    ],
)
def test_the_names_of_exceptions_are_left_out(said, words):
    assert without_prefixes(said) == words
