"""Stores in a folder of their own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from store_values import URL

from promptctl.store import Store, open_store


@pytest.fixture
def open_here(tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """Opens stores below `tmp_path`, and closes them at the end."""
    opened: list[Store] = []

    def opening(url: str = URL, **options) -> Store:
        opened.append(open_store(url, tmp_path, **options))
        return opened[-1]

    yield opening
    for store in opened:
        store.close()


@pytest.fixture
def store(open_here: Callable[..., Store]) -> Store:
    return open_here()
