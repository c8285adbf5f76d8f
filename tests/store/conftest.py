"""Stores of both kinds: a file in a folder of its own, and a real PostgreSQL server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from store_values import URL

from promptctl.store import Store, open_store


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Each kind of store in turn: both pass the same tests."""
    return URL if request.param == "sqlite" else request.getfixturevalue("postgres_url")


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
def store(open_here: Callable[..., Store], url: str) -> Store:
    """An empty store, of each kind in turn."""
    return open_here(url)


@pytest.fixture
def file_store(open_here: Callable[..., Store]) -> Store:
    """An empty store in a file."""
    return open_here()
