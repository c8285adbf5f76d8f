"""The values of .promptctl.yaml, with their defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FILE = ".promptctl.yaml"


@dataclass(frozen=True, slots=True)
class ReplaySettings:
    """`replay:` how the provider is asked. `timeout` in seconds for one attempt, `time_limit` for the whole run."""

    repeat: int = 1
    concurrency: int = 16
    timeout: float = 60.0
    retries: int = 5
    max_cost_usd: float | None = None
    max_calls: int | None = None
    time_limit: float | None = None


@dataclass(frozen=True, slots=True)
class HookSettings:
    """`hook:` what a git hook may take (seconds, dollars), and whether a commit passes where that was not enough."""

    max_calls: int = 500
    max_cost_usd: float | None = None
    time_limit: float = 60.0
    on_incomplete: str = "pass"


@dataclass(frozen=True, slots=True)
class GateSettings:
    """`gate:` what fails a replay. Rates and increases are fractions: 0.1 is 10 points, or 10%."""

    max_regressions: int = 0
    max_pass_rate_drop: float | None = None
    min_pass_rate: float | None = None
    max_cost_increase: float | None = None
    max_latency_increase: float | None = None
    max_output_tokens_increase: float | None = None
    max_error_rate: float = 0.0
    on_inconclusive: str = "pass"
    alpha: float = 0.05


@dataclass(frozen=True, slots=True)
class ConfirmSettings:
    """`confirm:` fresh samples a side and a case, at most."""

    max_samples: int = 10


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """`cache:` where answers and runs are kept; `max_age` in seconds."""

    url: str = "sqlite:///.promptctl/promptctl.db"
    max_age: float = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """`judge:` the models behind model-graded assertions.

    `prompts` gives a type of assertion the path of its judge prompt, from the repository's root.
    """

    model: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    prompts: Mapping[str, str] = field(default_factory=dict)
    embedding_model: str | None = None
    moderation_model: str = "openai/omni-moderation-latest"


@dataclass(frozen=True, slots=True)
class LintSettings:
    """`lint:` what lint leaves out. `ignore`: a glob of files -> rules, as PL401, PL4 or duplicate-instruction."""

    ignore: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """`rate_limit:` of one provider."""

    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """`providers.NAME:` where a provider is, and the environment variable that holds its key."""

    api_base: str | None = None
    api_key_env: str | None = None
    rate_limit: RateLimit = RateLimit()


@dataclass(frozen=True, slots=True)
class Price:
    """`prices.MODEL:` US dollars a million tokens."""

    input_per_million: float
    output_per_million: float


@dataclass(frozen=True, slots=True)
class Settings:
    """One .promptctl.yaml. `prompts` holds folders or globs, relative to the repository's root.

    `formats` gives the files that a glob means a format, whatever their name and content say.
    """

    prompts: tuple[str, ...] = ("prompts",)
    formats: Mapping[str, str] = field(default_factory=dict)
    model: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    replay: ReplaySettings = ReplaySettings()
    gate: GateSettings = GateSettings()
    confirm: ConfirmSettings = ConfirmSettings()
    cache: CacheSettings = CacheSettings()
    judge: JudgeSettings = JudgeSettings()
    hook: HookSettings = HookSettings()
    lint: LintSettings = LintSettings()
    providers: Mapping[str, Provider] = field(default_factory=dict)
    prices: Mapping[str, Price] = field(default_factory=dict)
    allow_code: bool = False
