"""Opening a store: where it lies, what is already there, and what is wrong with it."""

import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from store_values import URL, a_call, a_reply

from promptctl.errors import StoreError, UserError
from promptctl.store import open_store
from promptctl.store import schema as store_schema
from promptctl.store.location import IGNORE, store_path

# Coverage follows us into child processes: it imports sqlite3 itself, and cannot write as nobody.
UNMEASURED = {name: value for name, value in os.environ.items() if not name.startswith("COV")}


def fill(store, count: int = 400) -> list[str]:
    """Answers long enough to spread over many pages; the fingerprints of their calls."""
    calls = [a_call(str(n)) for n in range(count)]
    store.add((call, a_reply(f"{n} " + "x" * 900)) for n, call in enumerate(calls))
    return [call.fingerprint for call in calls]


# Where it lies


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///.promptctl/promptctl.db", ".promptctl/promptctl.db"),
        ("sqlite:///cache/a b?.db", "cache/a b?.db"),
        ("sqlite:////elsewhere/team.db", "/elsewhere/team.db"),
    ],
)
def test_a_relative_path_begins_at_the_root(tmp_path, url, path):
    assert tmp_path / path == store_path(url, tmp_path)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_a_store_may_live_in_memory(tmp_path, url):
    with open_store(url, tmp_path) as store:
        store.add([(a_call(), a_reply())])

        assert {a_call().fingerprint} == set(store.find([a_call().fingerprint]))
        assert store.path is None
        assert 0 < store.answer_stats().bytes
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("url", ["", "promptctl.db", "mysql://u:secret@h/d", "sqlite:///a\0b", "sqlite://host/x"])
def test_another_url_is_the_users_mistake(tmp_path, url):
    with pytest.raises(UserError, match="names no store") as caught:
        open_store(url, tmp_path)

    assert "secret" not in str(caught.value)


def test_a_relative_path_stays_inside_the_repository(tmp_path):
    root = tmp_path / "repo"
    root.mkdir()
    (root / ".promptctl").symlink_to(tmp_path, target_is_directory=True)

    for url in ("sqlite:///../outside.db", URL):
        with pytest.raises(UserError, match="leaves the repository"):
            open_store(url, root)
    assert [root] == list(tmp_path.iterdir())


def test_the_state_folder_is_made_and_kept_out_of_git(open_here, tmp_path):
    open_here()

    assert IGNORE == (tmp_path / ".promptctl/.gitignore").read_text(encoding="utf-8")
    assert (tmp_path / ".promptctl/promptctl.db").is_file()


def test_another_folder_gets_no_gitignore(open_here, tmp_path):
    open_here("sqlite:///team/cache/answers.db")

    assert not list(tmp_path.rglob(".gitignore"))


def test_a_gitignore_that_is_there_is_left_alone(open_here, tmp_path):
    (tmp_path / ".promptctl").mkdir()
    (tmp_path / ".promptctl/.gitignore").write_text("mine", encoding="utf-8")

    open_here()

    assert "mine" == (tmp_path / ".promptctl/.gitignore").read_text(encoding="utf-8")


def test_what_was_kept_is_there_after_reopening(open_here):
    store = open_here()
    fingerprints = fill(store, 3)
    store.close()

    again = open_here()
    assert set(fingerprints) == set(again.find(fingerprints))
    assert () == again.warnings


def test_importing_the_store_does_not_import_sqlite3():
    code = "import sys, promptctl.store; sys.exit('sqlite3' in sys.modules)"

    assert 0 == subprocess.run([sys.executable, "-c", code], check=False, env=UNMEASURED).returncode


# Read only


def test_reading_where_there_is_no_store_makes_none(open_here, tmp_path):
    store = open_here(read_only=True)

    assert (None, 0, ()) == (store.find_run(), store.answer_stats().answers, store.warnings)
    assert [] == list(tmp_path.iterdir())


def test_reading_sees_what_a_writer_has_kept_and_keeps(open_here):
    writer = open_here()
    first = fill(writer, 2)
    reader = open_here(read_only=True)
    writer.add([(a_call("later"), a_reply())])

    assert {*first, a_call("later").fingerprint} == set(reader.find([*first, a_call("later").fingerprint]))
    assert 0 < reader.answer_stats().bytes
    with pytest.raises(StoreError, match="opened for reading only"):
        reader.add([(a_call("mine"), a_reply())])


def test_a_folder_is_no_store(open_here, tmp_path):
    (tmp_path / "answers.db").mkdir()

    with pytest.raises(StoreError, match=r"answers\.db is a folder"):
        open_here("sqlite:///answers.db")


