"""Prompt plus facts -> findings: what is wrong with a prompt before anybody asks a model."""

from collections.abc import Callable, Iterator, Mapping

from promptctl.prompts.lint import assertions, instructions, models, trust, variables
from promptctl.prompts.lint.facts import CaseFailure, Facts, InputFacts, ModelFacts
from promptctl.prompts.lint.finding import Finding
from promptctl.prompts.lint.places import Places
from promptctl.prompts.lint.registry import RULES, Rule, Severity, codes_of
from promptctl.prompts.prompt import Prompt

__all__ = [
    "RULES",
    "CaseFailure",
    "Facts",
    "Finding",
    "InputFacts",
    "ModelFacts",
    "Places",
    "Rule",
    "Severity",
    "codes_of",
    "lint",
]

Check = Callable[[Prompt, Facts, Places], Iterator[Finding]]

# A family of rules -> its check.
CHECKS: Mapping[str, Check] = {
    "variables": variables.findings,
    "models": models.findings,
    "trust": trust.findings,
    "instructions": instructions.findings,
    "assertions": assertions.findings,
}


def lint(prompt: Prompt, facts: Facts) -> tuple[Finding, ...]:
    """All findings of one prompt, by place. Suppressions and the choice of rules come after it."""
    places = Places(prompt, facts.files)
    found = (finding for check in CHECKS.values() for finding in check(prompt, facts, places))
    return tuple(sorted(found, key=Finding.order))
