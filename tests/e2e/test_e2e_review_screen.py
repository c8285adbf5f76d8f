"""The interactive review, typed into a real terminal (tmux), at 80 by 24."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from tmux_screen import Screen
from user_repository import Repo, here, prompt_text

from promptctl.cli.review_screen import make_screen
from promptctl.cli.review_steps import Steps
from promptctl.cli.wiring.reviewing import ReviewRequest, _opened

INPUTS = "prompts/support/triage.inputs.jsonl"
BROKEN = prompt_text().replace('"{{ ticket }}"', "\"{{ ticket }}{% if 'billing' in ticket %} ANSWER=oops{% endif %}\"")


@pytest.fixture
def open_screen(repo, tmp_path) -> Iterator[Callable[..., Screen]]:
    opened: list[Screen] = []

    def opening(made: Repo, *command: str, **more) -> Screen:
        opened.append(Screen(made, ["review", *command], tmp_path, **more))
        return opened[-1]

    yield opening
    for screen in opened:
        screen.close()


def typed(repo: Repo, keys: str, **env: str) -> Steps:
    """Keys in a review without a terminal: what prompt_toolkit makes of them."""
    with here(repo.root, {**repo.env, **env}), _opened(ReviewRequest()) as opened, create_pipe_input() as pipe:
        steps = Steps(opened.review, list(opened.review.items()), date(2099, 1, 1))
        pipe.send_text(keys)
        make_screen(steps, input=pipe, output=DummyOutput()).run()
    return steps


def test_keys_decide_without_a_terminal_too(repo):
    repo.write("prompts/support/triage.yaml", BROKEN)
    repo.replay()
    before = (repo.root / INPUTS).read_bytes()

    steps = typed(repo, "asssjkauuq")
    assert before == (repo.root / INPUTS).read_bytes()
    assert (2, "nothing was decided" in steps.said) == (steps.pending, False)

    steps = typed(repo, "wknown\r\r\rq")
    assert (1, 1) == (steps.pending, steps.at)
    assert "waived" == steps.items[0].decision
    assert "expires: 2099-01-01" in (repo.root / ".promptctl/waivers.yaml").read_text()

    steps = typed(repo, "\x1b[Cwknown\r\rsoon\rq")
    assert "is no date: as 2026-12-24. Nothing was decided." in steps.said
    steps = typed(repo, "\x1b[Cw \r\r\rq")
    assert "--reason must not be empty." in steps.said
    steps = typed(repo, "aq")
    assert "is waived already. --undo takes that back." in steps.said
    steps = typed(repo, "\x1b[Cnwords\rpfurq", NO_COLOR="1")
    assert ("rejected", "pass", ("words",)) == (steps.item.decision, steps.item.label, steps.item.notes)
    assert 0 == steps.pending
    steps = typed(repo, "uuuuq")
    assert "nothing was decided." in steps.said


def test_case_after_case_is_decided_with_keys(repo, open_screen):
    repo.write("prompts/support/triage.yaml", BROKEN)
    repo.replay()
    before = (repo.root / INPUTS).read_bytes()

    screen = open_screen(repo)
    shown = screen.until("1/2")
    assert "support/triage  t-000  regressed, confirmed" in shown
    for said in (
        "old answer ✓",
        "billing",
        "new answer ✗",
        "oops",
        "why        equals",
        "ticket",
        "a accept",
        "q quit",
    ):
        assert said in shown

    screen.keys("Right")
    screen.until("2/2")
    screen.keys("Left")
    screen.until("1/2")
    screen.keys("a")
    screen.until("2/2")
    assert b"oops" in (repo.root / INPUTS).read_bytes()
    screen.keys("u")
    screen.until("taken back")
    assert before == (repo.root / INPUTS).read_bytes()

    screen.keys("w")
    screen.until("reason:")
    screen.type("ticket 7: known")
    screen.keys("Enter")
    screen.until("owner: A")
    screen.keys("Enter")
    screen.until("expires: 20")
    screen.keys("Enter")
    screen.until("waived until")
    assert "ticket 7: known" in (repo.root / ".promptctl/waivers.yaml").read_text()

    screen.keys("w")
    screen.until("reason:")
    screen.keys("Escape")
    screen.until("given up")
    screen.keys("n")
    screen.until("note:")
    screen.type("two words")
    screen.keys("Enter")
    screen.until("noted")
    screen.keys("f")
    screen.until("labelled fail")
    screen.keys("r")
    screen.until("rejected")
    screen.keys("q")
    ended = screen.until("ENDED 0")
    assert "nothing is pending" in ended
    decided = {case["id"]: case for case in repo.run("review", "--list", "--format", "json").json["cases"]}
    assert ("waived", "rejected") == (decided["t-000"]["decision"], decided["t-004"]["decision"])
    assert (["two words"], "fail") == (decided["t-004"]["notes"], decided["t-004"]["label"])


def test_long_hostile_and_wide_answers_stay_inert_and_inside_the_screen(repo, open_screen):
    hostile = "日本語のとても長い答え " * 30 + "\x1b[2J\x1b]52;c;ZXZpbA==\x07\u202eevil " + "\nline" * 40 + "\nTHE END"
    text = prompt_text().replace('equals, value: "{{ expected }}"', "not-contains, value: evil")
    repo.inputs(INPUTS, [{"id": f"h-{n}", "vars": {"ticket": f"case {n}", "text": hostile}} for n in range(6)])
    python = text.replace('"{{ ticket }}"', '"{{ ticket }} {{ text[:0] }} ANSWER=fine"')
    repo.write("prompts/support/triage.yaml", python)
    repo.commit()
    repo.write("prompts/support/triage.yaml", python.replace("ANSWER=fine", "ANSWER=evil"))
    assert 1 == repo.replay().code

    screen = open_screen(repo)
    shown = screen.until("1/6")
    assert max(map(len, shown.splitlines())) <= 80
    assert "q quit" in shown
    screen.keys(*["PageDown"] * 8)
    shown = screen.until("THE END")
    assert "1/6" in shown
    assert "q quit" in shown
    screen.keys(*["PageUp"] * 8)
    shown = screen.until("日本語")
    assert "␛[2J" in shown or "more lines below" in shown
    screen.keys("q")
    screen.until("ENDED 0")
