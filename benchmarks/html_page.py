"""How large the HTML report of 10,000 cases is, how long it takes to write, to open in Chromium and to filter."""

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1] / "tests"


def main(cases: int = 10_000, words: int = 90) -> None:
    sys.path[:0] = [str(TESTS / "reports"), str(TESTS.parent)]
    from browser import chromium, opener
    from hostile_reports import many
    from report_examples import ONE_PROMPT

    from promptctl.reports.html import html_page
    from promptctl.reports.markdown import render_markdown

    report = replace(ONE_PROMPT, prompts=(many(cases, words=words),))
    begun = time.monotonic()
    text = "".join(html_page(report))
    print(f"html: {len(text.encode()) / 1e6:.1f} MB, written in {time.monotonic() - begun:.2f} s")
    begun = time.monotonic()
    markdown = render_markdown(report)
    print(f"markdown: {len(markdown):,} characters, written in {time.monotonic() - begun:.2f} s")
    with tempfile.TemporaryDirectory() as folder, chromium(Path(folder) / "profile") as context:
        opened = opener(context, Path(folder) / "pages")
        opened("<p>warm")
        begun = time.monotonic()
        page = opened(text)
        page.wait_for_selector(".row")
        print(f"opened in {time.monotonic() - begun:.2f} s")
        begun = time.monotonic()
        page.fill("#search", "word3 number 42")
        page.wait_for_selector("text=/^[0-9,]+ of 10,000 cases/")
        print(f"first search in {time.monotonic() - begun:.2f} s")
        begun = time.monotonic()
        page.click("#statuses button[data-status=regressed]")
        page.wait_for_selector("text=/^2 of 10,000 cases/")
        print(f"filtered by status in {time.monotonic() - begun:.2f} s")
        print(f"console: {page.seen.console}, requests: {len(page.seen.requests)}")


if __name__ == "__main__":
    main()
