"""A limit of $0.01 against calls of unknown length, 50 runs of the command: what each really spent, by the provider.

The answers have random lengths up to the limit that is sent; the provider bills them also where they are lost.
"""

import json
import random
import sys

from workbench import Provider, prompt_text, promptctl, repository, row, timed

RUNS, LIMIT = 50, 0.01
PRICE = "prices: {openai/fake: {input_per_million: 0.5, output_per_million: 1}}\n"


def ticket(number: int, chance: random.Random) -> str:
    words = " ".join("word" for _ in range(chance.randint(1, 400)))
    line = {"id": f"c-{number:03}", "vars": {"ticket": f"{number} {words} LONG"}, "expected": "x"}
    return json.dumps(line) + "\n"


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    worst, spent, exceeded, asked, left = 0.0, 0.0, 0, 0, 0
    for seed in range(runs):
        chance = random.Random(seed)
        files = {
            "prompts/p.yaml": prompt_text(),
            "prompts/p.inputs.jsonl": "".join(ticket(n, chance) for n in range(200)),
        }
        with Provider() as provider, repository(provider.url, files) as root:
            provider.config(seed=seed + 1, fail_500=0.05, drop=0.05, long=1_000, latency_ms=5)
            settings = root / ".promptctl.yaml"
            settings.write_text(settings.read_text() + PRICE, encoding="utf-8")
            (root / "prompts/p.yaml").write_text(prompt_text(" Be brief."), encoding="utf-8")
            flags = ("--max-cost", str(LIMIT), "--no-confirm", "--format", "json", "--quiet")
            _, done = timed(promptctl("replay", *flags), root)
            if not done.stdout:
                sys.exit(done.stderr)
            stats = provider.stats()
            billed = stats["input_tokens"] * 0.5 / 1e6 + stats["output_tokens"] / 1e6
            worst, spent, exceeded = max(worst, billed), spent + billed, exceeded + (billed > LIMIT)
            asked += stats["calls"]
            left += json.loads(done.stdout)["prompts"][0]["counts"]["error"]
    row("runs", "limit", "exceeded", "most billed", "mean billed", "calls", "cases left out")
    row(str(runs), f"${LIMIT}", exceeded, f"${worst:.6f}", f"${spent / runs:.6f}", asked, left)


if __name__ == "__main__":
    main()
