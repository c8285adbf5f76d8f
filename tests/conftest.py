"""What holds for every test: properties are checked on the same examples in every run; and the server that some share."""

from collections.abc import Iterator

import postgres_server
import pytest
from hypothesis import settings

settings.register_profile("project", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("project")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server; started when the first test asks for it."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'promptctl-cli[postgres]'")
    if postgres_server.programs() is None:
        pytest.skip(postgres_server.ABSENT)
    with postgres_server.server() as url:
        yield url


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """The server with no store in it."""
    import psycopg

    with psycopg.connect(postgres) as connection:
        connection.execute("DROP SCHEMA IF EXISTS promptctl CASCADE")
    return postgres
