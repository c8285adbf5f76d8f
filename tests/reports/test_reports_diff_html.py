"""The page for reviewers: whole, inert, in both colour schemes without a script."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from diff_examples import ADDED, REPLY, REPORT, SAME, TRIAGE, item
from hostile_texts import CORPUS, LIVE

from promptctl.errors import UserError
from promptctl.prompts.diff import CostDiff, TokensDiff, diff
from promptctl.prompts.prompt import Message
from promptctl.reports.diff_formats import EXTENSIONS, FORMATS, format_of
from promptctl.reports.diff_html import to_html
from promptctl.reports.diff_lines import Kind, unified
from promptctl.reports.diff_view import DiffItem, DiffReport, to_json, to_markdown
from promptctl.reports.terminal_diff import render_diff

VOID = {"meta", "br"}
TAGS = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "div", "table", "thead", "tbody", "tr", "th", "td",
    "ul", "li", "span", "section", "a", "code", "ins", "del", "b",
}  # fmt: skip
MOVED = "This paragraph moves down as a whole.\nIt has a second line with it.\nAnd a third line too.\n"
LISTED = "1. Greet them by name.\n2. Sign with the team.\n"
FORM = replace(TRIAGE, messages=(Message("system", f"{MOVED}\nThis stays where it is.\n{LISTED}- a\n"),))
FORMED = replace(
    TRIAGE,
    messages=(Message("system", f"This stays where it is.\n1. Ask first.\n2. Greet them by name.\n3. Sign with the team.\n* a\n\n{MOVED}"),),
)  # fmt: skip


class Page(HTMLParser):
    """The tags, in order; fails where one is closed that is not open."""

    def __init__(self):
        super().__init__()
        self.tags, self.open, self.attributes = set(), [], set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def parsed(text):
    page = Page()
    page.feed(text)
    page.close()
    assert page.open == []
    return page


def report(*items):
    return DiffReport(REPORT.old, REPORT.new, items)


def formed(old=FORM, new=FORMED):
    return report(item(old, new))


def test_snapshot(snapshot):
    snapshot("diff.html", to_html(REPORT))


def test_the_page_stands_alone():
    page = parsed(to_html(REPORT))

    assert page.tags <= TAGS
    assert page.attributes <= {"lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "scope"}
    assert "prefers-color-scheme:dark" in to_html(REPORT)
    assert re.findall(r'href="([^"]*)"', to_html(REPORT)) == [f"#p{number}" for number in range(1, 6)]
    assert "default-src 'none'" in to_html(REPORT)


def test_nothing_differs():
    assert "no prompt differs" in to_html(SAME)
    assert "<table" not in to_html(SAME)


@pytest.mark.parametrize("text", [*CORPUS, "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</style>"])
def test_hostile_prompts_are_inert(text):
    edited = replace(
        TRIAGE,
        description=text,
        model=text,
        params={text: text},
        tools=({"type": "function", "function": {"name": text, "description": text}},),
        messages=(Message(f"r{text}", f"{text}\nnew", {"name": text}), *TRIAGE.messages),
        partials={text: text},
        language="literal",
    )
    hostile = replace(item(replace(TRIAGE, language="literal"), edited), name=text, old_path=text, problems=(text,))
    written = to_html(report(hostile))

    assert LIVE.search(written) is None
    assert parsed(written).tags <= TAGS


def test_long_texts_are_cut():
    text = "".join(f"line {number}\n" for number in range(3_000)) + "x" * 30_000
    written = to_html(report(item(None, replace(ADDED, messages=(Message("user", text),)))))

    assert "more line" in written
    one_line = to_html(report(item(None, replace(ADDED, messages=(Message("user", "x" * 30_000),)))))
    assert "(30,000 characters)" in one_line


def test_lines_that_moved_say_so():
    (found,) = diff(FORM, FORMED).messages
    lines = unified(found.segments)

    assert [line.text for line in lines if line.kind is Kind.FROM] == [
        "This paragraph moves down as a whole. … and 2 more"
    ]
    assert len([line for line in lines if line.kind is Kind.TO]) == 3
    assert [line.text for line in lines if line.kind is Kind.NEW] == ["1. Ask first."]
    assert [line for line in lines if line.kind is Kind.OLD] == []


@pytest.mark.parametrize("width", [60, 80, 120, 160, 200])
@pytest.mark.parametrize("beside", [False, True])
def test_snapshot_of_form(width, beside, snapshot):
    name = f"diff-form-{'side-by-side' if beside else 'unified'}-{width}.txt"

    snapshot(name, render_diff(formed(), width=width, side_by_side=beside))


def test_form_in_the_other_formats():
    assert "> This paragraph moves down as a whole." in to_markdown(formed())
    assert '<div class="to">' in to_html(formed())
    remarks = to_json(formed())["prompts"][0]["remarks"]
    assert remarks == [
        "message 1: list renumbered: 1 is 2 now, 2 is 3 now",
        "message 1: 3 lines moved inside the message",
    ]


def test_a_message_in_form_alone_shows_no_lines():
    old = replace(TRIAGE, messages=(Message("system", "- a b\n- c d\n"), Message("user", "a  b")))
    new = replace(TRIAGE, messages=(Message("system", "* a b\n* c d\n"), Message("user", "a b")))
    shown = render_diff(formed(old, new))

    assert "message 1 system, in form alone" in shown
    assert "message 2 user, in white space alone" in shown
    assert "a b" not in shown
    assert "+0 −0" in to_markdown(formed(old, new))


WIDE = "これは長い日本語の文章です。" * 6 + "😀👩‍👩‍👧 e\u0301cole " * 6


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_wide_and_combining_characters_fit(width):
    from rich.cells import cell_len

    old = replace(TRIAGE, messages=(Message("system", WIDE), Message("user", "表\t表")))
    new = replace(TRIAGE, messages=(Message("system", WIDE.replace("文章", "文書", 1)), Message("user", "表\t図")))
    for beside in (False, True):
        shown = render_diff(formed(old, new), width=width, side_by_side=beside)
        assert max(map(cell_len, shown.split("\n"))) <= width
        assert "{+" in shown
        assert "書" in shown


def test_sides_stay_in_their_columns():
    old = replace(TRIAGE, messages=(Message("system", "日本 one\nsame\n"),))
    new = replace(TRIAGE, messages=(Message("system", "日本 two\nsame\n"),))
    shown = render_diff(formed(old, new), width=60, side_by_side=True)
    from rich.cells import cell_len

    rows = [line for line in shown.split("\n") if "same" in line or "{+two+}" in line]
    assert len({cell_len(row[: row.rfind("日本" if "{+" in row else "same")]) for row in rows}) == 1


def test_an_include_that_came_shows_the_resolved_text():
    tone = "Be kind and brief.\nBe honest at all times.\n"
    old = replace(REPLY, messages=(Message("system", "Hi.\n"),), partials={}, tools=())
    new = replace(old, messages=(Message("system", "Hi.\n{% include '_t.j2' %}"),), partials={"_t.j2": tone})
    shown = render_diff(formed(old, new))

    assert "included _t.j2, added" in shown
    assert "message 1 system, resolved" in shown
    assert shown.count("Be honest at all times.") == 1


def test_a_tool_is_told_in_words():
    parameters = REPLY.tools[0]["function"]["parameters"]
    tool = {
        "type": "function",
        "function": {**REPLY.tools[0]["function"], "parameters": {**parameters, "required": []}},
    }
    found = formed(REPLY, replace(REPLY, tools=(tool,)))
    sentence = "tool refund: parameter 'amount' is no longer required"

    assert f"  - {sentence}" in render_diff(found)
    assert f"- {sentence}" in to_markdown(found)
    assert sentence in to_html(found).replace("&#x27;", "'")


def test_stat_has_costs_and_reasons():
    priced = replace(
        diff(TRIAGE, TRIAGE), tokens=TokensDiff(100, 100, approximate=False), cost=CostDiff(0.001, 0.002, 10.0, 20.0)
    )
    unknown = replace(priced, cost=CostDiff(None, None))
    added = replace(diff(None, TRIAGE), cost=CostDiff(None, 0.002))
    gone = replace(diff(TRIAGE, None), cost=CostDiff(0.002, None))
    items = [
        DiffItem("a", "modified", diff=priced, inputs_changed=True),
        DiffItem("b", "modified", diff=unknown),
        DiffItem("c", "added", diff=added),
        DiffItem("d", "removed", diff=gone),
    ]
    shown = render_diff(report(*items), width=160, stat=True)

    assert "inputs" in shown.split("\n")[3]
    assert "$0.001 → $0.002  $10.00 → $20.00" in shown
    assert [line.rsplit("  ", 1)[-1].strip() for line in shown.split("\n")[4:7]] == ["unknown", "$0.002", "$0.002"]
    assert "$0.001 → $0.002 a call, $10.00 → $20.00 a month" in to_markdown(report(*items))
    assert "cost a month" not in render_diff(report(*items), width=60, stat=True), "what does not fit is left out"
    assert "input cost" in to_markdown(report(*items))
    assert to_json(report(*items))["prompts"][0]["inputs_changed"]


def test_formats():
    assert {format_of(f"x{suffix}") for suffix in EXTENSIONS} == set(FORMATS)
    assert FORMATS["terminal"](SAME) == ""
    assert all(FORMATS[name](REPORT, width=80, stat=True) for name in FORMATS)
    with pytest.raises(UserError, match="no extension says"):
        format_of("x")
    with pytest.raises(UserError, match="stands for no format") as caught:
        format_of("x.htl")
    assert "Did you mean .htm" in str(caught.value.hint)
