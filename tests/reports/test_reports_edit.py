"""What an edit changed, as the report of its replay shows it."""

import json
from dataclasses import replace

import pytest
from diff_examples import TRIAGE
from hostile_texts import CORPUS, LIVE

from promptctl.prompts.diff import diff
from promptctl.prompts.prompt import Message
from promptctl.reports.edit import EditView, edit_from, edit_json
from promptctl.reports.edit_making import changed_lines, edit_view


def edit(before, after, **files):
    return edit_view(diff(before, after), inputs_changed=False, **files)


def test_an_edit_tells_its_words_values_and_texts():
    made = edit(TRIAGE, replace(TRIAGE, messages=(Message("system", "Be brief."),), params={"temperature": 1}))

    assert made.path == TRIAGE.path
    assert made.change == "modified"
    assert made.added == 2
    assert "param" in made.also
    assert [value.where for value in made.values if value.new == "1"] == ["temperature"]
    assert any(line.text == "Be brief." and line.kind == "+" for text in made.texts for line in text.lines)


def test_nothing_that_changed_is_empty():
    assert edit(TRIAGE, TRIAGE).is_empty
    assert not edit_view(diff(TRIAGE, TRIAGE), inputs_changed=True).is_empty


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        (b"a\nb\nc\n", b"a\nX\nc\n", [(2, 2)]),
        (b"a\nb\nc\n", b"a\nc\n", [(2, 2)]),
        (b"a\n", b"a\nb\nc\n", [(2, 3)]),
        (b"a\nb\n", b"a\n", [(2, 2)]),
        (b"", b"x", [(1, 1)]),
        (b"x", b"", [(1, 1)]),
        (b"a\nb\nc\nd\ne", b"A\nb\nc\nd\nE\nF", [(1, 1), (5, 6)]),
        (b"same", b"same", []),
        (b"\xff\xfe", b"\xff", [(1, 1)]),
    ],
)
def test_the_lines_that_changed_are_those_of_the_new_file(old, new, lines):
    assert list(changed_lines(old, new)) == lines


def test_the_store_gives_back_what_it_was_given():
    made = edit(TRIAGE, replace(TRIAGE, messages=(Message("user", "a\nb"),)), old=b"a\nb", new=b"a\nc")

    assert edit_from(json.loads(json.dumps(edit_json(made)))) == made
    assert made.ranges == ((2, 2),)


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_an_edit_is_inert_and_bounded(text):
    made = edit(TRIAGE, replace(TRIAGE, messages=(Message("user", text * 40), Message("user", "x")), model=text))
    parts = [piece for block in made.texts for line in block.lines for piece, _ in line.pieces]
    values = [side for value in made.values for side in (value.where, value.old or "", value.new or "", value.said)]

    assert not any(LIVE.search(part) for part in (*parts, *values))
    assert max(map(len, values), default=0) <= 1_000
    assert sum(map(len, parts)) < 1_000_000


def test_a_huge_edit_is_cut_and_counted():
    made = edit(TRIAGE, replace(TRIAGE, messages=(Message("user", "\n".join(map(str, range(5_000)))),)))

    text = max(made.texts, key=lambda one: len(one.lines))
    assert len(text.lines) == 301
    assert text.lines[-1].left_out > 4_000


def test_a_long_line_is_cut():
    made = edit(TRIAGE, replace(TRIAGE, messages=(Message("user", "y" * 9_000),)))
    lines = [line for text in made.texts for line in text.lines if "y" in line.text]

    assert all(len(line.text) < 2_100 for line in lines)
    assert "(9,000 characters)" in lines[0].text


def test_an_edit_has_defaults():
    assert EditView("p", "modified").is_empty
