"""promptctl: what a prompt edit did to the behaviour, shown before the merge.

An application loads its prompts with `promptctl.load("support/triage").render(ticket=...)`.
"""

# As checkers of types know it; importing `typing` for it would be all that this package costs an application: 12 ms.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from promptctl.runtime import Prompt, load

__version__ = "0.1.0"
__all__ = ["Prompt", "__version__", "load"]


def __getattr__(name: str) -> "Any":
    # The command line imports this module as well, and needs neither.
    if name in {"Prompt", "load"}:
        from promptctl import runtime

        return getattr(runtime, name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
