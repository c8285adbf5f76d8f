"""A suite that flips coins and that nobody changed: how often does `promptctl replay HEAD HEAD` say regressed?

python benchmarks/noise.py [RUNS]      100 by default; 50 cases, fresh answers in every run
"""

import json
import sys
from collections import Counter

from workbench import Provider, inputs, prompt_text, promptctl, repository, row, timed


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    files = {"prompts/p.yaml": prompt_text(), "prompts/p.inputs.jsonl": inputs(50, "FLIP", "yes")}
    verdicts: Counter[str] = Counter()
    calls = 0
    with Provider() as provider, repository(provider.url, files) as root:
        for _ in range(runs):
            _, done = timed(promptctl("replay", "HEAD", "HEAD", "--fresh", "--format", "json", "-q"), root)
            report = json.loads(done.stdout)
            verdicts[report["verdict"]] += 1
            calls += report["totals"]["calls"]
    row("runs", runs)
    row("calls a run", f"{calls / runs:.0f}")
    for verdict, count in sorted(verdicts.items()):
        row(verdict, count, f"{count / runs:.1%}")


if __name__ == "__main__":
    main()
