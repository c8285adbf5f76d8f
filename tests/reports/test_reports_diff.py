"""What changed in the prompts, in each of its forms."""

import json
from dataclasses import replace

import pytest
from diff_examples import ADDED, EDITED, REPORT, SAME, TRIAGE, item
from hostile_texts import CORPUS, LIVE, SGR
from hypothesis import assume, given
from hypothesis import strategies as st
from rich.cells import cell_len

from promptctl.prompts.diff import word_diff
from promptctl.prompts.prompt import Message
from promptctl.reports.diff_lines import Kind, pairs, unified
from promptctl.reports.diff_view import DiffReport, to_json, to_markdown
from promptctl.reports.json import dumps
from promptctl.reports.terminal_diff import render_diff

KEYS = [
    "prompt", "old_name", "old_path", "change", "messages", "params", "variables", "tools", "assertions", "tokens",
    "warnings",
]  # fmt: skip
TEXT = st.text("ab \n", max_size=30)


def widest(text: str) -> int:
    return max(cell_len(SGR.sub("", line)) for line in text.split("\n"))


@pytest.mark.parametrize("width", [60, 80, 100, 160])
@pytest.mark.parametrize("form", ["unified", "side-by-side", "stat"])
def test_snapshot(form, width, snapshot):
    shown = render_diff(REPORT, width=width, side_by_side=form == "side-by-side", stat=form == "stat")

    snapshot(f"diff-{form}-{width}.txt", shown)
    assert widest(shown) <= width


def test_snapshot_of_colour(snapshot):
    shown = render_diff(REPORT, width=100, color=True)

    snapshot("diff-unified-100-colour.txt", shown)
    assert "[-" not in shown


def test_snapshot_of_markdown(snapshot):
    snapshot("diff.md", to_markdown(REPORT))


def test_nothing_differs():
    assert render_diff(SAME) == "main 3f9c2d1 → working tree   no prompt differs\n"
    assert "no prompt differs" in to_markdown(SAME)
    assert to_json(SAME)["prompts"] == []


def test_json_has_the_contract_s_keys_and_is_json():
    document = json.loads(dumps(to_json(REPORT)))

    assert list(document) == ["schema", "old", "new", "prompts"]
    assert document["schema"] == "promptctl.diff/1"
    for prompt in document["prompts"]:
        assert [key for key in prompt if key in KEYS] == KEYS
    assert [prompt["change"] for prompt in document["prompts"]] == [
        "modified",
        "renamed",
        "added",
        "removed",
        "modified",
    ]
    assert "mesages" in document["prompts"][4]["warnings"][0]


@pytest.mark.parametrize("text", CORPUS)
def test_hostile_prompts_are_inert(text):
    edited = replace(
        TRIAGE,
        description=text,
        model=text,
        params={text: text},
        messages=(Message(f"r{text}", f"{text}\nnew", {"name": text}), *TRIAGE.messages),
        partials={text: text},
        language="literal",
    )
    hostile = replace(
        item(replace(TRIAGE, language="literal"), edited), name=text, old_name=text, old_path=text, problems=(text,)
    )
    report = DiffReport(REPORT.old, REPORT.new, (hostile,))

    for width in (60, 160):
        for options in ({}, {"side_by_side": True}, {"stat": True}):
            shown = render_diff(report, width=width, **options)
            assert LIVE.search(shown) is None
            assert widest(shown) <= width
    assert LIVE.search(to_markdown(report)) is None
    assert LIVE.search(dumps(to_json(report))) is None


@given(TEXT, TEXT)
def test_the_lines_are_those_of_both_texts(old, new):
    assume(old != new)
    lines = unified(word_diff(old, new), context=100)
    before = [line.text.removesuffix("⏎") for line in lines if line.kind in {Kind.BOTH, Kind.OLD}]
    after = [line.text.removesuffix("⏎") for line in lines if line.kind in {Kind.BOTH, Kind.NEW}]

    assert "\n".join(before) == old.removesuffix("\n")
    assert "\n".join(after) == new.removesuffix("\n")


@given(TEXT, TEXT)
def test_pairs_keep_every_line(old, new):
    lines = unified(word_diff(old, new), context=100)
    beside = list(pairs(lines))

    assert [line for line, _ in beside if line] == [line for line in lines if line.kind is not Kind.NEW]
    assert [line for _, line in beside if line] == [line for line in lines if line.kind is not Kind.OLD]


def test_context_is_three_lines():
    old = "".join(f"line {number}\n" for number in range(20))
    lines = unified(word_diff(old, old.replace("line 10\n", "changed\n")))

    assert [line.kind for line in lines].count(Kind.BOTH) == 6
    assert [line.left_out for line in lines if line.kind is Kind.GAP] == [7, 6]


def test_the_end_of_a_line_is_shown_where_it_alone_changed():
    lines = unified(word_diff("a b", "a\nb"))

    assert [line.kind for line in lines if line.kind is not Kind.BOTH]


def test_a_long_line_shows_what_is_near_its_change():
    words = " ".join(f"word{number}" for number in range(300))
    edited = replace(TRIAGE, messages=(Message("user", words.replace("word150 ", "changed ")),))
    report = DiffReport(REPORT.old, REPORT.new, (item(replace(TRIAGE, messages=(Message("user", words),)), edited),))

    shown = " ".join(render_diff(report, width=100).split())

    assert "word149 {+changed+} word151" in shown
    assert "word20 " not in shown


def test_unchanged_parts_are_not_shown():
    shown = render_diff(DiffReport(REPORT.old, REPORT.new, (item(TRIAGE, replace(EDITED, messages=TRIAGE.messages)),)))

    assert "message" not in shown


def test_a_comment_of_a_huge_diff_fits():
    long = replace(ADDED, messages=tuple(Message("user", f"{number} {'x ' * 2_000}") for number in range(30)))
    reports = tuple(replace(item(None, long), name=f"p{number}") for number in range(100))
    written = to_markdown(DiffReport(REPORT.old, REPORT.new, reports))

    assert len(written) < 65_536
    assert "and 40 more prompts" in written


def test_the_other_keys_of_a_message_are_rows_of_their_own():
    named = replace(TRIAGE, messages=(Message("user", "Hi", {"name": "ann", "tool_call_id": "1"}),))
    renamed = replace(TRIAGE, messages=(Message("user", "Hi", {"name": "bob", "tool_call_id": "1"}),))
    shown = render_diff(DiffReport(REPORT.old, REPORT.new, (item(named, renamed),)))

    assert "  ~ name: ann → bob\n" in shown
    assert "tool_call_id" not in shown


def test_a_moved_message_says_from_where():
    first, second = Message("user", "One two three four five."), Message("user", "Six seven eight nine ten.")
    old, new = replace(TRIAGE, messages=(first, second)), replace(TRIAGE, messages=(second, first))

    assert "moved from" in render_diff(DiffReport(REPORT.old, REPORT.new, (item(old, new),)))
