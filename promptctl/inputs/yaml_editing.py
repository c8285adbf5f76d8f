"""Where a YAML file of inputs says what a case expects, and how another value is written there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from promptctl.documents import Path, parse_yaml
from promptctl.documents.yaml_places import Place, yaml_places
from promptctl.documents.yaml_writing import yaml_line
from promptctl.errors import FileError


@dataclass(frozen=True, slots=True)
class YamlSpot:
    """The value of a case's `expected`: it stands at `text[start:stop]`, from its colon on."""

    text: str
    start: int
    stop: int
    place: Place
    path: Path

    def writings(self, value: Any) -> Iterator[str]:
        """The value as it may stand there, the form of the old one first. Not each of them reads as the value."""
        lead = " " if self.place.block else self.text[self.start : self.place.start] or " "
        if isinstance(value, str):
            yield from (lead + written for written in self._like(value))
        yield lead + yaml_line(value)

    def reads_as(self, edited: str, value: Any) -> bool:
        """Whether the edited text has this value there, and nothing else that is new."""
        try:
            whole = parse_yaml(self.text, "").value
            now = parse_yaml(edited, "").value
        except FileError:
            return False
        held: Any = whole
        for step in self.path[:-1]:
            held = held[step]
        held[self.path[-1]] = value
        return _same(whole, now)

    def _like(self, value: str) -> Iterator[str]:
        if self.place.block or not all(line.isprintable() for line in value.split("\n")):
            return
        if self.place.style == "":
            yield value
        if self.place.style == "'":
            yield "'" + value.replace("'", "''") + "'"
        if self.place.style == "|" and value.strip():
            yield self._literal(value)

    def _literal(self, value: str) -> str:
        """A literal block, indented as the old one."""
        _, *lines = self.text[self.place.start : self.place.end].splitlines()
        first = next((line for line in lines if line.strip()), "")
        indent = first[: len(first) - len(first.lstrip(" "))]
        chomp = "" if value.endswith("\n") else "-"
        new = "\r\n" if "\r\n" in self.text else "\n"
        body = value.removesuffix("\n").split("\n")
        return new.join([f"|{chomp}", *(f"{indent}{line}" if line else "" for line in body)])


def yaml_spot(text: str, place: int) -> YamlSpot | None:
    """Where the input at this place of the list (the whole's, or the one under `inputs` or `cases`) has its `expected`.

    None where it stands elsewhere: an alias or a merge brought it.
    """
    found = yaml_places(text)
    below: Path = next(((key,) for key in ("inputs", "cases") if (key,) in found), ())
    path = (*below, place, "expected")
    value = found.get(path)
    if value is None:
        return None
    colon = text.find(":", value.key, value.start) + 1
    return YamlSpot(text, colon, value.end, value, path) if colon else None


def _same(one: Any, other: Any) -> bool:
    """Equal, and of one kind: 1 is not true, and no 1.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
