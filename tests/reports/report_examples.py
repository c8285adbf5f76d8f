"""Reports as a replay makes them: one a situation that a reader meets."""

from dataclasses import replace

from promptctl.reports.view import (
    AssertionView,
    CaseView,
    DeltaView,
    GateView,
    PromptView,
    ReplayReport,
    RunTotals,
    SideView,
    SourceView,
    TokensView,
    TotalsView,
)

MAIN = SourceView("main", "3f9c2d1e8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d")
WORKTREE = SourceView("WORKTREE")
POWER = (
    "No regression shown. 80% chance of seeing a uniform drop of {drop} points or more, or one always-passing case that "
    "falls to 10% or less; smaller changes may be missed."
)


def counts(**given: int) -> dict[str, int]:
    keys = ("unaffected", "pass", "fail", "improved", "regressed", "flaky", "unscored", "error")
    eight = {key: given.get(key, 0) for key in keys}
    scored = sum(eight.values()) - eight["unscored"] - eight["error"] - eight["unaffected"]
    rest = {"scored": scored, "confirmed": given.get("confirmed", 0), "changed": given.get("changed", 0)}
    return {"inputs": sum(eight.values()), **eight, **rest}


def side(output: str | None, *assertions: AssertionView, **rest: object) -> SideView:
    passed = None if not assertions else all(assertion.passed for assertion in assertions)
    plain = SideView(
        output=output,
        passed=passed,
        score=None if passed is None else float(passed),
        samples=1,
        origin="provider",
        model="openai/gpt-5-mini",
        cost_usd=0.0003,
        latency_ms=612.0,
        tokens=TokensView(22, 2, 0, 0),
        assertions=assertions,
    )
    return replace(plain, **rest)  # type: ignore[arg-type]


def equals(expected: str, actual: str) -> AssertionView:
    passed = expected == actual
    reason = f"equal to {expected!r}" if passed else f"expected {expected!r}, got {actual!r}"
    return AssertionView("equals", passed, float(passed), reason)


def routed(case_id: str, ticket: str, expected: str, old: str, new: str, **rest: object) -> CaseView:
    case = CaseView(
        case_id,
        "pass",
        changed=old != new,
        old=side(old, equals(expected, old), origin="cache"),
        new=side(new, equals(expected, new)),
        vars={"ticket": ticket},
        expected=expected,
    )
    return replace(case, **rest)  # type: ignore[arg-type]


def asked_again(case: CaseView, new: int, old: int, of: int) -> CaseView:
    assert case.old is not None
    assert case.new is not None
    return replace(
        case,
        old=replace(case.old, samples=of + 1, fresh_passes=old, fresh_samples=of),
        new=replace(case.new, samples=of + 1, fresh_passes=new, fresh_samples=of),
    )


def broke(case: CaseView, new: int = 0, old: int = 7, of: int = 7, *, confirmed: bool = True) -> CaseView:
    return asked_again(replace(case, status="regressed", confirmed=confirmed, suspected=True), new, old, of)


BROKEN = (
    broke(
        routed(
            "t-001",
            "I was charged twice for the same invoice in May, and nobody has answered my two mails since. Please refund "
            "one of the payments to the card that I used.",
            "billing",
            "billing",
            "technical",
            tags=("enterprise",),
        ),
    ),
    broke(
        routed(
            "t-014",
            "The export button gives error 502 since this morning.",
            "technical",
            "technical",
            "Technical team: this looks like an outage.",
            tags=("outage", "eu"),
        ),
    ),
    broke(routed("t-022", "Please cancel my plan at the end of the month.", "account", "account", "billing"), 1),
    broke(
        routed("t-031", "Refund?", "billing", "billing", "other"),
        3,
        6,
        7,
        confirmed=False,
    ),
)

