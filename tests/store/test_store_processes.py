"""Several processes and one store: killed at any moment, or writing at once."""

import subprocess
import sys
from pathlib import Path

import pytest
from store_values import URL, a_call, a_reply

from promptctl.errors import UserError
from promptctl.store import RunState, open_store

HERE = str(Path(__file__).parent)
PRELUDE = (
    "import sys; sys.path[:0] = sys.argv[2:3]\n"
    "from pathlib import Path\n"
    "from store_values import a_call, a_reply\n"
    "from promptctl.store import open_store\n"
    "store = open_store(sys.argv[3], Path(sys.argv[1]))\n"
)
WRITE_FOR_EVER = PRELUDE + (
    "import itertools\n"
    "for n in itertools.count():\n"
    "    store.add([(a_call(f'{n}.{k}'), a_reply()) for k in range(3)])\n"
    "    print(n, flush=True)\n"
)
WRITE_ONE_BY_ONE = PRELUDE + (
    "sys.stdin.readline()\n"
    "for n in range(int(sys.argv[5]), int(sys.argv[6])):\n"
    "    store.find([a_call(str(n)).fingerprint])\n"
    "    store.add([(a_call(str(n)), a_reply(sys.argv[4]))])\n"
)
WORK_ON_A_RUN = PRELUDE + (
    "store.start_run('r-1', '2026-11-26T00:00:00Z', {})\n"
    "print('begun', flush=True)\n"
    "sys.stdin.readline()\n"
    "store.close()\n"
)


def start(code: str, root: Path, url: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, str(root), HERE, url, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_kill_9_loses_nothing_that_add_returned_for(tmp_path, url):
    said = -1
    for after in (0, 7, 40):
        with start(WRITE_FOR_EVER, tmp_path, url) as writer:
            for _ in range(after + 1):
                said = max(said, int(writer.stdout.readline()))
            writer.kill()
            said = max([said, *map(int, writer.stdout.read().split())])

        with open_store(url, tmp_path) as store:
            calls = [a_call(f"{n}.{k}").fingerprint for n in range(said + 1) for k in range(3)]
            assert len(calls) == len(store.find(calls))
            assert 0 == store.answer_stats().answers % 3, "a batch is kept whole or not at all"
            assert () == store.warnings


def test_processes_that_write_at_once_lose_nothing_and_are_never_locked_out(tmp_path, url):
    writers = [start(WRITE_ONE_BY_ONE, tmp_path, url, name, *span) for name, span in {"a": ("0", "1000"), "b": ("500", "1500")}.items()]  # fmt: skip

    results = [writer.communicate("go\n") for writer in writers]

    assert [("", "")] * 2 == results
    with open_store(url, tmp_path) as store:
        assert 2_000 == store.answer_stats().answers
        assert 1_500 == len(store.find([a_call(str(n)).fingerprint for n in range(1_500)]))


def test_an_answer_of_another_process_is_seen_at_once(tmp_path, url):
    with open_store(url, tmp_path) as mine, open_store(url, tmp_path) as theirs:
        assert {} == mine.find([a_call().fingerprint])

        theirs.add([(a_call(), a_reply())])

        assert {a_call().fingerprint} == set(mine.find([a_call().fingerprint]))


def test_a_run_that_another_process_is_at_work_on_cannot_be_begun_again(tmp_path, url):
    with start(WORK_ON_A_RUN, tmp_path, url) as worker, open_store(url, tmp_path) as store:
        assert "begun\n" == worker.stdout.readline()

        with pytest.raises(UserError, match="run r-1 is at work in another process"):
            store.start_run("r-1", "2026-11-26T00:00:00Z", {"seed": 1})
        with pytest.raises(UserError, match="run r-1 is at work in another process"):
            store.remove_run("r-1")
        store.start_run("r-2", "2026-11-26T00:00:00Z", {})
        assert ("", "") == worker.communicate("end\n")

        assert {} == store.find_run("r-1").request
        store.start_run("r-1", "2026-11-26T00:00:00Z", {"seed": 1})
        assert {"seed": 1} == store.find_run("r-1").request


def test_a_run_whose_process_was_killed_may_go_on(tmp_path):
    with start(WORK_ON_A_RUN, tmp_path, URL) as worker:
        worker.stdout.readline()
        worker.kill()

    with open_store(URL, tmp_path) as store:
        store.start_run("r-1", "2026-11-26T00:00:00Z", {})
        assert RunState.RUNNING == store.find_run("r-1").state


def test_where_no_lock_can_be_had_a_run_begins(tmp_path):
    with open_store(URL, tmp_path) as store:
        store.path.with_name(f"{store.path.name}-runs").mkdir()

        store.start_run("r-1", "2026-11-26T00:00:00Z", {})

        assert RunState.RUNNING == store.find_run("r-1").state
