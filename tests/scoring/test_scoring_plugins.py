"""Types of assertion from other distributions, and webhooks: their faults are their assertions' errors."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from promptctl.scoring import plugins
from promptctl.scoring.code import CodeRunner
from promptctl.scoring.registry import assertion_problems
from promptctl.scoring.script import has_code

SOURCE = """
import time

def polite(output, value, context):
    print("a plug-in that prints", flush=True)
    return {"pass": value in output, "score": 0.5, "reason": f"asked by {context['vars']['who']}"}

def raises(output, value, context):
    raise RuntimeError("no licence")

def hangs(output, value, context):
    time.sleep(60)

def odd(output, value, context):
    return float("nan")
"""
POINTS = """[promptctl.assertions]
polite = politeness:polite
raises = politeness:raises
hangs = politeness:hangs
odd = politeness:odd
equals = politeness:raises
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A distribution as pip leaves it: a module beside its metadata, in a folder of sys.path."""
    (tmp_path / "politeness.py").write_text(SOURCE, encoding="utf-8")
    metadata = tmp_path / "politeness-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: politeness\nVersion: 1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text(POINTS, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins.installed.cache_clear()
    yield
    plugins.installed.cache_clear()


@pytest.fixture(scope="module")
def runner():
    with CodeRunner(seconds=60) as runner:
        yield runner


@pytest.fixture(scope="module")
def hasty():
    with CodeRunner(seconds=1) as runner:
        yield runner


def test_a_plugin_is_a_type_like_any_other(installed, scored, runner):
    specs = [{"type": "polite", "value": "{{ wanted }}"}, {"type": "not-polite", "value": "x"}]

    found = scored(specs, "please", {"wanted": "please", "who": "jo"}, plugins=runner)

    assert [(True, 0.5, "asked by jo"), (True, 0.5, "asked by jo")] == [
        (result.passed, result.score, result.reason) for result in found.assertions
    ]
    assert "politeness" not in sys.modules  # it runs in the other process alone


@pytest.mark.parametrize(
    ("name", "says"),
    [("raises", "RuntimeError: no licence"), ("odd", "returned nan")],
)
def test_what_a_plugin_does_wrong_is_its_assertions_error(installed, scored, runner, name, says):
    found = scored([{"type": name, "value": "x"}, {"type": "contains", "value": "a"}], "a", plugins=runner)

    assert says in found.assertions[0].error
    assert found.assertions[1].passed


def test_a_plugin_that_hangs_is_stopped(installed, scored, hasty):
    found = scored([{"type": "hangs", "value": "x"}, {"type": "contains", "value": "a"}], "a", plugins=hasty)

    assert "took longer than 1 s" in found.assertions[0].error
    assert found.assertions[1].passed


def test_a_plugin_does_not_replace_a_type_and_is_suggested(installed, scored, runner):
    assert scored([{"type": "equals", "value": "a"}], "a", plugins=runner).passed
    assert "Did you mean 'polite'?" in str(assertion_problems([{"type": "polit"}], "p")[0])


class _Judge(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/slow":
            threading.Event().wait(5)
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "/ok")
            self.end_headers()
            return
        self.send_response(500 if self.path == "/broken" else 200)
        self.end_headers()
        answer = {"pass": asked["output"] == "a", "score": 0.7, "reason": str(asked["context"]["vars"])}
        self.wfile.write(b"prose" if self.path == "/prose" else json.dumps(answer).encode())

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    with HTTPServer(("127.0.0.1", 0), _Judge) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_webhook_is_told_the_output_and_the_variables(judged, runner, server):
    found = judged({"type": "webhook", "value": f"{server}/ok"}, "a", {"x": 1}, code=runner)

    assert (True, 0.7, "{'x': 1}") == (found.passed, found.score, found.reason)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/broken", "HTTP Error 500"),
        ("/prose", "JSONDecodeError"),
        ("/away", "HTTP Error 302"),
    ],
)
def test_a_webhook_that_fails_is_its_assertions_error(judged, runner, server, path, says):
    assert says in judged({"type": "webhook", "value": server + path}, "a", code=runner).error


def test_a_webhook_that_does_not_answer_is_stopped(judged, hasty, server):
    assert "took longer than 1 s" in judged({"type": "webhook", "value": f"{server}/slow"}, "a", code=hasty).error


def test_a_webhook_is_code(judged, server):
    spec = {"type": "webhook", "value": f"{server}/ok"}

    assert has_code([spec])
    assert "--allow-code" in judged(spec, "a").error


@pytest.mark.parametrize("value", ["ftp://a/b", "http://u:p@a/b", "http://{{ host }}/", "a", 3, "http://"])
def test_what_is_no_address_is_refused(value):
    assert assertion_problems([{"type": "webhook", "value": value}], "p")


@pytest.mark.parametrize(
    ("returned", "passed", "score"),
    [
        ('"True"', True, 1.0),
        ('"0.7"', True, 0.7),
        ("""'{"pass": true, "score": 0.4, "reason": "r"}'""", True, 0.4),
        ('{"pass": True, "score": 1, "reason": "r", "namedScores": {"tone": 0.5}}', True, 1.0),
    ],
)
def test_python_may_say_its_verdict_as_text(judged, runner, returned, passed, score):
    found = judged({"type": "python", "value": returned}, "a", code=runner)

    assert (passed, score) == (found.passed, found.score)


def test_a_score_that_code_gave_stays_where_the_assertion_is_negated(judged, runner):
    found = judged({"type": "not-python", "value": "0.2"}, "a", code=runner)

    assert (False, 0.2, False) == (found.passed, found.score, found.graded)
