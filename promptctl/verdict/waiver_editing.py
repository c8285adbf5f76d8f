"""`.promptctl/waivers.yaml` and what it is to say -> the same file with these entries changed; its comments stay."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from promptctl.documents import Path, parse_yaml
from promptctl.documents.yaml_places import Place, yaml_places
from promptctl.documents.yaml_writing import yaml_line
from promptctl.errors import InvalidWaivers
from promptctl.verdict.waiver_file import HEAD, TEXTS, entry_text, entry_values, read_waivers, waivers_text
from promptctl.verdict.waivers import Acceptance, Waiver, Waivers

Change = tuple[int, int, str]  # the characters that go, and what comes there


def edited_waivers(text: str, wanted: Waivers) -> str:
    """The file's text as it should be. Where its form allows no small edit (brackets, aliases), it is written anew.

    The law: `read_waivers(edited_waivers(text, w)) == w`.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    try:
        edited = mark + _edited(text.removeprefix(mark), wanted)
        return edited if read_waivers(edited.encode()) == wanted else waivers_text(wanted)
    except (InvalidWaivers, _NoSmallEdit):
        return waivers_text(wanted)


def says_nothing(text: str) -> bool:
    """Whether a file holds no entry, and no word but ours: nobody would miss it."""
    rest = text.removeprefix("\ufeff").removeprefix(HEAD)
    return not [line for line in rest.split("\n") if line.strip() not in {"", "waivers:", "accepted:"}]


class _NoSmallEdit(Exception):
    """The file is written in a form that is not edited."""


def _edited(text: str, wanted: Waivers) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    places = yaml_places(text)
    value: Any = parse_yaml(text, "").value or {}
    if () in places and not places[()].block:
        raise _NoSmallEdit
    changes: list[Change] = []
    appended = ""
    for name, entries in (("waivers", wanted.waivers), ("accepted", wanted.accepted)):
        place = places.get((name,))
        if place is not None:
            changes += _Section(text, end, places, (name,), place, value[name] or []).changes(entries)
        elif entries:
            appended += f"{name}:{end}" + "".join(entry_text(entry, "  ", end) for entry in entries)
    for start, stop, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[stop:]
    return text + (end if appended and text and not text.endswith("\n") else "") + appended


@dataclass(frozen=True, slots=True)
class _Section:
    """The list of waivers, or of accepted answers, as it stands in the text."""

    text: str
    end: str
    places: Mapping[Path, Place]
    path: Path
    place: Place
    rows: Sequence[Mapping[str, Any]]

    def changes(self, wanted: Sequence[Waiver | Acceptance]) -> Iterator[Change]:
        """What has to change for the list to have these entries, each sorted in before the first that is greater."""
        if self.rows and not self.place.block:
            raise _NoSmallEdit
        cases = [(str(row["prompt"]), str(row["id"])) for row in self.rows]
        by_case = {entry.case: entry for entry in wanted}
        for number, case in enumerate(cases):
            if case in by_case:
                yield from self._values(number, by_case[case])
            else:
                yield self._line_start(number), self._after(number), ""
        if not self.rows and self.place.end > self.place.start and wanted:
            yield self.place.start, self.place.end, ""  # the brackets of an empty list
        new: dict[int, str] = {}
        for entry in (entry for entry in wanted if entry.case not in cases):
            before = [number for number, case in enumerate(cases) if case < entry.case]
            at = self._after(before[-1]) if before else self._line_end(self.place.key)
            lead = "" if self.text[:at].endswith("\n") else self.end
            new[at] = new.get(at, lead) + entry_text(entry, self._indent(), self.end)
        yield from ((at, at, text) for at, text in new.items())

    def _values(self, number: int, entry: Waiver | Acceptance) -> Iterator[Change]:
        """Of an entry that stays, the values that differ."""
        for key, value in entry_values(entry).items():
            if str(self.rows[number][key]) == value:
                continue
            place = self.places.get((*self.path, number, key))
            if place is None:
                raise _NoSmallEdit
            yield place.start, place.end, yaml_line(value) if key in TEXTS else value

    def _indent(self) -> str:
        if not self.rows:
            return "  "
        start = self._line_start(0)
        line = self.text[start : self.places[(*self.path, 0)].start]
        return line[: len(line) - len(line.lstrip(" "))]

    def _line_start(self, number: int) -> int:
        """Where the line of an entry's dash begins."""
        place = self.places[(*self.path, number)]
        start = self.text.rfind("\n", 0, place.start) + 1
        if self.text[start : place.start].strip() != "-":
            raise _NoSmallEdit
        return start

    def _after(self, number: int) -> int:
        """Where the line after an entry begins."""
        return self._line_end(self.places[(*self.path, number)].end)

    def _line_end(self, at: int) -> int:
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end + 1
