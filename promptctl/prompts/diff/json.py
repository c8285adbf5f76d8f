"""PromptDiff -> JSON."""

from typing import Any

from promptctl.prompts.diff import messages, values, words
from promptctl.prompts.diff.comparison import PromptDiff


def to_json(diff: PromptDiff) -> dict[str, Any]:
    """One entry of `prompts` in promptctl.diff/1."""
    tokens = diff.tokens
    return {
        "prompt": diff.name,
        "old_name": diff.old_name,
        "old_path": diff.old_path,
        "change": diff.change.value,
        "messages": messages.to_json(diff.messages),
        "partials": [
            {
                "path": partial.path,
                "op": partial.op,
                "old_text": partial.old_text,
                "new_text": partial.new_text,
                "segments": words.to_json(partial.segments),
            }
            for partial in diff.partials
        ],
        "params": values.to_json(diff.params),
        "variables": {"added": list(diff.variables.added), "removed": list(diff.variables.removed)},
        "tools": values.to_json(diff.tools),
        "response_format": values.to_json(diff.schema),
        "assertions": values.to_json(diff.assertions),
        "other": values.to_json(diff.other),
        "tokens": None if tokens is None else {"old": tokens.old, "new": tokens.new, "approximate": tokens.approximate},
        "warnings": list(diff.warnings),
    }