# Versions

NEXT = store_schema.VERSION + 1


def an_older_store(path: Path, version: int) -> str:
    """As that version of the schema wrote it; the fingerprint of the one answer in it."""
    connection = sqlite3.connect(path, isolation_level=None)
    store_schema.migrate(connection, "old", version=version)
    connection.execute(
        "INSERT INTO answers (fingerprint, request, scheme, model, sample, text, created, attempts)"
        " VALUES ('f', 'r', 1, 'm', 0, 'kept', 1.0, 1)"
    )
    connection.close()
    return "f"


@pytest.fixture
def next_version(monkeypatch):
    """The schema as a later version of promptctl might have it."""
    migrations = (*store_schema._MIGRATIONS, "ALTER TABLE answers ADD COLUMN anything INTEGER;")
    monkeypatch.setattr(store_schema, "_MIGRATIONS", migrations)
    monkeypatch.setattr(store_schema, "VERSION", NEXT)
    monkeypatch.setattr(store_schema.migrate, "__kwdefaults__", {"version": NEXT})
    monkeypatch.setattr("promptctl.store.connection.VERSION", NEXT)


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("version", range(1, NEXT))
def test_an_older_store_is_brought_up_to_date(open_here, tmp_path, next_version, read_only, version):
    fingerprint = an_older_store(tmp_path / "answers.db", version)

    store = open_here("sqlite:///answers.db", read_only=read_only)

    assert "kept" == store.find([fingerprint])[fingerprint].text
    store.close()
    with sqlite3.connect(tmp_path / "answers.db") as connection:
        assert (version if read_only else NEXT) == store_schema.pragma(connection, "user_version")
    connection.close()


@pytest.mark.parametrize("read_only", [False, True])
def test_a_store_of_a_newer_version_is_left_alone(open_here, tmp_path, read_only):
    open_here("sqlite:///answers.db").close()
    with sqlite3.connect(tmp_path / "answers.db") as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    before = (tmp_path / "answers.db").read_bytes()

    with pytest.raises(StoreError) as caught:
        open_here("sqlite:///answers.db", read_only=read_only)

    assert (
        f"answers.db was written by a newer promptctl (store version 9, this one knows {NEXT - 1})."
        " Upgrade promptctl, or set cache.url to another file."
    ) == str(caught.value)
    assert before == (tmp_path / "answers.db").read_bytes()


@pytest.mark.parametrize("read_only", [False, True])
def test_a_database_of_another_program_is_left_alone(open_here, tmp_path, read_only):
    with sqlite3.connect(tmp_path / "theirs.db") as connection:
        connection.execute("CREATE TABLE precious (x)")
    connection.close()
    before = (tmp_path / "theirs.db").read_bytes()

    with pytest.raises(StoreError, match="database of another program"):
        open_here("sqlite:///theirs.db", read_only=read_only)

    assert {"theirs.db": before} == {file.name: file.read_bytes() for file in tmp_path.iterdir()}


def test_a_file_that_is_no_database_is_left_alone(open_here, tmp_path):
    (tmp_path / "thesis.txt").write_text("My life's work. " * 100, encoding="utf-8")

    with pytest.raises(StoreError, match="no store of promptctl's"):
        open_here("sqlite:///thesis.txt")

    assert [tmp_path / "thesis.txt"] == list(tmp_path.iterdir())


# Damage


def damage(path: Path, *pages: int, size: int = 4096) -> None:
    with path.open("r+b") as file:
        for page in pages:
            file.seek(page * size)
            file.write(b"\xa5" * size)


def test_garbage_is_put_aside_and_the_store_begins_anew(open_here, tmp_path):
    path = tmp_path / ".promptctl/promptctl.db"
    path.parent.mkdir()
    path.write_bytes(b"not a database at all" * 500)

    store = open_here()
    store.add([(a_call(), a_reply())])

    assert {a_call().fingerprint} == set(store.find([a_call().fingerprint]))
    assert (
        ".promptctl/promptctl.db: was damaged. It is kept as promptctl.db.corrupt-1; 0 answers could be read of it.",
    ) == store.warnings
    assert path.with_name("promptctl.db.corrupt-1").read_bytes().startswith(b"not a database")


