"""Cases as tables: CSV that no spreadsheet executes, Parquet that keeps what was answered."""

import csv
import io
import re
from dataclasses import replace

import pytest
from hostile_reports import many, poisoned
from hostile_texts import CORPUS, LIVE
from hypothesis import given
from report_examples import ONE_PROMPT, SEVERAL, TRIAGE
from report_strategies import report as reports

from promptctl.reports.case_csv import csv_lines, harmless
from promptctl.reports.case_rows import COLUMNS, case_rows
from promptctl.reports.view import ExcuseView

FORMULA = re.compile(r"^[ \"']*[=+\-@\t\r＝＋－＠]")


def rows(report):
    return list(csv.DictReader(io.StringIO("".join(csv_lines(report)), newline="")))


def test_a_line_a_case_with_both_sides():
    table = rows(ONE_PROMPT)

    assert len(table) == 7
    assert list(table[0]) == list(COLUMNS)
    first = table[0]
    assert (first["prompt"], first["id"], first["status"], first["confirmed"]) == (
        "support/triage",
        "t-001",
        "regressed",
        "true",
    )
    assert (first["old_output"], first["new_output"], first["expected"]) == ("billing", "technical", "billing")
    assert (first["old_from"], first["new_from"], first["new_latency_ms"]) == ("cache", "provider", "612.0")
    assert first["new_failed"] == "equals: expected 'billing', got 'technical'"
    assert (first["new_fresh_passes"], first["new_fresh_samples"], first["tags"]) == ("0", "7", "enterprise")


@pytest.mark.parametrize(
    ("excuse", "says"),
    [
        (None, ("", "", "", "")),
        (ExcuseView("Ada", "2026-11-20", "in May", "2026-12-24"), ("waived", "Ada", "2026-12-24", "in May")),
        (ExcuseView("=Ada()", "2026-11-20"), ("accepted", "'=Ada()", "", "")),
    ],
)
def test_an_excused_case_says_who_answers_for_it(excuse, says):
    cases = tuple(replace(case, excuse=excuse) for case in TRIAGE.cases)
    first = rows(replace(ONE_PROMPT, prompts=(replace(TRIAGE, cases=cases),)))[0]

    assert tuple(first[f"waiver{part}"] for part in ("", "_by", "_until", "_reason")) == says


def test_an_added_prompt_has_no_old_side():
    added = [row for row in rows(SEVERAL) if row["prompt"] == "support/escalate"]

    assert {row["old_output"] for row in added} == {""}
    assert {row["new_output"] for row in added} == {"no"}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=cmd|'/c calc'!A1", "'=cmd|'/c calc'!A1"),
        (" =1", " '=1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("-2+3", "'-2+3"),
        ("＝1", "'＝1"),
        ("a;=1", "a;'=1"),
        ("a\n=1", "a\n'=1"),
        ("a\t+1", "a\t'+1"),
        ("-5", "-5"),
        ("+3.25", "+3.25"),
        ("a-b", "a-b"),
        ("a = b", "a = b"),
        ("\ufeff=1", "\\ufeff=1"),
    ],
)
def test_formulas_are_texts(text, written):
    assert harmless(text) == written


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_hostile_cells_are_inert_for_every_separator(text):
    whole = "".join(csv_lines(poisoned(text)))
    table = list(csv.reader(io.StringIO(whole, newline="")))
    cells = [cell for row in table for cell in row]

    assert not LIVE.search(whole)
    assert {len(row) for row in table} == {len(COLUMNS)}
    assert not any(re.match(r"^[ ]*[=@＝＋－＠]|^[ ]*[+-](?!\d)", line) for cell in cells for line in cell.split("\n"))


@given(reports)
def test_every_report_has_a_row_a_case(report):
    assert len(rows(report)) == sum(len(prompt.cases) for prompt in report.prompts) == len(list(case_rows(report)))


def test_parquet_keeps_what_was_answered():
    pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed: pip install 'promptctl-cli[parquet]'")
    from promptctl.reports.parquet import write_parquet

    file = io.BytesIO()
    write_parquet(ONE_PROMPT, file)
    table = pq.read_table(io.BytesIO(file.getvalue()))

    assert table.column_names == list(COLUMNS)
    assert table.num_rows == 7
    first = table.slice(0, 1).to_pylist()[0]
    assert (first["id"], first["tags"], first["confirmed"], first["new_output"]) == (
        "t-001",
        ["enterprise"],
        True,
        "technical",
    )
    assert first["new_tokens_input"] == 22
    assert table.schema.metadata[b"promptctl.verdict"] == b"regressed"


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_parquet_holds_any_text(text):
    pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed: pip install 'promptctl-cli[parquet]'")
    from promptctl.reports.parquet import write_parquet

    file = io.BytesIO()
    write_parquet(poisoned(text), file)
    (row, *_) = pq.read_table(io.BytesIO(file.getvalue())).to_pylist()

    assert row["new_output"] == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def test_ten_thousand_cases_are_written_in_parts():
    pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed: pip install 'promptctl-cli[parquet]'")
    from promptctl.reports.parquet import write_parquet

    report = replace(ONE_PROMPT, prompts=(many(10_001, words=3),))
    file = io.BytesIO()
    write_parquet(report, file)

    assert pq.ParquetFile(io.BytesIO(file.getvalue())).metadata.num_row_groups == 3
    assert sum(1 for _ in csv_lines(report)) == 1 + 21
