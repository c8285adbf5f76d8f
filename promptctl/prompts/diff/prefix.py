"""Two prompts -> how much of the text that a provider's prefix cache held stands behind a variable now."""

from dataclasses import dataclass

from promptctl.prompts.diff.marks import Mark, marks, static
from promptctl.prompts.diff.messages import text_of
from promptctl.prompts.diff.resolved import resolved_messages
from promptctl.prompts.prompt import JINJA, PLACEHOLDER, Message, Prompt

_WORTH = 40  # characters of lost prefix that are worth a word


@dataclass(frozen=True, slots=True)
class Lost:
    """The text behind a variable that stood ahead of all of them; `message` counts from 1."""

    text: str
    message: int


def lost_prefix(old: Prompt, new: Prompt) -> Lost | None:
    """Providers cache the common beginning of requests: text behind a variable is outside it.

    None where no text worth a word was lost, and where the text is gone altogether.
    """
    before, _ = _static_prefix(old)
    after, message = _static_prefix(new)
    if len(after) > len(before) - _WORTH or _static_length(new) < len(before) - _WORTH:
        return None
    return Lost(before[len(after) :], message)


def _messages(prompt: Prompt) -> tuple[Message, ...]:
    return resolved_messages(prompt) or prompt.messages


def _static_prefix(prompt: Prompt) -> tuple[str, int]:
    """The text before the first variable, and the message that the variable stands in."""
    texts: list[str] = []
    for number, message in enumerate(_messages(prompt), 1):
        text = text_of(message)
        start = _first_dynamic(text, prompt.language_of(message), message)
        if start is not None:
            return "".join([*texts, text[:start]]), number
        texts.append(text)
    return "".join(texts), len(texts)


def _first_dynamic(text: str, language: str, message: Message) -> int | None:
    if message.role == PLACEHOLDER:
        return 0
    return next((mark.start for mark in marks(text, language) if not _is_inert(mark, language)), None)


def _is_inert(mark: Mark, language: str) -> bool:
    """Whether a mark gives the same text whatever the values: a comment, raw text, an include."""
    if language != JINJA:
        return mark.text.startswith(("{{!", "{{>"))
    statement = mark.statement
    return mark.text.startswith("{#") or (statement is not None and statement.startswith(("include", "raw", "endraw")))


def _static_length(prompt: Prompt) -> int:
    return sum(len(static(text_of(message), prompt.language_of(message), "")) for message in _messages(prompt))
