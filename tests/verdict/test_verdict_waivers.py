"""Who is excused on a day, and the file that says so."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_verdict_gate import BAD, FATAL, GOOD, lost, many, named

from promptctl.errors import InvalidWaivers
from promptctl.settings import GateSettings
from promptctl.verdict.compare import compare
from promptctl.verdict.gate import GateResult, judge
from promptctl.verdict.pair import Pair, Verdict
from promptctl.verdict.waiver_file import TEXT_LIMIT, line_problem, read_waivers, waivers_text
from promptctl.verdict.waivers import Acceptance, Excuse, Pardon, Waiver, Waivers, answer_digest, gone_prompts

DAY = date(2026, 11, 26)
WAIVER = Waiver("p", "t-001", "known, ticket 7", "Ada", date(2026, 12, 24), DAY)
ACCEPTED = Acceptance("p", "t-002", answer_digest("fine"), "Ada", DAY)
BOTH = Waivers((WAIVER,), (ACCEPTED,))
EXCUSE = Excuse("Ada", DAY, "known, ticket 7", date(2026, 12, 24))


def judged(pairs, confirmed, excused, apart=None, *, no_confirm=False, **gates):
    found = compare(pairs, confirmed, excuses=excused, excused=apart, no_confirm=no_confirm)
    return judge(found, GateSettings(**gates))


@pytest.mark.parametrize(("days", "holds"), [(-1, True), (0, True), (1, False)])
def test_a_waiver_holds_up_to_its_last_day(days, holds):
    pardon = Pardon("p", BOTH, BOTH, WAIVER.expires + timedelta(days))

    assert holds == (pardon.excuse("t-001", "anything") is not None)
    assert holds == ("t-001" not in pardon.lapsed)


def test_what_the_change_itself_brought_is_known():
    assert Pardon("p", BOTH, BOTH, DAY).excuse("t-001", None) == EXCUSE
    assert Pardon("p", BOTH, Waivers(), DAY).excuse("t-001", None).brought
    longer = BOTH.with_waiver(("p", "t-001"), Waiver("p", "t-001", "known, ticket 7", "Ada", date(2027, 1, 1), DAY))
    assert Pardon("p", longer, BOTH, DAY).excuse("t-001", None).brought


def test_an_accepted_answer_excuses_that_very_answer_alone():
    pardon = Pardon("p", BOTH, BOTH, DAY)

    assert Excuse("Ada", DAY) == pardon.excuse("t-002", "fine")
    assert pardon.excuse("t-002", "fine ") is None
    assert pardon.excuse("t-002", None) is None


def test_another_prompt_is_not_excused_and_one_that_is_gone_is_named():
    assert Pardon("q", BOTH, BOTH, DAY).excuse("t-001", None) is None
    assert (("p", "t-001"), ("p", "t-002")) == gone_prompts(BOTH, ["q"])


def test_a_waived_case_does_not_count_and_the_reason_says_who_answers_for_it():
    judgement = judged(many(50) + lost(1), None, {"lost0": EXCUSE}, named(1))

    assert (Verdict.PASSED, (GateResult("max_regressions", 0, 0, ok=True),)) == (judgement.verdict, judgement.gates)
    assert "1 regressed case is waived until 2026-12-24 by Ada: known, ticket 7 (lost0)" == judgement.reasons[0]
    assert judgement.reasons[1].startswith("No other regression shown.")


def test_two_of_one_waiver_are_one_sentence_and_what_the_change_brought_is_said():
    brought = Excuse("Ada", DAY, "known", date(2026, 12, 24), brought=True)
    judgement = judged(many(50) + lost(2), None, {"lost0": brought, "lost1": brought}, named(2))

    said = "2 regressed cases are waived until 2026-12-24 by Ada: known (lost0, lost1; brought by this very change)"
    assert said == judgement.reasons[0]


def test_the_others_count_without_the_waived_one():
    pairs = [*many(50), *lost(2), Pair("waived", GOOD, BAD)]
    judgement = judged(pairs, named(2), {"waived": EXCUSE}, None)

    assert Verdict.REGRESSED is judgement.verdict
    assert 2 == judgement.gates[0].actual
    assert judgement.reasons[0].startswith("2 of 53 cases broke")


@pytest.mark.parametrize("excused", [{}, {"broken": EXCUSE}])
def test_a_case_that_the_edit_left_without_an_answer_can_be_waived(excused):
    judgement = judged([*many(50), Pair("broken", GOOD, FATAL)], None, excused)

    assert (Verdict.PASSED if excused else Verdict.REGRESSED) is judgement.verdict


def test_without_confirmation_a_waived_suspect_does_not_count_either():
    judgement = judged(many(50) + lost(2), None, {"lost0": EXCUSE}, no_confirm=True)
    assert (Verdict.REGRESSED, 1) == (judgement.verdict, judgement.gates[0].actual)

    judgement = judged(many(50) + lost(1), None, {"lost0": EXCUSE}, no_confirm=True)
    assert (Verdict.PASSED, 0) == (judgement.verdict, judgement.gates[0].actual)


def test_a_waived_case_shows_no_drop_by_itself():
    judgement = judged(many(9) + lost(1), None, {"lost0": EXCUSE}, named(1), max_pass_rate_drop=0.05)

    assert Verdict.REGRESSED is not judgement.verdict


LINES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=40).map(lambda text: f"{text}x")
DAYS = st.dates(min_value=date(2000, 1, 1))
WAIVERS = st.builds(
    lambda prompt, case, reason, owner, days: Waiver(prompt, case, reason, owner, max(days), min(days)),
    *(LINES, LINES, LINES, LINES),
    st.tuples(DAYS, DAYS),
)
ACCEPTANCES = st.builds(Acceptance, LINES, LINES, LINES.map(answer_digest), LINES, DAYS)


@given(st.lists(WAIVERS, max_size=4), st.lists(ACCEPTANCES, max_size=4))
def test_what_is_written_is_read_again_and_in_one_order(waivers, accepted):
    one, other = Waivers(), Waivers()
    unique = {waiver.case: waiver for waiver in waivers}.values()
    right = {entry.case: entry for entry in accepted}.values()
    for waiver in unique:
        one = one.with_waiver(waiver.case, waiver)
    for waiver in reversed(list(unique)):
        other = other.with_waiver(waiver.case, waiver)
    for entry in right:
        one, other = one.with_acceptance(entry.case, entry), other.with_acceptance(entry.case, entry)

    assert one == read_waivers(waivers_text(one).encode())
    assert waivers_text(one) == waivers_text(other)


@pytest.mark.parametrize("text", ["012", "1e3", "no", "null", "a: b", '"', "\\", "- x", "#", "é\u200d🙂", "{{ x }}"])
def test_texts_that_look_like_something_else_stay_texts(text):
    waivers = Waivers((Waiver("p", text, text, text, DAY, DAY),))

    assert waivers == read_waivers(waivers_text(waivers).encode())


def test_every_mistake_is_said_at_once_with_its_line():
    text = (
        "waivers:\n"
        "  - {prompt: p, id: 7, reason: x, owner: A, made: 2026-11-26, expires: soon}\n"
        "  - {prompt: p, id: b, raeson: x, owner: A, made: 2026-11-26, expires: 2026-11-01}\n"
        "  - {prompt: p, id: c, reason: x, owner: A, made: 2026-11-26, expires: 2026-11-27}\n"
        "  - {prompt: p, id: c, reason: y, owner: A, made: 2026-11-26, expires: 2026-11-27}\n"
        "accepted:\n"
        "  - {prompt: p, id: d, answer: abc, owner: A, made: 2026-13-01}\n"
        "more: 1\n"
    )
    with pytest.raises(InvalidWaivers) as caught:
        read_waivers(text.encode())

    said = "\n".join(caught.value.lines())
    for wanted in (
        "line 2: 'expires' must be a date, not 'soon'. As 2026-12-24.",
        "line 3: unknown key 'waivers[2].raeson'. Did you mean 'reason'?",
        "'reason' is missing.",
        "'expires' is 2026-11-01, before it was made (2026-11-26).",
        "line 5: 'c' of p stands here a second time.",
        "'answer' must be the SHA-256",
        "'made' must be a date, not '2026-13-01'.",
        "unknown key 'more'",
    ):
        assert wanted in said


@pytest.mark.parametrize("data", [b"\xff", b"- 1\n", b"waivers: 3\n", b"waivers: [1]\n", b"a: [\n", b"\0"])
def test_what_is_no_such_file_is_refused(data):
    with pytest.raises(InvalidWaivers, match=r"\.promptctl/waivers\.yaml"):
        read_waivers(data)


def test_an_empty_file_says_nothing():
    assert Waivers() == read_waivers(b"")
    assert Waivers() == read_waivers(waivers_text(Waivers()).encode())


@pytest.mark.parametrize("text", ["", "  ", "two\nlines", "\x1b[31m", "x" * (TEXT_LIMIT + 1), "\u2028"])
def test_a_reason_is_one_line(text):
    assert line_problem(text)
