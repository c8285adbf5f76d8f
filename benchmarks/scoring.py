"""How many answers a second one core scores, by type: python benchmarks/scoring.py

The figures of docs/assertions.md. Every type judges the same answer of 120 words, but for those that want another kind
of text; the first scoring, which imports what the type needs, is timed apart.
"""

import sys
import time

from promptctl.models.call import Call, Reply, Usage
from promptctl.scoring.code import CodeRunner
from promptctl.scoring.combine import score
from promptctl.scoring.registry import parse_all
from promptctl.scoring.result import Context

SECONDS = 0.5
TEXT = "The parcel left our warehouse on Monday and should reach you within three working days. " * 8
SCHEMA = {"type": "object", "properties": {"team": {"enum": ["billing", "sales"]}}, "required": ["team"]}
TOOLS = ({"type": "function", "function": {"name": "route", "parameters": SCHEMA}},)
CALLED = ({"id": "1", "type": "function", "function": {"name": "route", "arguments": '{"team": "sales"}'}},)
JSON = '{"team": "billing", "reasons": ["a", "b"]}'

CASES = {
    "equals": ({"value": "{{ expected }}"}, "billing"),
    "contains": ({"value": "warehouse"}, TEXT),
    "icontains-any": ({"value": ["refund", "warehouse"]}, TEXT),
    "regex": ({"value": r"within \w+ working days"}, TEXT),
    "word-count": ({"value": {"max": 200}}, TEXT),
    "is-json": ({}, JSON),
    "is-json with a schema": ({"value": SCHEMA}, JSON),
    "contains-json": ({}, f"Here it is: {JSON} as asked."),
    "json-path": ({"value": {"path": "$.team", "equals": "billing"}}, JSON),
    "is-xml": ({"value": ["a.b"]}, "<a><b>1</b></a>"),
    "contains-xml": ({}, f"{TEXT} <a><b>1</b></a>"),
    "is-html": ({}, f"<p>{TEXT}</p>"),
    "contains-html": ({}, f"<p>{TEXT}</p>"),
    "is-sql": ({}, "SELECT id, name FROM users WHERE id IN (1, 2) ORDER BY name"),
    "levenshtein": ({"value": TEXT}, TEXT.replace("three", "two")),
    "rouge-n": ({"value": TEXT}, TEXT),
    "bleu": ({"value": TEXT}, TEXT),
    "gleu": ({"value": TEXT}, TEXT),
    "meteor": ({"value": TEXT[:180]}, TEXT[:170]),
    "is-refusal": ({}, TEXT),
    "no-secrets": ({}, TEXT),
    "no-pii": ({}, TEXT),
    "language": ({"value": "en"}, TEXT),
    "is-valid-openai-tools-call": ({}, ""),
    "tool-call-f1": ({"value": ["route"]}, ""),
    "output-tokens": ({"threshold": 100}, TEXT),
    "python": ({"value": "len(output) > 3"}, TEXT),
}


def measured(name: str, spec: dict, text: str, code: CodeRunner) -> tuple[float, float]:
    """The first scoring in ms, and scorings a second."""
    found = parse_all([{"type": name.partition(" ")[0], **spec}], "bench")
    calls = CALLED if "tool" in name else ()
    context = Context(Reply(text, Usage(output=9), tool_calls=calls), {}, "billing", Call("m", (), tools=TOOLS))
    started = time.perf_counter()
    first = score(found, context, code=code)
    if first.error:
        sys.exit(f"{name}: {first.error}")
    warm, count = time.perf_counter(), 0
    while time.perf_counter() - warm < SECONDS:
        score(found, context, code=code)
        count += 1
    return (warm - started) * 1000, count / (time.perf_counter() - warm)


def main() -> None:
    """One line a type."""
    wanted = sys.argv[1:] or list(CASES)
    print("| type | scorings a second | first one |\n|---|---|---|")
    with CodeRunner() as code:
        for name in wanted:
            first, rate = measured(name, *CASES[name], code)
            print(f"| `{name}` | {rate:,.0f} | {first:,.1f} ms |")


if __name__ == "__main__":
    main()
