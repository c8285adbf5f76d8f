"""The waivers' file is edited where it stands: comments, order and form are its writer's."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.verdict.waiver_editing import edited_waivers, says_nothing
from promptctl.verdict.waiver_file import HEAD, read_waivers, waivers_text
from promptctl.verdict.waivers import Acceptance, Waiver, Waivers, answer_digest

DAY, LATER = date(2026, 11, 26), date(2026, 12, 24)
DIGEST = answer_digest("x")
ONE = "{prompt: p, id: a, reason: r, owner: o, made: 2026-11-26, expires: 2026-12-24}"
TEXT = f"""\
# Ours. Ask Ada.

waivers:   # of this quarter
  # December's refunds
  - prompt: support/triage   # the big one
    id: t-004
    reason: >-
      refunds move
      in December
    owner: Ada
    made: 2026-11-26
    expires: 2026-12-24   # a holiday

  # and the other
  - {{prompt: support/triage, id: t-007, reason: x, owner: 'Bo', made: 2026-11-26, expires: 2026-12-24}}
# -- answers --
accepted:
- prompt: "a"
  id: 7
  answer: {DIGEST}
  owner: Ada
  made: 2026-11-26
# the end"""


def added(text, waivers):
    return [line for line in edited_waivers(text, waivers).splitlines() if line not in text.splitlines()]


def removed(text, waivers):
    return [line for line in text.splitlines() if line not in edited_waivers(text, waivers).splitlines()]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_an_entry_comes_where_it_belongs_and_nothing_else_moves(end, mark):
    text = mark + TEXT.replace("\n", end)
    before = read_waivers(text.encode())
    waiver = Waiver("support/triage", "t-005", 'say "no": # 1', "Ada", LATER, DAY)
    edited = edited_waivers(text, before.with_waiver(waiver.case, waiver))
    entry = '  - prompt: "support/triage"|    id: "t-005"|    reason: "say \\"no\\": # 1"|    owner: "Ada"|'
    entry += "    made: 2026-11-26|    expires: 2026-12-24|"

    assert text.replace(f"# a holiday{end}", f"# a holiday{end}{entry.replace('|', end)}") == edited


def test_the_first_and_the_last_and_a_list_without_indent():
    before = read_waivers(TEXT.encode())
    first = before.with_waiver(("a", "a"), Waiver("a", "a", "r", "o", LATER, DAY))
    last = before.with_acceptance(("z", "z"), Acceptance("z", "z", DIGEST, "o", DAY))

    assert '# of this quarter\n  - prompt: "a"\n    id: "a"\n' in edited_waivers(TEXT, first)
    assert f'made: 2026-11-26\n- prompt: "z"\n  id: "z"\n  answer: "{DIGEST}"\n' in edited_waivers(TEXT, last)
    assert edited_waivers(TEXT, last).endswith("  made: 2026-11-26\n# the end")


def test_an_entry_goes_and_the_comments_around_it_stay():
    before = read_waivers(TEXT.encode())
    without = before.with_waiver(("support/triage", "t-004"), None)

    edited = edited_waivers(TEXT, without)
    assert "  # December's refunds\n\n  # and the other\n" in edited
    assert "t-004" not in edited
    assert ["  - {prompt: support/triage, id: t-007,"] == [
        line[:39] for line in removed(TEXT, before.with_waiver(("support/triage", "t-007"), None))
    ]


def test_of_an_entry_that_stays_the_new_values_alone_are_written():
    before = read_waivers(TEXT.encode())
    old = before.waived(("support/triage", "t-004"))
    new = Waiver(old.prompt, old.id, "for good", old.owner, date(2027, 1, 2), old.made)

    assert ['    reason: "for good"', "    expires: 2027-01-02   # a holiday"] == added(
        TEXT, before.with_waiver(new.case, new)
    )


@pytest.mark.parametrize(
    "text", ["waivers:\n", "waivers: []\n", "accepted: ~ # none\nwaivers:", "# only words", "", "{}"]
)
def test_into_an_empty_file(text):
    waiver = Waiver("p", "a", "r", "o", LATER, DAY)
    accepted = Acceptance("p", "b", DIGEST, "o", DAY)
    wanted = Waivers((waiver,), (accepted,))
    edited = edited_waivers(text, wanted)

    assert wanted == read_waivers(edited.encode())
    assert ("#" in text and text.partition("#")[2].partition("\n")[0] in edited) or "#" not in text


@pytest.mark.parametrize(
    "text",
    [
        f"{{waivers: [{ONE}]}}",
        f"waivers: [{ONE}] # x\n",
        f"waivers:\n- &x {ONE}\n- {{<<: *x, id: c}}\n",
        f"waivers:\n  -\n    {ONE}\n...\n",
    ],
)
def test_other_forms_are_read_as_wanted_whatever_they_look_like_then(text):
    before = read_waivers(text.encode())
    for wanted in (
        before.with_waiver(("p", "b"), Waiver("p", "b", "r", "o", LATER, DAY)),
        before.with_waiver(("p", "a"), None),
        before.with_waiver(("p", "a"), Waiver("p", "a", "other", "o", LATER, DAY)),
        before.with_acceptance(("p", "a"), Acceptance("p", "a", DIGEST, "o", DAY)),
    ):
        assert wanted == read_waivers(edited_waivers(text, wanted).encode())


def test_a_file_without_a_word_of_anybodys_is_missed_by_nobody():
    waiver = Waiver("p", "a", "r", "o", LATER, DAY)
    made = edited_waivers(HEAD, Waivers((waiver,)))

    assert waivers_text(Waivers((waiver,))) == made
    assert says_nothing(edited_waivers(made, Waivers()))
    assert not says_nothing(edited_waivers(TEXT, Waivers()))


NAMES = st.sampled_from(["a", "b", "c", "é", "null", "7", "x: y"])
ENTRIES = st.dictionaries(st.tuples(NAMES, NAMES), st.tuples(NAMES, NAMES), max_size=5)


def waivers_of(waived, accepted):
    found = Waivers()
    for case, (reason, owner) in waived.items():
        found = found.with_waiver(case, Waiver(*case, reason, owner, LATER, DAY))
    for case, (answer, owner) in accepted.items():
        found = found.with_acceptance(case, Acceptance(*case, answer_digest(answer), owner, DAY))
    return found


@given(ENTRIES, ENTRIES, ENTRIES, ENTRIES)
def test_from_any_file_to_any_other_and_every_comment_stays(waived, accepted, then_waived, then_accepted):
    before, wanted = waivers_of(waived, accepted), waivers_of(then_waived, then_accepted)
    lines = waivers_text(before).splitlines()
    text = "".join(f"# {number}\n{line}\n" for number, line in enumerate(lines))
    edited = edited_waivers(text, wanted)

    assert wanted == read_waivers(edited.encode())
    outside = [f"# {number}" for number, line in enumerate(lines) if line.startswith(("#", "waivers", "accepted"))]
    assert set(outside) <= set(edited.splitlines())
