"""What changed between two prompts: structure, words, values."""

from promptctl.prompts.diff.comparison import (
    Change,
    PartialDiff,
    PromptDiff,
    TokensDiff,
    VariablesDiff,
    diff,
    with_tokens,
)
from promptctl.prompts.diff.json import to_json
from promptctl.prompts.diff.messages import MessageDiff, MessageOp
from promptctl.prompts.diff.values import ABSENT, ValueDiff
from promptctl.prompts.diff.words import Op, Segment, word_diff

__all__ = [
    "ABSENT",
    "Change",
    "MessageDiff",
    "MessageOp",
    "Op",
    "PartialDiff",
    "PromptDiff",
    "Segment",
    "TokensDiff",
    "ValueDiff",
    "VariablesDiff",
    "diff",
    "to_json",
    "with_tokens",
    "word_diff",
]
