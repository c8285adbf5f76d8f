"""A report in which a stranger's text stands wherever a stranger's text can stand."""

from dataclasses import replace

from report_examples import ADDED, ONE_PROMPT, TRIAGE, UNASKED, broke, side

from promptctl.reports.edit import EditLine, EditText, EditValue, EditView
from promptctl.reports.view import (
    AssertionView,
    CaseView,
    ExcuseView,
    GateView,
    MetricSideView,
    MetricView,
    PromptView,
    ReplayReport,
    SourceView,
)


def poisoned(text: str) -> ReplayReport:
    """The text as name, id, tag, input, answer, model, reason, error, warning, note, revision and edit."""
    assertion = AssertionView(text, False, 0.0, text, None, (AssertionView(text, False, 0.0, text, text),))
    bad = side(text, assertion, model=text)
    cases = (
        broke(
            CaseView(
                text, "fail", tags=(text, text), old=side(f"old {text}"), new=bad, vars={text: text}, expected=text
            )
        ),
        CaseView(
            f"{text} e", "error", old=side(None, error=text), new=side(None, error=text), vars={"v": {text: [text]}}
        ),
        replace(
            broke(CaseView(f"{text} w", "regressed", old=side(f"old {text}"), new=bad)),
            excuse=ExcuseView(text, "2026-11-26", text, "2026-12-24", brought=True),
        ),
        CaseView(f"{text} u", "unscored", changed=True, old=side(text), new=side(f"{text}{text}")),
        CaseView(f"{text} f", "flaky", old=bad, new=bad),
        CaseView(f"{text} i", "improved", old=bad, new=side(text)),
        CaseView(f"{text} b", "fail", old=bad, new=bad),
    )
    edit = EditView(
        path=text or "p",
        change="modified",
        added=1,
        also=text,
        values=(EditValue(text, text, text), EditValue(text, None, text, text)),
        texts=(EditText(text, (EditLine("-", ((text, True), (text, False))), EditLine("+", ((text, True),))), ()),),
        warnings=(text,),
        remarks=(text,),
        ranges=((2, 3),),
    )
    return replace(
        ONE_PROMPT,
        old=SourceView(text, text),
        new=SourceView(text),
        prompts=(
            replace(
                TRIAGE,
                prompt=text,
                old_name=text,
                old_path=text,
                reasons=(text,),
                warnings=(text,),
                advice=(text,),
                metrics=(MetricView(text, MetricSideView(0.5, 1, 2), MetricSideView(1.0, 2, 2)), MetricView(text)),
                gates=(GateView(text, 0, 1, ok=False),),
                cases=cases,
                edit=edit,
            ),
            replace(UNASKED, prompt=f"{text}2", reasons=(text,), cases=cases[1:2], edit=edit),
            replace(ADDED, prompt=f"{text}3", verdict="regressed", cases=(replace(cases[6], old=None),)),
        ),
        notes=(text,),
    )


def many(number: int, *, words: int = 40) -> PromptView:
    """A prompt of so many cases, answers of so many words; 1 in 50 regressed."""
    answer = " ".join(f"word{at % 17}" for at in range(words))
    cases = tuple(
        replace(
            CaseView(
                f"case-{at:05}",
                "pass",
                tags=("de",) if at % 7 == 0 else ("en", "long"),
                old=side(
                    f"{answer} {at}", AssertionView("contains", True, 1.0, "contains it"), latency_ms=300 + at % 900
                ),
                new=side(
                    f"{answer} changed {at}",
                    AssertionView("contains", at % 50 != 0, float(at % 50 != 0), f"does not contain 'x{at}'"),
                    latency_ms=350 + at % 1100,
                ),
                vars={"question": f"What is number {at}? {answer[:120]}"},
                expected=f"x{at}",
            ),
            **({"status": "regressed", "confirmed": True, "suspected": True, "changed": True} if at % 50 == 0 else {}),
        )
        for at in range(number)
    )
    return replace(TRIAGE, cases=cases, counts={**TRIAGE.counts, "inputs": number, "regressed": number // 50})
