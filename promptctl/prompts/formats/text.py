"""A plain text file -> Prompt of one user message."""

from pathlib import PurePosixPath

from promptctl.documents import decode, printable
from promptctl.errors import InvalidPrompt, Problem
from promptctl.prompts.analysis import TemplateProblem, analyse
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.partials import Partials
from promptctl.prompts.prompt import JINJA, LITERAL, Message, Prompt

_LANGUAGES = {".mustache": "mustache", ".hbs": "handlebars", ".handlebars": "handlebars"}


def read(file: PromptText) -> Prompt:
    """The prompt. What does not parse as Jinja is taken literally, with a warning."""
    language = _LANGUAGES.get(PurePosixPath(file.path).suffix.lower(), JINJA)
    return plain(file, decode(file.data, file.path), language)


def plain(file: PromptText, text: str, language: str = JINJA) -> Prompt:
    """A text without front matter as one user message."""
    if not text.strip():
        raise InvalidPrompt(Problem(file.path, "is empty.", hint="Write the prompt's text into it."))
    messages = (Message("user", text, line=1),)
    try:
        template = analyse(text, language)
    except TemplateProblem as error:
        reason = printable(error.message, limit=200).rstrip(".")
        if language != JINJA:
            raise InvalidPrompt(Problem(file.path, f"is no {language} template: {reason}.", error.line)) from None
        warning = f"line {error.line} is no template ({reason}); the text is taken literally"
        return Prompt(file.name, file.path, messages, language=LITERAL, format="text", warnings=(warning,))
    partials = Partials(file.path, file.include)
    partials.follow(template, lambda line: line, language)
    if partials.problems:
        raise InvalidPrompt(partials.problems)
    return Prompt(file.name, file.path, messages, partials=partials.found, language=language, format="text")
