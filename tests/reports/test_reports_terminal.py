"""What opens in the terminal: readable, inside its width, and deaf to strangers."""

from dataclasses import replace

import pytest
from hostile_texts import CORPUS, LIVE, SGR
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_examples import ADDED, ALL_PASSED, EXAMPLES, FOREIGN, HUGE, ONE_PROMPT, SEVERAL, TRIAGE, broke, routed, side
from report_strategies import report as reports
from rich.cells import cell_len

from promptctl.reports.findings import failed_assertions
from promptctl.reports.terminal import render_replay
from promptctl.reports.terminal_canvas import Canvas, Column, table
from promptctl.reports.terminal_summary import render_prompts, render_runs, render_table
from promptctl.reports.view import AssertionView, CaseView, SideView

WIDTHS = (60, 80, 100, 160)


def widest(text: str) -> int:
    return max(cell_len(SGR.sub("", line)) for line in text.split("\n"))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_snapshot(name, width, snapshot):
    shown = render_replay(EXAMPLES[name], width=width)

    snapshot(f"replay-{name}-{width}.txt", shown)
    assert widest(shown) <= width


@pytest.mark.parametrize("color", [False, True])
def test_snapshot_of_colour(color, snapshot):
    shown = render_replay(SEVERAL, width=100, color=color)

    if color:
        snapshot("replay-several-100-colour.txt", shown)
    assert ("\x1b[" in shown) is color


def test_a_terminal_of_ascii_gets_ascii(snapshot):
    shown = render_replay(ONE_PROMPT, width=80, encoding="ascii")

    snapshot("replay-one-prompt-80-ascii.txt", shown)
    assert shown.isascii()
    assert render_replay(FOREIGN, width=80, encoding="ascii").isascii()


@pytest.mark.parametrize("width", [60, 80, 100, 160, 200])
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=15)
@given(report=reports, color=st.booleans())
def test_any_report_fits(report, width, color):
    shown = render_replay(report, width=width, color=color)

    assert widest(shown) <= width
    assert LIVE.search(SGR.sub("", shown)) is None


@pytest.mark.parametrize("width", [60, 160])
@pytest.mark.parametrize("text", CORPUS)
def test_hostile_text_is_inert_wherever_it_stands(text, width):
    failed = AssertionView(text, False, 0.0, text, assertions=(AssertionView(text, False, 0.0, text, text),))
    new = side(text, failed, model=text)
    cases = (
        broke(CaseView(text, "pass", tags=(text,), old=side(f"{text} "), new=new, vars={text: text}, expected=text)),
        CaseView(text, "error", old=side(None, error=text), new=side(None, error=text)),
        CaseView(text, "improved"),
        CaseView(text, "flaky"),
        CaseView(text, "fail"),
    )
    prompt = replace(TRIAGE, prompt=text, reasons=(text,), old_name=text, warnings=(text,), cases=cases)
    report = replace(
        ONE_PROMPT, run=text, prompts=(prompt, replace(prompt, old_name=None, old_path=text)), notes=(text,)
    )

    shown = render_replay(report, width=width)
    coloured = render_replay(report, width=width, color=True)

    assert LIVE.search(shown) is None
    assert LIVE.search(SGR.sub("", coloured)) is None
    assert max(widest(shown), widest(coloured)) <= width


def test_marks_show_the_words_where_there_is_no_colour():
    case = broke(routed("c", "t", "x", "one two three four", "one two five four"))
    shown = render_replay(replace(ONE_PROMPT, prompts=(replace(TRIAGE, cases=(case,)),)), width=100)

    assert "one two [-three-] four" in shown
    assert "one two {+five+} four" in shown


def test_answers_that_share_nothing_carry_no_marks():
    shown = render_replay(ONE_PROMPT, width=80)

    assert "[-" not in shown
    assert "{+" not in shown


def test_old_stands_beside_new_from_a_hundred_columns_on():
    beside = next(line for line in render_replay(ONE_PROMPT, width=100).splitlines() if "old ✓" in line)
    below = next(line for line in render_replay(ONE_PROMPT, width=99).splitlines() if "old ✓" in line)

    assert "new ✗" in beside
    assert "new ✗" not in below


def test_right_to_left_text_never_stands_beside_other_text():
    lines = render_replay(FOREIGN, width=160).splitlines()

    assert not [line for line in lines if "old" in line and "new ✗" in line and "تم" in line]


def test_ten_cases_are_shown_and_the_rest_is_counted():
    shown = render_replay(HUGE, width=80)

    assert shown.count("confirmed, new passed") == 10
    assert shown.count("equals  expected") == 50
    assert "… and 1,450 broken cases more: promptctl report -o report.html" in shown
    assert shown.count("confirmed, new passed") + 2 == render_replay(HUGE, width=80, cases=12).count(
        "confirmed, new passed"
    )


def test_errors_of_one_reason_are_told_once():
    shown = render_replay(SEVERAL, width=160)

    assert shown.count("no API key") == 1
    assert "12 cases (new): anthropic/claude-haiku-4-5: no API key" in shown


