"""Assertions on the distance between the answer and a reference: levenshtein."""

import math
from typing import Any

from promptctl.scoring.result import Context, Outcome
from promptctl.scoring.text import as_text, quoted

DISTANCE = 5.0  # The limit where the assertion sets none, as promptfoo has it.
WORK = 5_000_000_000  # Cells of the distance matrix: about a second of rapidfuzz.


def reference(value: Any) -> str:
    """The text to compare with."""
    if value is None or isinstance(value, list | dict):
        raise ValueError("'value' must be a text.")
    return as_text(value)


def levenshtein(context: Context, value: str, threshold: float | None) -> Outcome:
    """At most `threshold` characters to insert, delete or replace."""
    from rapidfuzz.distance import Levenshtein  # 20 ms: only levenshtein assertions pay it

    limit = math.floor(DISTANCE if threshold is None else threshold)
    wanted, found = _units(value), _units(context.output)
    shorter, longer = sorted((len(wanted), len(found)))
    # Only a band around the diagonal is looked at; what lies outside costs more than the limit.
    if longer - shorter <= limit and longer * min(shorter, 2 * limit + 1) > WORK:
        raise ValueError(f"the texts are too long for levenshtein: {longer:,} characters.")
    distance = Levenshtein.distance(wanted, found, score_cutoff=limit)
    if distance <= limit:
        return Outcome(True, 1.0, f"distance {distance}, limit {limit}")
    exact = f"{Levenshtein.distance(wanted, found)}" if longer <= 10_000 else f"more than {limit}"
    return Outcome(
        False, 0.0, f"distance {exact}, limit {limit}: expected {quoted(value)}, got {quoted(context.output)}"
    )


def _units(text: str) -> "str | list[int]":
    """The text as JavaScript counts it, so that a distance is promptfoo's: an emoji is two units."""
    if text.isascii() or max(text) <= "\uffff":
        return text
    from array import array  # 1 ms: only texts beyond the basic plane pay it

    return array("H", text.encode("utf-16-le", "surrogatepass")).tolist()
