"""What is posted under a pull request: bounded, the verdict first, and no stranger's markup."""

from dataclasses import replace

import pytest
from hostile_reports import many, poisoned
from hostile_texts import CORPUS, LIVE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from report_examples import EXAMPLES, HUGE, ONE_PROMPT, PASSED, SEVERAL, TRIAGE, broke, side
from report_strategies import report as reports

from promptctl.reports.edit import EditLine, EditText, EditValue, EditView
from promptctl.reports.markdown import LIMIT, plain, render_markdown
from promptctl.reports.view import AssertionView, CaseView, GateView

OURS = ("<details><summary>", "</details>", "<br>")


def outside_of_code(text: str) -> list[Token]:
    """Every token that a page acts on: text in code is left out."""
    found = []
    for token in MarkdownIt("gfm-like", {"linkify": False}).parse(text):
        found += [child for child in token.children or [] if child.type != "code_inline"]
        found += [] if token.type in {"inline", "fence"} else [token]
    return found


@pytest.mark.parametrize("name", EXAMPLES)
def test_snapshot(name, snapshot):
    snapshot(f"replay-{name}.md", render_markdown(EXAMPLES[name]))


def test_the_verdict_comes_first():
    assert render_markdown(SEVERAL).startswith("### ✗ promptctl: regressed\n")


@pytest.mark.parametrize("text", CORPUS)
def test_hostile_text_lives_in_code_alone(text):
    secret = f"CANARY {text}"
    failed = AssertionView(secret, False, 0.0, secret)
    cases = (
        broke(
            CaseView(
                secret,
                "pass",
                tags=(secret,),
                old=side(f"{secret} a b c"),
                new=side(secret, failed),
                vars={secret: secret},
            )
        ),
        CaseView(secret, "error", new=side(None, error=secret)),
        CaseView(secret, "improved"),
    )
    gates = (GateView(secret, 0, 1, ok=False),)
    prompt = replace(
        TRIAGE, prompt=secret, reasons=(secret,), old_name=secret, warnings=(secret,), cases=cases, gates=gates
    )
    report = replace(ONE_PROMPT, run=secret, prompts=(prompt, *poisoned(secret).prompts), notes=(secret,))

    written = render_markdown(report, cases=1)

    assert LIVE.search(written) is None
    for token in outside_of_code(written):
        assert token.type not in {"image", "link_open", "heading_open"} or token.tag in {"h3", "h4"}
        assert "@" not in token.content
        assert "evil" not in token.content
        assert token.type not in {"html_inline", "html_block"} or token.content.strip().startswith(OURS)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=40)
@given(report=reports, limit=st.integers(2_000, 20_000))
def test_any_report_keeps_within_its_limit(report, limit):
    written = render_markdown(report, limit=limit)

    assert len(written) <= limit
    assert LIVE.search(written) is None


def test_ten_thousand_long_cases_fit_with_the_regressions_first():
    long = replace(
        TRIAGE.cases[0], old=side("a " * 400), new=side("b " * 400), vars={f"v{n}": "x" * 900 for n in range(20)}
    )
    cases = tuple(replace(long, id=f"{number} " + "i" * 300) for number in range(10_000))
    prompts = (replace(TRIAGE, cases=cases), *(replace(TRIAGE, prompt=f"p{n}", cases=cases[:50]) for n in range(40)))
    written = render_markdown(replace(HUGE, prompts=prompts, notes=("n" * 5_000,) * 50))

    assert len(written) < LIMIT
    assert "did not fit here" in written
    assert written.index("confirmed") < written.index("calls")
    assert written.rstrip().endswith("Run `20261122T220102-99ab01`.")


EDIT = EditView(
    "prompts/support/triage.yaml",
    "modified",
    added=2,
    removed=1,
    also="1 param",
    values=(EditValue("temperature", "0", "1"),),
    texts=(
        EditText(
            "message 1 system", (EditLine("-", (("Be long.", False),)), EditLine("+", (("Be brief, @team.", False),)))
        ),
    ),
    warnings=("the variable moved to the front",),
)


def test_what_changed_in_the_prompt_stands_before_what_it_broke():
    written = render_markdown(replace(ONE_PROMPT, prompts=(replace(TRIAGE, edit=EDIT),)))

    assert (
        "Prompt: `prompts/support/triage.yaml`, +2 −1 words, `1 param`\n\n"
        "```diff\n- temperature: 0\n+ temperature: 1\n@@ message 1 system @@\n- Be long.\n+ Be brief, @team.\n```\n\n"
        "- `the variable moved to the front`" in written
    )
    assert written.index("4 cases regressed") < written.index("Prompt: ") < written.index("t-001")


def test_a_long_edit_is_folded_and_cut():
    lines = tuple(EditLine("+", ((f"line {number} of the new prompt", False),)) for number in range(300))
    written = render_markdown(
        replace(ONE_PROMPT, prompts=(replace(TRIAGE, edit=replace(EDIT, texts=(EditText("message 1", lines),))),))
    )

    assert "<details><summary>What changed in the prompt</summary>\n\n```diff\n" in written
    assert "more lines: promptctl diff @@\n```" in written


def test_ten_thousand_cases_stay_under_the_limit_the_regressions_first():
    prompts = (replace(PASSED, edit=EDIT), replace(many(10_000), edit=EDIT), replace(TRIAGE, prompt="z", edit=EDIT))
    written = render_markdown(replace(ONE_PROMPT, prompts=prompts))

    assert len(written) < LIMIT
    regressed = [written.index(f"`case-{number:05}`") for number in range(0, 2_500, 50)]
    assert regressed == sorted(regressed)
    assert written.index("#### ✗") < written.index("#### ✓")
    assert "150 more: `promptctl report --format json`" not in written[: regressed[9]]


def test_the_limit_counts_as_the_strictest_reader_does():
    emoji = tuple(
        broke(replace(TRIAGE.cases[0], id=f"🙂{n}", new=side("🙂" * 900, *TRIAGE.cases[0].new.assertions)))
        for n in range(99)
    )
    prompts = tuple(replace(TRIAGE, prompt=f"{n}🙂", cases=emoji) for n in range(30))
    written = render_markdown(replace(ONE_PROMPT, prompts=prompts))

    assert len(written.encode("utf-16-le")) // 2 < LIMIT


def test_many_prompts_are_counted():
    prompts = tuple(replace(TRIAGE, prompt=f"p{number}", cases=(), verdict="unaffected") for number in range(500))

    assert "and 440 more prompts" in render_markdown(replace(HUGE, prompts=prompts))


@pytest.mark.parametrize(
    ("sentence", "written"),
    [
        ("the gate max_regressions allows 0.", "the gate max_regressions allows 0."),
        ("ask @team", "`ask @team`"),
        ("see www.evil.example", "`see www.evil.example`"),
        ("see https://evil.example", "`see https://evil.example`"),
        ("_emphasis_", "`_emphasis_`"),
    ],
)
def test_sentences_stay_sentences_where_they_are_tame(sentence, written):
    assert plain(sentence) == written
