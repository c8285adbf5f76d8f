"""A plain text file -> Prompt of one user message."""

from promptctl.documents import decode, printable
from promptctl.errors import InvalidPrompt, Problem
from promptctl.prompts.analysis import TemplateProblem, analyse
from promptctl.prompts.partials import Include, Partials
from promptctl.prompts.prompt import Message, Prompt


def read(name: str, path: str, data: bytes, include: Include) -> Prompt:
    """The prompt. What does not parse as a template is taken literally, with a warning."""
    return plain(name, path, decode(data, path), include)


def plain(name: str, path: str, text: str, include: Include) -> Prompt:
    """A text without front matter as one user message."""
    if not text.strip():
        raise InvalidPrompt(Problem(path, "is empty.", hint="Write the prompt's text into it."))
    messages = (Message("user", text, line=1),)
    try:
        template = analyse(text)
    except TemplateProblem as error:
        reason = printable(error.message, limit=200).rstrip(".")
        warning = f"line {error.line} is no template ({reason}); the text is taken literally"
        return Prompt(name, path, messages, literal=True, format="text", warnings=(warning,))
    partials = Partials(path, include)
    partials.follow(template, lambda line: line)
    if partials.problems:
        raise InvalidPrompt(partials.problems)
    return Prompt(name, path, messages, partials=partials.found, format="text")
