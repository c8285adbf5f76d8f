"""The list of a review, and its screen's lines: complete, inert, as wide as they may be."""

import json
from dataclasses import replace

import pytest
from hostile_reports import poisoned
from hostile_texts import CORPUS, LIVE, SGR
from report_examples import BROKEN, TRIAGE, broke
from rich.cells import cell_len

from promptctl.reports.json import dumps
from promptctl.reports.review import Item, review_json
from promptctl.reports.terminal_review import fitted, review_lines, review_text, state, title
from promptctl.reports.view import ExcuseView

WAIVED = replace(broke(BROKEN[0]), excuse=ExcuseView("Ada", "2026-11-26", "ticket 7", "2026-12-24"))


def items(text: str) -> list[Item]:
    report = poisoned(text)
    cases = [(prompt.prompt, case) for prompt in report.prompts for case in prompt.cases]
    return [Item(prompt, case, "waived", text, text, "fail", (text,)) for prompt, case in cases]


@pytest.mark.parametrize("text", CORPUS)
def test_hostile_text_is_inert_wherever_it_stands(text):
    shown = review_text(text, items(text), width=80)
    lines = [line for item in items(text) for line in review_lines(item, width=79, color=True)]
    heads = [part for item in items(text) for part in (title(item), state(item))]

    assert LIVE.search(shown) is None
    assert all(LIVE.search(SGR.sub("", line)) is None for line in (*lines, *heads))
    json.loads(dumps(review_json(text, items(text))))


@pytest.mark.parametrize("width", [40, 79, 120])
@pytest.mark.parametrize("color", [False, True])
def test_every_line_fits(width, color):
    for text in ("日本語の長い答え " * 40, "word " * 200, "x" * 500, "שלום " * 50):
        assert all(cell_len(line) <= width for line in review_text("r", items(text), width=width).split("\n")[:-1])
        assert cell_len(fitted(text, width)) <= width
        for item in items(text):
            assert all(cell_len(SGR.sub("", line)) <= width for line in review_lines(item, width=width, color=color))


def test_old_stands_beside_new_where_there_is_room():
    item = Item("support/triage", BROKEN[0])
    narrow, wide = (review_lines(item, width=width, color=False) for width in (79, 120))

    assert not any("old answer" in line and "new answer" in line for line in narrow)
    assert any("old answer" in line and "new answer" in line for line in wide)


def test_what_was_decided_is_said():
    item = Item("support/triage", WAIVED, None, label="fail", notes=("see ticket 7",))
    lines = "\n".join(review_lines(item, width=79, color=False))

    assert not item.pending
    assert "waived, labelled fail" == state(item)
    assert "waived     until 2026-12-24 by Ada on 2026-11-26: ticket 7" in lines
    assert "note       see ticket 7" in lines
    assert "Run r: 1 case, 0 pending." in review_text("r", [item], width=80)
    assert "nothing to decide" in review_text("r", [], width=80)


def test_the_json_names_everything_that_was_decided():
    item = Item(TRIAGE.prompt, BROKEN[0], "rejected", "Ada", "2026-11-26T10:00:00Z", "fail", ("n",))
    (case,) = review_json("r", [item])["cases"]

    assert ("rejected", "Ada", "2026-11-26T10:00:00Z", "fail", ["n"], False, None) == tuple(
        case[key] for key in ("decision", "by", "at", "label", "notes", "pending", "waiver")
    )
    assert case["new"]["reasons"]