TRIAGE = PromptView(
    prompt="support/triage",
    verdict="regressed",
    reasons=("4 cases regressed, 3 of them confirmed by fresh samples; the gate max_regressions allows 0.",),
    counts=counts(unaffected=3, fail=1, improved=1, regressed=4, flaky=1, confirmed=3, changed=9, **{"pass": 30}),
    old=TotalsView(0.946, 0.946, 0.012, 610.0, 900.0, TokensView(900, 80, 0, 0)),
    new=TotalsView(0.865, 0.865, 0.0131, 640.0, 1104.0, TokensView(930, 95, 0, 0)),
    delta=DeltaView(-0.075, (-0.19, 0.03), 0.0017, 0.04, "fresh-pairs", 0.18, 0.26),
    gates=(GateView("max_regressions", 0, 3, ok=False), GateView("max_cost_increase", 0.2, 0.09, ok=True)),
    cases=(
        *BROKEN,
        routed("t-007", "Where is my invoice?", "billing", "other", "billing", status="improved"),
        asked_again(
            routed("t-019", "App crashes on login", "technical", "technical", "account", status="flaky"),
            5,
            6,
            7,
        ),
        routed("t-040", "hello?", "other", "billing", "technical", status="fail"),
    ),
)

ONE_PROMPT = ReplayReport(
    run="20261122T214730-3f9c2d",
    created="2026-11-22T21:47:30Z",
    exit_code=1,
    verdict="regressed",
    old=MAIN,
    new=WORKTREE,
    prompts=(TRIAGE,),
    totals=RunTotals(144, 37, 0, 3, 0.0204, 4.1),
)

ANSWER = (
    "Thank you for writing to us, and sorry for the trouble. We have looked at your account and can see two payments of "
    "49 euros on 3 May. One of them will be returned to your card within five working days. You do not need to do "
    "anything else.\n\nKind regards,\nSupport"
)
LONGER = (
    "Thank you for writing to us, and sorry for the trouble. We have looked at your account and can see two payments of "
    "49 euros on 3 May. Both of them will be returned to your card within thirty working days. You do not need to do "
    "anything else.\n\nKind regards,\nSupport"
)

REPLY = PromptView(
    prompt="support/reply",
    verdict="regressed",
    reasons=("1 case regressed, confirmed by fresh samples; the gate max_regressions allows 0.",),
    counts=counts(regressed=1, confirmed=1, changed=20, **{"pass": 19}),
    old=TotalsView(1.0, 0.97, 0.41, 2210.0, 4900.0, TokensView(18_400, 4_020, 0, 12_000)),
    new=TotalsView(0.95, 0.93, 0.62, 3120.0, 9400.0, TokensView(19_250, 9_870, 5_120, 0)),
    delta=DeltaView(-0.05, (-0.236, 0.113), 0.0006, 0.02, "fresh-pairs", 0.22, 0.216),
    gates=(
        GateView("max_regressions", 0, 1, ok=False),
        GateView("max_output_tokens_increase", 0.5, 1.455, ok=False),
    ),
    cases=(
        broke(
            CaseView(
                "conv-881",
                "pass",
                changed=True,
                tags=("refund",),
                old=side(
                    ANSWER,
                    AssertionView("contains", True, 1.0, "contains 'within five working days'"),
                    AssertionView("llm-rubric", True, 0.9, "polite, and promises only what the policy allows"),
                ),
                new=side(
                    LONGER,
                    AssertionView("contains", False, 0.0, "does not contain 'within five working days'"),
                    AssertionView(
                        "assert-set",
                        False,
                        0.2,
                        "1 of 2 passed",
                        assertions=(
                            AssertionView("max-words", True, 1.0, "52 of 80 words"),
                            AssertionView(
                                "llm-rubric",
                                False,
                                0.2,
                                "promises to return both payments, although the customer was charged once too often; "
                                "the policy allows one refund a duplicate",
                            ),
                        ),
                    ),
                ),
                vars={
                    "customer": {"name": "M. Okafor", "plan": "team", "since": 2021},
                    "message": "You took 49 euros twice.",
                    "history": ["hi", "hello"],
                    "locale": "en-GB",
                    "channel": "mail",
                },
            ),
        ),
    ),
    warnings=("the edit moves a variable in front of the fixed text: the provider's prefix cache no longer applies",),
)

