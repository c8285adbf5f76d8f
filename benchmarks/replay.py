"""1,000 inputs on both sides, 100 ms a call, 64 in flight: whole processes, cold and warm, beside a LiteLLM loop."""

import sys

from workbench import Provider, inputs, peak_mib, prompt_text, promptctl, repository, row, timed

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
    files = {"prompts/p.yaml": prompt_text(), "prompts/p.inputs.jsonl": inputs(COUNT)}
    with Provider() as provider, repository(provider.url, files) as root:
        provider.config(latency_ms=LATENCY)
        (root / "prompts/p.yaml").write_text(prompt_text(" Be brief."), encoding="utf-8")
        row("", "seconds", "calls", "peak MiB")
        row("ideal", f"{2 * COUNT * LATENCY / IN_FLIGHT / 1000:.1f}", 2 * COUNT)
        command = promptctl("replay", "--concurrency", str(IN_FLIGHT))
        for name in ("promptctl replay, cold", "promptctl replay, warm"):
            before = provider.stats()["calls"]
            took, done = timed(command, root)
            row(name, f"{took:.2f}", provider.stats()["calls"] - before, f"{peak_mib():.0f}")
            if done.returncode:
                print(done.stdout, done.stderr)
        before = provider.stats()["calls"]
        loop = LOOP.format(in_flight=IN_FLIGHT, base=provider.url, count=2 * COUNT)
        took, done = timed([sys.executable, "-c", loop], root)
        row("a bare LiteLLM loop of as many calls", f"{took:.2f}", provider.stats()["calls"] - before)


if __name__ == "__main__":
    main()
