"""Assertions on the answer's text: contains and its kin, starts-with, regex, word-count."""

import math
import re
from typing import Any

from promptctl.scoring.assertion import Judge
from promptctl.scoring.result import Context, Outcome
from promptctl.scoring.tokens import SPACE, words

SHOWN = 60  # Characters of an answer in a reason: enough to recognise it, short enough for a table's row.
PATTERN_LIMIT = 10_000  # Characters of a regular expression.
PATTERN_SECONDS = 1.0  # A catastrophic pattern stops here.

# One item of `a, "b, c", "say ""hi""", d`: in quotes, where "" and \\" are a quote, or everything up to a comma.
_ITEM = re.compile(rf'[{SPACE},]*+(?:"((?:[^"\\]|\\.|"")*+)"[{SPACE}]*+(?:,|\Z)|([^",][^,]*+)(?:,|\Z)|\Z)', re.DOTALL)
_QUOTED = re.compile(r'\\(["\\])|"(")')
# An escape, a character class, or a bare `$`.
_DOLLAR = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(\$)", re.DOTALL)
_MULTILINE = re.compile(r"\(\?[a-zA-Z]*m")


class Unusable(ValueError):
    """A value of the right kind that nothing can be judged by: the error of its assertion, and no reason not to ask."""


def quoted(value: Any, limit: int = SHOWN) -> str:
    """A value as a reason shows it: in quotes, control characters escaped, shortened."""
    text = as_text(value)
    if len(text) <= limit:
        return repr(text)
    return f"{text[:limit] + '…'!r} ({len(text)} characters)"


