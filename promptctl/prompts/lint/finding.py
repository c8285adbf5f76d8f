"""One finding: which rule, where, what, and what next."""

from dataclasses import dataclass

from promptctl.prompts.lint.registry import RULES, Rule, Severity


@dataclass(frozen=True, slots=True)
class Place:
    """A file of the repository; line and column count from 1, None where they are not known."""

    path: str
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """`prompt` is the name of the prompt in which it was found. Nothing in it is ever a secret."""

    code: str
    place: Place
    message: str
    hint: str = ""
    prompt: str = ""

    @property
    def rule(self) -> Rule:
        return RULES[self.code]

    @property
    def severity(self) -> Severity:
        return self.rule.severity

    def order(self) -> tuple[str, int, int, str, str]:
        """By file, line, column, code."""
        return (self.place.path, self.place.line or 0, self.place.column or 0, self.code, self.message)
