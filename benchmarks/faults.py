"""2,000 calls against a provider that fails one in five: every answer right, every retry counted, whole processes.

10% 429, 5% 500, 2% dropped, 1% garbage, 1% hanging; Retry-After as a fraction of a second, as a date and not at all.
"""

import json
import sys
import time
from email.utils import formatdate

from workbench import Provider, inputs, prompt_text, promptctl, repository, row, timed

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 1000  # inputs; both sides are asked
FAULTS = {"fail_429": 0.1, "fail_500": 0.05, "drop": 0.02, "garbage": 0.01, "hang": 0.01}
SETTINGS = "replay: {retries: 8, timeout: 3, concurrency: 16}\n"


def main() -> None:
    files = {"prompts/p.yaml": prompt_text(), "prompts/p.inputs.jsonl": inputs(COUNT)}
    row("Retry-After", "seconds", "answers", "errors", "asked", "calls said", "faults", "verdict")
    for name in ("a fraction", "a date", "none"):
        with Provider() as provider, repository(provider.url, files) as root:
            after = {"a fraction": "0.2", "a date": formatdate(time.time() + 2, usegmt=True), "none": None}[name]
            provider.config(**FAULTS, retry_after=after, latency_ms=20, seed=len(name))
            settings = root / ".promptctl.yaml"
            settings.write_text(settings.read_text() + SETTINGS, encoding="utf-8")
            (root / "prompts/p.yaml").write_text(prompt_text(" Be brief."), encoding="utf-8")
            took, done = timed(promptctl("replay", "--format", "json", "--quiet"), root)
            if not done.stdout:
                sys.exit(done.stderr)
            report, stats = json.loads(done.stdout), provider.stats()
            (prompt,) = report["prompts"]
            right = sum(
                case[side]["output"] == "billing" and case["status"] == "pass"
                for case in prompt["cases"]
                for side in ("old", "new")
            )
            counts = prompt["counts"]
            calls = report["totals"]["calls"]
            row(name, f"{took:.1f}", right, counts["error"], stats["calls"], calls, stats["faults"], report["verdict"])


if __name__ == "__main__":
    main()