def as_text(value: Any) -> str:
    """A scalar as JSON and promptfoo write it: `true`, `null`, `42` also where it is 42.0."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and math.isfinite(value):
        return _number_text(value)
    return str(value)


def _number_text(value: float) -> str:
    # JavaScript writes numbers between 1e-7 and 1e21 without an exponent; Python changes over at 1e-4 and 1e16.
    text = repr(value).removesuffix(".0")
    if "e" not in text:
        return "0" if value == 0 else text
    if not 1e-7 <= abs(value) < 1e21:
        return re.sub(r"e([+-])0+", r"e\1", text)
    from decimal import Decimal  # 2 ms: only very large and very small numbers pay it

    return format(Decimal(text), "f")


def needle(value: Any) -> str:
    """The one text to look for: not empty; a number will do."""
    if value is None or value == "" or isinstance(value, list | dict):
        raise ValueError("'value' must be a text that is not empty, or a number.")
    return as_text(value)


def needles(value: Any) -> tuple[str, ...]:
    """The texts to look for: a list, or one text with commas between them; quotes keep a comma inside an item."""
    if isinstance(value, str):
        items: list[Any] = _items(value)
    else:
        items = value if isinstance(value, list) else [value]
    if not items or any(item is None or isinstance(item, list | dict) for item in items):
        raise ValueError("'value' must be a list of texts or numbers, or one text such as 'red, green'.")
    return tuple(as_text(item) for item in items)


def _items(text: str) -> list[str]:
    found, at = [], 0
    while at < len(text):
        item = _ITEM.match(text, at)
        if item is None:
            raise ValueError(f"a quote in {quoted(text)} is not closed, or has more behind it than a comma.")
        if item[1] is not None:
            found.append(_QUOTED.sub(lambda match: match[1] or match[2], item[1]))
        elif item[2] is not None:
            found.append(item[2].strip())
        at = item.end()
    return found


def contains(*, fold: bool) -> Judge:
    """The text occurs in the answer; `fold` ignores case."""

    def judge(context: Context, value: str, _threshold: float | None) -> Outcome:
        if _folded(value, fold=fold) in _folded(context.output, fold=fold):
            return Outcome(True, 1.0, f"contains {quoted(value)}")
        return Outcome(False, 0.0, f"does not contain {quoted(value)}: {quoted(context.output)}")

    return judge


def contains_any(*, fold: bool) -> Judge:
    """One of the texts occurs in the answer."""

    def judge(context: Context, value: tuple[str, ...], _threshold: float | None) -> Outcome:
        output = _folded(context.output, fold=fold)
        found = next((item for item in value if _folded(item, fold=fold) in output), None)
        if found is not None:
            return Outcome(True, 1.0, f"contains {quoted(found)}")
        return Outcome(False, 0.0, f"contains none of {_listed(value)}: {quoted(context.output)}")

    return judge


def contains_all(*, fold: bool) -> Judge:
    """Every one of the texts occurs in the answer."""

    def judge(context: Context, value: tuple[str, ...], _threshold: float | None) -> Outcome:
        output = _folded(context.output, fold=fold)
        missing = tuple(item for item in value if _folded(item, fold=fold) not in output)
        if not missing:
            return Outcome(True, 1.0, f"contains all of {_listed(value)}")
        return Outcome(False, 0.0, f"does not contain {_listed(missing)}: {quoted(context.output)}")

    return judge


def starts_with(context: Context, value: str, _threshold: float | None) -> Outcome:
    """The answer begins with the text."""
    if context.output.startswith(value):
        return Outcome(True, 1.0, f"starts with {quoted(value)}")
    return Outcome(False, 0.0, f"does not start with {quoted(value)}: {quoted(context.output)}")


def ends_with(context: Context, value: str, _threshold: float | None) -> Outcome:
    """The answer ends with the text."""
    if context.output.endswith(value):
        return Outcome(True, 1.0, f"ends with {quoted(value)}")
    return Outcome(False, 0.0, f"does not end with {quoted(value)}: it ends with {quoted(context.output[-SHOWN:])}")


def _folded(text: str, *, fold: bool) -> str:
    return text.lower() if fold else text


def _listed(items: tuple[str, ...]) -> str:
    shown = ", ".join(quoted(item, 30) for item in items[:5])
    return shown if len(items) <= 5 else f"{shown} and {len(items) - 5} more"


def pattern(value: Any) -> Any:
    """A compiled regular expression. As in JavaScript, `$` is the end of the text and not before a last newline."""
    # 15 ms: the library that can be stopped, unlike re; only regex assertions and patterns of schemas pay it.
    import regex  # type: ignore[import-untyped] # it has no stubs of its own

    if not isinstance(value, str) or not value:
        raise ValueError("'value' must be a regular expression.")
    if len(value) > PATTERN_LIMIT:
        raise ValueError(f"the regular expression is longer than {PATTERN_LIMIT:,} characters.")
    source = value if _MULTILINE.search(value) else _DOLLAR.sub(_end, value)
    try:
        return regex.compile(source)
    except (regex.error, RecursionError, OverflowError, MemoryError) as error:
        raise Unusable(f"{quoted(value)} is no regular expression: {error}.") from None


def _end(match: re.Match[str]) -> str:
    return r"\Z" if match.group(1) else match.group()


def matches(context: Context, value: Any, _threshold: float | None) -> Outcome:
    """The regular expression matches somewhere in the answer."""
    try:
        found = value.search(context.output, timeout=PATTERN_SECONDS)
    except TimeoutError:
        raise ValueError(f"the regular expression took longer than {PATTERN_SECONDS:g} s.") from None
    if found:
        return Outcome(True, 1.0, f"matches {quoted(value.pattern)} with {quoted(found.group())}")
    return Outcome(False, 0.0, f"does not match {quoted(value.pattern)}: {quoted(context.output)}")


def word_range(value: Any) -> tuple[float, float]:
    """The least and the greatest number of words."""
    if isinstance(value, dict):
        return _range(value)
    count = _count(value)
    return count, count


def _range(value: dict[str, Any]) -> tuple[float, float]:
    unknown = next((key for key in value if key not in {"min", "max"}), None)
    if unknown is not None or not value:
        raise ValueError("'value' must be a number of words, or {min: 1, max: 5}.")
    least = _count(value["min"]) if "min" in value else 0
    most = _count(value["max"]) if "max" in value else math.inf
    if least > most:
        raise ValueError(f"min {least:g} must be less than or equal to max {most:g}.")
    return least, most


def _count(value: Any) -> int:
    number = int(value) if isinstance(value, str) and re.fullmatch(r"\s*\d{1,9}\s*", value) else value
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise ValueError(f"a number of words must be a whole number, not {quoted(value)}.")
    return number


def word_count(context: Context, value: tuple[float, float], _threshold: float | None) -> Outcome:
    """The number of words, as white space parts them, lies in the range."""
    least, most = value
    count = len(words(context.output))
    good = least <= count <= most
    wanted = f"{least:g}" if least == most else f"{least:g} to {most:g}"
    return Outcome(good, float(good), f"{count} words" if good else f"{count} words, expected {wanted}")
