"""1,000 inputs on both sides, 100 ms a call, 64 in flight: whole processes, cold and warm, beside a LiteLLM loop."""

import sys
import time
from pathlib import Path

from workbench import Provider, environment, inputs, peak_of, prompt_text, promptctl, repository, row

COUNT, LATENCY, IN_FLIGHT = 1000, 100, 64

LOOP = """
import asyncio, os, sys
os.environ.update(LITELLM_LOCAL_MODEL_COST_MAP="True", LITELLM_MODE="PRODUCTION")
import litellm
gate = asyncio.Semaphore({in_flight})
async def ask(n):
    async with gate:
        await litellm.acompletion(model="openai/fake", api_base="{base}", api_key="none", max_retries=0,
            messages=[{{"role": "user", "content": f"loop {{n}} ANSWER=billing"}}])
async def main():
    await asyncio.gather(*(ask(n) for n in range({count})))
asyncio.run(main())
"""


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with Provider() as provider:
        provider.config(latency_ms=LATENCY)
        row(f"{count:,} inputs x 2, {LATENCY} ms, {IN_FLIGHT} in flight", "seconds", "calls", "MiB a process")
        row("ideal", f"{2 * count * LATENCY / IN_FLIGHT / 1000:.1f}", 2 * count)
        loop = LOOP.format(in_flight=IN_FLIGHT, base=provider.url, count=2 * count)
        bare = measure(provider, "a bare LiteLLM loop", [sys.executable, "-c", loop], Path.cwd())
        for workers in ("1", "2"):
            files = {"prompts/p.yaml": prompt_text(), "prompts/p.inputs.jsonl": inputs(count)}
            with repository(provider.url, files) as root:
                (root / "prompts/p.yaml").write_text(prompt_text(" Be brief."), encoding="utf-8")
                command = promptctl("replay", "--concurrency", str(IN_FLIGHT), "--workers", workers)
                cold = measure(provider, f"promptctl replay --workers {workers}, cold", command, root)
                row("", f"{cold / bare:.2f} x bare")
                measure(provider, "the same again, warm", command, root)


def measure(provider: Provider, name: str, command: list[str], root: Path) -> float:
    before = provider.stats()["calls"]
    started = time.perf_counter()
    code, peak = peak_of(command, root, environment())
    took = time.perf_counter() - started
    row(name, f"{took:.2f}", provider.stats()["calls"] - before, f"{peak:.0f}", *([f"exit {code}"] if code else []))
    return took


if __name__ == "__main__":
    main()
