"""The tests' own provider does what its scripts say."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from provider import Provider


def post(url, path, body):
    request = urllib.request.Request(
        url.removesuffix("/v1") + path, json.dumps(body).encode(), {"authorization": "Bearer k"}
    )
    with urllib.request.urlopen(request, timeout=5) as response:
        return json.load(response)


def say(provider, text, **more):
    return post(
        provider.url, "/v1/chat/completions", {"model": "m", "messages": [{"role": "user", "content": text}], **more}
    )


def test_answers_follow_the_rules_and_are_counted():
    with Provider(answers=[["weather", "rain"]]) as provider:
        said = [
            say(provider, text)["choices"][0]["message"]["content"]
            for text in ("hi", "ANSWER=a ANSWER=b", "B64=w7w=", "the weather", "FLIP")
        ]
        say(provider, "hi")
        stats = provider.stats()

    assert said[:4] == ["echo: hi", "b", "ü", "rain"]
    assert said[4] in {"yes", "no"}
    assert (stats["calls"], stats["distinct"], stats["dup"], stats["ok"], stats["peak"]) == (6, 5, 1, 6, 1)
    assert stats["by_model"] == {"m": 6}
    assert stats["keys"] == {"Bearer k": 6}
    assert stats["last_body"]["messages"] == [{"role": "user", "content": "hi"}]


def test_a_status_can_be_set_for_some_calls_alone():
    with Provider() as provider:
        provider.config(status=503, where="bad")
        assert say(provider, "good")["choices"]
        with pytest.raises(urllib.error.HTTPError) as caught:
            say(provider, "bad")
        caught.value.close()

    assert caught.value.code == 503


def test_a_misspelt_setting_is_an_error():
    with pytest.raises(ValueError, match="latencyms"):
        Provider().config(latencyms=3)


def test_it_runs_as_a_script():
    script = Path(__file__).parent / "provider.py"
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = f"http://127.0.0.1:{process.stdout.readline().split()[1]}/v1"
        config = post(url, "/config", {"latency_ms": 1, "seed": 3})
        answer = post(url, "/v1/chat/completions", {"model": "m", "messages": []})
        with urllib.request.urlopen(url.removesuffix("/v1") + "/stats", timeout=5) as response:
            stats = json.load(response)
        process.terminate()

    assert config["latency_ms"] == 1
    assert answer["choices"][0]["message"]["content"] == "echo: "
    assert stats["calls"] == 1
