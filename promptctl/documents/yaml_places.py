"""YAML text -> where each value stands in it, for whoever changes one value and nothing else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from promptctl.documents.yaml import Path


@dataclass(frozen=True, slots=True)
class Place:
    """A value, in characters of the text: `text[start:end]`; an empty one where nothing stands.

    `key` is where the key before it ends; in a list, where the value begins. `style` is a scalar's: empty where it is
    plain, else a quote, `|` or `>`. `block`: a list or a mapping without brackets; it ends with its last value, before
    the comments after it.
    """

    key: int
    start: int
    end: int
    style: str
    block: bool = False


def yaml_places(text: str) -> Mapping[Path, Place]:
    """Each value's place by its path, in a text that `parse_yaml` takes. What an alias repeats has none of its own."""
    import yaml  # 15 ms: only a command that edits YAML pays it

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    events = islice(yaml.parse(text, Loader=loader), 2, None)  # the stream's start, and the document's
    places: dict[Path, Place] = {}
    first: Any = next(events, None)
    if hasattr(first, "anchor"):
        _note(text, first, events, (), first.start_mark.index, places)
    return places


def _note(text: str, event: Any, events: Iterator[Any], path: Path, key: int, places: dict[Path, Place]) -> int:
    """Note the value that begins with this event -> where it ends."""
    start, end = int(event.start_mark.index), int(event.end_mark.index)
    kind = type(event).__name__
    if not kind.endswith("StartEvent"):
        end = start + len(text[start:end].rstrip())
        places[path] = Place(key, start, end, getattr(event, "style", None) or "")
        return end
    last = end
    number = 0
    while not type(child := next(events)).__name__.endswith("EndEvent"):
        name: str | int = number
        before = child.start_mark.index
        if kind == "MappingStartEvent":
            before = child.end_mark.index
            name = getattr(child, "value", None) or ""
            if hasattr(child, "flow_style"):  # a key that is no text, which no reader takes
                before = _note(text, child, events, (*path, number), before, {})
            child = next(events)
        last = _note(text, child, events, (*path, name), before, places)
        number += 1
    end = int(child.end_mark.index) if event.flow_style else last
    places[path] = Place(key, start, end, "", block=not event.flow_style)
    return end
