"""Assertions that can never say anything: PL501."""

from collections.abc import Iterator

from promptctl.documents import printable
from promptctl.prompts.lint.facts import Facts
from promptctl.prompts.lint.finding import Finding
from promptctl.prompts.lint.places import Places
from promptctl.prompts.prompt import Prompt


def findings(_prompt: Prompt, facts: Facts, places: Places) -> Iterator[Finding]:
    """An assertion that needs `expected` is skipped for an input without one: without any it tests nothing."""
    if facts.inputs is None or facts.inputs.expected or not facts.needs_expected:
        return
    where = places.key("assert") or places.whole()
    names = ", ".join(printable(name) for name in facts.needs_expected)
    needs = "assertion {} needs" if len(facts.needs_expected) == 1 else "assertions {} need"
    message = f"the {needs.format(names)} 'expected', which no input of {facts.inputs.path} has."
    yield Finding("PL501", where, message, "Give the inputs an 'expected', or assert on something else.")
