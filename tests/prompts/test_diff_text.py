"""What differs in a text, told apart: words, moves, and form."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptctl.prompts.diff import Fold, Op, text_diff

PIECES = ["a", "word", " ", "  ", "\n", "\n\n", ".", "1. ", "2. ", "30. ", "- ", "* ", "# ", "===\n", "\n---\n", "\r\n", "\t"]  # fmt: skip
LINES = ["alpha beta gamma delta epsilon\n", "one two three four five six\n", "Be kind to all of them. "]
texts = st.lists(st.sampled_from([*PIECES, *LINES]), max_size=30).map("".join)


def shown(old, new):
    marks = {Op.EQUAL: "{}", Op.DELETE: "[-{}-]", Op.INSERT: "[+{}+]"}
    return "".join(
        marks[one.op].format(one.text)
        + (f"~{one.move}" if one.move else "")
        + (f"/{one.fold.value[0]}" if one.fold else "")
        for one in text_diff(old, new)
    )


def sides(segments):
    old = "".join(one.text for one in segments if one.op is not Op.INSERT)
    new = "".join(one.text for one in segments if one.op is not Op.DELETE)
    return old, new


def real(segments):
    return [one for one in segments if one.op is not Op.EQUAL and one.fold is None]


@settings(deadline=None)
@given(texts, texts)
def test_both_texts_can_be_had_back(old, new):
    assert sides(text_diff(old, new)) == (old, new)


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_the_text(old, new):
    assert sides(text_diff(old, new)) == (old, new)


@settings(deadline=None)
@given(texts, texts)
def test_a_move_has_two_ends_and_a_fold_never_moves(old, new):
    segments = text_diff(old, new)
    ends = {}
    for one in segments:
        assert one.text
        assert one.move is None or one.fold is None
        if one.move is not None:
            ends.setdefault(one.move, set()).add(one.op)

    assert all(found == {Op.DELETE, Op.INSERT} for found in ends.values())


@settings(deadline=None)
@given(texts)
def test_white_space_alone_is_folded(text):
    assert real(text_diff(text, text.replace(" ", "  "))) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a b", "a b", "a b"),
        ("", "a", "[+a+]"),
        ("1. a\n2. b\n3. c\n", "1. a\n2. new\n3. b\n4. c\n", "1. a\n[+2. new\n+][-2.-]/r[+3.+]/r b\n[-3.-]/r[+4.+]/r c\n"),
        ("1) a b c\n", "1. a b c\n", "[-1)-]/b[+1.+]/b a b c\n"),
        ("- a\n- b\n", "* a\n* b\n", "[---]/b[+*+]/b a\n[---]/b[+*+]/b b\n"),
        ("Head\n====\ntext", "# Head\ntext", "[+# +]/hHead\n[-====\n-]/htext"),
        ("one two\nthree", "one two three", "one two[-\n-]/w[+ +]/wthree"),
        ("a  \nb", "a\nb", "a[-  -]/w\nb"),
        ("a\r\nb\r\n", "a\nb\n", "a[-\r-]/w\nb[-\r-]/w\n"),
        ("a", "a\n", "a[+\n+]/w"),
        ("Use at most\n50. Then stop.", "Use at most\n60. Then stop.", "Use at most\n[-50-][+60+]. Then stop."),
        ("- keep it short\n- be very kind\n", "- be quite kind\n", "[-- keep it short\n-]- be [-very-][+quite+] kind\n"),
        ("the cat sat", "the dog ran", "the [-cat sat-][+dog ran+]"),
        ("intoto", "in to to", "[-intoto-][+in to to+]"),
    ],
)  # fmt: skip
def test_it_reads_well(old, new, expected):
    assert shown(old, new) == expected


def test_lines_that_moved():
    a, b, c = (
        "This paragraph is the first.\nWith two lines of text.\n",
        "The second one stays here.\n",
        "A third one.\n",
    )
    segments = text_diff(f"{a}\n{b}{c}", f"{b}{c}\n{a}")
    (number,) = {one.move for one in segments if one.move is not None}

    assert number == 1
    assert [one.text for one in segments if one.move] == [a, a]
    assert real([one for one in segments if not one.move]) == []


def test_a_sentence_that_moved_inside_its_line():
    kind, brief = "Be very kind to all of them. ", "Then answer the question quickly. "

    assert "~1" in shown(kind + brief + "End.", brief + kind + "End.")


def test_an_item_that_moved_is_renumbered_and_no_more():
    old = "1. Greet the customer by name.\n2. Ask for the order's number.\n3. Look the order up there.\n"
    new = "1. Ask for the order's number.\n2. Look the order up there.\n3. Greet the customer by name.\n"
    segments = text_diff(old, new)

    assert {one.text for one in segments if one.move} == {
        "1. Greet the customer by name.\n",
        "3. Greet the customer by name.\n",
    }
    assert [one for one in real(segments) if one.move is None] == []


def test_short_lines_do_not_move():
    assert all(one.move is None for one in text_diff("a b\nkeep this line here\n", "keep this line here\na b\n"))


def test_what_stands_twice_moves_once():
    line = "The same line stands here.\n"
    segments = text_diff(f"{line}x\ny\nz\n", f"x\ny\nz\n{line}{line}")

    assert len([one for one in segments if one.move]) == 2


def test_a_rewritten_word_in_a_wrapped_paragraph():
    old = "The quick brown fox jumps over\nthe lazy dog again and again.\n"
    new = "The quick brown fox\njumps over the lazy cat again and again.\n"

    assert [one.text for one in real(text_diff(old, new))] == ["dog", "cat"]


BASE = [" ".join(f"w{(n * 7 + k * k) % 977}" for k in range(12)) + "." for n in range(4_000)]
LARGE = {
    "one line": (BASE, [*BASE[:2_000], "changed here", *BASE[2_001:]], "\n"),
    "one word a line": (BASE, [line.replace(" ", " X ", 1) for line in BASE], "\n"),
    "shuffled": (BASE, random.Random(1).sample(BASE, len(BASE)), "\n"),
    "one long line": (BASE, [line.replace("w77 ", "X ") for line in BASE], " "),
    "renumbered": ([f"{n}. {line}" for n, line in enumerate(BASE, 1)], [f"{n}. {line}" for n, line in enumerate(["New one.", *BASE], 1)], "\n"),
    "hostile": (["{{", "<a", '"A'] * 30_000, [*["{{", "<a", '"A'] * 29_999, "x"], ""),
}  # fmt: skip


@pytest.mark.parametrize("kind", LARGE)
def test_large_texts_end_in_good_time(kind):
    old, new, separator = LARGE[kind]
    before, after = separator.join(old), separator.join(new)
    segments = text_diff(before, after)

    assert sides(segments) == (before, after)
    if kind == "renumbered":
        assert [one.text for one in real(segments)] == ["1. New one.\n"]
    if kind in {"one word a line", "one long line"}:
        assert len(real(segments)) > 50


def test_neighbours_differ():
    segments = text_diff("1. a b\nc\n2. d\n", "1. x b\n2. y\n3. d\n")

    assert all(
        (one.op, one.move, one.fold) != (two.op, two.move, two.fold) for one, two in itertools.pairwise(segments)
    )
    assert {one.fold for one in segments} >= {None}
    assert Fold.WHITESPACE.value == "whitespace"
