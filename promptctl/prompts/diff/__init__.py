"""What changed between two prompts: structure, words, values."""

from promptctl.prompts.diff.comparison import diff
from promptctl.prompts.diff.counting import with_costs, with_lost_tokens, with_model, with_tokens
from promptctl.prompts.diff.fields import Mismatch
from promptctl.prompts.diff.json import from_json, to_json
from promptctl.prompts.diff.messages import MessageDiff, MessageOp
from promptctl.prompts.diff.patch import patch
from promptctl.prompts.diff.prompt_diff import (
    Change,
    CostDiff,
    KnownModel,
    PartialDiff,
    PromptDiff,
    Renamed,
    ResolvedDiff,
    TokensDiff,
    VariablesDiff,
)
from promptctl.prompts.diff.spoken import Said, response_said, said, tool_said
from promptctl.prompts.diff.text import text_diff
from promptctl.prompts.diff.values import ABSENT, ValueDiff
from promptctl.prompts.diff.words import Fold, Op, Segment, word_diff

__all__ = [
    "ABSENT",
    "Change",
    "CostDiff",
    "Fold",
    "KnownModel",
    "MessageDiff",
    "MessageOp",
    "Mismatch",
    "Op",
    "PartialDiff",
    "PromptDiff",
    "Renamed",
    "ResolvedDiff",
    "Said",
    "Segment",
    "TokensDiff",
    "ValueDiff",
    "VariablesDiff",
    "diff",
    "from_json",
    "patch",
    "response_said",
    "said",
    "text_diff",
    "to_json",
    "tool_said",
    "with_costs",
    "with_lost_tokens",
    "with_model",
    "with_tokens",
    "word_diff",
]
