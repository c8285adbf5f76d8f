"""Prompty with Mustache: a template in which lines name the roles of messages."""

from collections.abc import Mapping

from promptctl.prompts.languages import Analysis, Script, Text, mustache
from promptctl.prompts.languages.roles import script


def analyse(text: str) -> Analysis:
    """The names and references; TemplateProblem where it does not parse."""
    return mustache.analyse(text)


def compiled(text: str, partials: Mapping[str, str]) -> Text:
    """One message's text as a function of its values."""
    return mustache.compiled(text, partials)


def messages(text: str, partials: Mapping[str, str]) -> Script:
    """The whole template as a function from its values to messages."""
    return script(text, partials, mustache.compiled)
