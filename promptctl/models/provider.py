"""The seam to the world outside: one request, one answer. `litellm.py` is the real one."""

from typing import Protocol

from promptctl.models.call import Call, Reply
from promptctl.models.endpoints import Target


class Provider(Protocol):
    """Whoever answers calls. It is made and used inside the engine's event loop."""

    def check(self, call: Call, target: Target) -> None:
        """Raise AttemptError for what can be known to fail before anything is sent: no key, no such model."""
        ...

    async def ask(self, call: Call, target: Target, *, seconds: float) -> Reply:
        """One request, no retry, an answer within `seconds`; raises AttemptError."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...
