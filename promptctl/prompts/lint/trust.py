"""Text from strangers in the system message: PL303."""

import re
from collections.abc import Iterator

from promptctl.documents import printable
from promptctl.prompts.analysis import TemplateProblem, analyse
from promptctl.prompts.lint.facts import Facts
from promptctl.prompts.lint.finding import Finding
from promptctl.prompts.lint.places import Places, use_of
from promptctl.prompts.prompt import LITERAL, Prompt

_ROLES = frozenset({"system", "developer"})
# Names that say: an end user, a document or a page wrote this.
_STRANGERS = re.compile(
    r"(?:user|customer|visitor|client|caller)_?(?:input|message|query|question|prompt|text|request|comment|review|email)"
    r"|(?:search|web|retrieved|scraped)_?(?:results?|pages?|documents?|content)|questions?|query|ticket(?:_text|_body)?"
    r"|e?mail(?:_body|_text)?|message_body|comments?|reviews?|feedback|transcript|chat_?history|documents?|article"
    r"|untrusted\w*",
    re.IGNORECASE,
)


def findings(prompt: Prompt, facts: Facts, places: Places) -> Iterator[Finding]:
    """Variables of the system message that hold what strangers write, by their name or by the stored inputs."""
    prose = facts.inputs.prose if facts.inputs is not None else frozenset()
    seen: set[str] = set()
    for number, part, text in places.texts():
        message = prompt.messages[number]
        language = prompt.language_of(message)
        if message.role not in _ROLES or language == LITERAL:
            continue
        for name in sorted(_names(text, language) - seen):
            why = "its stored values are free text" if name in prose else "its name says that others write it"
            if name not in prose and not _STRANGERS.fullmatch(name):
                continue
            seen.add(name)
            found = use_of(name).search(text)
            start, end = (found.start(1), found.end(1)) if found else (0, 20)
            yield Finding(
                "PL303",
                places.at(number, part, start, end),
                f"variable '{printable(name)}' is placed in the {message.role} message, and {why}.",
                "Move it to a user message: what stands in the system message can give orders.",
            )


def _names(text: str, language: str) -> frozenset[str]:
    try:
        return analyse(text, language).variables
    except TemplateProblem:
        return frozenset()
