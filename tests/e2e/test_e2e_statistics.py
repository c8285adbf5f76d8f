"""What a verdict rests on and what the report says of it, through the installed command."""

from user_repository import prompt_text, ticket_cases

PATH = "prompts/support/triage"

GRADED = """\
messages:
  - {{role: system, content: "You score tickets."}}
  - {{role: user, content: "{{{{ ticket }}}}{extra}"}}
assert:
  - {{type: python, value: "float(output)"}}
"""


def said(ran):
    return " ".join(ran.prompt["reasons"])


def test_the_plain_sentence_says_how_many_broke_and_how_that_is_known(repo):
    last = "\"{{ ticket }}{% if 'case 1 ' in ticket or 'case 2 ' in ticket %} ANSWER=oops{% endif %}\""
    repo.write(f"{PATH}.yaml", prompt_text().replace('"{{ ticket }}"', last))

    ran = repo.replay()

    assert ran.code == 1
    assert "2 of 8 cases broke (both confirmed in 7 of 7 fresh samples)" in said(ran)
    assert "fresh samples of all suspects together, exact test stratified by case" in said(ran)


def test_a_revision_against_itself_names_the_flaky_cases_and_what_the_gate_needs(repo, provider):
    cases = ticket_cases(20)
    for number in (3, 7, 11):
        cases[number] = {"id": f"coin-{number}", "vars": {"ticket": f"case {number} FLIP"}, "expected": "yes"}
    repo.inputs(f"{PATH}.inputs.jsonl", cases)
    repo.commit("coins")

    ran = repo.replay("HEAD", "HEAD", "--repeat", "4", "-p", "support/triage")

    assert "A/A: both sides are the same, and " in said(ran)
    assert "give both results: " in said(ran)
    assert "coin-" in said(ran)
    assert "t-000" not in said(ran)
    assert "the gate needs" in said(ran)
    assert 20 * 2 * 4 <= provider.stats()["calls"]


def test_what_the_inputs_cannot_tell_is_said_as_advice(repo):
    cases = ticket_cases(20)
    cases += [{**cases[0], "id": "copy"}, {**cases[1], "id": "tagged", "tags": ["rare"]}]
    repo.inputs(f"{PATH}.inputs.jsonl", cases)
    repo.commit("copies")
    repo.write(f"{PATH}.yaml", prompt_text(" Be brief."))

    ran = repo.replay()

    advice = " ".join(ran.prompt["advice"])
    assert "2 cases repeat the requests of another (copy, tagged)" in advice
    assert "All 22 scored cases always pass" in advice
    assert "Never failed in this replay: 1. equals" in advice
    assert "rare (1)" in advice
    for shown in (
        repo.run("report"),
        *(repo.run("report", "--format", name) for name in ("markdown", "html", "junit")),
    ):
        assert "repeat the requests of another" in " ".join(shown.out.split())


def test_a_gate_that_allows_many_counts_beyond_them(repo):
    repo.inputs(f"{PATH}.inputs.jsonl", ticket_cases(30))
    repo.commit("more")
    repo.write(f"{PATH}.yaml", prompt_text().replace('"{{ ticket }}"', '"{{ ticket }} ANSWER=oops"'))
    settings = (repo.root / ".promptctl.yaml").read_text()
    repo.write(".promptctl.yaml", f"{settings}gate: {{max_regressions: 14}}\n")

    ran = repo.replay()

    assert ran.code == 1
    assert {"gate": "max_regressions", "limit": 14, "actual": 15, "ok": False} in ran.prompt["gates"]
    repo.write(".promptctl.yaml", f"{settings}gate: {{max_regressions: 30}}\n")
    allowed = repo.replay()
    assert (allowed.code, allowed.prompt["counts"]["confirmed"]) == (0, 30)
    assert "30 regressed, and max_regressions allows 30" in said(allowed)


def test_a_confirmation_that_could_tell_nothing_says_from_where_on_it_could(repo):
    settings = (repo.root / ".promptctl.yaml").read_text()
    repo.write(".promptctl.yaml", f"{settings}confirm: {{max_samples: 2}}\ngate: {{on_inconclusive: fail}}\n")
    last = "\"{{ ticket }}{% if 'case 1 ' in ticket %} ANSWER=oops{% endif %}\""
    repo.write(f"{PATH}.yaml", prompt_text().replace('"{{ ticket }}"', last))

    ran = repo.replay()

    assert (ran.code, ran.json["verdict"]) == (4, "inconclusive")
    assert "raise it to 4 or more" in said(ran)
    (case,) = [case for case in ran.prompt["cases"] if case["status"] == "flaky"]
    assert (case["suspected"], case["new"]["samples"]) == (True, 1)


