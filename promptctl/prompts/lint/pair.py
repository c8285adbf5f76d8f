"""Two sentences that do not go together."""

from dataclasses import dataclass

from promptctl.prompts.lint.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Pair:
    """`message` may name `{first}`, `{second}` and `{line}`, the first one's; braces of its own are doubled."""

    first: Sentence
    second: Sentence
    message: str
    hint: str
