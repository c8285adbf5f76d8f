"""`.promptctl/waivers.yaml` <-> Waivers: read strictly, written in one order, so that merges stay small."""

import re
from datetime import date
from typing import TypeVar

from promptctl.documents import Fields, decode, parse_yaml, printable, shown
from promptctl.documents.yaml_writing import yaml_line
from promptctl.errors import FileError, InvalidWaivers
from promptctl.verdict.waivers import Acceptance, Waiver, Waivers

PATH = ".promptctl/waivers.yaml"
TEXT_LIMIT = 500  # characters of a reason or a name

HEAD = """\
# Regressions that somebody answers for until a day, and answers that are right as they are. `promptctl review`
# edits it, and so may you: comments stay. Commit it.
"""
TEXTS = ("prompt", "id", "reason", "owner", "answer")
_BARE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_Entry = TypeVar("_Entry", Waiver, Acceptance)


def read_waivers(data: bytes, path: str = PATH) -> Waivers:
    """What a file says. Raises InvalidWaivers with every mistake."""
    try:
        fields = Fields(parse_yaml(decode(data, path), path), path)
    except FileError as error:
        raise InvalidWaivers(error.problems) from None
    fields.refuse_unknown("waivers", "accepted")
    waivers = [(row, _waiver(row)) for row in fields.each("waivers")]
    accepted = [(row, _acceptance(row)) for row in fields.each("accepted")]
    found = Waivers(_unique(waivers), _unique(accepted))
    fields.finish(InvalidWaivers)
    return found


def waivers_text(waivers: Waivers) -> str:
    """The file. The law: `read_waivers(waivers_text(w)) == w`."""
    lines = [HEAD]
    for name, entries in (("waivers", waivers.waivers), ("accepted", waivers.accepted)):
        lines += [f"{name}:\n"] if entries else []
        lines += [entry_text(entry) for entry in entries]
    return "".join(lines)


def entry_text(entry: Waiver | Acceptance, indent: str = "  ", end: str = "\n") -> str:
    """One entry, a value a line."""
    values = [f"{key}: {yaml_line(value) if key in TEXTS else value}" for key, value in entry_values(entry).items()]
    return "".join(f"{indent}{'  ' if number else '- '}{value}{end}" for number, value in enumerate(values))


def entry_values(entry: Waiver | Acceptance) -> dict[str, str]:
    """What an entry says, in the file's order."""
    texts = {"prompt": entry.prompt, "id": entry.id}
    if isinstance(entry, Acceptance):
        return texts | {"answer": entry.answer, "owner": entry.owner, "made": entry.made.isoformat()}
    days = {"made": entry.made.isoformat(), "expires": entry.expires.isoformat()}
    return texts | {"reason": entry.reason, "owner": entry.owner} | days


def line_problem(text: str) -> str | None:
    """What is wrong with a reason or a name; None where nothing is."""
    if not text.strip():
        return "must not be empty."
    if _BARE.search(text):
        return "must be one line without control characters."
    return f"must be at most {TEXT_LIMIT} characters." if len(text) > TEXT_LIMIT else None


def day_of(text: str) -> date | None:
    """A date as the file writes it, 2026-12-24; None for anything else."""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
    except ValueError:
        return None


def _waiver(row: Fields) -> Waiver | None:
    row.refuse_unknown("prompt", "id", "reason", "owner", "made", "expires")
    prompt, case, reason, owner = (_line(row, key) for key in ("prompt", "id", "reason", "owner"))
    made, expires = _day(row, "made"), _day(row, "expires")
    if made is not None and expires is not None and expires < made:
        row.problem(f"'expires' is {expires}, before it was made ({made}).", "expires")
    if prompt is None or case is None or reason is None or owner is None or made is None or expires is None:
        return None
    return Waiver(prompt, case, reason, owner, expires, made)


def _acceptance(row: Fields) -> Acceptance | None:
    row.refuse_unknown("prompt", "id", "answer", "owner", "made")
    prompt, case, answer, owner = (_line(row, key) for key in ("prompt", "id", "answer", "owner"))
    made = _day(row, "made")
    if answer is not None and not _DIGEST.fullmatch(answer):
        row.problem("'answer' must be the SHA-256 of the accepted answer's text.", "answer")
    if prompt is None or case is None or answer is None or owner is None or made is None:
        return None
    return Acceptance(prompt, case, answer, owner, made)


def _line(row: Fields, key: str) -> str | None:
    value = row.any(key)
    if key == "id" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is None:
        row.problem(f"'{key}' is missing.", key)
        return None
    if not isinstance(value, str):
        row.problem(f"'{key}' must be a text, not {shown(value)}.", key, hint="Put quotes around it.")
        return None
    problem = line_problem(value)
    if problem is not None:
        row.problem(f"'{key}' {problem}", key)
        return None
    return value


def _day(row: Fields, key: str) -> date | None:
    value = row.any(key)
    day = day_of(value) if isinstance(value, str) else None
    if day is None:
        said = f"'{key}' is missing." if value is None else f"'{key}' must be a date, not {shown(value)}."
        row.problem(said, key, hint="As 2026-12-24.")
    return day


def _unique(rows: list[tuple[Fields, _Entry | None]]) -> tuple[_Entry, ...]:
    """Sorted; a second entry for one case is a mistake: nobody could tell which holds."""
    found: dict[tuple[str, str], _Entry] = {}
    for row, entry in rows:
        if entry is None:
            continue
        if entry.case in found:
            where = f"'{printable(entry.id)}' of {printable(entry.prompt)}"
            row.problem(f"{where} stands here a second time.", "id", hint="Remove one of them.")
        found.setdefault(entry.case, entry)
    return tuple(found[case] for case in sorted(found))
