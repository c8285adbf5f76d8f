"""Warm replays of 10,000 and of 100,000 inputs on both sides: time and peak memory of whole processes, side by side.

The answers are put into the store beforehand, as a replay of another day would have left them.
"""

import sys
import time
from pathlib import Path

from workbench import environment, inputs, peak_of, prompt_text, promptctl, repository, row

from promptctl.models.call import Call, Reply, Usage
from promptctl.store import open_store

COUNTS = (10_000, 100_000)
FORMATS = ("terminal",)
NOBODY = "http://127.0.0.1:9/v1"


def main() -> None:
    counts = [int(count) for count in sys.argv[1:]] or COUNTS
    row("warm replay, 2 versions", "seconds", "peak MiB", "us a case")
    for count in counts:
        files = {"prompts/p.yaml": prompt_text(), "prompts/p.inputs.jsonl": inputs(count)}
        with repository(NOBODY, files) as root:
            (root / "prompts/p.yaml").write_text(prompt_text(" Be brief."), encoding="utf-8")
            fill(root, count)
            for name in FORMATS:
                started = time.perf_counter()
                code, peak = peak_of(promptctl("replay", "--format", name), root, environment())
                took = time.perf_counter() - started
                row(f"{count:,} inputs, {name}", f"{took:.2f}", f"{peak:.0f}", f"{took / count * 1e6:.0f}")
                if code:
                    print(f"exit code {code}")


def fill(root: Path, count: int) -> None:
    """Every answer of both sides."""
    with open_store("sqlite:///.promptctl/promptctl.db", root) as store:
        for extra in ("", " Be brief."):
            for start in range(0, count, 1_000):
                store.add([(call(n, extra), reply()) for n in range(start, min(start + 1_000, count))])


def call(number: int, extra: str) -> Call:
    system = {"role": "system", "content": f"You route tickets.{extra}"}
    return Call("openai/fake", (system, {"role": "user", "content": f"case {number} ANSWER=billing"}), endpoint=NOBODY)


def reply() -> Reply:
    return Reply("billing", Usage(40, 3), 0.0001, 123.456, "fake", "stop", created=time.time())


if __name__ == "__main__":
    main()