def test_an_unknown_cost_is_called_unknown():
    shown = render_replay(ALL_PASSED, width=100)

    assert "cost       unknown" in shown


def test_an_edit_s_own_failure_shows_its_error():
    new = SideView(error="the request exceeds the context window of 8,192 tokens", passed=False)
    case = CaseView("c", "regressed", confirmed=True, old=side("ok"), new=new)
    shown = render_replay(replace(ONE_PROMPT, prompts=(replace(TRIAGE, cases=(case,)),)), width=80)

    assert "new ✗     the request exceeds the context window of 8,192 tokens" in shown


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("same", "same", "the same answer"),
        ("text", "", "an empty answer"),
        ("text", " \n", "an answer of white space alone"),
        ("text", None, "no answer"),
    ],
)
def test_answers_without_words(old, new, said):
    case = broke(CaseView("c", "pass", old=side(old), new=side(new)))
    shown = render_replay(replace(ONE_PROMPT, prompts=(replace(TRIAGE, cases=(case,)),)), width=80)

    assert said in shown


def test_a_case_without_a_new_side_is_named():
    case = CaseView("gone", "regressed", old=side("x"))

    assert "✗ gone" in render_replay(replace(ONE_PROMPT, prompts=(replace(TRIAGE, cases=(case,)),)))


def test_suspects_that_nobody_asked_again_are_called_so():
    case = CaseView("c", "regressed", suspected=True, old=side("a"), new=side("b"))
    shown = render_replay(replace(ONE_PROMPT, prompts=(replace(TRIAGE, cases=(case,)),)))

    assert "c  suspected, not asked again" in shown


def test_many_assertions_and_ids_are_counted():
    failed = tuple(AssertionView("contains", False, 0.0, f"no {number}") for number in range(9))
    broken = broke(CaseView("c", "pass", old=side("a"), new=side("b", *failed)))
    flaky = tuple(CaseView(f"f{number}", "flaky") for number in range(15))
    shown = render_replay(replace(ONE_PROMPT, prompts=(replace(ADDED, cases=(broken, *flaky)),)))

    assert "and 4 more assertions failed" in shown
    assert "f11, and 3 more" in shown


def test_the_whole_text_of_a_long_answer_is_counted():
    case = broke(CaseView("c", "pass", old=side("word " * 4_000), new=side("other " * 4_000)))
    shown = render_replay(replace(ONE_PROMPT, prompts=(replace(TRIAGE, cases=(case,)),)), width=200)

    assert "(20,000 characters in all)" in shown


def test_tables_give_way_to_a_narrow_terminal():
    rows = [["20261122-101500-3fa2c1", "2026-11-22", "regressed", "main", "WORKTREE", "3", "120", "$0.02"]] * 2
    wide = [
        "20261122-101500-3fa2c1",
        "2026-11-22T10:15",
        "unaffected",
        "bfd4c3324c56",
        "0a1b2c3d4e5f",
        "3",
        "9",
        "$0.0002",
    ]

    assert widest(render_runs(rows, width=60)) <= 60
    assert "regressed" in render_runs(rows, width=120)
    assert "prompts" not in render_runs([wide], width=100)
    assert "$0.0002" in render_runs([wide], width=100)
    assert render_runs([]) == "No runs stored yet. promptctl replay stores one.\n"
    assert render_prompts([]) == "No prompts found. promptctl init writes a sample.\n"
    assert "support/triage" in render_prompts(
        [["support/triage", "m", "2", "ticket", "40", "prompts/support/triage.yaml"]]
    )


def test_what_is_cut_of_a_narrow_list_ends_in_dots():
    row = ["support/triage", "openai/gpt-5-mini", "2", "ticket, customer", "40", "prompts/support/triage.yaml"]

    shown = render_prompts([row], width=60).splitlines()

    assert all(len(line) <= 60 for line in shown)
    assert shown[0].endswith("path")
    assert "support/tri…" == shown[1][:12]
    assert shown[1].endswith("…")


def test_a_table_aligns_numbers_right_and_needs_no_titles():
    assert render_table(["", ""], [["a", "1"], ["bb", "22"]]) == "a   1\nbb  22\n"
    assert render_table(["n"], [["1"], ["22"]], right=frozenset({"n"})) == " n\n 1\n22\n"


def test_columns_of_high_rank_go_first():
    canvas = Canvas(40)
    cells = [canvas.text("x" * 20) for _ in range(3)]
    lines = table(canvas, [Column("a"), Column("b", rank=1), Column("c", rank=2)], [cells])

    assert lines[0].plain == "a"


def test_every_failure_has_its_reason():
    shown = " ".join(render_replay(SEVERAL, width=100).split())

    for prompt in SEVERAL.prompts:
        for case in prompt.cases:
            if case.status in {"regressed", "fail"}:
                assert case.new is not None
                reason = failed_assertions(case.new)[0].reason
                assert f"{case.id} " in shown
                assert reason in shown
