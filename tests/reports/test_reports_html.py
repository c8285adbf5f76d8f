"""The page as text: a policy that allows itself alone, whole without a script, inert, bounded."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hostile_reports import many, poisoned
from hostile_texts import CORPUS, LIVE
from hypothesis import given
from report_examples import EXAMPLES, ONE_PROMPT, SEVERAL, TRIAGE
from report_strategies import report as reports

from promptctl.reports.edit import EditLine, EditText, EditValue, EditView
from promptctl.reports.html import html_page
from promptctl.reports.html.data import MOST, Shown
from promptctl.reports.html.plots import Plot, figure, median

VOID = {"meta", "br", "input"}
TAGS = {
    "html", "head", "meta", "title", "style", "script", "body", "a", "header", "h1", "h2", "h3", "h4", "span", "div", "nav",
    "noscript", "input", "select", "option", "label", "button", "main", "article", "p", "ul", "li", "section", "code", "dl",
    "dt", "dd", "b", "i", "small", "svg", "rect", "path", "figure", "figcaption", "details", "summary", "ins", "del", "br",
    "dialog", "footer", "table", "tr", "th", "td",
}  # fmt: skip


class Page(HTMLParser):
    """The tags and texts, in order; fails where one is closed that is not open."""

    def __init__(self):
        super().__init__()
        self.tags, self.open, self.attributes, self.ids, self.texts, self.raw = set(), [], [], [], [], {}

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in {"script", "style"}:
            self.raw.setdefault(self.open[-1], []).append(data)
        else:
            self.texts.append(data)


def parsed(report):
    page = Page()
    page.feed("".join(html_page(report)))
    page.close()
    assert page.open == []
    return page


def data(report):
    return json.loads(parsed(report).raw["script"][0])


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_page_is_well_formed_and_loads_nothing(name):
    page = parsed(EXAMPLES[name])

    assert page.tags <= TAGS
    assert len(set(page.ids)) == len(page.ids)
    assert not {attribute for attribute, _ in page.attributes} & {"src", "style", "srcset", "action", "onclick"}
    links = {value for attribute, value in page.attributes if attribute == "href"}
    assert all(link.startswith("#") for link in links)


def test_the_policy_allows_this_style_and_script_alone():
    page = parsed(ONE_PROMPT)
    (policy,) = [value for _, value in page.attributes if value and value.startswith("default-src")]

    def digest(content):
        return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()

    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest(page.raw['style'][0])}'; "
        f"script-src 'sha256-{digest(page.raw['script'][1])}'; base-uri 'none'; form-action 'none'"
    )
    assert "http" not in page.raw["style"][0]
    assert not re.search(r"https?:|innerHTML|insertAdjacent|document\.write|eval\(", page.raw["script"][1])


def test_the_overview_needs_no_script():
    edit = EditView(
        "prompts/support/triage.yaml",
        "modified",
        added=2,
        removed=1,
        also="1 param",
        values=(EditValue("temperature", "0", "1"), EditValue("top_p", None, "0.5"), EditValue("seed", "1", None)),
        texts=(EditText("message 1 system", (EditLine("-", (("Be ", False), ("long", True))), EditLine("…", (), 3))),),
        warnings=("the variable moved",),
    )
    said = " ".join(" ".join(parsed(replace(ONE_PROMPT, prompts=(replace(TRIAGE, edit=edit),))).texts).split())

    for part in (
        "4 cases regressed, 3 of them confirmed",
        "86.5%",
        "was 94.6%",
        "✗ gate max_regressions: 3, limit 0",
        "A uniform drop of less than 18 points may be missed",
        "What changed in the prompt",
        "+2 −1 words, 1 param",
        "the variable moved",
        "message 1 system",
        "3 lines",
    ):
        assert part in said


def test_cases_carry_all_that_the_script_shows():
    found = data(ONE_PROMPT)
    first = found["cases"][0]

    assert found["statuses"][first[2]] == "regressed"
    assert found["strings"][first[4]] == "confirmed, new passed 0 of 7, old 7 of 7"
    assert [found["strings"][tag] for tag in first[5]] == ["enterprise"]
    assert (first[7], first[8][0], first[9][0]) == ("billing", "billing", "technical")
    assert found["strings"][first[9][13][0][3]] == "expected 'billing', got 'technical'"


def test_the_same_answer_is_written_once():
    case = replace(TRIAGE.cases[0], new=TRIAGE.cases[0].old)

    assert data(replace(ONE_PROMPT, prompts=(replace(TRIAGE, cases=(case,)),)))["cases"][0][9][0] == 0


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_hostile_texts_are_inert(text):
    page = parsed(poisoned(text))
    whole = "".join(html_page(poisoned(text)))
    start = whole.index('id="data">')
    body = whole[start : whole.index("</script>", start)]

    assert page.tags <= TAGS
    assert not LIVE.search(whole)
    assert "<" not in body
    assert len(page.raw["script"]) == 2
    assert not any(LIVE.search(value) for value in _texts(json.loads(page.raw["script"][0])))


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))


@given(reports)
def test_any_report_makes_a_page(report):
    parsed(report)


def test_a_large_run_is_cut_to_size_what_broke_last():
    report = replace(ONE_PROMPT, prompts=(many(3_000, words=2_000),))
    whole = "".join(html_page(report))
    cases = data(report)["cases"]

    assert len(whole.encode()) < 15_000_000
    assert len(cases) == 3_000
    lengths = {case[2]: len(case[8][0]) for case in cases[:2]}
    assert lengths[0] > 3 * lengths[6]
    assert "characters in all)" in cases[1][8][0]


def test_a_huge_run_keeps_what_broke_and_counts_the_rest():
    report = replace(ONE_PROMPT, prompts=(many(MOST + 500, words=2),))
    shown = Shown.of(report)
    page = parsed(report)
    cases = json.loads(page.raw["script"][0])["cases"]

    assert (len(cases), shown.left_out) == (MOST, 500)
    assert sum(case[2] == 0 for case in cases) == (MOST + 500) // 50
    assert "500 cases are not on this page" in " ".join(page.texts)


def test_plots_say_what_they_show():
    drawn = figure(Plot("latency", [1.0, 2.0, 3.0], [2.0, 3.0, 9.0], str))

    assert 'aria-label="latency: median 2.0 → 3.0"' in drawn
    assert 'class="bars"' in drawn
    assert figure(Plot("cost", [], [], str)) == ""
    assert "every answer: 2.0" in figure(Plot("tokens", [2.0], [2.0, 2.0], str))
    assert "median 2.0" in figure(Plot("added", [], [1.0, 2.0, 5.0], str))
    assert median([3, 1, 2, 9]) == 2


def test_plots_are_bounded_whatever_the_number():
    assert len(figure(Plot("latency", [float(n % 700) for n in range(50_000)], [1.0, 1e300], str))) < 4_000


def test_every_prompt_has_its_part():
    page = parsed(SEVERAL)

    assert {f"prompt-{number}" for number in range(8)} <= set(page.ids)