PASSED = PromptView(
    prompt="support/summary",
    verdict="passed",
    reasons=(POWER.format(drop=15),),
    counts=counts(improved=2, fail=1, changed=11, **{"pass": 47}),
    old=TotalsView(0.94, 0.94, None, 540.0, 810.0, TokensView(12_000, 1_480, 0, 0)),
    new=TotalsView(0.98, 0.98, None, 520.0, 805.0, TokensView(11_400, 1_390, 0, 0)),
    delta=DeltaView(0.04, (-0.02, 0.12), None, 0.013, "none", 0.15, 0.058),
    cases=(
        routed("s-03", "A", "b", "c", "b", status="improved"),
        routed("s-17", "A", "b", "c", "b", status="improved"),
        routed("s-44", "A", "b", "c", "d", status="fail"),
    ),
)

UNASKED = PromptView(
    prompt="billing/dunning",
    verdict="error",
    reasons=("14 of 30 cases could not be asked or scored; the gate max_error_rate allows 0%.",),
    counts=counts(error=14, **{"pass": 16}),
    old=TotalsView(1.0, 1.0, 0.08, 700.0, 1300.0, TokensView(9_000, 700, None, None)),
    new=TotalsView(1.0, 1.0, 0.08, 690.0, 1310.0, TokensView(9_100, 705, None, None)),
    delta=DeltaView(0.0, (-0.19, 0.19), None, 0.013, "none", 0.3, 0.17),
    gates=(GateView("max_error_rate", 0.0, 14 / 30, ok=False),),
    cases=(
        *(
            CaseView(
                f"d-{number:02}",
                "error",
                old=side("ok", equals("ok", "ok")),
                new=side(
                    None,
                    error=f"anthropic/claude-haiku-4-5: no API key; set ANTHROPIC_API_KEY (request {number})",
                ),
            )
            for number in range(12)
        ),
        *(
            CaseView(
                f"j-{number}",
                "error",
                old=side("ok", AssertionView("llm-rubric", False, 0.0, "", "the judge's answer is no JSON")),
                new=side("ok", AssertionView("llm-rubric", False, 0.0, "", "the judge's answer is no JSON")),
            )
            for number in range(2)
        ),
    ),
)

ADDED = PromptView(
    prompt="support/escalate",
    verdict="inconclusive",
    reasons=("The pass rate of 75% has an interval of 51% to 90%, and min_pass_rate 85% lies inside.",),
    counts=counts(fail=5, **{"pass": 15}),
    new=TotalsView(0.75, 0.75, 0.004, 380.0, 560.0, TokensView(2_000, 40, 0, 0)),
    gates=(GateView("min_pass_rate", 0.85, 0.75, ok=True),),
    cases=tuple(
        CaseView(
            f"e-{number}",
            "fail",
            new=side("no", equals("yes", "no")),
            vars={"message": f"Escalate number {number}, please."},
            expected="yes",
        )
        for number in range(5)
    ),
)

UNAFFECTED = PromptView(
    prompt="support/tone-check",
    verdict="unaffected",
    reasons=("All 18 requests are unchanged: nothing was asked.",),
    counts=counts(unaffected=18),
)

NO_INPUTS = PromptView(
    prompt="notes/minutes",
    verdict="unaffected",
    reasons=("no inputs",),
    counts=counts(),
    warnings=("prompts/notes/minutes.yaml has no inputs: add prompts/notes/minutes.inputs.jsonl",),
)

UNSCORED = PromptView(
    prompt="blog/title",
    verdict="inconclusive",
    reasons=("Nothing asserts on these answers: 2 of 3 changed, for better or worse nobody can tell.",),
    counts=counts(unscored=3, changed=2),
    old=TotalsView(None, None, 0.0009, 300.0, 410.0, TokensView(120, 30, 0, 0)),
    new=TotalsView(None, None, 0.0009, 310.0, 400.0, TokensView(126, 33, 0, 0)),
    delta=DeltaView(),
    cases=(
        CaseView(
            "b-1",
            "unscored",
            changed=True,
            old=side("Ten quiet ways to test a prompt"),
            new=side("Ten loud ways to test a prompt"),
            vars={"topic": "testing prompts"},
        ),
        CaseView(
            "b-2",
            "unscored",
            changed=True,
            old=side("Why caches lie"),
            new=side(""),
            vars={"topic": "caches"},
        ),
        CaseView("b-3", "unscored", old=side("Same"), new=side("Same"), vars={"topic": "x"}),
    ),
)

