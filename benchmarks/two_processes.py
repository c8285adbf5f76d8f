"""Two replays at once on one store, 1,000 calls each, half of them shared: no lost row, nobody is locked out."""

import json
import subprocess
import time

from workbench import Provider, environment, inputs, prompt_text, promptctl, repository, row, timed

COUNT, SHARED = 500, 250  # inputs of each prompt; both sides are asked


def main() -> None:
    lines = inputs(COUNT + SHARED).splitlines(keepends=True)
    files = {f"prompts/{name}.yaml": prompt_text() for name in "pq"}
    files["prompts/p.inputs.jsonl"] = "".join(lines[:COUNT])
    files["prompts/q.inputs.jsonl"] = "".join(lines[SHARED:])
    with Provider(latency_ms=20) as provider, repository(provider.url, files) as root:
        for name in "pq":
            (root / f"prompts/{name}.yaml").write_text(prompt_text(" Be brief."), encoding="utf-8")
        started = time.perf_counter()
        running = [
            subprocess.Popen(
                promptctl("replay", "-p", name, "--format", "json"),
                cwd=root,
                env=environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for name in "pq"
        ]
        done = [process.communicate() for process in running]
        took = time.perf_counter() - started
        reports = [json.loads(out) for out, _ in done]
        _, stats = timed(promptctl("cache", "stats", "--format", "json"), root)
        kept = json.loads(stats.stdout)
        before = provider.stats()["calls"]
        again = [timed(promptctl("replay", "-p", name, "--format", "json", "--offline"), root)[1] for name in "pq"]
        known = sum(json.loads(one.stdout)["totals"]["from_cache"] for one in again)
        locked = sum(err.count("locked") for _, err in done)
    row("", "seconds", "asked", "calls said", "rows", "distinct", "known after", "errors", "locked")
    errors = sum(prompt["counts"]["error"] for report in reports for prompt in report["prompts"])
    said = sum(report["totals"]["calls"] for report in reports)
    row(
        "two replays of 1,000 calls",
        f"{took:.1f}",
        before,
        said,
        kept["answers"],
        kept["distinct"],
        known,
        errors,
        locked,
    )


if __name__ == "__main__":
    main()
