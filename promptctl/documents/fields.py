"""A mapping read key by key, its mistakes collected.

fields = Fields(parse_yaml(decode(data, where), where), where)
model = fields.text("model")
messages = fields.each("messages")
fields.refuse_unknown("model", "messages")
fields.finish(InvalidPrompt)  # raises with every mistake, each with its line
"""

from collections.abc import Iterable
from typing import Any

from promptctl.documents.text import printable, suggestion
from promptctl.documents.yaml import Document, Path
from promptctl.errors import FileError, Problem


class Fields:
    """A mapping read key by key. Wrong values become `problems`, and the default is returned in their place.

    A key without a value (`params:`) counts as absent. Nested Fields (`section`, `each`, `entries`) share the list of
    problems, so that one `finish` reports every mistake of the file.
    """

    def __init__(
        self,
        document: Document | Any,
        where: str,
        *,
        path: Path = (),
        problems: list[Problem] | None = None,
        line: int | None = None,
    ) -> None:
        """`line` is where everything stands, for a value without lines of its own (one JSONL line)."""
        self.document = document if isinstance(document, Document) else Document(document)
        self.where = where
        self.path = path
        self.problems: list[Problem] = [] if problems is None else problems
        self._line = line
        value = self.document.value
        if value is not None and not isinstance(value, dict):
            self.problem(f"{self.name(None)} must be a mapping of keys to values, not {kind_of(value)}.")
        self.value: dict[str, Any] = value if isinstance(value, dict) else {}

    def __contains__(self, key: str) -> bool:
        return self.value.get(key) is not None

    def line(self, *path: str | int) -> int | None:
        """The line of a key below this mapping, or of what holds it."""
        whole = (*self.path, *path)
        while whole and whole not in self.document.lines:
            whole = whole[:-1]
        return self.document.lines.get(whole, self._line)

    def problem(self, message: str, *path: str | int, hint: str = "") -> None:
        """Note a mistake, at the line of `path` below this mapping."""
        self.problems.append(Problem(self.where, message, self.line(*path), hint))

    def refuse_unknown(self, *allowed: str) -> None:
        """Note every key that is none of `allowed`, with the nearest one."""
        for key in self.value:
            if key not in allowed:
                name = printable(self.name(key).removeprefix("'").removesuffix("'"))
                self.problem(f"unknown key '{name}'.", key, hint=suggestion(key, allowed))

    def finish(self, error: type[FileError] = FileError) -> None:
        """Raise all mistakes at once, if there are any."""
        if self.problems:
            raise error(sorted(self.problems, key=lambda problem: problem.line or 0))

    # One key each. The default is returned where the key is absent or wrong.

    def any(self, key: str, default: Any = None) -> Any:
        """The value as it is."""
        value = self.value.get(key)
        return default if value is None else value

    def text(self, key: str, *, empty: bool = False) -> str | None:
        """A text; not an empty one, unless `empty`."""
        value: str | None = self._typed(key, str, "a text")
        if value is not None and not value.strip() and not empty:
            self.problem(f"{self.name(key)} must not be empty.", key)
            return None
        return value

    def flag(self, key: str, default: bool = False) -> bool:  # noqa: FBT001, FBT002 - the default is the value
        """True or false."""
        value: bool | None = self._typed(key, bool, "true or false")
        return default if value is None else value

    def choice(self, key: str, default: str, choices: Iterable[str]) -> str:
        """One of a few words."""
        known = tuple(choices)
        value = self.any(key, default)
        if value in known:
            return str(value)
        self.problem(
            f"{self.name(key)} must be {' or '.join(known)}, not {shown(value)}.",
            key,
            hint=suggestion(str(value), known) if isinstance(value, str) else "",
        )
        return default

    def number(
        self,
        key: str,
        *,
        minimum: float | None = None,
        maximum: float | None = None,
        above: float | None = None,
        hint: str = "",
    ) -> float | None:
        """A number: at least `minimum`, at most `maximum`, greater than `above`."""
        value = self.any(key)
        if value is None:
            return None
        good = isinstance(value, int | float) and not isinstance(value, bool)
        if good and _within(value, minimum, maximum, above):
            return float(value)
        bounds = _range(minimum, maximum, above)
        self.problem(f"{self.name(key)} must be a number{bounds}, not {shown(value)}.", key, hint=hint)
        return None

    def integer(self, key: str, *, minimum: int | None = None, maximum: int | None = None) -> int | None:
        """A whole number; 2.0 is one."""
        value = self.any(key)
        if value is None:
            return None
        good = isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
        if good and _within(value, minimum, maximum, None):
            return int(value)
        bounds = _range(minimum, maximum, None)
        self.problem(f"{self.name(key)} must be a whole number{bounds}, not {shown(value)}.", key)
        return None

    def mapping(self, key: str) -> dict[str, Any]:
        """A mapping as it is; empty where absent."""
        return self._typed(key, dict, "a mapping of keys to values") or {}

    def items(self, key: str) -> list[Any]:
        """A list as it is; empty where absent."""
        return self._typed(key, list, "a list") or []

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text alone is a list of one."""
        value = self.any(key, [])
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list):
            self.problem(f"{self.name(key)} must be a list of texts, not {kind_of(value)}.", key)
            return ()
        for index, item in enumerate(value):
            if not isinstance(item, str) or not item.strip():
                self.problem(f"{self.name(key, index)} must be a text, not {shown(item)}.", key, index)
        return tuple(item for item in value if isinstance(item, str) and item.strip())

    def section(self, key: str) -> "Fields":
        """A mapping, to be read key by key; empty where absent."""
        return self._nested(self.value.get(key), key)

    def entries(self, key: str) -> dict[str, "Fields"]:
        """A mapping of names to mappings."""
        return {name: self._nested(value, key, name) for name, value in self.mapping(key).items()}

    def each(self, key: str) -> list["Fields"]:
        """A list of mappings; what is none is noted and left out."""
        nested = [
            (item, self._nested({} if item is None else item, key, index)) for index, item in enumerate(self.items(key))
        ]
        for index, (item, fields) in enumerate(nested):
            if item is None:
                fields.problem(f"{self.name(key, index)} is empty.")
        return [fields for item, fields in nested if isinstance(item, dict)]

    def _nested(self, value: Any, *path: str | int) -> "Fields":
        document = Document(value, self.document.lines)
        return Fields(document, self.where, path=(*self.path, *path), problems=self.problems, line=self._line)

    def _typed(self, key: str, kind: type, wanted: str) -> Any:
        value = self.value.get(key)
        if value is None or isinstance(value, kind):
            return value
        self.problem(f"{self.name(key)} must be {wanted}, not {shown(value)}.", key)
        return None

    def name(self, key: str | None, *more: int) -> str:
        """A key as messages name it: quoted, with what it stands under."""
        path = self.path if key is None else (*self.path, key, *more)
        if not path:
            return "the file" if self._line is None else "the line"
        text = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
        return f"'{printable(text.removeprefix('.'))}'"


def kind_of(value: Any) -> str:
    """What a value is, in a user's words."""
    names: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (dict, "a mapping"),
        (list, "a list"),
        (str, "a text"),
        (bool, "true or false"),
        ((int, float), "a number"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "nothing")


def shown(value: Any) -> str:
    """A wrong value as a message shows it."""
    if isinstance(value, str):
        return f"'{printable(value)}'"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else kind_of(value)


def _within(value: float, minimum: float | None, maximum: float | None, above: float | None) -> bool:
    return (
        (minimum is None or value >= minimum)
        and (maximum is None or value <= maximum)
        and (above is None or value > above)
    )


def _range(minimum: float | None, maximum: float | None, above: float | None) -> str:
    bounds = [("at least", minimum), ("more than", above), ("at most", maximum)]
    texts = [f"{words} {bound:g}" for words, bound in bounds if bound is not None]
    return f" of {' and '.join(texts)}" if texts else ""