def test_what_lies_on_sound_pages_is_saved(open_here, tmp_path):
    store = open_here()
    fingerprints = fill(store)
    store.start_run("r1", "2026-11-22", {"kept": True})
    store.close()
    pages = (tmp_path / ".promptctl/promptctl.db").stat().st_size // 4096
    damage(tmp_path / ".promptctl/promptctl.db", pages // 3, pages // 2)

    again = open_here()
    found = again.find(fingerprints)

    assert 300 < len(found) < 400
    assert {f"{n} " for n, f in enumerate(fingerprints) if f in found} == {r.text[:-900] for r in found.values()}
    assert again.find_run("r1").request == {"kept": True}
    assert f"{len(found)} answers could be read of it." in again.warnings[0]
    assert len(found) == again.answer_stats().answers


def test_damage_that_shows_in_the_middle_of_a_run_is_mended_there(open_here, tmp_path):
    first = open_here()
    fingerprints = fill(first)
    first.close()
    store = open_here()
    quiet = store.warnings
    pages = (tmp_path / ".promptctl/promptctl.db").stat().st_size // 4096
    damage(tmp_path / ".promptctl/promptctl.db", *range(5, pages - 20))

    store.add((a_call(f"new {n}"), a_reply()) for n in range(300))
    store.find(fingerprints)

    assert () == quiet
    assert 1 == len(store.warnings)
    assert 300 == len(store.find([a_call(f"new {n}").fingerprint for n in range(300)]))


def test_a_single_answer_is_said_in_the_singular(open_here, tmp_path):
    store = open_here()
    store.add([(a_call(), a_reply())])
    store.close()
    with sqlite3.connect(tmp_path / ".promptctl/promptctl.db") as connection:
        connection.execute("INSERT INTO answers (fingerprint, request, scheme, model, sample, text, created, attempts) SELECT 'f', 'r', 1, 'm', 0, CAST(x'ff' AS TEXT), 1.0, 1")  # fmt: skip
    connection.close()

    again = open_here()
    again.find(["f"])

    assert again.warnings[0].endswith("; 1 answer could be read of it.")


def test_the_second_damage_gets_the_second_name(open_here, tmp_path):
    path = tmp_path / ".promptctl/promptctl.db"
    for _ in range(2):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"garbage" * 1000)
        open_here().close()

    assert {"promptctl.db.corrupt-1", "promptctl.db.corrupt-2"} <= {file.name for file in path.parent.iterdir()}


