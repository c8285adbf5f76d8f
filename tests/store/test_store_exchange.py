"""Answers travel from store to store whole, and go only when they are named."""

import pytest
from store_values import a_call, a_reply

from promptctl.store import Unwanted


def filled(store):
    """Three answers to two calls, and one of another model."""
    store.add([(a_call("a"), a_reply("old", created=1_000.0)), (a_call("b"), a_reply("b", created=2_000.0))])
    store.add([(a_call("a"), a_reply("new", created=3_000.0))])
    other = type(a_call())("openai/other", a_call("c").messages, sample=2, against=a_call("a").request)
    store.add([(other, a_reply("c", created=4_000.0))])
    return other


def test_every_answer_comes_with_its_request_in_the_order_of_arrival(store):
    other = filled(store)

    kept = list(store.kept())

    assert ["old", "b", "new", "c"] == [one.reply.text for one in kept]
    assert (other.fingerprint, 2, a_call("a").request) == (kept[3].fingerprint, kept[3].sample, kept[3].against)
    assert "openai/other" == kept[3].request["model"]


def test_more_than_a_batch(store):
    store.add((a_call(str(n)), a_reply()) for n in range(1_201))

    assert 1_201 == len({one.fingerprint for one in store.kept()})


def test_only_what_is_missing_is_added(store):
    filled(store)
    before = store.answer_stats().answers

    added = store.add_missing(
        [
            (a_call("a"), a_reply("new", created=3_000.0)),
            (a_call("a"), a_reply("newer", created=3_000.0)),
            (a_call("d"), a_reply("half \ud800 and \0", created=5_000.0)),
        ]
    )

    assert (2, before + 2) == (added, store.answer_stats().answers)


@pytest.mark.parametrize(
    ("unwanted", "left"),
    [
        (Unwanted(before=2_500.0), ["new", "c"]),
        (Unwanted(model="openai/other"), ["old", "b", "new"]),
        (Unwanted(superseded=True), ["b", "new", "c"]),
        (Unwanted(before=2_500.0, superseded=True), ["b", "new", "c"]),
        (Unwanted(before=500.0), ["old", "b", "new", "c"]),
    ],
)
def test_what_is_named_goes_and_nothing_else(store, unwanted, left):
    filled(store)

    counted = store.count_unwanted(unwanted)
    gone = store.remove_unwanted(unwanted)

    assert (4 - len(left), 4 - len(left)) == (counted, gone)
    assert left == [one.reply.text for one in store.kept()]


def test_answers_of_another_scheme_stay_readable(store):
    filled(store)
    store._database.write(lambda connection: connection.execute("UPDATE answers SET scheme = 0 WHERE text = 'b'"))

    assert "b" == store.find([a_call("b").fingerprint])[a_call("b").fingerprint].text
    assert [1, 0, 1, 1] == [one.scheme for one in store.kept()]
    assert 4 == store.answer_stats().answers


def test_the_oldest_go_until_the_store_fits(store):
    store.add((a_call(str(n)), a_reply("x" * 1000, created=1e9 - n)) for n in range(3_000))
    size = store.answer_stats().bytes

    assert store.beyond(size) is None
    store.remove_unwanted(Unwanted(through=store.beyond(size // 2)))

    left = [one.request["messages"][0]["content"] for one in store.kept()]
    assert 1_400 < len(left) < 1_600
    assert [str(n) for n in range(3_000 - len(left), 3_000)] == left, "the newest are those that came last"


def test_a_file_takes_less_room_afterwards(file_store):
    file_store.add((a_call(str(n)), a_reply("x" * 1000)) for n in range(3_000))
    size = file_store.answer_stats().bytes

    file_store.remove_unwanted(Unwanted(through=file_store.beyond(size // 2)))

    assert file_store.answer_stats().bytes < 0.6 * size


def test_requests_that_nothing_answers_go_too(store):
    filled(store)
    store.remove_unwanted(Unwanted(model="openai/other"))

    assert ["openai/gpt-5-mini"] == store.models()
    assert store.request(a_call("a").request) is not None
    assert store.request(a_call("c").request) is None


def test_nothing_is_never_everything(store):
    filled(store)

    with pytest.raises(ValueError, match="nothing says"):
        store.remove_unwanted(Unwanted())
    assert 4 == store.answer_stats().answers
