"""The page in a real browser: it opens from disk, is quiet, fast, accessible, and loads nothing."""

import os
import time
from dataclasses import replace

import pytest
from browser import chromium, opener
from hostile_reports import many, poisoned
from hostile_texts import CORPUS
from report_examples import FOREIGN, NOTHING, ONE_PROMPT, SEVERAL

from promptctl.reports.html import html_page

LIMIT = 15_000_000  # bytes
ANSWER = '{"name": "Dana", "quantity": %d}'


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture
def page_of(context, tmp_path):
    opened = opener(context, tmp_path / "pages")
    pages = []

    def page_of(report, hash_=""):
        pages.append(opened("".join(html_page(report)), hash_))
        return pages[-1]

    yield page_of
    for page in pages:
        assert page.seen.console == []
        assert {url for url in page.seen.requests if not url.startswith("file:")} == set()
        assert len(page.seen.requests) == 1
        page.close()


def rows(page):
    return page.locator(".row .id").all_inner_texts()


def test_what_broke_comes_first_and_a_case_shows_why(page_of):
    page = page_of(ONE_PROMPT)

    assert rows(page) == ["t-001", "t-014", "t-022", "t-031", "t-019", "t-007", "t-040"]
    assert "4 cases regressed" in page.inner_text("#overview")
    page.click("text=t-014")
    assert page.evaluate("location.hash") == "#case=t-014"
    case = page.inner_text("#case")
    assert "Technical team: this looks like an outage." in case
    assert "expected 'technical', got" in case
    assert "new passed 0 of 7, old 7 of 7" in case
    assert "The export button gives error 502" in case
    assert not page.is_visible("#overview")


def test_words_that_differ_are_marked(page_of):
    page = page_of(SEVERAL, "#case=support%2Freply:conv-881")

    assert page.locator("#case del").all_inner_texts() == ["One", "five"]
    assert page.locator("#case ins").all_inner_texts() == ["Both", "thirty"]
    page.keyboard.press("d")
    assert page.locator("#case del").count() == 0


def test_answers_that_share_nothing_are_not_confetti(page_of):
    case = ONE_PROMPT.prompts[0].cases[0]
    long = replace(
        case, id="long", old=replace(case.old, output="alpha " * 40), new=replace(case.new, output="omega, " * 40)
    )
    report = replace(ONE_PROMPT, prompts=(replace(ONE_PROMPT.prompts[0], cases=(case, long)),))
    short, other = page_of(report, "#case=t-001"), page_of(report, "#case=long")

    assert short.locator("#case del, #case ins").count() == other.locator("#case del, #case ins").count() == 0
    assert "share too little" not in short.inner_text("#case")
    assert "share too little" in other.inner_text("#case")


def test_json_answers_can_be_read_in_lines(page_of):
    case = replace(
        ONE_PROMPT.prompts[0].cases[0],
        old=replace(ONE_PROMPT.prompts[0].cases[0].old, output=ANSWER % 5),
        new=replace(ONE_PROMPT.prompts[0].cases[0].new, output=ANSWER % 7),
    )
    page = page_of(replace(ONE_PROMPT, prompts=(replace(ONE_PROMPT.prompts[0], cases=(case,)),)), "#case=t-001")

    assert page.locator("section[aria-label=old] .answer").inner_text() == ANSWER % 5
    page.keyboard.press("f")
    assert page.locator("section[aria-label=old] .answer").inner_text() == '{\n  "name": "Dana",\n  "quantity": 5\n}'
    assert page.locator("#case ins").all_inner_texts() == ["7"]


def test_filters_by_status_tag_and_text_stand_in_the_address(page_of):
    page = page_of(SEVERAL)

    page.click("#statuses button[data-status=error]")
    assert len(rows(page)) == 14
    page.fill("#search", "judge JSON")
    page.wait_for_selector("text=2 of 33 cases")
    assert rows(page) == ["j-0", "j-1"]
    assert page.evaluate("location.hash") == "#q=judge%20JSON&status=error"
    page.keyboard.press("Escape")
    page.click("#clear")
    page.select_option("#tag", "outage")
    assert rows(page) == ["t-014"]
    page.reload()
    assert rows(page) == ["t-014"]
    assert page.input_value("#tag") == "outage"
    page.seen.requests.pop()


def test_sorts_by_what_got_worse(page_of):
    page = page_of(replace(ONE_PROMPT, prompts=(many(400, words=4),)))

    page.select_option("#sort", "latency")
    shown = page.locator(".row .more").all_inner_texts()
    assert shown[0].split("+")[1].endswith("ms")
    figures = [int(text.split("+")[1].split()[0]) for text in shown if "+" in text]
    assert figures == sorted(figures, reverse=True)


