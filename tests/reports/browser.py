"""Debian's Chromium, driven by Playwright; pages of the tests in it. Where either is absent the tests are skipped."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Seen:
    """What a page said and asked for while a test looked at it."""

    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def chromium(profile: Path) -> Iterator[Any]:
    """A browser with a profile of its own."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on PATH")
    with sync_api.sync_playwright() as playwright:
        try:
            context = playwright.chromium.launch_persistent_context(
                profile, executable_path=path, args=FLAGS, viewport={"width": 1300, "height": 850}
            )
        except sync_api.Error as error:
            pytest.skip(f"{path} does not start: {error.message.splitlines()[0]}")
        yield context
        context.close()


def opener(context: Any, folder: Path) -> Callable[..., Any]:
    """Opens a text as a page from disk; the page carries what was `seen`."""

    def opened(text: str, hash_: str = "") -> Any:
        folder.mkdir(exist_ok=True)
        path = folder / f"page-{len(list(folder.iterdir()))}.html"
        path.write_text(text, encoding="utf-8")
        page, seen = context.new_page(), Seen()
        page.on("console", lambda message: seen.console.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: seen.console.append(f"error: {error}"))
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("dialog", lambda dialog: (seen.console.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.seen = seen
        page.goto(f"{path.as_uri()}{hash_}")
        return page

    return opened
