"""What a reader of a diff should be warned of."""

import re
from collections.abc import Sequence

from promptctl.prompts.diff.messages import MessageDiff, MessageOp, text_of
from promptctl.prompts.prompt import LITERAL, Prompt

_DYNAMIC = re.compile(r"\{\{|\{%(?!-?\s*(?:include|raw|endraw)\b)")
_WORTH = 40  # characters of lost prefix that are worth a word


def notes(old: Prompt | None, new: Prompt | None, messages: Sequence[MessageDiff]) -> tuple[str, ...]:
    """The warnings, most serious first."""
    found: list[str] = []
    if new is not None:
        found.extend(new.warnings)
        if new.model is None:
            found.append("no model: set 'model' in the prompt or in .promptctl.yaml")
    if old is not None and new is not None:
        found.extend(_whitespace(messages))
        found.extend(_prefix(old, new))
    return tuple(found)


def _whitespace(messages: Sequence[MessageDiff]) -> list[str]:
    """Changed messages whose words and roles did not change."""
    changed = [message for message in messages if message.op is MessageOp.CHANGED]
    blank = [
        message
        for message in changed
        if message.old_role == message.new_role
        and message.old_text != message.new_text
        and (message.old_text or "").split() == (message.new_text or "").split()
    ]
    where = ", ".join(f"{(message.new_index or 0) + 1} ({message.new_role})" for message in blank)
    return [f"only whitespace changed in message {where}"] if blank else []


def _prefix(old: Prompt, new: Prompt) -> list[str]:
    """Providers cache the common beginning of requests: text behind a variable is outside it."""
    before, after = _static_prefix(old), _static_prefix(new)
    kept = _static_length(new) >= before - _WORTH
    if after <= before - _WORTH and kept:
        return [f"a variable stands ahead of {before - after} characters that the provider's prefix cache held before"]
    return []


def _static_prefix(prompt: Prompt) -> int:
    length = 0
    for message in prompt.messages:
        text = text_of(message)
        dynamic = None if prompt.language == LITERAL else _DYNAMIC.search(text)
        if dynamic is not None:
            return length + dynamic.start()
        length += len(text)
    return length


def _static_length(prompt: Prompt) -> int:
    return sum(
        len(re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text_of(message), flags=re.DOTALL)) for message in prompt.messages
    )