def test_a_broken_expression_errs_on_its_case_and_the_run_goes_on(repo):
    cases = ticket_cases(4)
    cases[1]["assert"] = [{"type": "regex", "value": "("}]
    repo.inputs(f"{PATH}.inputs.jsonl", cases)
    repo.write(f"{PATH}.yaml", prompt_text(" Be brief."))

    ran = repo.replay()

    assert (ran.code, ran.json["verdict"]) == (3, "error")
    assert ran.prompt["counts"] | {"pass": 3, "error": 1, "scored": 3} == ran.prompt["counts"]
    (broken,) = [case for case in ran.prompt["cases"] if case["status"] == "error"]
    assert broken["new"]["assertions"][1] == {
        "type": "regex",
        "passed": False,
        "score": 0.0,
        "reason": "'(' is no regular expression: missing ) at position 1.",
        "error": "'(' is no regular expression: missing ) at position 1.",
        "assertions": None,
    }
    assert "It errs on every answer" in said(ran)
    assert "PL502" in repo.run("lint").out or "is no regular expression" in repo.run("lint").out


METRICS = """\
messages:
  - {{role: user, content: "{{{{ ticket }}}}{extra}"}}
assert:
  - {{type: contains, value: "{{{{ expected }}}}", metric: "{{{{ kind }}}} answers"}}
  - type: assert-set
    weight: 2
    threshold: 0.5
    assert:
      - {{type: equals, value: "{{{{ expected }}}}", metric: exact}}
      - {{type: word-count, value: 1, metric: exact, weight: 3}}
      - {{type: not-contains, value: echo, metric: measured, weight: 0}}
  - {{type: python, value: "{{'pass': True, 'score': 1, 'namedScores': {{'length': len(output) / 100}}}}"}}
"""


def test_metrics_are_reported_old_beside_new(repo):
    repo.write(f"{PATH}.yaml", METRICS.format(extra=""))
    words = [("short", "yes"), ("short", "no"), ("long", "perhaps"), ("long", "certainly")]
    cases = [
        {"vars": {"ticket": f"case {n} ANSWER={word}", "kind": kind}, "expected": word}
        for n, (kind, word) in enumerate(words)
    ]
    repo.inputs(
        f"{PATH}.inputs.jsonl",
        [*cases, {"vars": {"ticket": "none", "kind": "short"}, "assert": [{"type": "python", "value": "1 / 0"}]}],
    )
    repo.commit("metrics")
    repo.write(f"{PATH}.yaml", METRICS.format(extra=" ANSWER=no"))

    ran = repo.replay("--no-confirm", "--allow-code")

    assert ran.code == 1
    found = {one["metric"]: (one["old"], one["new"]) for one in ran.prompt["metrics"]}
    assert ran.prompt["counts"]["error"] == 1  # whose results count for neither side
    assert found == {
        "exact": ({"score": 1.0, "passes": 8, "results": 8}, {"score": 26 / 32, "passes": 5, "results": 8}),
        "length": ({"score": 0.0525, "passes": 4, "results": 4}, {"score": 0.02, "passes": 4, "results": 4}),
        "long answers": ({"score": 1.0, "passes": 2, "results": 2}, {"score": 0.0, "passes": 0, "results": 2}),
        "measured": ({"score": 1.0, "passes": 4, "results": 4}, {"score": 1.0, "passes": 4, "results": 4}),
        "short answers": ({"score": 1.0, "passes": 2, "results": 2}, {"score": 0.5, "passes": 1, "results": 2}),
    }
    for name in ("terminal", "markdown", "html"):
        shown = " ".join(repo.run("report", "--format", name).out.split())
        assert "long answers" in shown
        assert "0 of 2" in shown
    assert repo.run("report", "--format", "json").prompt["metrics"] == ran.prompt["metrics"]


def test_a_metric_of_an_added_prompt_has_one_side_and_a_broken_template_is_a_mistake(repo):
    repo.write("prompts/added.yaml", METRICS.format(extra=""))
    repo.inputs("prompts/added.inputs.jsonl", [{"vars": {"ticket": "ANSWER=a", "kind": "any"}, "expected": "a"}])

    ran = repo.replay("--allow-code", "-p", "added")

    (exact, *_) = ran.prompt["metrics"]
    assert exact == {"metric": "any answers", "old": None, "new": {"score": 1.0, "passes": 1, "results": 1}}

    repo.write("prompts/added.yaml", METRICS.format(extra="").replace("{{ kind }}", "{{ kind"))
    assert "assertion 1 (contains): '{{ kind answers' is no template" in repo.replay("-p", "added").err


def test_copies_of_one_case_are_no_evidence_for_each_other(repo):
    """Eight copies share one answer: one unlucky sample must not look like eight of them."""
    repo.inputs(
        f"{PATH}.inputs.jsonl",
        [{"id": f"c{n}", "vars": {"ticket": "case 1 ANSWER=billing"}, "expected": "billing"} for n in range(8)],
    )
    repo.commit("copies")
    broken = prompt_text().replace('"{{ ticket }}"', '"{{ ticket }} ANSWER=oops"')
    repo.write(f"{PATH}.yaml", broken)

    ran = repo.replay()

    assert ran.prompt["delta"]["method"] == "confirmed"
    assert "cases share clusters" in said(ran)
    assert ran.json["totals"]["calls"] <= 2 + 2 * 10


