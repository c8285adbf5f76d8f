"""Transient failures are asked again and final ones never; nobody sleeps here."""

import asyncio
from email.utils import formatdate

import pytest

from promptctl.models.attempt import AttemptError, Gate, Reach
from promptctl.models.call import Call, Failure, Reply
from promptctl.models.retry import Retry, delay, retry_after, with_attempts

CALL = Call("openai/x", ({"role": "user", "content": "hi"},))


class Provider:
    """Fails with each of `errors`, then answers; remembers the pauses between."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.pauses = []
        self.retries = 0
        self.gate = Gate()

    async def ask(self, call, attempt):
        if self.errors:
            raise self.errors.pop(0)
        return Reply(text="ok", attempts=attempt)

    async def sleep(self, seconds):
        self.pauses.append(seconds)

    def count(self):
        self.retries += 1

    def answer(self, retries=5, call=CALL):
        return asyncio.run(Retry(retries, self.gate, self.sleep, lambda: 1.0, self.count).layer(self.ask)(call))


def transient(reach=Reach.ANSWERED, after=None):
    return AttemptError(Failure.TRANSIENT, "busy", reach=reach, retry_after=after)


def test_it_is_asked_again_later_each_time():
    provider = Provider(*[transient() for _ in range(4)])

    reply = provider.answer()

    assert (reply.text, reply.attempts) == ("ok", 5)
    assert provider.pauses == [0.5, 1.0, 2.0, 4.0]
    assert provider.retries == 4


def test_after_the_last_retry_the_last_error_counts():
    provider = Provider(transient(), transient(), AttemptError(Failure.TRANSIENT, "the last", reach=Reach.LOST))

    with pytest.raises(AttemptError, match="the last"):
        provider.answer(retries=2)
    assert provider.retries == 2


@pytest.mark.parametrize("failure", [one for one in Failure if one is not Failure.TRANSIENT])
def test_a_final_failure_is_not_asked_again(failure):
    provider = Provider(AttemptError(failure, "no", reach=Reach.ANSWERED))

    with pytest.raises(AttemptError):
        provider.answer()
    assert provider.retries == 0


def test_where_nobody_listens_it_is_tried_three_times_and_quickly():
    provider = Provider(*[transient(Reach.REFUSED) for _ in range(9)])

    with pytest.raises(AttemptError):
        provider.answer(retries=8)
    assert provider.pauses == [0.5, 0.5]


@pytest.mark.parametrize(("after", "pause"), [(2.0, 2.2), (0.25, 0.275), (3600.0, 60.0), (0.0, 0.0)])
def test_the_provider_says_when(after, pause):
    assert delay(1, transient(after=after), lambda: 1.0) == pytest.approx(pause)


def test_the_jitter_is_full_and_capped():
    assert delay(3, transient(), lambda: 0.0) == 0.0
    assert delay(99, transient(), lambda: 1.0) == 30.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "3", "retry-after-ms": "150"}, 0.15),
        ({"retry-after": formatdate(1_000_020, usegmt=True)}, 20.0),
        ({"retry-after": formatdate(999_000, usegmt=True)}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(headers, seconds):
    assert retry_after(headers, 1_000_000.0) == seconds


def test_an_exhausted_account_stops_every_call():
    provider = Provider(AttemptError(Failure.QUOTA, "no money", reach=Reach.ANSWERED))
    with pytest.raises(AttemptError):
        provider.answer()

    with pytest.raises(AttemptError, match="no money") as caught:
        provider.answer(call=Call("other/model", ()))
    assert not caught.value.sent
    assert caught.value.failure is Failure.QUOTA


def test_a_refused_key_stops_the_calls_of_its_model_alone():
    provider = Provider(AttemptError(Failure.AUTH, "wrong key", reach=Reach.ANSWERED))
    with pytest.raises(AttemptError):
        provider.answer()

    with pytest.raises(AttemptError, match="wrong key"):
        provider.answer()
    assert provider.answer(call=Call("other/model", ())).text == "ok"


def test_a_model_that_is_not_there_is_not_asked_again():
    gate = Gate()
    missing = AttemptError(Failure.REQUEST, "404", reach=Reach.ANSWERED, model_wide=True)

    gate.learn(Call("a", ()), missing)

    gate.check(Call("b", ()))
    with pytest.raises(AttemptError, match="404"):
        gate.check(Call("a", ()))


@pytest.mark.parametrize("answered_before", [False, True])
def test_where_nobody_ever_listened_nobody_else_tries(answered_before):
    gate, call = Gate(), Call("a", ())
    if answered_before:
        gate.answered(call)
    gate.gave_up(call, transient(Reach.LOST))
    gate.check(call)

    gate.gave_up(call, transient(Reach.REFUSED))

    if answered_before:
        gate.check(call)  # a server that restarts may come back
    else:
        with pytest.raises(AttemptError):
            gate.check(call)


def test_the_first_reason_to_stop_counts():
    gate = Gate()
    gate.close(Failure.QUOTA, "first")
    gate.close(Failure.INTERRUPTED, "second")

    with pytest.raises(AttemptError, match="first"):
        gate.check(CALL)


def test_a_failure_becomes_data():
    failed = transient().failed(3)

    assert (failed.failure, failed.reason, failed.attempts) == (Failure.TRANSIENT, "busy", 3)
    assert with_attempts(Reply(text="", attempts=2), 2) == Reply(text="", attempts=2)
