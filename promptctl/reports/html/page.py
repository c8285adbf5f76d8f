"""ReplayReport -> the page: one file, a policy that allows nothing but its own style and script."""

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from promptctl.reports.html.data import MOST, Shown, data_json
from promptctl.reports.html.markup import line, tag
from promptctl.reports.html.overview import badge, prompt_section
from promptctl.reports.numbers import place, plural
from promptctl.reports.phrases import by_severity, spent_line
from promptctl.reports.view import PromptView, ReplayReport

_PROMPTS = 200  # shown whole; more than that are counted
_NOTES = 20
_KEYS = (
    ("j, k or ↓, ↑", "next and previous case"),
    ("n, p", "next and previous broken case"),
    ("Enter", "read the case"),
    ("o or Escape", "back to the overview"),
    ("/", "search"),
    ("d", "mark the differences, or not"),
    ("f", "JSON answers on lines of their own, or as they came"),
    ("c", "copy the link of the case"),
    ("x", "clear all filters"),
    ("t", "dark or light"),
    ("?", "these keys"),
)


def html_page(report: ReplayReport) -> Iterator[str]:
    """The page in pieces. It is whole without a script, but for the list of cases."""
    style, script = _asset("style.css"), _asset("app.js")
    shown = Shown.of(report)
    yield _head(report, style, script)
    yield _bar(report)
    yield '<div class="panes">'
    yield _browser(report)
    yield '<main id="main" tabindex="-1"><div id="overview">'
    yield from _overview(report, shown)
    yield '</div><article id="case" hidden></article></main></div>'
    yield _help()
    yield '<div id="print"></div>\n<script type="application/json" id="data">'
    yield from data_json(report, shown)
    yield f"</script>\n<script>{script}</script>\n</body>\n</html>\n"


@cache
def _asset(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _digest(content: str) -> str:
    return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _head(report: ReplayReport, style: str, script: str) -> str:
    policy = (
        f"default-src 'none'; style-src 'sha256-{_digest(style)}'; script-src 'sha256-{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    title = f"{report.verdict}: {place(report.old)} → {place(report.new)}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{line(title)} · promptctl</title>\n<style>{style}</style>\n</head>\n<body>\n"
    )


def _bar(report: ReplayReport) -> str:
    inputs = sum(prompt.counts.get("inputs", 0) for prompt in report.prompts)
    extent = f"{plural(len(report.prompts), 'prompt')}, {plural(inputs, 'input')}"
    sides = f"<code>{line(place(report.old), 80)}</code> → <code>{line(place(report.new), 80)}</code>"
    buttons = (
        '<button type="button" id="theme" title="Dark or light (t)">Theme</button>'
        '<button type="button" id="keys" title="Keys (?)">Keys</button>'
    )
    return (
        '<a class="skip" href="#main">Skip to the report</a>'
        f'<header class="top">{badge(report.verdict)}<h1>{sides}</h1><span class="extent">{extent}</span>'
        f'<span class="tools">{buttons}</span></header>'
    )


def _browser(report: ReplayReport) -> str:
    prompts = "".join(
        f'<option value="{number}">{line(prompt.prompt, 80)}</option>' for number, prompt in enumerate(report.prompts)
    )
    sorts = (
        ("weight", "what broke first"),
        ("order", "as stored"),
        ("id", "by id"),
        ("score", "by loss of score"),
        ("latency", "by rise of latency"),
        ("cost", "by rise of cost"),
        ("tokens", "by rise of tokens out"),
    )
    options = "".join(f'<option value="{value}">{said}</option>' for value, said in sorts)
    return (
        '<nav class="browser" aria-label="Cases"><noscript>The list of cases needs a script; the rest of the page '
        'does not.</noscript><div class="filters">'
        '<input type="search" id="search" placeholder="Search ids, answers, inputs, reasons" aria-label="Search" '
        'autocomplete="off" spellcheck="false">'
        '<div id="statuses" role="group" aria-label="Status"></div><div class="selects">'
        f'<select id="prompt" aria-label="Prompt"><option value="">all prompts</option>{prompts}</select>'
        '<select id="tag" aria-label="Tag"><option value="">all tags</option></select>'
        f'<select id="sort" aria-label="Order">{options}</select></div></div>'
        '<div class="found"><span id="found" role="status" aria-live="polite"></span>'
        '<button type="button" id="clear" hidden>clear filters</button>'
        '<label><input type="checkbox" id="changed"> answer changed</label></div>'
        '<div id="list" role="listbox" tabindex="0" aria-label="Cases"></div></nav>'
    )


def _overview(report: ReplayReport, shown: Shown) -> Iterator[str]:
    yield from (tag("p", f"Note: {line(note, 2_000)}", class_="warn") for note in report.notes[:_NOTES])
    if shown.left_out:
        yield tag(
            "p",
            f"Note: {shown.left_out:,} cases are not on this page, which holds {MOST:,}, those that broke first; "
            f"<code>promptctl report {line(report.run)} -o cases.csv</code> has them all.",
            class_="warn",
        )
    if not report.prompts:
        yield tag("p", "Nothing to replay: no prompt differs.")
    numbers = {id(prompt): number for number, prompt in enumerate(report.prompts)}
    prompts = by_severity(report.prompts)
    if len(prompts) > 1:
        yield from _contents(prompts, numbers)
    for prompt in prompts[:_PROMPTS]:
        yield from prompt_section(prompt, numbers[id(prompt)])
    if len(prompts) > _PROMPTS:
        yield tag("p", f"And {plural(len(prompts) - _PROMPTS, 'more prompt')}.")
    if report.prompts:
        run = f" Run <code>{line(report.run, 100)}</code>, {line(report.created[:16].replace('T', ' '))} UTC."
        yield tag("footer", f"{line(spent_line(report.totals))}.{run if report.run else ''}")


def _contents(prompts: list[PromptView], numbers: dict[int, int]) -> Iterator[str]:
    rows = [
        f'<li>{badge(prompt.verdict)} <a href="#prompt-{numbers[id(prompt)]}">{line(prompt.prompt, 200)}</a></li>'
        for prompt in prompts[:_PROMPTS]
    ]
    yield tag("ul", "".join(rows), class_="contents")


def _help() -> str:
    rows = "".join(f"<div><dt>{line(keys)}</dt><dd>{line(what)}</dd></div>" for keys, what in _KEYS)
    return (
        '<dialog id="help" aria-labelledby="help-title"><h2 id="help-title">Keys</h2>'
        f'<dl>{rows}</dl><button type="button" id="close">Close</button></dialog>'
    )
