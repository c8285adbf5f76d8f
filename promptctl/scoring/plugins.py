"""Types of assertion that other distributions bring, through the entry-point group `promptctl.assertions`.

An entry point names a function of `output`, `value` and `context`; it returns what a `python` assertion does. It runs
in the process of assertions, without keys and with a time limit, so what it does wrong is an error of that assertion.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from promptctl.scoring.assertion import Kind, Need, Plugin

GROUP = "promptctl.assertions"


def plugin(name: str) -> Kind | None:
    """The type of this name that an installed distribution brings; None where none does."""
    return installed().get(name)


@cache
def installed() -> Mapping[str, Kind]:
    """All of them. Nothing of theirs is imported."""
    from importlib.metadata import entry_points  # 20 ms and more: only a type that promptctl has not pays it

    found: dict[str, Kind] = {}
    for point in entry_points(group=GROUP):
        root = "" if point.dist is None else str(point.dist.locate_file(""))
        known = Plugin(point.value, root)
        found[point.name] = Kind(_as_it_is, None, Need.OPTIONAL, Need.OPTIONAL, options=("config",), plugin=known)
    return found


def _as_it_is(value: Any) -> Any:
    return value
