"""What is a server's alone: it may be absent, restarted, newer, or without the package that speaks to it."""

import subprocess
import sys

import pytest
from store_values import a_call, a_reply

from promptctl.errors import StoreError
from promptctl.store import open_store
from promptctl.store.schema import VERSION


def test_a_server_that_is_not_there_is_one_line_without_the_password(tmp_path):
    pytest.importorskip("psycopg", reason="psycopg is not installed")

    with pytest.raises(StoreError) as caught:
        open_store("postgresql+psycopg://user:secret@127.0.0.1:9/team", tmp_path)

    said = str(caught.value)
    assert said.startswith("postgresql://127.0.0.1:9/team: ")
    assert "secret" not in said
    assert "\n" not in said


def test_an_address_that_is_none_says_so(tmp_path):
    pytest.importorskip("psycopg", reason="psycopg is not installed")

    with pytest.raises(StoreError, match="the PostgreSQL store: "):
        open_store("postgresql://user:secret@[broken/team", tmp_path)


def test_without_psycopg_it_says_what_to_install(tmp_path):
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from pathlib import Path\n"
        "from promptctl.store import open_store\n"
        "try:\n    open_store('postgresql://h/d', Path('.'))\n"
        "except Exception as error:\n    print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert done.stdout.startswith("StoreError postgresql://h/d: a shared store takes the package psycopg.")
    assert "promptctl-cli[postgres]" in done.stdout


def test_a_connection_that_broke_is_made_again(tmp_path, postgres_url):
    import psycopg

    with open_store(postgres_url, tmp_path) as store, psycopg.connect(postgres_url, autocommit=True) as other:
        store.add([(a_call(), a_reply())])
        ours = "application_name = 'promptctl'"
        other.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}")

        assert {a_call().fingerprint} == set(store.find([a_call().fingerprint]))
        store.add([(a_call("more"), a_reply())])
        assert 2 == store.answer_stats().answers


def test_a_store_of_a_newer_version_is_left_alone(tmp_path, postgres_url):
    import psycopg

    open_store(postgres_url, tmp_path).close()
    with psycopg.connect(postgres_url) as connection:
        connection.execute("UPDATE promptctl.version SET version = version + 1")

    with pytest.raises(StoreError, match=f"store version {VERSION + 1}, this one knows {VERSION}"):
        open_store(postgres_url, tmp_path)


def test_the_tables_lie_in_a_schema_of_their_own(tmp_path, postgres_url):
    import psycopg

    open_store(postgres_url, tmp_path).close()

    with psycopg.connect(postgres_url) as connection:
        rows = connection.execute(
            "SELECT DISTINCT schemaname FROM pg_tables WHERE tablename IN ('answers', 'requests', 'runs', 'run_cases')"
        ).fetchall()
    assert [("promptctl",)] == rows


def test_reading_only_writes_nothing(tmp_path, postgres_url):
    with open_store(postgres_url, tmp_path) as store:
        store.add([(a_call(), a_reply())])

    with open_store(postgres_url, tmp_path, read_only=True) as store:
        assert (None, 1) == (store.path, store.answer_stats().answers)
        with pytest.raises(StoreError, match="opened for reading only"):
            store.add([(a_call("x"), a_reply())])


def test_a_closed_store_says_so(tmp_path, postgres_url):
    store = open_store(postgres_url, tmp_path)
    store.close()

    with pytest.raises(StoreError, match="is closed"):
        store.answer_stats()


def test_a_text_that_looks_like_our_own_mark_survives(tmp_path, postgres_url):
    text = "\ue000b64:not base64"
    with open_store(postgres_url, tmp_path) as store:
        store.add([(a_call(), a_reply(text))])

        assert text == store.find([a_call().fingerprint])[a_call().fingerprint].text
