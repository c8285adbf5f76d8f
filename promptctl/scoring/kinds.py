"""Every type of assertion, and the types of other tools that promptctl has not."""

from collections.abc import Mapping

from promptctl.scoring import similarity, structured, text, usage
from promptctl.scoring.assertion import Kind, Need
from promptctl.scoring.judge.kinds import JUDGED
from promptctl.scoring.script import script

KINDS: Mapping[str, Kind] = {
    "equals": Kind(structured.expectation, structured.equals),
    "contains": Kind(text.needle, text.contains(fold=False)),
    "icontains": Kind(text.needle, text.contains(fold=True)),
    "contains-any": Kind(text.needles, text.contains_any(fold=False)),
    "icontains-any": Kind(text.needles, text.contains_any(fold=True)),
    "contains-all": Kind(text.needles, text.contains_all(fold=False)),
    "icontains-all": Kind(text.needles, text.contains_all(fold=True)),
    "starts-with": Kind(text.needle, text.starts_with),
    "ends-with": Kind(text.needle, text.ends_with),
    "regex": Kind(text.pattern, text.matches),
    "word-count": Kind(text.word_range, text.word_count),
    "is-json": Kind(structured.optional_schema, structured.is_json, value=Need.OPTIONAL),
    "contains-json": Kind(structured.optional_schema, structured.contains_json, value=Need.OPTIONAL),
    "levenshtein": Kind(similarity.reference, similarity.levenshtein, threshold=Need.OPTIONAL),
    "cost": Kind(usage.nothing, usage.cost, Need.NONE, Need.REQUIRED, unit="US dollars", reads=False),
    "latency": Kind(usage.nothing, usage.latency, Need.NONE, Need.REQUIRED, unit="milliseconds", reads=False),
    "python": Kind(script, None, threshold=Need.OPTIONAL, code=True, options=("config",)),
    "assert-set": Kind(usage.nothing, None, Need.NONE, Need.OPTIONAL, members=True, reads=False),
    **JUDGED,
}

# Types that promptfoo has: what to write instead.
OTHER_LANGUAGES: Mapping[str, str] = {
    "javascript": "Write it as 'python', or with contains, regex or is-json.",
    "ruby": "Write it as 'python', or with contains, regex or is-json.",
    "webhook": "Write it as 'python': an assertion calls no server.",
}
NOT_YET = frozenset(
    {
        "agent-rubric",
        "bleu",
        "contains-html",
        "contains-sql",
        "contains-xml",
        "conversation-relevance",
        "finish-reason",
        "gleu",
        "guardrails",
        "is-html",
        "is-refusal",
        "is-sql",
        "is-valid-function-call",
        "is-valid-openai-function-call",
        "is-valid-openai-tools-call",
        "is-xml",
        "meteor",
        "perplexity",
        "perplexity-score",
        "pi",
        "rouge-n",
        "search-rubric",
        "skill-used",
        "tool-call-f1",
        "trace-error-spans",
        "trace-span-count",
        "trace-span-duration",
    }
)
