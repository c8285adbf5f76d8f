"""A cell `__expected` of a CSV file, as promptfoo writes assertions there -> a raw assertion."""

import csv
import re
from typing import Any

# The types that a cell may name. What looks like one and is none is no expected text but a mistake.
TYPES = frozenset(
    [
        "agent-rubric",
        "answer-relevance",
        "bleu",
        "classifier",
        "contains",
        "contains-all",
        "contains-any",
        "contains-html",
        "contains-json",
        "contains-sql",
        "contains-xml",
        "context-faithfulness",
        "context-recall",
        "context-relevance",
        "conversation-relevance",
        "cost",
        "ends-with",
        "equals",
        "factuality",
        "finish-reason",
        "g-eval",
        "gleu",
        "guardrails",
        "icontains",
        "icontains-all",
        "icontains-any",
        "is-html",
        "is-json",
        "is-refusal",
        "is-sql",
        "is-valid-function-call",
        "is-valid-openai-function-call",
        "is-valid-openai-tools-call",
        "is-xml",
        "javascript",
        "json-path",
        "language",
        "latency",
        "levenshtein",
        "llm-rubric",
        "max-score",
        "meteor",
        "model-graded-closedqa",
        "model-graded-factuality",
        "moderation",
        "no-pii",
        "no-secrets",
        "output-tokens",
        "pairwise",
        "perplexity",
        "perplexity-score",
        "pi",
        "python",
        "reasoning-tokens",
        "regex",
        "rouge-n",
        "ruby",
        "schema",
        "search-rubric",
        "select-best",
        "similar",
        "skill-used",
        "starts-with",
        "tool-call-f1",
        "trace-error-spans",
        "trace-span-count",
        "trace-span-duration",
        "webhook",
        "word-count",
    ]
)
_CODE = re.compile(r"(?:javascript|fn|eval):(.*)", re.DOTALL)
_FILE = re.compile(r"file://(.+\.(py|js|ts|cjs|mjs)(?::\w+)?)")
_TYPED = re.compile(
    r"(?P<type>(?:not-)?[A-Za-z][\w-]*)(?P<gap>\s*)(?:\((?P<threshold>\d+(?:\.\d+)?)\))?(?P<rest>:(?P<value>.*))?\s*",
    re.DOTALL,
)
_LISTS = frozenset({"contains-any", "contains-all", "icontains-any", "icontains-all"})
_FLOOR = 0.75  # What promptfoo assumes where a cell gives no threshold.
_FLOORED = frozenset(
    [
        "answer-relevance",
        "classifier",
        "context-faithfulness",
        "context-recall",
        "context-relevance",
        "cost",
        "latency",
        "levenshtein",
        "perplexity",
        "perplexity-score",
        "rouge-n",
    ]
)


def assertion(cell: str) -> dict[str, Any]:
    """The assertion of one cell; a text that names no type is what is expected.

    Unlike promptfoo a threshold is kept wherever it is written, and what looks like a misspelt type stays one, for the
    reader of assertions to refuse.
    """
    text = cell.strip()
    if match := _CODE.fullmatch(text):
        return {"type": "javascript", "value": match[1].strip()}
    if match := _FILE.fullmatch(text):
        return {"type": "python", "value": text} if match[2] == "py" else {"type": "javascript", "value": text}
    if text.startswith("grade:"):
        return {"type": "llm-rubric", "value": text.removeprefix("grade:").strip()}
    match = _TYPED.fullmatch(text)
    if match is None:
        return {"type": "equals", "value": text}
    base = match["type"].removeprefix("not-")
    if base in TYPES and not match["gap"]:
        return _typed(match["type"], base, match["threshold"], match["value"])
    if match["rest"] and _looks_like_a_type(base, match["gap"], match["value"]):
        return {"type": match["type"] + match["gap"], "value": match["value"].strip()}
    return {"type": "equals", "value": text}


def _looks_like_a_type(word: str, gap: str, value: str) -> bool:
    import difflib  # 4 ms: only a cell with a colon in it pays it

    if gap and word.lower() not in TYPES:
        return False
    if "-" in word and not value[:1].isspace():
        return True
    return bool(difflib.get_close_matches(word.lower(), TYPES, 1, cutoff=0.85))


def _typed(kind: str, base: str, threshold: str | None, value: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {"type": kind}
    if value is not None:
        text = value.strip()
        found["value"] = _listed(text) if base in _LISTS else text
    if threshold is not None:
        number = float(threshold)
        found["threshold"] = int(number) if number.is_integer() else number
    elif base in _FLOORED or base == "similar":
        found["threshold"] = 0.8 if base == "similar" else _FLOOR
    return found


def _listed(text: str) -> Any:
    """The items; a text whose quotes are wrong is left for the assertion to refuse."""
    try:
        return next(csv.reader([text], skipinitialspace=True, strict=True), [])
    except csv.Error:
        return text
