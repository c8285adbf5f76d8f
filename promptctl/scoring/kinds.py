"""Every type of assertion, and the types of other tools that promptctl has not."""

from collections.abc import Mapping

from promptctl.scoring import (
    html,
    language,
    leaks,
    markup,
    meteor,
    overlap,
    refusal,
    similarity,
    skills,
    sql,
    structured,
    text,
    tool_calls,
    usage,
    values,
)
from promptctl.scoring.assertion import OPTIONAL_SHARE, Kind, Need
from promptctl.scoring.judge.kinds import JUDGED
from promptctl.scoring.script import script, webhook

TEXT, TEXT_OR_NUMBER, TEXT_OR_LIST = (str,), (str, int, float), (str, list)

KINDS: Mapping[str, Kind] = {
    "equals": Kind(structured.expectation, structured.equals),
    "contains": Kind(text.needle, text.contains(fold=False), given=TEXT_OR_NUMBER),
    "icontains": Kind(text.needle, text.contains(fold=True), given=TEXT_OR_NUMBER),
    "contains-any": Kind(text.needles, text.contains_any(fold=False), given=TEXT_OR_LIST),
    "icontains-any": Kind(text.needles, text.contains_any(fold=True), given=TEXT_OR_LIST),
    "contains-all": Kind(text.needles, text.contains_all(fold=False), given=TEXT_OR_LIST),
    "icontains-all": Kind(text.needles, text.contains_all(fold=True), given=TEXT_OR_LIST),
    "starts-with": Kind(text.needle, text.starts_with, given=TEXT),
    "ends-with": Kind(text.needle, text.ends_with, given=TEXT),
    "regex": Kind(text.pattern, text.matches),
    "word-count": Kind(text.word_range, text.word_count),
    "is-json": Kind(structured.optional_schema, structured.is_json, value=Need.OPTIONAL),
    "contains-json": Kind(structured.optional_schema, structured.contains_json, value=Need.OPTIONAL),
    "json-path": Kind(values.wanted, values.json_path),
    "schema": Kind(values.schema_file, values.fits_schema, file=True),
    "is-xml": Kind(markup.required, markup.is_xml, Need.OPTIONAL),
    "contains-xml": Kind(markup.required, markup.contains_xml, Need.OPTIONAL),
    "is-html": Kind(usage.nothing, html.is_html, Need.NONE),
    "contains-html": Kind(usage.nothing, html.contains_html, Need.NONE),
    "is-sql": Kind(sql.rules, sql.is_sql, Need.OPTIONAL),
    "contains-sql": Kind(sql.rules, sql.contains_sql, Need.OPTIONAL),
    "levenshtein": Kind(similarity.reference, similarity.levenshtein, threshold=Need.OPTIONAL),
    "bleu": Kind(overlap.references, overlap.overlap("BLEU", overlap.bleu, 0.5), given=TEXT_OR_LIST, **OPTIONAL_SHARE),
    "gleu": Kind(overlap.references, overlap.overlap("GLEU", overlap.gleu, 0.5), given=TEXT_OR_LIST, **OPTIONAL_SHARE),
    "rouge-n": Kind(
        overlap.one_reference, overlap.overlap("ROUGE-1", overlap.rouge_n, 0.75), given=TEXT, **OPTIONAL_SHARE
    ),
    "meteor": Kind(overlap.references, meteor.meteor, given=TEXT_OR_LIST, **OPTIONAL_SHARE),
    "is-refusal": Kind(usage.nothing, refusal.is_refusal, Need.NONE, opposite=refusal.is_no_refusal),
    "tool-call-f1": Kind(
        tool_calls.tool_names, tool_calls.tool_call_f1, opposite=tool_calls.not_tool_call_f1, **OPTIONAL_SHARE
    ),
    "is-valid-function-call": Kind(usage.nothing, tool_calls.is_valid_function_call, Need.NONE),
    "is-valid-openai-function-call": Kind(usage.nothing, tool_calls.is_valid_function_call, Need.NONE),
    "is-valid-openai-tools-call": Kind(usage.nothing, tool_calls.is_valid_tools_call, Need.NONE),
    "no-secrets": Kind(usage.nothing, leaks.no_secrets, Need.NONE),
    "no-pii": Kind(usage.nothing, leaks.no_pii, Need.NONE),
    "language": Kind(language.code, language.language, **OPTIONAL_SHARE),
    "skill-used": Kind(skills.skills, skills.skill_used, opposite=skills.skill_not_used, reads=False),
    "finish-reason": Kind(usage.reason, usage.finish_reason, reads=False),
    "guardrails": Kind(usage.nothing, usage.guardrails, Need.NONE, reads=False),
    "perplexity": Kind(
        usage.nothing, usage.perplexity, Need.NONE, Need.OPTIONAL, opposite=usage.not_perplexity, reads=False
    ),
    "perplexity-score": Kind(
        usage.nothing,
        usage.perplexity_score,
        Need.NONE,
        opposite=usage.not_perplexity_score,
        reads=False,
        **OPTIONAL_SHARE,
    ),
    "output-tokens": Kind(usage.nothing, usage.output_tokens, Need.NONE, Need.REQUIRED, unit="tokens", reads=False),
    "reasoning-tokens": Kind(
        usage.nothing, usage.reasoning_tokens, Need.NONE, Need.REQUIRED, unit="tokens", reads=False
    ),
    "cost": Kind(usage.nothing, usage.cost, Need.NONE, Need.REQUIRED, unit="US dollars", reads=False),
    "latency": Kind(usage.nothing, usage.latency, Need.NONE, Need.REQUIRED, unit="milliseconds", reads=False),
    "python": Kind(script, None, threshold=Need.OPTIONAL, code=True, options=("config",)),
    "webhook": Kind(webhook, None, threshold=Need.OPTIONAL, code=True),
    "assert-set": Kind(usage.nothing, None, Need.NONE, members=True, reads=False, **OPTIONAL_SHARE),
    **JUDGED,
}

# Types that promptfoo has: what to write instead.
OTHER_LANGUAGES: Mapping[str, str] = {
    "javascript": "Write it as 'python', or with contains, regex or is-json.",
    "ruby": "Write it as 'python', or with contains, regex or is-json.",
}
NOT_YET = frozenset(
    {
        "agent-rubric",
        "conversation-relevance",
        "pi",
        "search-rubric",
        "trace-error-spans",
        "trace-span-count",
        "trace-span-duration",
    }
)
