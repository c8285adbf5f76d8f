"""A side of a comparison, as every report names it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceView:
    """A side of the comparison."""

    revision: str
    commit: str | None = None
