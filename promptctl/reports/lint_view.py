"""What lint found, as every format shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from promptctl.prompts.lint import Finding, Severity


@dataclass(frozen=True, slots=True)
class LintReport:
    """`findings` by file and line; `prompts` were looked at, of which `unreadable` maps some to what is wrong.

    A finding of at least `failing` fails the lint.
    """

    findings: tuple[Finding, ...] = ()
    prompts: int = 0
    unreadable: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    suppressed: int = 0
    failing: Severity = Severity.WARNING

    @property
    def failed(self) -> bool:
        """Whether any finding is heavy enough."""
        return any(one.severity.weight >= self.failing.weight for one in self.findings)

    def count(self, severity: Severity) -> int:
        """How many findings there are of one severity."""
        return sum(1 for one in self.findings if one.severity is severity)
