"""Which message is which: split, merged, moved, in another role."""

import pytest

from promptctl.prompts.diff import MessageOp, diff
from promptctl.prompts.diff.messages import diff_messages
from promptctl.prompts.prompt import Message, Prompt

RULES = "You are a helper for tickets of a software company."
TASK = "Answer the customer kindly and briefly please."
LAST = "Sign every answer with the name of our team."


def found(old, new):
    return [(one.op.value, one.old_index, one.new_index) for one in diff_messages(old, new)]


def remarks(old, new):
    return diff(Prompt("p", "p", tuple(old), model="m"), Prompt("p", "p", tuple(new), model="m")).remarks


def test_split():
    old = [Message("system", f"{RULES} {TASK}"), Message("user", "{{ x }}")]
    new = [Message("system", RULES), Message("user", TASK), Message("user", "{{ x }}")]
    diffs = diff_messages(old, new)

    assert found(old, new) == [("split", 0, 0), ("split", 0, 1), ("equal", 1, 2)]
    assert [one.old_span for one in diffs[:2]] == [(0, len(RULES)), (len(RULES), len(RULES) + 1 + len(TASK))]
    assert remarks(old, new) == ("message 1 was split into messages 1 and 2",)


def test_split_into_three():
    old = [Message("system", f"{RULES}\n\n{TASK}\n\n{LAST}")]
    new = [Message("system", RULES), Message("system", TASK), Message("developer", LAST)]

    assert found(old, new) == [("split", 0, 0), ("split", 0, 1), ("split", 0, 2)]
    assert remarks(old, new) == ("message 1 was split into messages 1, 2 and 3",)


def test_merged():
    old = [Message("system", RULES), Message("system", TASK), Message("user", "{{ x }}")]
    new = [Message("system", f"{RULES}\n{TASK}"), Message("user", "{{ x }}")]
    diffs = diff_messages(old, new)

    assert found(old, new) == [("merged", 0, 0), ("merged", 1, 0), ("equal", 2, 1)]
    assert diffs[1].new_span == (len(RULES), len(RULES) + 1 + len(TASK))
    assert remarks(old, new) == ("messages 1 and 2 were merged into message 1",)


def test_a_part_that_was_cut_off_is_no_split():
    assert found([Message("system", f"{RULES} {TASK}")], [Message("system", RULES)]) == [("changed", 0, 0)]


def test_an_example_that_repeats_words_is_no_split():
    old = [Message("system", f"{RULES} {TASK} {LAST}")]

    assert found(old, [*old, Message("user", "Answer the customer.")]) == [("equal", 0, 0), ("added", None, 1)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([("system", RULES)], [("developer", RULES)], [("role", 0, 0)]),
        ([("system", RULES), ("user", "{{ x }}")], [("developer", RULES), ("user", "{{ x }}!")], [("role", 0, 0), ("changed", 1, 1)]),
        ([("system", RULES)], [("user", TASK)], [("added", None, 0), ("removed", 0, None)]),
        ([("user", "a b c"), ("assistant", RULES)], [("assistant", RULES), ("user", "a b c")], [("equal", 1, 0), ("moved", 0, 1)]),
    ],
)  # fmt: skip
def test_roles(old, new, expected):
    assert found([Message(*one) for one in old], [Message(*one) for one in new]) == expected


def test_another_language_or_kind_of_content_is_a_change():
    text = Message("user", "hi")

    assert found([text], [Message("user", "hi", language="literal")]) == [("changed", 0, 0)]
    assert found([text], [Message("user", ({"type": "text", "text": "hi"},))]) == [("changed", 0, 0)]


def test_marks():
    (one,) = diff_messages([Message("user", "- a b\n")], [Message("user", "*  a b\n")])

    assert (one.op, one.marks, one.form_only, one.whitespace_only) == (
        MessageOp.CHANGED,
        ("bullet", "whitespace"),
        True,
        False,
    )