def test_a_score_without_a_bar_is_compared_as_a_score(repo):
    cases = [{"id": f"s{n}", "vars": {"ticket": f"case {n} ANSWER=0.{8 - n % 3}"}} for n in range(6)]
    repo.write("prompts/score.yaml", GRADED.format(extra=""))
    repo.inputs("prompts/score.inputs.jsonl", cases)
    repo.commit("scores")
    worse = GRADED.format(extra="{% if 'case 2 ' in ticket %} ANSWER=0.3{% endif %}")
    repo.write("prompts/score.yaml", worse)

    ran = repo.replay("--allow-code")

    (case,) = [case for case in ran.prompt["cases"] if case["status"] == "regressed"]
    assert (1, "s2", True) == (ran.code, case["id"], case["confirmed"])
    assert case["new"]["passed"]  # any number above 0 passes: the score alone tells
    assert "1 of 6 cases got worse (confirmed in 6 (mean score 0.60 to 0.30) fresh samples)" in said(ran)
    assert "The mean score changed by -0.300" in said(ran)
    assert "exact permutation test" in said(ran)
    assert "new scored 0.30 in 6, old 0.60" in " ".join(repo.run("report").out.split())


def test_weights_are_shares_of_the_traffic(repo):
    cases = ticket_cases(4)
    cases[0]["weight"] = 7
    repo.inputs(f"{PATH}.inputs.jsonl", cases)
    repo.commit("weights")
    last = "\"{{ ticket }}{% if 'case 0 ' in ticket %} ANSWER=oops{% endif %}\""
    repo.write(f"{PATH}.yaml", prompt_text().replace('"{{ ticket }}"', last))

    ran = repo.replay("--all")

    assert (1.0, 0.3) == (ran.prompt["old"]["pass_rate"], round(ran.prompt["new"]["pass_rate"], 9))
    assert round(ran.prompt["delta"]["pass_rate"], 9) == -0.7


def test_a_gate_on_tokens_names_their_class(repo):
    settings = (repo.root / ".promptctl.yaml").read_text(encoding="utf-8")
    repo.write(".promptctl.yaml", settings + "gate: {max_output_tokens_increase: 0.5, max_cost_increase: 0.5}\n")
    repo.write(f"{PATH}.yaml", prompt_text(" REASON"))

    ran = repo.replay()

    assert ran.code == 1
    assert said(ran).count("new answers carry 400 reasoning tokens; old ones carried none") == 2


BROKEN = prompt_text().replace('"{{ ticket }}"', "\"{{ ticket }}{% if 'case 1' in ticket %} ANSWER=oops{% endif %}\"")


def test_an_early_stop_asks_no_more_inputs_than_show_a_regression(repo, provider):
    repo.inputs(f"{PATH}.inputs.jsonl", ticket_cases(200))
    repo.commit("many")
    repo.write(f"{PATH}.yaml", BROKEN)  # 111 of 200: 1, 10 to 19, 100 to 199

    whole = repo.replay()
    provider.reset()
    early = repo.replay("--early-stop", "--fresh", "--concurrency", "2")

    assert (1, 1) == (whole.code, early.code)
    assert 200 > early.prompt["counts"]["inputs"] == len(early.prompt["cases"])
    assert early.json["totals"]["calls"] < whole.json["totals"]["calls"]
    delta = early.prompt["delta"]
    assert delta["method"] == "fresh-pairs"
    assert delta["p_value"] <= delta["level"] == 0.2 * 0.05
    assert "Stopped early: a regression is established after " in said(early)
    assert " inputs were not asked, which saved about " in said(early)
    assert " calls and $" in said(early)
    assert "an anytime-valid evidence" in said(early)
    assert early.prompt["counts"]["confirmed"] >= 1
    provider.reset()
    again = repo.replay("--early-stop", "--concurrency", "2")
    assert (1, 0) == (again.code, provider.stats()["calls"])


def test_without_a_regression_nothing_is_stopped(repo):
    repo.inputs(f"{PATH}.inputs.jsonl", ticket_cases(30))
    repo.commit("some")
    repo.write(f"{PATH}.yaml", prompt_text(" Be brief."))

    ran = repo.replay("--early-stop")

    assert (0, 30) == (ran.code, ran.prompt["counts"]["pass"])
    assert "Stopped early" not in said(ran)
    assert [case["id"] for case in ran.prompt["cases"]] == sorted(case["id"] for case in ran.prompt["cases"])


def test_one_broken_case_is_confirmed_under_early_stop_too(repo):
    repo.write(f"{PATH}.yaml", BROKEN)

    ran = repo.replay("--early-stop")

    assert (1, "confirmed", 1) == (ran.code, ran.prompt["delta"]["method"], ran.prompt["counts"]["confirmed"])


def test_an_early_stop_needs_fresh_answers(repo):
    ran = repo.replay("--early-stop", "--no-confirm")

    assert ran.code == 2
    assert "--early-stop" in ran.err
