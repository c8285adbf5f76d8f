"""One stored input."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Missing(Enum):
    """The absence of a value, where None is a value."""

    MISSING = "missing"


MISSING = Missing.MISSING


@dataclass(frozen=True, slots=True)
class Case:
    """A stored input: `vars` for the templates, `expected` for the assertions (MISSING where the line has none).

    `id` is unique in its file: given, or a digest of `vars`. `assertions` are raw mappings, added to the prompt's own.
    `weight` is the case's share of the production traffic, relative to the others. With a `threshold` the case passes
    where its assertions' mean score reaches it, whatever each of them says.
    """

    id: str
    vars: Mapping[str, Any]
    expected: Any = MISSING
    assertions: tuple[Mapping[str, Any], ...] = ()
    tags: tuple[str, ...] = ()
    weight: float = 1.0
    cluster: str | None = None
    source: Mapping[str, Any] | None = None
    line: int | None = field(default=None, compare=False)
    threshold: float | None = None