def test_answers_that_lay_in_the_write_ahead_file_are_saved_too(open_here, tmp_path):
    path = tmp_path / ".promptctl/promptctl.db"
    code = (
        "import os, sys; sys.path[:0] = sys.argv[2:]; from pathlib import Path; from store_values import *\n"
        "from promptctl.store import open_store\n"
        "store = open_store(URL, Path(sys.argv[1])); store.add([(a_call(), a_reply())]); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path), str(Path(__file__).parent)], check=True)
    assert path.with_name("promptctl.db-wal").stat().st_size > 0
    store = open_here()
    store._database._connection.execute("PRAGMA wal_autocheckpoint = 0")
    store._database._connection.close()

    assert {a_call().fingerprint} == set(open_here().find([a_call().fingerprint]))


def killed_while_open(root: Path) -> None:
    code = (
        "import os, sys; sys.path[:0] = sys.argv[2:]; from pathlib import Path; from store_values import *\n"
        "from promptctl.store import open_store\n"
        "store = open_store(URL, Path(sys.argv[1])); store.add([(a_call('last'), a_reply())]); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(root), str(Path(__file__).parent)], check=True)


def test_a_store_that_somebody_died_with_is_read_whole_before_it_is_used(open_here, tmp_path):
    with open_here() as first:
        fingerprints = fill(first)
    killed_while_open(tmp_path)
    with open_here() as sound:
        assert () == sound.warnings
    killed_while_open(tmp_path)
    path = tmp_path / ".promptctl/promptctl.db"
    damage(path, path.stat().st_size // 4096 // 2)

    store = open_here()

    assert "was damaged. It is kept as promptctl.db.corrupt-1" in store.warnings[0]
    assert len(fingerprints) - 20 < len(store.find(fingerprints)) < len(fingerprints)


def test_damage_that_nobody_has_met_is_found_on_demand(open_here, tmp_path):
    store = open_here()
    fill(store)
    store.close()
    path = tmp_path / ".promptctl/promptctl.db"
    damage(path, path.stat().st_size // 4096 // 2)
    with open_here() as again:
        assert () == again.warnings

        again.check()

        assert "was damaged" in again.warnings[0]


def test_another_process_that_mended_first_is_not_undone(open_here, tmp_path):
    """Two processes meet the same damage; the second finds a sound store under the name."""
    store = open_here()
    fingerprints = fill(store)
    other = open_here()
    path = tmp_path / ".promptctl/promptctl.db"
    store.close()
    other.close()
    damage(path, *range(5, path.stat().st_size // 4096 - 10))
    first, second = open_here(), open_here()

    first.find(fingerprints)
    kept = first.find(fingerprints)
    second.find(fingerprints)

    assert (1, 0) == (len(first.warnings), len(second.warnings))
    assert set(kept) == set(second.find(fingerprints))
    assert not path.with_name("promptctl.db.corrupt-2").exists()


def test_a_damaged_store_is_read_in_memory_where_it_must_not_be_changed(open_here, tmp_path):
    store = open_here()
    fingerprints = fill(store)
    store.close()
    path = tmp_path / ".promptctl/promptctl.db"
    damage(path, path.stat().st_size // 4096 // 2)
    before = path.read_bytes()

    reader = open_here(read_only=True)
    found = reader.find(fingerprints)

    assert 300 < len(found) < 400
    assert (f".promptctl/promptctl.db: was damaged. {len(found)} answers could be read of it.",) == reader.warnings
    assert before == path.read_bytes()


# Disks that do not take it


def test_below_a_file_the_store_works_in_memory_and_says_so(open_here, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")

    store = open_here("sqlite:///file/answers.db")
    store.add([(a_call(), a_reply())])

    assert {a_call().fingerprint} == set(store.find([a_call().fingerprint]))
    assert (
        "file/answers.db: cannot be written (the folder is a file): what this run is answered is not kept.",
    ) == store.warnings
    assert store.path is None


def test_a_link_to_nowhere_is_no_place_to_write(open_here, tmp_path):
    (tmp_path / "answers.db").symlink_to(tmp_path / "nowhere" / "answers.db")

    store = open_here("sqlite:///answers.db")
    store.add([(a_call(), a_reply())])

    assert {a_call().fingerprint} == set(store.find([a_call().fingerprint]))
    assert "answers.db: cannot be written (unable to open database file)" in store.warnings[0]


def test_a_name_that_no_disk_takes_is_one_line(open_here):
    with pytest.raises(StoreError, match="File name too long"):
        open_here(f"sqlite:///{'x' * 300}.db")


AS_NOBODY = """
import os, sys
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from store_values import URL, a_call, a_reply
import hashlib, sqlite3, urllib.parse, promptctl.store.salvage  # before the rights are gone
from promptctl.store import open_store
if os.getuid() == 0:
    os.setgid(65534); os.setuid(65534)
store = open_store(URL, Path(sys.argv[1]))
store.add([(a_call("new"), a_reply())])
print(sorted(r.text for r in store.find([a_call("old").fingerprint, a_call("new").fingerprint]).values()), *store.warnings)
reader = open_store(URL, Path(sys.argv[1]), read_only=True)
print(reader.answer_stats().answers, reader.warnings)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_a_repository_that_cannot_be_written_is_read_and_added_to_in_memory():
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        store = open_store(URL, root)
        store.add([(a_call("old"), a_reply("old"))])
        store.close()
        for path, mode in ((root / URL.removeprefix("sqlite:///"), 0o444), (root / ".promptctl", 0o555), (root, 0o555)):
            path.chmod(mode)

        ran = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, folder, str(Path(__file__).parent)],
            check=False, capture_output=True, text=True, env=UNMEASURED,
        )  # fmt: skip
        (root / ".promptctl").chmod(0o755)
        root.chmod(0o755)

    assert ("", [
        "['hi', 'old'] .promptctl/promptctl.db: cannot be written (not writable): what this run is answered is not kept.",
        "1 ()",
    ]) == (ran.stderr, ran.stdout.splitlines())  # fmt: skip


def test_a_full_disk_is_one_line_and_keeps_what_was_kept(open_here):
    store = open_here()
    store.add([(a_call("before"), a_reply())])
    pages = store_schema.pragma(store._database._connection, "page_count")
    store._database._connection.execute(f"PRAGMA max_page_count = {pages + 4}")

    with pytest.raises(StoreError, match=r"promptctl\.db: the disk is full\. Make room and go on"):
        fill(store)

    assert 1 == store.answer_stats().answers
    store._database._connection.execute("PRAGMA max_page_count = 100000")
    fill(store, 10)
    assert 11 == store.answer_stats().answers


def test_a_lock_that_is_never_given_back_is_named(open_here):
    store, other = open_here(), open_here()
    store._database._connection.execute("BEGIN IMMEDIATE")
    other._database._connection.execute("PRAGMA busy_timeout = 10")

    with pytest.raises(StoreError, match="another process has kept it locked"):
        other.add([(a_call(), a_reply())])

    store._database._connection.execute("ROLLBACK")
    other.add([(a_call(), a_reply())])
