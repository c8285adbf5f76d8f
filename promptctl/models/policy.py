"""How the provider is asked, and how much of it a run may have."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """`timeout` in seconds for one attempt; `grace` in seconds for those in flight when the user interrupts."""

    concurrency: int = 16
    timeout: float = 60.0
    retries: int = 5
    grace: float = 4.0  # of the five that a user waits: the end itself takes some


@dataclass(frozen=True, slots=True)
class Limits:
    """`max_calls` counts every request that is sent, retries included: each may be billed. None is no limit.

    After `seconds` from the client's making nothing more is sent; what is in flight has the policy's grace.
    """

    max_calls: int | None = None
    max_cost_usd: float | None = None
    seconds: float | None = None


CALLS_A_WORKER = 1_000  # fewer are not worth another import of LiteLLM
IN_FLIGHT_A_WORKER = 32  # with fewer it is the provider that one waits for, not the process


def workers_for(calls: int, concurrency: int, cores: int) -> int:
    """How many processes so many calls are worth; 1 is this one itself."""
    return max(1, min(cores, calls // CALLS_A_WORKER, concurrency // IN_FLIGHT_A_WORKER))