SEVERAL = ReplayReport(
    run="20261122T220102-77ab01",
    created="2026-11-22T22:01:02Z",
    exit_code=1,
    verdict="regressed",
    old=SourceView("v1.4.0", "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"),
    new=SourceView("feature/shorter-replies", "89abcdef0123456789abcdef0123456789abcdef"),
    prompts=(
        replace(TRIAGE, old_name="triage", old_path="prompts/triage.yaml"),
        REPLY,
        PASSED,
        UNASKED,
        ADDED,
        UNSCORED,
        UNAFFECTED,
        NO_INPUTS,
    ),
    totals=RunTotals(1_204, 310, 40, 21, None, 201.4),
    notes=(
        "40 answers come from recordings that the new side itself brought; --audit 5% asks a sample of them again.",
        "Old and new answers of support/summary were given 9 days apart: a provider's change cannot be ruled out offline.",
    ),
)

ALL_PASSED = ReplayReport(
    run="20261122T220102-11ab01",
    created="2026-11-22T22:01:02Z",
    exit_code=0,
    verdict="passed",
    old=SourceView("HEAD", MAIN.commit),
    new=SourceView("INDEX"),
    prompts=(PASSED,),
    totals=RunTotals(0, 100, 0, 0, 0.0, 0.21),
)

NOTHING = ReplayReport("", "2026-11-22T22:01:02Z", 0, "unaffected", SourceView("HEAD", MAIN.commit), WORKTREE)

FOREIGN = ReplayReport(
    run="20261122T220102-22ab01",
    created="2026-11-22T22:01:02Z",
    exit_code=1,
    verdict="regressed",
    old=MAIN,
    new=WORKTREE,
    prompts=(
        PromptView(
            prompt="客服/分类",
            verdict="regressed",
            reasons=("3 cases regressed.",),
            counts=counts(regressed=3, confirmed=3, changed=3),
            old=TotalsView(1.0, 1.0, 0.01, 600.0, 900.0),
            new=TotalsView(0.0, 0.0, 0.01, 600.0, 900.0),
            delta=DeltaView(-1.0, (-1.0, -0.4), 0.001, 0.04, "fresh-pairs", 0.5, 0.6),
            cases=(
                broke(
                    routed(
                        "工单-一",
                        "五月份的同一张发票我被收了两次钱，给你们发了两封邮件都没有人回复，请把其中一笔款退回我付款用的卡。",
                        "账单",
                        "我们已经查看了您的账户，五月三日有两笔四十九欧元的付款，其中一笔将在五个工作日内退回您的银行卡。",
                        "我们已经查看了您的账户，五月三日有两笔四十九欧元的付款，两笔都将在三十个工作日内退回您的银行卡。",
                    ),
                ),
                broke(
                    routed(
                        "تذكرة-٢",
                        "تم خصم المبلغ مرتين من بطاقتي في شهر مايو ولم يرد علي أحد.",
                        "الفواتير",
                        "تم تحويل طلبك إلى قسم الفواتير وسيرد عليك خلال خمسة أيام.",
                        "تم تحويل طلبك إلى قسم الدعم الفني وسيرد عليك خلال ثلاثين يوما.",
                    ),
                ),
                broke(routed("emoji", "👩‍👩‍👧 lost ❤️ the parcel 🇩🇪", "shipping 🚚", "shipping 🚚", "billing 💳")),
            ),
        ),
    ),
    totals=RunTotals(42, 0, 0, 0, 0.01, 61.0),
)

_BIG_CASES = tuple(
    replace(case, id=f"{case.id}-{number}") for number in range(500) for case in (*BROKEN[:3], TRIAGE.cases[4])
)
HUGE = replace(
    ONE_PROMPT,
    run="20261122T220102-99ab01",
    prompts=(
        replace(
            TRIAGE,
            counts=counts(regressed=1_500, improved=500, confirmed=10, changed=2_000),
            reasons=("1,500 cases regressed, 10 of them confirmed; the gate max_regressions allows 0.",),
            cases=_BIG_CASES,
        ),
    ),
)

EXAMPLES: dict[str, ReplayReport] = {
    "one-prompt": ONE_PROMPT,
    "several": SEVERAL,
    "all-passed": ALL_PASSED,
    "nothing": NOTHING,
    "foreign": FOREIGN,
    "huge": HUGE,
}
