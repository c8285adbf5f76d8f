"""The facts of one case that a verdict rests on."""

from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """What became of a case. The eight add up to the number of inputs."""

    UNAFFECTED = "unaffected"
    PASS = "pass"  # noqa: S105 - a status, no password
    FAIL = "fail"
    IMPROVED = "improved"
    REGRESSED = "regressed"
    FLAKY = "flaky"
    UNSCORED = "unscored"
    ERROR = "error"


class Verdict(StrEnum):
    """What became of a prompt, or of a run."""

    PASSED = "passed"
    REGRESSED = "regressed"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"
    UNAFFECTED = "unaffected"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One side of one case: its first answers (not the confirmation's), one entry a sample in each tuple.

    `passed` and `scores` are empty where nothing asserts on the case. `error` says why the side could not be asked or
    scored; `fatal` marks a failure that is the edit's own doing (context window, content policy, cannot be rendered).
    `costs` in US dollars (None: unknown), `latencies` in milliseconds, tokens summed over the samples (None: unknown).
    `graded`: some assertion gave a bare number, without a threshold that makes it pass or fail.
    """

    passed: tuple[bool, ...] = ()
    scores: tuple[float, ...] = ()
    outputs: tuple[str, ...] = ()
    error: str | None = None
    fatal: bool = False
    costs: tuple[float | None, ...] = ()
    latencies: tuple[float | None, ...] = ()
    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    graded: bool = False

    @property
    def score(self) -> float | None:
        """Mean score over the samples; None where nothing was scored."""
        values = self.scores or self.passed
        return sum(values) / len(values) if values else None

    @property
    def pass_rate(self) -> float | None:
        """Mean over the samples; None where nothing was scored."""
        return sum(self.passed) / len(self.passed) if self.passed else None

    @property
    def passes(self) -> bool | None:
        """Whether the case passes on this side: a mean of at least 0.5."""
        return 2 * sum(self.passed) >= len(self.passed) if self.passed else None


@dataclass(frozen=True, slots=True)
class Pair:
    """One case on both sides. `old` is None for an added prompt.

    `unaffected`: both requests are equal and were not asked apart; its outcomes are then equal, and present only where
    the answer is known. `changed`: the first answers differ. `request` is a short digest of both requests: equal ones
    share their answers.
    """

    id: str
    old: Outcome | None = None
    new: Outcome | None = None
    unaffected: bool = False
    changed: bool = False
    weight: float = 1.0
    cluster: str | None = None
    tags: tuple[str, ...] = field(default=())
    request: bytes | None = None

    @property
    def graded(self) -> bool:
        """Whether the score decides, and not only whether the case passes."""
        return any(side is not None and side.graded for side in (self.old, self.new))
