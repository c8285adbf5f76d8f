"""Decisions on changed answers, through the command."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from user_repository import prompt_text, ticket_cases

INPUTS = "prompts/support/triage.inputs.jsonl"
WAIVERS = ".promptctl/waivers.yaml"
BROKEN = prompt_text().replace('"{{ ticket }}"', "\"{{ ticket }}{% if 'billing' in ticket %} ANSWER=oops{% endif %}\"")


def inputs(repo):
    return (repo.root / INPUTS).read_bytes()


@pytest.fixture
def replayed(repo):
    """t-000 and t-004 regressed: billing before, oops now."""
    repo.write("prompts/support/triage.yaml", BROKEN)
    assert 1 == repo.replay().code
    return repo


def listed(repo):
    return {case["id"]: case for case in repo.run("review", "--list", "--format", "json").json["cases"]}


def test_the_list_has_what_changed_with_both_answers(replayed):
    before = inputs(replayed)
    found = replayed.run("review", "--list", "--format", "json").json

    assert ("promptctl.review/1", 2, ["t-000", "t-004"]) == (
        found["schema"],
        found["pending"],
        [case["id"] for case in found["cases"]],
    )
    first = found["cases"][0]
    assert ("billing", "oops", "billing", None) == (
        first["old"]["output"],
        first["new"]["output"],
        first["expected"],
        first["decision"],
    )
    assert "pending   support/triage  t-000  regressed, confirmed" in replayed.run("review", "--list").out
    assert before == inputs(replayed)


def test_accepting_changes_one_line_and_the_next_replay_expects_it(replayed):
    before = inputs(replayed)
    ran = replayed.run("review", "--accept", "t-000", "t-004")

    assert (0, "") == (ran.code, ran.out)
    assert before.replace(b'"expected": "billing"', b'"expected": "oops"') == inputs(replayed)
    assert f't-000 of support/triage: accepted: expected is "oops" in {INPUTS}' in ran.err
    assert "accepted" == listed(replayed)["t-000"]["decision"]
    again = replayed.replay()
    assert (0, "passed", 2) == (again.code, again.json["verdict"], again.prompt["counts"]["improved"])


def test_undo_gives_the_file_back_and_the_decision(replayed):
    before = inputs(replayed)
    replayed.run("review", "--accept", "t-000")
    replayed.run("review", "--note", "t-000", "two words", "--label", "t-000", "fail")

    assert "label taken back" in replayed.run("review", "--undo").err
    assert "note taken back" in replayed.run("review", "--undo", "t-000").err
    assert "decision taken back" in replayed.run("review", "--undo", "t-000").err
    assert before == inputs(replayed)
    assert (None, []) == (listed(replayed)["t-000"]["decision"], listed(replayed)["t-000"]["notes"])
    ran = replayed.run("review", "--undo", "t-000")
    assert (2, "promptctl: t-000 of support/triage: nothing was decided.\n") == (ran.code, ran.err)


def test_after_another_replay_undo_names_the_run_that_was_decided_on(replayed):
    before = inputs(replayed)
    decided = replayed.run("review", "--list", "--format", "json").json["run"]
    replayed.run("review", "--accept", "t-000")
    again = replayed.replay().json["run"]

    told = f"; the last decision was on run {decided}. Take it back there: promptctl review {decided} --undo"
    one, last = replayed.run("review", "--undo", "t-000"), replayed.run("review", "--undo")
    assert (2, f"promptctl: t-000 of support/triage: nothing was decided{told} t-000\n") == (one.code, one.err)
    assert (2, f"promptctl: nothing was decided on run {again}{told}\n") == (last.code, last.err)
    assert 0 == replayed.run("review", decided, "--undo").code
    assert before == inputs(replayed)


@pytest.mark.parametrize(
    ("kind", "row", "before", "after"),
    [
        ("csv", "{id},{t},{e}\n", ",billing\nt-001", ",oops\nt-001"),
        (
            "yaml",
            "- id: {id}  # kept\n  vars: {{ticket: '{t}'}}\n  expected: {e} # why\n",
            "billing # why",
            "oops # why",
        ),
    ],
)
def test_an_answer_is_accepted_into_a_table_and_into_yaml(repo, kind, row, before, after):
    repo.git("rm", "-q", INPUTS)
    rows = [row.format(id=case["id"], t=case["vars"]["ticket"], e=case["expected"]) for case in ticket_cases()]
    path = f"prompts/support/triage.inputs.{kind}"
    text = ("id,ticket,expected\n" if kind == "csv" else "") + "".join(rows)
    repo.write(path, text)
    repo.commit()
    repo.write("prompts/support/triage.yaml", BROKEN)
    assert 1 == repo.replay().code

    ran = repo.run("review", "--accept", "t-000")
    assert (0, text.replace(before, after, 1)) == (ran.code, (repo.root / path).read_text())
    assert f"t-000 of support/triage: accepted: expected is oops in {path}" in ran.err
    assert 0 == repo.run("review", "--undo", "t-000").code
    assert text == (repo.root / path).read_text()


def test_a_prompt_whose_name_is_no_line_is_not_waived(repo):
    for name in ("two\nlines", "of[two]"):
        repo.write(f"prompts/{name}.yaml", prompt_text())
        repo.inputs(f"prompts/{name}.inputs.jsonl", ticket_cases())
    repo.commit()
    for name in ("two\nlines", "of[two]"):
        repo.write(f"prompts/{name}.yaml", BROKEN)
    assert 1 == repo.replay().code

    ran = repo.run("review", "--waive", "t-000", "-p", "two*", "--reason", "known")
    assert 2 == ran.code
    assert "waivers.yaml cannot name this prompt: a name must be one line" in ran.err
    assert 1 == len(ran.err.splitlines())
    assert not (repo.root / WAIVERS).exists()
    assert "of[two]: waived" in repo.run("review", "--waive", "t-000", "-p", "of[two]", "--reason", "known").err


def test_comments_in_the_waivers_stay(replayed):
    ours = "# Ours. Ask Ada.\nwaivers:\n  # the second one\n  - {prompt: support/triage, id: t-001, reason: x, owner: Bo, made: 2026-01-01, expires: 2026-01-02}\n"
    replayed.write(WAIVERS, ours)
    day = f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%d}"

    assert 0 == replayed.run("review", "--waive", "t-004", "--reason", "known", "--owner", "Ada", "--expires", day).code
    written = (replayed.root / WAIVERS).read_text()
    assert written.startswith(ours)
    assert '  - prompt: "support/triage"\n    id: "t-004"\n    reason: "known"\n' in written.removeprefix(ours)
    replayed.write(WAIVERS, written + "# later\n")
    assert 0 == replayed.run("review", "--undo", "t-004").code
    assert f"{ours}# later\n" == (replayed.root / WAIVERS).read_text()


def test_undo_leaves_what_somebody_else_changed(replayed):
    replayed.run("review", "--accept", "t-000")
    replayed.write(INPUTS, inputs(replayed).replace(b'"oops"', b'"mine"'))

    ran = replayed.run("review", "--undo", "t-000")

    assert 2 == ran.code
    assert "expected of 't-000' was changed since. Nothing was undone." in ran.err
    assert b'"mine"' in inputs(replayed)


def test_waiving_writes_the_file_lets_git_have_it_and_passes_the_gate(replayed):
    replayed.write(".promptctl/.gitignore", "*\n!.gitignore\n")
    ran = replayed.run("review", "--waive", "t-000", "t-004", "--reason", "ticket 7: known", "--owner", "Ada")

    assert 0 == ran.code
    last = (datetime.now(UTC).date() + timedelta(30)).isoformat()
    assert f"t-000 of support/triage: waived until {last} by Ada, in {WAIVERS}" in ran.err
    assert f".promptctl/.gitignore kept {WAIVERS} out of git: it has the line !waivers.yaml now." in ran.err
    assert WAIVERS in replayed.git("status", "--porcelain", "-uall")
    again = replayed.replay()
    assert (0, 2) == (again.code, again.prompt["counts"]["regressed"])
    assert f"2 regressed cases are waived until {last} by Ada: ticket 7: known" in again.prompt["reasons"][0]
    assert not listed(replayed)["t-000"]["pending"]
    assert "ticket 7: known" == listed(replayed)["t-000"]["waiver"]["reason"]


def test_the_owner_is_gits_user_and_undo_removes_what_is_empty(replayed):
    replayed.run("review", "--waive", "t-000", "--reason", "x", "--expires", "2099-01-01")
    assert 'owner: "A"' in (replayed.root / WAIVERS).read_text()

    replayed.run("review", "--waive", "t-000", "--reason", "longer", "--expires", "2099-02-01")
    replayed.run("review", "--undo")
    assert 'reason: "x"' in (replayed.root / WAIVERS).read_text()

    replayed.run("review", "--undo", "t-000")
    assert not (replayed.root / WAIVERS).exists()


def test_a_waiver_is_taken_back_alone_where_the_file_changed_since(replayed):
    replayed.run("review", "--waive", "t-000", "--reason", "x")
    replayed.run("review", "--waive", "t-004", "--reason", "y")
    replayed.run("review", "--undo", "t-000")

    text = (replayed.root / WAIVERS).read_text()
    assert "t-000" not in text
    assert "t-004" in text


def test_a_waiver_that_somebody_changed_since_is_left(replayed):
    replayed.run("review", "--waive", "t-000", "--reason", "x")
    file = replayed.root / WAIVERS
    file.write_text(file.read_text().replace('reason: "x"', 'reason: "mine"'))

    ran = replayed.run("review", "--undo", "t-000")

    assert (2, True) == (ran.code, "what it says of 't-000' was changed since. Nothing was undone." in ran.err)
    assert "mine" in file.read_text()


def test_a_case_that_expects_nothing_is_accepted_as_answered(repo):
    text = prompt_text().replace('equals, value: "{{ expected }}"', "not-contains, value: oops")
    repo.inputs(INPUTS, [{"id": f"n-{n}", "vars": {"ticket": f"case {n} ANSWER=billing"}} for n in range(6)])
    repo.write("prompts/support/triage.yaml", text)
    repo.commit()
    repo.write("prompts/support/triage.yaml", text.replace('ticket }}"', 'ticket }} ANSWER=oops"'))
    assert 1 == repo.replay().code
    before = inputs(repo)

    ids = [f"n-{n}" for n in range(6)]
    ran = repo.run("review", "--accept", *ids)

    assert f"n-0 of support/triage: accepted as answered, in {WAIVERS}" in ran.err
    assert before == inputs(repo)
    again = repo.replay()
    assert (0, 6) == (again.code, again.prompt["counts"]["regressed"])
    assert "6 regressed cases are accepted as answered by A on " in again.prompt["reasons"][0]
    # Another answer than the accepted one counts.
    repo.write("prompts/support/triage.yaml", text.replace('ticket }}"', 'ticket }} ANSWER=oops2"'))
    assert 1 == repo.replay().code


def test_labels_are_what_calibration_reads(replayed):
    from promptctl.inputs.labels import read_labels

    replayed.run("review", "--note", "t-000", "promises a date")
    ran = replayed.run("review", "--label", "t-000", "fail", "--label", "t-004", "pass")

    assert 0 == ran.code
    data = (replayed.root / ".promptctl/labels.jsonl").read_bytes()
    first, second = read_labels("labels.jsonl", data)
    assert (False, "t-000", "oops", "support/triage", "new", "A") == (
        first.passed,
        first.id,
        first.output,
        first.prompt,
        first.side,
        first.by,
    )
    assert second.passed
    assert "promises a date" == json.loads(data.splitlines()[0])["note"]
    replayed.run("review", "--undo", "t-004")
    assert data.splitlines(keepends=True)[0] == (replayed.root / ".promptctl/labels.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--accept", "nope", "t-000", "neither"], "has no case 'nope', 'neither'. `promptctl review "),
        (["--accept", "t-000", "-p", "other"], "has no prompt 'other'. It has: support/triage."),
        (["--accept", "t-000", "--reject", "t-000"], "'t-000': decided twice on one line."),
        (["--waive", "t-000"], "a waiver says why. Add --reason"),
        (["--waive", "t-000", "--reason", " "], "--reason must not be empty."),
        (["--waive", "t-000", "--reason", "x", "--expires", "soon"], "--expires soon: no date. As 2026-12-24."),
        (["--waive", "t-000", "--reason", "x", "--expires", "2020-01-01"], "--expires 2020-01-01 is past"),
        (["--reason", "x", "--accept", "t-000"], "--reason: belongs to --waive."),
        (["--label", "t-000", "good"], "a label is pass or fail, not 'good'."),
        (["--label", "t-000"], "takes a case and pass or fail."),
        (["--note", "t-000", " "], "a note has 1 to 2,000 characters."),
        (["--format", "json"], "--format json belongs to --list."),
        (["--list", "--format", "xml"], "--format xml: unknown."),
        (["20990101", "--list"], "no run '20990101'."),
        (["--list", "-p", "other*"], "has no prompt 'other*'."),
        ([], "review steps through the cases in a terminal, and there is none. Without one: promptctl review --list"),
        (["--accept"], "requires an argument"),
    ],
)
def test_what_cannot_be_decided_is_one_line_and_nothing_is_written(replayed, args, said):
    before = inputs(replayed)
    ran = replayed.run("review", *args)

    assert (2, 1) == (ran.code, ran.err.count("\n")), ran.err
    assert said in ran.err
    assert before == inputs(replayed)
    assert not (replayed.root / WAIVERS).exists()
    assert not (replayed.root / ".promptctl/labels.jsonl").exists()


def test_an_input_that_changed_since_the_run_is_not_touched(replayed):
    replayed.write(INPUTS, inputs(replayed).replace(b"case 0", b"case zero"))

    ran = replayed.run("review", "--accept", "t-004", "t-000")

    assert 2 == ran.code
    assert "the input 't-000' is not what run " in ran.err
    assert b"oops" not in inputs(replayed)


def test_what_is_settled_is_taken_back_first(replayed):
    replayed.run("review", "--accept", "t-000")

    ran = replayed.run("review", "--waive", "t-000", "--reason", "x")
    assert (2, "promptctl: t-000 of support/triage is accepted already. --undo takes that back.\n") == (
        ran.code,
        ran.err,
    )
    replayed.run("review", "--reject", "t-004")
    assert "rejected" == listed(replayed)["t-004"]["decision"]
    assert 0 == replayed.run("review", "--accept", "t-004").code


def test_an_id_of_two_prompts_takes_p(repo):
    repo.write("prompts/support/other.yaml", prompt_text())
    repo.write("prompts/support/other.inputs.jsonl", inputs(repo))
    repo.commit()
    repo.write("prompts/support/triage.yaml", BROKEN)
    repo.write("prompts/support/other.yaml", BROKEN)
    repo.replay()

    ran = repo.run("review", "--accept", "t-000")
    assert (2, True) == (
        ran.code,
        "'t-000' is a case of support/other and of support/triage: say which with -p." in ran.err,
    )
    assert 0 == repo.run("review", "--accept", "t-000", "-p", "*/other").code
    assert b"oops" not in inputs(repo)
    assert b"oops" in (repo.root / "prompts/support/other.inputs.jsonl").read_bytes()


def test_a_broken_waivers_file_is_said_and_left(replayed):
    replayed.write(WAIVERS, "waivers: 3\n")

    ran = replayed.run("review", "--waive", "t-000", "--reason", "x")

    assert 2 == ran.code
    assert f"{WAIVERS}: " in ran.err
    assert "waivers: 3\n" == (replayed.root / WAIVERS).read_text()