def test_keys_go_from_case_to_case(page_of):
    page = page_of(ONE_PROMPT)

    for key, case in (("j", "t-001"), ("j", "t-014"), ("k", "t-001"), ("n", "t-014")):
        page.keyboard.press(key)
        assert page.evaluate("decodeURIComponent(location.hash)") == f"#case={case}"
    page.focus("#list")
    page.keyboard.press("End")
    assert page.locator("#case h2").inner_text() == "t-040"
    assert page.get_attribute("#list", "aria-activedescendant") == page.get_attribute(".row[aria-selected=true]", "id")
    page.keyboard.press("p")
    assert page.locator("#case h2").inner_text() == "t-031"
    page.keyboard.press("Escape")
    assert page.is_visible("#overview")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.is_visible("#help")
    page.keyboard.press("Escape")
    assert not page.is_visible("#help")


def test_dark_and_light(page_of):
    page = page_of(ONE_PROMPT)
    colour = "getComputedStyle(document.body).backgroundColor"

    page.emulate_media(color_scheme="light")
    light = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(colour)
    page.keyboard.press("t")
    toggled = page.evaluate(colour)

    assert (light, dark, toggled) == ("rgb(245, 246, 248)", "rgb(13, 16, 21)", light)
    page.evaluate("localStorage.clear()")


def test_on_paper_stand_the_broken_cases(page_of):
    page = page_of(ONE_PROMPT)

    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("#print h2").all_inner_texts() == ["t-001", "t-014", "t-022", "t-031"]
    assert page.is_visible("#overview")
    assert not page.is_visible("#list")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#print > *").count() == 0


@pytest.mark.parametrize("width", [360, 768, 1400])
def test_nothing_runs_out_of_a_narrow_window(page_of, width):
    for report, hash_ in ((SEVERAL, ""), (FOREIGN, ""), (SEVERAL, "#case=support%2Freply:conv-881")):
        page = page_of(report, hash_)
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(
            "document.getElementById('main').scrollWidth <= document.getElementById('main').clientWidth"
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("hash_", ["", "#case=support%2Freply:conv-881", "#case=support%2Ftriage:t-001"])
def test_axe_finds_nothing(page_of, scheme, hash_):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-core is not installed: pip install axe-playwright-python"
    )
    page = page_of(SEVERAL, hash_)
    page.emulate_media(color_scheme=scheme)
    found = axe.Axe().run(page).response["violations"]

    assert [(one["id"], one["impact"], [node["html"][:200] for node in one["nodes"]][:3]) for one in found] == []


def slack() -> float:
    """How many processes wait for each processor: the figures are those of an idle machine, and tests share theirs."""
    return max(1.0, 1.5 * os.getloadavg()[0] / (os.cpu_count() or 1))


def test_ten_thousand_cases_open_and_filter_at_once(page_of):
    report = replace(ONE_PROMPT, prompts=(many(10_000, words=90),))

    page = page_of(report)
    page.wait_for_selector(".row")
    opened = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") / 1000
    size = page.evaluate("new Blob([document.documentElement.outerHTML]).size")
    begun = time.monotonic()
    page.fill("#search", "word3 number 42")
    page.wait_for_selector("text=/^\\d+ of 10,000 cases/")
    filtered = time.monotonic() - begun
    page.click("#statuses button[data-status=regressed]")
    page.keyboard.press("j")

    assert 5_000_000 < size < LIMIT
    assert page.locator(".row").count() < 60
    assert page.is_visible("#case")
    assert 0 < opened < 2 * slack()
    assert filtered < 2 * slack()


def test_hostile_texts_are_shown_and_do_nothing(page_of):
    """Every text of the corpus, in every place of a page of its own prompt: no dialog, no request, no element."""
    prompts = tuple(prompt for text in CORPUS for prompt in poisoned(text).prompts)
    page = page_of(replace(poisoned("</script><img src=x onerror=alert(1)>"), prompts=prompts))

    assert page.locator("script").count() == 2
    assert page.locator("img, iframe, object, embed, link, base").count() == 0
    known = {f"#{place}" for place in ("main",)} | {f"#prompt-{number}" for number in range(len(prompts))}
    assert set(page.eval_on_selector_all("a", "links => links.map(link => link.getAttribute('href'))")) <= known
    total = int(page.inner_text("#found").split()[0].replace(",", ""))
    page.focus("#list")
    for _ in range(min(total, 400)):
        page.keyboard.press("j")
    assert page.locator("#case :is(img, script, a, iframe)").count() == 0
    assert page.evaluate("document.querySelectorAll('[onerror],[onload],[onclick],[style*=url]').length") == 0


def test_nothing_to_replay_is_a_page_too(page_of):
    page = page_of(NOTHING)

    assert "Nothing to replay" in page.inner_text("#overview")
    assert page.inner_text("#found") == "0 cases"


def test_an_unknown_case_shows_the_overview(page_of):
    for hash_ in ("#case=gone", "#case=%E0%A4%A", "#", "#status=nonsense&sort=__proto__&prompt=x", "#prompt-0"):
        assert page_of(ONE_PROMPT, hash_).is_visible("#overview")
