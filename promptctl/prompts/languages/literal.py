"""A text that is no template: it says what it says."""

from collections.abc import Mapping

from promptctl.prompts.languages import Analysis, Text


def analyse(text: str) -> Analysis:  # noqa: ARG001 - every language has this signature
    """Nothing: a text has no names."""
    return Analysis()


def compiled(text: str, partials: Mapping[str, str]) -> Text:  # noqa: ARG001 - every language has this signature
    """The text, whatever the values."""
    return lambda _values: text
