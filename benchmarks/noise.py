"""A suite that flips coins and that nobody changed: how often does `promptctl replay HEAD HEAD` say regressed?

python benchmarks/noise.py [RUNS]      200 by default; 50 cases, fresh answers in every run

The command line runs in this one process, so that LiteLLM is imported once.
"""

import contextlib
import io
import json
import os
import sys
from collections import Counter

from workbench import Provider, environment, inputs, prompt_text, repository, row

from promptctl.cli import run

ARGS = ["replay", "HEAD", "HEAD", "--fresh", "--format", "json", "--quiet", "--concurrency", "32"]


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    files = {"prompts/p.yaml": prompt_text(), "prompts/p.inputs.jsonl": inputs(50, "FLIP", "yes")}
    verdicts: Counter[str] = Counter()
    calls = 0
    with Provider() as provider, repository(provider.url, files) as root:
        os.environ.update(environment())
        os.chdir(root)
        for _ in range(runs):
            with contextlib.redirect_stdout(io.StringIO()) as out:
                run(ARGS)
            report = json.loads(out.getvalue())
            verdicts[report["verdict"]] += 1
            calls += report["totals"]["calls"]
        os.chdir("/")
    row("runs", runs)
    row("calls a run", f"{calls / runs:.0f}")
    for verdict, count in sorted(verdicts.items()):
        row(verdict, count, f"{count / runs:.1%}")


if __name__ == "__main__":
    main()
