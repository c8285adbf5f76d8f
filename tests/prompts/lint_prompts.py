"""Prompts as files, read and linted without git."""

from collections.abc import Mapping
from datetime import date

from promptctl.prompts.formats import PromptText, read_prompt
from promptctl.prompts.lint import Facts, Finding, lint
from promptctl.prompts.prompt import Prompt

TODAY = date(2026, 11, 26)


def prompt_of(text: str, path: str = "prompts/p.yaml", partials: Mapping[str, str] | None = None) -> Prompt:
    name = path.removeprefix("prompts/").rpartition(".")[0]
    return read_prompt(PromptText(name, path, text.encode(), include=(partials or {}).get))


def found(
    text: str, path: str = "prompts/p.yaml", *, partials: Mapping[str, str] | None = None, **facts
) -> list[Finding]:
    prompt = prompt_of(text, path, partials)
    return list(lint(prompt, Facts(today=TODAY, files={path: text}, root="prompts", **facts)))


def told(*lines: str) -> list[Finding]:
    """The findings of a plain text."""
    return found("\n".join(lines) + "\n", "prompts/p.md")


def codes(findings: list[Finding]) -> list[str]:
    return [one.code for one in findings]
