"""Text from strangers is inert wherever it is shown."""

import pytest
from hostile_texts import CONTROLS, CORPUS, DIRECTIONS, LIVE, UNSEEN
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from promptctl.reports.safe import (
    markdown_fence,
    markdown_span,
    one_line,
    printable,
    right_to_left,
    scalar_text,
    shortened,
)

ANY_TEXT = st.text(st.characters(), max_size=60) | st.text("`|\\\n *_[]()!@#<>~\x1b\u202e\ud800", max_size=40)


@pytest.mark.parametrize("text", CORPUS)
def test_nothing_live_is_left(text):
    shown = printable(text)

    assert LIVE.search(shown) is None
    assert printable(shown) == shown


@pytest.mark.parametrize("text", [*CONTROLS, *DIRECTIONS, *UNSEEN])
def test_what_was_made_inert_can_be_seen(text):
    assert printable(text) != text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("\u202eevil", "\\u202eevil"),
        ("\x9b31m", "\\x9b31m"),
        ("a\x7f\x00", "a␡␀"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("half\ud800", "half\\ud800"),
        ("a\r\nb\tc", "a␍\nb\tc"),
    ],
)
def test_how_it_is_shown(text, shown):
    assert printable(text) == shown


@pytest.mark.parametrize(
    "text", ["👩‍👩‍👧", "❤️", "می‌خواهم", "क्‍ष", "déjà vu", "naïve e\u0301", "日本語", "a\nb\tc", "עברית"]
)
def test_ordinary_text_of_the_world_stays(text):
    assert printable(text) == text


def test_piled_marks_are_cut_to_four():
    assert printable("z" + "\u0301" * 6) == "z" + "\u0301" * 4 + "\\u0301\\u0301"


@given(ANY_TEXT)
def test_printable_is_inert_and_settled(text):
    shown = printable(text)

    assert LIVE.search(shown) is None
    assert printable(shown) == shown


@given(ANY_TEXT)
def test_a_span_is_one_piece_of_code(text):
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parseInline(markdown_span(text))

    kinds = [child.type for child in tokens[0].children or []]

    if one_line(text):
        assert kinds == ["code_inline"]
        assert (tokens[0].children or [])[0].content == one_line(text)
    else:
        assert "code_inline" not in kinds


@given(ANY_TEXT)
def test_a_fence_holds_all_of_its_text(text):
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(markdown_fence(text))

    assert [token.type for token in tokens] == ["fence"]


@given(ANY_TEXT)
def test_a_cell_stays_one_cell(text):
    table = f"| a | b |\n|---|---|\n| {markdown_span(text, cell=True)} | end |\n"
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(table)

    cells = [tokens[at + 1] for at, token in enumerate(tokens) if token.type == "td_open"]

    assert len(cells) == 2
    if one_line(text):
        assert [child.type for child in cells[0].children or []] == ["code_inline"]


def test_several_lines_are_a_fence_and_one_a_span():
    assert markdown_fence("a\nb") == "```text\na\nb\n```"
    assert markdown_span("a`b") == "``a`b``"


@pytest.mark.parametrize(("limit", "expected"), [(3, "ab…"), (4, "abcd"), (1, "…")])
def test_shortened(limit, expected):
    assert shortened("abcd", limit) == expected


def test_halves_of_a_pair_become_one_character_and_lone_ones_are_replaced():
    assert scalar_text("a\ud83d\ude00b\ud800") == "a😀b\ufffd"


@pytest.mark.parametrize(("text", "turned"), [("abc", False), ("שלום", True), ("مرحبا", True), ("日本", False)])
def test_right_to_left(text, turned):
    assert right_to_left(text) is turned
