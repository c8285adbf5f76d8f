"""What an edit changed in a prompt, as plain values that a replay's report shows and the store keeps."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class EditLine:
    """One line of a text. `kind` is a value of `diff_lines.Kind`; a piece is a text and whether it changed.

    `left_out` counts the lines that a gap stands for.
    """

    kind: str
    pieces: tuple[tuple[str, bool], ...] = ()
    left_out: int = 0

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.pieces)


@dataclass(frozen=True, slots=True)
class EditValue:
    """One value that differs; None where a side does not have it. `said` tells it better where it is not empty."""

    where: str
    old: str | None
    new: str | None
    said: str = ""


@dataclass(frozen=True, slots=True)
class EditText:
    """A message or an included template that differs."""

    title: str
    lines: tuple[EditLine, ...] = ()
    values: tuple[EditValue, ...] = ()


@dataclass(frozen=True, slots=True)
class EditView:
    """One prompt's edit. `path` is the new side's file, `ranges` its lines that came or changed, from 1, inclusive.

    `also` names what differs apart from the words: `2 params, 1 assertion, inputs`. Texts and values are bounded.
    """

    path: str
    change: str
    added: int = 0  # words
    removed: int = 0
    also: str = ""
    values: tuple[EditValue, ...] = ()
    texts: tuple[EditText, ...] = ()
    warnings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    ranges: tuple[tuple[int, int], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be shown of it."""
        return not (self.values or self.texts or self.also)


def edit_json(edit: EditView) -> dict[str, Any]:
    """The edit as plain JSON values."""
    return asdict(edit)


def edit_from(value: Mapping[str, Any]) -> EditView:
    """What `edit_json` wrote. Raises KeyError, TypeError or ValueError where it is damaged."""
    return EditView(
        **{
            **value,
            "values": _values(value["values"]),
            "texts": tuple(
                EditText(text["title"], tuple(map(_line, text["lines"])), _values(text["values"]))
                for text in value["texts"]
            ),
            "warnings": tuple(value["warnings"]),
            "remarks": tuple(value["remarks"]),
            "ranges": tuple((first, last) for first, last in value["ranges"]),
        }
    )


def _values(rows: Any) -> tuple[EditValue, ...]:
    return tuple(EditValue(**row) for row in rows)


def _line(line: Mapping[str, Any]) -> EditLine:
    return EditLine(line["kind"], tuple((text, changed) for text, changed in line["pieces"]), line["left_out"])
