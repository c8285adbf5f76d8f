"""A run of 400 calls that is killed (SIGKILL) at 20 random moments and resumed each time, beside an undisturbed one."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench import Provider, environment, inputs, prompt_text, promptctl, repository, row

INPUTS, KILLS, IN_FLIGHT, LATENCY = 200, 20, 8, 150


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    moments = sorted(random.Random(seed).sample(range(1, 2 * INPUTS), kills))
    row(f"{2 * INPUTS} calls, {IN_FLIGHT} in flight", "calls", "at most")
    undisturbed, calls = replayed([])
    row("undisturbed", calls, 2 * INPUTS)
    disturbed, calls = replayed(moments)
    row(f"killed {kills} times", calls, 2 * INPUTS + kills * IN_FLIGHT)
    row("the reports are equal", str(undisturbed == disturbed))
    for where, one, other in differences(undisturbed, disturbed):
        print(f"  {where}: {one!r} and {other!r}")
    if undisturbed != disturbed or calls > 2 * INPUTS + kills * IN_FLIGHT:
        sys.exit(1)


def replayed(moments: list[int]) -> tuple[Any, int]:
    """A replay that is killed when so many answers were given -> its report in the end, and the calls it took."""
    answers = "".join((inputs(INPUTS // 2), inputs(INPUTS // 2, "ANSWER=other").replace("c-", "d-")))
    files = {"prompts/p.yaml": prompt_text(), "prompts/p.inputs.jsonl": answers}
    with Provider() as provider, repository(provider.url, files) as root:
        provider.config(latency_ms=LATENCY)
        (root / "prompts/p.yaml").write_text(prompt_text(" Be brief."), encoding="utf-8")
        resume: tuple[str, ...] = ()
        for moment in moments:
            running = started(root, resume)
            while provider.stats()["ok"] < moment and running.poll() is None:
                time.sleep(0.005)
            os.kill(running.pid, signal.SIGKILL)
            running.communicate()
            resume = ("--resume",)
        out, _ = started(root, resume).communicate()
        return comparable(json.loads(out)), provider.stats()["calls"]


def differences(one: Any, other: Any, where: str = "report") -> Iterator[tuple[str, Any, Any]]:
    """Where two reports differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            yield from differences(one.get(key), other.get(key), f"{where}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{where}[{place}]")
    elif one != other:
        yield where, one, other


def started(root: Path, resume: tuple[str, ...]) -> "subprocess.Popen[str]":
    command = promptctl("replay", "--format", "json", "--concurrency", str(IN_FLIGHT), *resume)
    return subprocess.Popen(
        command, cwd=root, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def comparable(value: Any) -> Any:
    """A report without what tells one run from another: its id and date, times, and where an answer came from."""
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if isinstance(value, dict):
        own = {"run", "created", "totals", "from", "latency_ms", "commit"}  # the provider's port is in the settings
        return {key: comparable(item) for key, item in value.items() if key not in own}
    return value


if __name__ == "__main__":
    main()
