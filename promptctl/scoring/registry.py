"""Raw assertions -> Assertions: which types there are, what each may say, and all the mistakes at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from promptctl.documents import kind_of, printable, shown, suggestion, texts_in
from promptctl.errors import FileError, InvalidPrompt, Problem
from promptctl.prompts.analysis import TemplateProblem, analyse
from promptctl.prompts.substitution import is_static
from promptctl.scoring.assertion import Assertion, Kind, Need, Spec
from promptctl.scoring.files import UNREAD, Files, referred
from promptctl.scoring.kinds import KINDS, NOT_YET, OTHER_LANGUAGES
from promptctl.scoring.plugins import installed, plugin
from promptctl.scoring.text import Unusable

__all__ = ["KINDS", "assertion_problems", "parse", "parse_all"]

MAX_DEPTH = 8  # Sets in sets.


def parse_all(
    specs: Sequence[Any], where: str, *, error: type[FileError] = InvalidPrompt, files: Files | None = None
) -> tuple[Assertion, ...]:
    """All assertions of a file, or all their mistakes at once as an `error`. `where` is the file.

    `files` gives the text of a file that an assertion names, by its path from the prompt's folder; None: not there. A
    regular expression that is none is kept, as the error of its assertion wherever it is scored.
    """
    reader = _Reader(where, files, keeps_unusable=True)
    found = reader.all(specs)
    if reader.problems:
        raise error(reader.problems)
    return found


def parse(spec: Spec, where: str, *, error: type[FileError] = InvalidPrompt) -> Assertion:
    """One assertion."""
    return parse_all((spec,), where, error=error)[0]


def assertion_problems(
    specs: Sequence[Any], where: str, *, files: Files | None = None, keeps_unusable: bool = False
) -> list[Problem]:
    """The mistakes of raw assertions, none where they can be scored; with `keeps_unusable` those of `parse_all`."""
    reader = _Reader(where, files, keeps_unusable=keeps_unusable)
    reader.all(specs)
    return reader.problems


class _Reader:
    """Reads assertions and notes what is wrong with them."""

    def __init__(self, where: str, files: Files | None = None, *, keeps_unusable: bool = False) -> None:
        self.where = where
        self.files = files
        self.keeps_unusable = keeps_unusable
        self.problems: list[Problem] = []

    def all(self, specs: Sequence[Any], place: str = "") -> tuple[Assertion, ...]:
        """The assertions that could be read. `place` is the number of the set that they are in: "2."."""
        found = (self._one(spec, f"{place}{number}") for number, spec in enumerate(specs, 1))
        return tuple(assertion for assertion in found if assertion is not None)

    def _one(self, spec: Any, place: str) -> Assertion | None:
        if not isinstance(spec, Mapping):
            self._problem(place, "", f"must be a mapping such as {{type: equals, value: yes}}, not {kind_of(spec)}.")
            return None
        name = spec.get("type")
        if not isinstance(name, str):
            self._problem(
                place, "", "'type' is missing." if name is None else f"'type' must be a text, not {shown(name)}."
            )
            return None
        base = name.removeprefix("not-")
        kind = KINDS.get(base) or (None if base in NOT_YET or base in OTHER_LANGUAGES else plugin(base))
        if kind is None:
            self._problem(place, name, *_unknown(name))
            return None
        before = len(self.problems)
        assertion = self._known(spec, place, name, kind)
        return assertion if len(self.problems) == before else None

    def _known(self, spec: Spec, place: str, name: str, kind: Kind) -> Assertion:
        self._keys(spec, place, name, kind)
        value, templated = self._value(spec, place, name, kind)
        threshold = self._threshold(spec, place, name, kind)
        transform = self._transform(spec, place, name) if kind.reads else None
        options = {key: spec[key] for key in kind.options if spec.get(key) is not None}
        for message, hint in kind.check(options) if kind.check is not None else ():
            self._problem(place, name, message, hint)
        metric = spec.get("metric")
        if metric is not None and not isinstance(metric, str):
            self._problem(place, name, f"'metric' must be a text, not {shown(metric)}.")
        self._is_template(metric, place, name)
        return Assertion(
            type=name,
            kind=kind,
            negated=name.startswith("not-"),
            value=value,
            templated=templated,
            threshold=threshold,
            weight=self._weight(spec, place, name),
            metric=metric if isinstance(metric, str) and metric else None,
            needs_expected=_needs_expected(spec.get("value") if templated else None, threshold, transform),
            transform=transform,
            options=options,
            members=self._members(spec, place, name) if kind.members else (),
        )

    def _keys(self, spec: Spec, place: str, name: str, kind: Kind) -> None:
        for key in spec:
            if key in kind.keys:
                continue
            if key in {"value", "threshold", "assert", "transform"}:
                self._problem(place, name, f"'{key}' has no effect on {name}.", "Remove it.")
            else:
                self._problem(place, name, f"unknown key '{printable(str(key))}'.", suggestion(str(key), kind.keys))

    def _value(self, spec: Spec, place: str, name: str, kind: Kind) -> tuple[Any, bool]:
        if kind.value is Need.NONE:
            return None, False
        if "value" not in spec:
            if kind.value is not Need.REQUIRED:
                return kind.prepare(None), False
            self._problem(place, name, "'value' is missing.")
            return None, False
        value = spec["value"]
        if not (kind.code or kind.file) and self._is_template(value, place, name):
            return value, True
        try:
            if kind.file or (not kind.code and isinstance(value, str) and value.startswith("file://")):
                if self.files is None:
                    return UNREAD, False  # Who only looks for mistakes has no repository at hand.
                value = referred(value, self.files)
            return kind.prepare(_fitting(value, kind.given)), False
        except ValueError as error:
            if self.keeps_unusable and isinstance(error, Unusable):
                return error.with_traceback(None), False
            self._problem(place, name, str(error))
            return None, False

    def _is_template(self, value: Any, place: str, name: str) -> bool:
        found = False
        for part in texts_in(value):
            if is_static(part):
                continue
            found = True
            try:
                refusals = analyse(part).refusals
            except TemplateProblem as error:
                hint = "Write a literal '{{' as {{ '{{' }}."
                self._problem(place, name, f"{shown(part)} is no template: {_reason(error)}.", hint)
                continue
            for refusal in refusals:
                self._problem(place, name, f"{shown(part)} cannot be rendered: {refusal}.")
        return found

    def _threshold(self, spec: Spec, place: str, name: str, kind: Kind) -> float | str | None:
        value = spec.get("threshold")
        if kind.threshold is Need.NONE:
            return None
        if value is None:
            if kind.threshold is Need.REQUIRED:
                self._problem(place, name, f"'threshold' is missing: the limit in {kind.unit}.")
            return None
        if isinstance(value, str) and self._is_template(value, place, name):
            return value
        if not _is_amount(value):
            self._problem(place, name, f"'threshold' must be a number of at least 0, not {printable(shown(value))}.")
            return None
        if kind.share and value > 1:
            message = f"'threshold' must be a number from 0 to 1, not {printable(shown(value))}."
            self._problem(place, name, message, "No score is above 1.")
            return None
        return float(value)

    def _transform(self, spec: Spec, place: str, name: str) -> str | None:
        value = spec.get("transform")
        if value is None:
            return None
        if not isinstance(value, str) or is_static(value):
            hint = "Write a template such as {{ output | trim }} or {{ json.answer }}."
            self._problem(place, name, "'transform' is a template here, not code.", hint)
            return None
        self._is_template(value, place, name)
        return value

    def _weight(self, spec: Spec, place: str, name: str) -> float:
        value = spec.get("weight")
        if value is None:
            return 1.0
        if not _is_amount(value):
            self._problem(place, name, f"'weight' must be a number of at least 0, not {printable(shown(value))}.")
            return 1.0
        return float(value)

    def _members(self, spec: Spec, place: str, name: str) -> tuple[Assertion, ...]:
        specs = spec.get("assert")
        if not isinstance(specs, list | tuple) or not specs:
            self._problem(place, name, "'assert' must be a list of assertions, with one at least.")
            return ()
        if place.count(".") + 1 >= MAX_DEPTH:
            self._problem(place, name, f"sets are nested more than {MAX_DEPTH} deep.")
            return ()
        return self.all(specs, f"{place}.")

    def _problem(self, place: str, name: str, message: str, hint: str = "") -> None:
        named = f" ({printable(name)})" if name else ""
        self.problems.append(Problem(self.where, f"assertion {place}{named}: {message}", hint=hint))


def _unknown(name: str) -> tuple[str, str]:
    base = name.removeprefix("not-")
    if base in OTHER_LANGUAGES:
        return "is not supported.", OTHER_LANGUAGES[base]
    if base in NOT_YET or base.startswith(("trajectory:", "promptfoo:")):
        return "is not supported by this version of promptctl.", f"There are {', '.join(KINDS)}."
    return f"unknown type '{printable(name)}'.", suggestion(base, [*KINDS, *installed()])


def _fitting(value: Any, given: tuple[type, ...] | None) -> Any:
    if given is None or (isinstance(value, given) and not isinstance(value, bool)):
        return value
    wanted = "a text" if given == (str,) else "a text or a list" if list in given else "a text or a number"
    quote = f" Write it in quotes: '{shown(value)}'." if isinstance(value, bool | int | float) else ""
    raise ValueError(f"'value' must be {wanted}, not {shown(value)}.{quote}")


def _reason(error: TemplateProblem) -> str:
    return printable(error.message, limit=100).rstrip(".")


def _is_amount(value: Any) -> bool:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    return good and 0 <= value < 1e300  # Neither NaN nor infinite, nor an integer that is no float.


def _needs_expected(*values: Any) -> bool:
    """Whether a template among the values cannot do without `expected`."""
    return any("expected" in _needed(part) for value in values for part in texts_in(value))


def _needed(part: str) -> frozenset[str]:
    try:
        found = analyse(part)
    except TemplateProblem:
        return frozenset()
    return found.variables - found.optional
