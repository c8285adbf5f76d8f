"""900 commits of real prompts: every version of every file is read, and compared with itself is equal."""

import subprocess
from pathlib import Path

import pytest

from promptctl.errors import InvalidPrompt
from promptctl.prompts.diff import diff
from promptctl.prompts.formats import PromptText, read_prompt

BUNDLE = Path(__file__).parents[3] / "shared/real/fabric-prompts.bundle"


@pytest.mark.skipif(not BUNDLE.is_file(), reason="the bundle of real prompts is not there (../shared)")
def test_every_file_of_every_commit(tmp_path):
    def git(*arguments: str, given: bytes | None = None) -> bytes:
        return subprocess.run(["git", *arguments], cwd=tmp_path, input=given, capture_output=True, check=True).stdout

    git("clone", "-q", "--bare", str(BUNDLE), "real.git")
    raw = git("-C", "real.git", "log", "--raw", "--no-abbrev", "--no-renames", "--format=", "-m", "--all").decode()
    blobs = {
        fields[3]: path
        for fields, path in ((line.split("\t")[0].split(), line.split("\t")[1]) for line in raw.splitlines() if line)
        if path.endswith(("system.md", "user.md")) and set(fields[3]) != {"0"}
    }
    out = git("-C", "real.git", "cat-file", "--batch", given="\n".join(blobs).encode() + b"\n")
    refused: list[tuple[bytes, str]] = []
    read = place = 0
    for path in blobs.values():
        header, _, _ = out[place : place + 200].partition(b"\n")
        size = int(header.split()[2])
        start = place + len(header) + 1
        data, place = out[start : start + size], start + size + 1
        file = PromptText(path.split("/")[-2], path, data)
        try:
            prompt = read_prompt(file, "fabric" if path.endswith("system.md") else None)
        except InvalidPrompt as error:
            refused.append((data, str(error)))
            continue
        read += 1
        assert not diff(prompt, prompt).has_content

    assert read > 500
    assert [] == [error for data, error in refused if data.strip()], "only what is empty is refused"
