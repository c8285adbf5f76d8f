"""Numbers and names as people read them."""

from dataclasses import replace

import pytest
from report_examples import PASSED, TRIAGE

from promptctl.reports.findings import ErrorGroup, error_groups, fresh_line
from promptctl.reports.numbers import change, count, dollars, duration, percent, place, plural, signed
from promptctl.reports.phrases import (
    by_severity,
    cost_line,
    counts_line,
    evidence,
    gate_line,
    latency_line,
    rate_and_evidence,
    spent_line,
    tokens_line,
    unseen,
    value_text,
)
from promptctl.reports.view import (
    CaseView,
    DeltaView,
    GateView,
    PromptView,
    RunTotals,
    SideView,
    SourceView,
    TokensView,
    TotalsView,
)


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (None, "unknown"),
        (0, "$0"),
        (1234.5, "$1,234.50"),
        (0.0131, "$0.0131"),
        (0.00001234, "$0.00001234"),
        (1e-9, "<$0.000001"),
    ],
)
def test_dollars(amount, said):
    assert dollars(amount) == said


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [
        (None, "unknown"),
        (0, "0 ms"),
        (999.4, "999 ms"),
        (999.6, "1 s"),
        (1104, "1.1 s"),
        (59_949, "59.9 s"),
        (59_960, "1 min 0 s"),
        (3_725_000, "62 min 5 s"),
    ],
)
def test_duration(milliseconds, said):
    assert duration(milliseconds) == said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (None, 1, ""),
        (1, None, ""),
        (0, 1, ""),
        (2, 2, ""),
        (100, 122, "+22%"),
        (100, 104.9, "+4.9%"),
        (100, 50, "−50%"),
        (1e6, 1e6 + 1, ""),
    ],
)
def test_change(old, new, said):
    assert change(old, new) == said


@pytest.mark.parametrize(
    ("share", "said"), [(None, "unknown"), (1, "100%"), (0.9459, "94.6%"), (0, "0%"), (0.5, "50%")]
)
def test_percent(share, said):
    assert percent(share) == said


@pytest.mark.parametrize(("number", "said"), [(-7.5, "−7.5"), (0.01, "0.0"), (3, "+3.0"), (1234.56, "+1,234.6")])
def test_signed(number, said):
    assert signed(number) == said


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (SourceView("WORKTREE"), "working tree"),
        (SourceView("INDEX"), "index"),
        (SourceView("main", "3f9c2d1e8a"), "main 3f9c2d1"),
        (SourceView("3f9c2d1", "3f9c2d1e8a"), "3f9c2d1"),
        (SourceView("main"), "main"),
    ],
)
def test_place(source, said):
    assert place(source) == said


def test_plural():
    assert [plural(1, "case"), plural(2_000, "case"), plural(0, "entry", "entries")] == [
        "1 case",
        "2,000 cases",
        "0 entries",
    ]


def test_counts():
    assert counts_line({}) == "no inputs"
    assert counts_line({"fail": 2}) == "2 fail on both sides"
    assert counts_line({"fail": 2}, added=True) == "2 fail"
    assert counts_line({"regressed": 2, "confirmed": 2, "pass": 3}) == "2 regressed (all confirmed), 3 pass"
    assert count(None) == "unknown"


def test_evidence():
    assert evidence(None) == ""
    assert evidence(DeltaView()) == ""
    assert evidence(DeltaView(0.0)) == "0.0 points"
    assert evidence(DeltaView(-0.1, p_value=0.002)) == "−10.0 points (p = 0.002)"
    assert rate_and_evidence(None, TotalsView(0.5), None) == "50%"
    assert rate_and_evidence(None, None, DeltaView(0.1)) == "+10.0 points"


def test_sides_that_are_unknown():
    unknown = TotalsView()

    assert (latency_line(unknown, unknown), cost_line(unknown, unknown), tokens_line(unknown, unknown)) == (
        "",
        "unknown",
        "",
    )
    assert (cost_line(unknown, None), tokens_line(unknown, None)) == ("", "")
    assert cost_line(TotalsView(cost_usd=0.5), unknown) == "$0.5 → unknown"
    assert cost_line(None, unknown) == "unknown"
    assert (
        tokens_line(None, TotalsView(tokens=TokensView(5, 2, 1, None)))
        == "in 5, out 2, reasoning 1, summed over all answers"
    )
    assert (
        tokens_line(TotalsView(tokens=TokensView(5, 2)), TotalsView(tokens=TokensView(5, 3)))
        == "in 5, out 2 → 3 (+50%), summed over all answers"
    )


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        (GateView("max_regressions", 0, 3, ok=False), "max_regressions: 3, limit 0"),
        (GateView("min_pass_rate", 0.9, 0.853, ok=False), "min_pass_rate: 85.3%, limit 90%"),
        (GateView("max_cost_increase", 0.2, None, ok=False), "max_cost_increase: unknown, limit 20%"),
    ],
)
def test_gates(gate, said):
    assert gate_line(gate) == said


def test_what_could_not_be_seen_is_said_once():
    delta = DeltaView(mde=0.15, unseen_upper=0.058)

    assert unseen(None) == ""
    assert "15 points" in unseen(delta)
    assert "5.8%" in unseen(delta)
    assert "15 points" not in unseen(delta, PASSED.reasons)
    assert unseen(delta, (*PASSED.reasons, "at most 5.8% (95% upper bound).")) == ""


def test_what_the_run_spent():
    assert spent_line(RunTotals(1, 2, 3, 4, 0.5, 61)) == (
        "1 call, 2 from the cache, 3 from recordings, 4 unaffected and not asked; $0.5 spent, 1 min 1 s"
    )
    assert spent_line(RunTotals(spent_usd=None)) == "0 calls; cost unknown, 0 ms"


def test_what_went_wrong_comes_first_and_an_unknown_verdict_is_no_error():
    prompts = [replace(TRIAGE, prompt=name, verdict=name) for name in ("passed", "novel", "unaffected", "regressed")]

    assert [prompt.prompt for prompt in by_severity(prompts)] == ["regressed", "novel", "passed", "unaffected"]


def test_values_as_people_write_them():
    assert [value_text("a"), value_text({"b": [1, None]}), value_text("x" * 9_000)] == [
        "a",
        '{"b": [1, null]}',
        "x" * 4_000,
    ]


def test_errors_are_grouped_whatever_their_numbers():
    def error(case_id, old=None, new=None):
        return CaseView(case_id, "error", old=SideView(error=old), new=SideView(error=new))

    cases = (
        error("a", new="retry in 3.2 s"),
        error("b", new="retry in 11 s"),
        error("c", old="no key", new="no key"),
        error("d", old="no key", new="timeout"),
        error("e", old="gone"),
        CaseView("f", "error"),
    )

    assert error_groups(PromptView("p", "error", cases=cases)) == (
        ErrorGroup("retry in 3.2 s", "new", ("a", "b"), 2),
        ErrorGroup("no key", "both sides", ("c",), 1),
        ErrorGroup("no key; timeout", "both sides", ("d",), 1),
        ErrorGroup("gone", "old", ("e",), 1),
        ErrorGroup("no reason was given", "", ("f",), 1),
    )


def test_fresh_samples_of_one_side():
    assert fresh_line(CaseView("c", "fail", new=SideView(fresh_passes=1, fresh_samples=4))) == "new passed 1 of 4"
    graded = CaseView("c", "regressed", old=SideView(fresh_score=0.8), new=SideView(fresh_score=0.31, fresh_samples=6))
    assert fresh_line(graded) == "new scored 0.31 in 6, old 0.80"
